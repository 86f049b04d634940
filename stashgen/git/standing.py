"""What a work tree is on, and how it differs from that in some files: one call of `git status`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from stashgen.git.program import Git

_OPTIONS: Final = (
    "--porcelain=v2", "--branch", "--no-ahead-behind", "--no-renames", "--untracked-files=all", "-z",
)  # fmt: skip


class Standing(NamedTuple):
    """The commit, the branch (None: detached) and what is not committed, as git's two letters by path from the top."""

    head: str | None
    branch: str | None
    changed: Mapping[str, str]


def standing(git: Git, paths: Iterable[str]) -> Standing:
    """Return how some paths, seen from git's folder, differ from the last commit."""
    data = git.data("status", *_OPTIONS, "--", *paths)
    facts: dict[str, str] = {}
    changed: dict[str, str] = {}
    for line in filter(None, os.fsdecode(data).split("\0")):
        kind, _, rest = line.partition(" ")
        if kind == "#":
            name, _, value = rest.partition(" ")
            facts[name] = value
        elif kind in {"1", "u"}:
            changed[rest.split(" ", 9 if kind == "u" else 7)[-1]] = rest[:2]
        else:
            changed[rest] = kind * 2
    oid, branch = facts.get("branch.oid", ""), facts.get("branch.head", "")
    return Standing(
        None if oid == "(initial)" else oid, None if branch == "(detached)" else f"refs/heads/{branch}", changed
    )


def literal(paths: Iterable[str]) -> list[str]:
    """Return pathspecs that mean these paths and nothing else, whatever is in their names."""
    return [f":(literal){path}" for path in paths]
