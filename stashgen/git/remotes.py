"""Where a repository is pushed to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from stashgen.git.program import Git, GitError


def remotes(folder: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the URL of every remote by name; none outside git."""
    try:
        listed = Git(folder, environ).ask("config", "--null", "--get-regexp", r"^remote\..*\.url$")
    except GitError:
        return {}
    pairs = [entry.split("\n", 1) for entry in listed.split("\0") if "\n" in entry]
    return {key.removeprefix("remote.").removesuffix(".url"): url for key, url in pairs}
