"""Commands of stashgen as CI calls them. One that this tree has not got yet is stood in for by a few lines."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from importlib import import_module
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import stashgen.commands.build as real
from stashgen.cli import COMMANDS, main

BUILD: Final = Path("build")


def compare(arguments: list[str]) -> int:
    names = subprocess.run(["git", "diff", "--name-only", arguments[-1]], check=True, capture_output=True).stdout
    print("```\n" + (names.decode() or "Nothing changes.") + "```")
    return 0


def sign(_: list[str]) -> int:
    assert os.environ["STASHGEN_SIGNING_KEY"].startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    (BUILD / "stashgen-manifest.json.sig").write_text("signed\n")
    return 0


def publish(arguments: list[str]) -> int:
    for target in arguments[arguments.index("--") + 1 :]:
        if target.startswith("s3://"):
            _to_s3(target)
        elif target.startswith("ssh://"):
            where = urlsplit(target)
            shell = f"{os.environ['RSYNC_RSH']} -p {where.port}"
            host = f"{where.username}@{where.hostname}"
            subprocess.run(["rsync", "-r", "-e", shell, "build/", f"{host}:{where.path}/"], check=True)
        else:
            shutil.copytree(BUILD, target, dirs_exist_ok=True)
    return 0


def _to_s3(target: str) -> None:
    where = urlsplit(target)
    facts = {name: values[0] for name, values in parse_qs(where.query).items()}
    store = import_module("boto3").client("s3", endpoint_url=facts["endpoint"], region_name=facts["region"])
    for path in BUILD.rglob("*"):
        if path.is_file():
            store.upload_file(str(path), where.netloc, path.relative_to(BUILD).as_posix())


def verify(arguments: list[str]) -> int:
    with urllib.request.urlopen(arguments[-1].rstrip("/") + "/status.json") as answer:
        return int(answer.read() != (BUILD / "status.json").read_bytes())


def notify(_: list[str]) -> int:
    push = ["git", "push", "--quiet", "--force", "origin", "HEAD:refs/stashgen/notified"]
    return subprocess.run(push, check=False).returncode


def build(arguments: list[str]) -> int:
    """Build without what `check` names, as --keep-going does."""
    ours = [sys.executable, "-m", "stashgen"]
    found = subprocess.run([*ours, "check", "--format", "json"], capture_output=True, check=False).stdout
    broken = {problem["path"] for problem in json.loads(found)["problems"] if problem["severity"] == "error"}
    for path in broken:
        Path(path).rename(f"{path}.aside")
    done = subprocess.run([*ours, *[one for one in arguments if one != "--keep-going"]], check=False)
    for path in broken:
        Path(f"{path}.aside").rename(path)
        print(f"::error file={path}::broken")
    return done.returncode or int(bool(broken))


STAND_INS: Final = {"compare": compare, "sign": sign, "publish": publish, "verify": verify, "notify": notify}


def keeps_going() -> bool:
    """Tell whether the real one can leave out what is broken."""
    return any("--keep-going" in option.opts for option in real.build.params)


if __name__ == "__main__":
    name = sys.argv[1]
    if name == "build" and "--keep-going" in sys.argv and not keeps_going():
        sys.exit(build(sys.argv[1:]))
    if name in STAND_INS and name not in COMMANDS:
        sys.exit(STAND_INS[name](sys.argv[1:]))
    main()
