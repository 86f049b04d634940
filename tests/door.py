"""The front door as tests use it: a project made of files, and the command line run against it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple, Protocol

FENCE: Final = Path(__file__).parent / "fence"
NOW: Final = "2026-11-23T10:30:00Z"


class Result(NamedTuple):
    """What a command gave back."""

    code: int
    out: str
    err: str


class MakeProject(Protocol):
    """Type of the `project` fixture."""

    def __call__(self, files: Mapping[str, str | bytes], name: str = "site") -> Path:
        """Write files, named relative to the project folder, and return that folder."""
        ...


class BuildOnce(Protocol):
    """Type of the `build_once` fixture."""

    def __call__(self, files: Mapping[str, str | bytes]) -> Path:
        """Build a project of these files at NOW, if nobody has; return the output folder, which is only looked at."""
        ...


class Run(Protocol):
    """Type of the `run` and `invoke` fixtures."""

    def __call__(
        self,
        *args: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> Result:
        """Run `stashgen ARGS` and return what it gave back; `env` is added to the environment."""
        ...


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder, making parents; text as UTF-8 with the line ends it has."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def child_environ(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a Python child of a test: this one's, inside the same walls."""
    python_path = os.pathsep.join(filter(None, [str(FENCE), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": python_path, "PYTHONWARNINGS": "error", **(extra or {})}


def run_stashgen(
    *args: str | Path, cwd: Path, env: Mapping[str, str] | None = None, stdin: str | None = None
) -> Result:
    """Run `python -m stashgen ARGS` in a process of its own and return what it gave back."""
    done = subprocess.run(
        [sys.executable, "-m", "stashgen", *map(str, args)],
        cwd=cwd,
        env=child_environ(env),
        input=stdin or "",
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def git(folder: Path, *arguments: str, check: bool = True) -> str:
    """Run git in a folder and return what it printed; unless told not to, fail with what git said when it fails."""
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert not check or done.returncode == 0, done.stderr
    return done.stdout
