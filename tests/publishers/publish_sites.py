"""Three states of one site, and how what was published is held against them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from door import Result, child_environ, run_stashgen, write_files

from stashgen.files import MANIFEST

PATIENCE_SECONDS: Final = 60
CLAIMS: Final = ".stashgen-publishing"
SERVICES: Final = {
    "site-data/site.yaml": "title: Ωmega status\nurl: https://status.example.com\nsince: 2026-11-01T00:00:00Z\n"
    "outputs: {stashboard-api: false, statuspage-api: false, badges: false, upptime-badges: false, "
    "api-description: false, calendars: false, csv-files: false, text-files: false, embeds: false}\n",
    "site-data/services/api.yaml": "name: API\n",
    "site-data/static/a 'b' \"c\" $(d) حالة.txt": "odd name\n",
}
INCIDENT: Final = {
    "site-data/events/2026-11-23-down.yaml": "title: API is down\nupdates:\n"
    "  - {at: 2026-11-23T10:00:00Z, message: Down., services: {api: down}}\n",
    "site-data/static/new/file.txt": "new\n",
}


class States(NamedTuple):
    """Built folders: `new` says more and was built an hour after `old`; `again` is `old` built an hour later still."""

    old: Path
    new: Path
    again: Path


def build_states(folder: Path) -> States:
    """Build all three."""
    sources = {"old": SERVICES, "new": {**SERVICES, **INCIDENT}, "again": SERVICES}
    built = []
    for hour, (name, files) in enumerate(sources.items(), 11):
        project = write_files(folder / name, files)
        done = run_stashgen("build", "-C", project, "--now", f"2026-11-23T{hour}:00:00Z", cwd=folder)
        assert done.code == 0, done.err
        built.append(project / "build")
    return States(*built)


def tree(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def differences(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> list[str]:
    """Return the names of the files that are not the same in both: short enough for a failing test."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def listed(folder: Path) -> set[str]:
    """Return the names in a folder's manifest."""
    return set(json.loads((folder / MANIFEST).read_bytes())["files"])


def outcomes(done: Result) -> list[dict[str, Any]]:
    """Return what `--json` told of each target."""
    told: list[dict[str, Any]] = json.loads(done.out)["targets"]
    return told


def counts(done: Result) -> tuple[str, int, int, int]:
    """Return outcome, sent, unchanged and removed of the only target."""
    (one,) = outcomes(done)
    return one["outcome"], one["sent"], one["unchanged"], one["removed"]


@contextmanager
def publishing(*args: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run `stashgen publish ARGS` beside the test."""
    command = [sys.executable, "-m", "stashgen", "publish", *map(str, args)]
    with subprocess.Popen(
        command, cwd=cwd, env=child_environ(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=PATIENCE_SECONDS)


def ended(process: subprocess.Popen[str]) -> Result:
    """Wait for the end of a publishing."""
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    return Result(process.returncode, out, err)


def killed(process: subprocess.Popen[str]) -> None:
    """End a publishing without a word."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait(PATIENCE_SECONDS)


def await_that(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be so"
        time.sleep(0.02)
