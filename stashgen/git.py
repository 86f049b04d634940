"""The door to git: the git program, called with argument lists, never through a shell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def head(folder: Path, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the full hash of the commit that `folder` is on, None outside git or before the first commit."""
    try:
        return _read(folder, environ, "rev-parse", "--verify", "--quiet", "HEAD").strip() or None
    except (OSError, subprocess.CalledProcessError):
        return None


def remotes(folder: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the URL of every remote by name; none outside git."""
    try:
        listed = _read(folder, environ, "config", "--null", "--get-regexp", r"^remote\..*\.url$")
    except (OSError, subprocess.CalledProcessError):
        return {}
    pairs = [entry.split("\n", 1) for entry in listed.split("\0") if "\n" in entry]
    return {key.removeprefix("remote.").removesuffix(".url"): url for key, url in pairs}


def commit(folder: Path, paths: Sequence[str], message: str, environ: Mapping[str, str] = os.environ) -> str:
    """Commit these files and nothing else; return the full hash. Raises GitError, which says what git said."""
    _read(folder, environ, "--literal-pathspecs", "add", "--", *paths)
    _read(folder, environ, "--literal-pathspecs", "commit", "--quiet", "-m", message, "--only", "--", *paths)
    return _read(folder, environ, "rev-parse", "--verify", "HEAD").strip()


def _read(folder: Path, environ: Mapping[str, str], *arguments: str) -> str:
    # A hook or another tool may have set GIT_DIR and the like for a repository that is not this one.
    scrubbed = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, env=scrubbed, capture_output=True, check=True, encoding="utf-8").stdout
