"""Real repositories for tests: a bare remote, clones of it, and what one asks of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import door
from door import write_files

from stashgen.git import Git
from stashgen.intents import AddUpdate, OpenIncident
from stashgen.repository import Repository

SITE: Mapping[str, str] = {
    "site-data/site.yaml": "title: Acme Status\nurl: https://status.example.com\n",
    "site-data/services/api.yaml": "name: API\n",
    "site-data/services/web.yaml": "name: Web\n",
}


def git(folder: Path, *arguments: str, check: bool = True) -> str:
    """Run git as a user would, and return what it prints, without the last line end."""
    return door.git(folder, *arguments, check=check).rstrip("\n")


def new_repository(folder: Path, files: Mapping[str, str] = SITE) -> Path:
    """Make a repository with one commit of these files."""
    write_files(folder, files)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Start")
    return folder


def with_remote(folder: Path) -> tuple[Path, Path]:
    """Make a bare repository and a clone of it with a site; return (clone, bare)."""
    bare, clone = folder / "remote.git", new_repository(folder / "one")
    git(folder, "init", "--quiet", "--bare", "--initial-branch", "main", str(bare))
    git(clone, "remote", "add", "origin", str(bare))
    git(clone, "push", "--quiet", "--set-upstream", "origin", "main")
    return clone, bare


def cloned(bare: Path, name: str) -> Path:
    """Make one more clone beside the bare repository."""
    folder = bare.parent / name
    git(bare.parent, "clone", "--quiet", str(bare), str(folder))
    return folder


def opened(project: Path, **environ: str) -> Repository:
    """Open a project for writing."""
    return Repository(project, {**os.environ, **environ})


def incident(title: str = "Errors", message: str = "We look into it.", **fields: object) -> OpenIncident:
    """Return an intent."""
    return OpenIncident(title=title, message=message, services={"api": "down"}, **fields)  # type: ignore[arg-type]


def word(event: str, message: str = "One more word.") -> AddUpdate:
    """Return an intent that adds an update."""
    return AddUpdate(event=event, message=message)


def hook(folder: Path, name: str, script: str) -> None:
    """Put a hook into a repository."""
    place = Path(Git(folder, os.environ).ask("rev-parse", "--git-path", "hooks"))
    path = (folder / place) / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def changes(folder: Path, ref: str = "HEAD") -> Counter[str]:
    """Count the changes in a history by their ids."""
    return Counter(git(folder, "log", "--format=%(trailers:key=Change-Id,valueonly)", ref).split())


def is_sound(folder: Path) -> bool:
    """Return whether nothing is half done: nothing uncommitted, nothing left over, every object whole."""
    assert git(folder, "fsck", "--strict", "--no-dangling") == ""
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "worktree", "list", "--porcelain").count("worktree ") == 1
    assert git(folder, "for-each-ref", "refs/worktree") == ""
    assert list((folder / ".git").glob("*.lock")) == []
    return True


def child(script: str, *arguments: str | Path, **environ: str) -> subprocess.Popen[str]:
    """Start a Python process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
