"""Where a folder is in its repository."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from stashgen.git.program import Git, GitError

_QUESTIONS: Final = ("--git-dir", "--git-common-dir", "--show-toplevel", "--show-prefix")
# Middles of operations that would swallow a commit, and what git calls them.
_UNDER_WAY: Final = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "BISECT_LOG": "bisect",
}


class Layout(NamedTuple):
    """The folders of a repository, as seen from a folder in its work tree."""

    git_dir: Path  # of this work tree: HEAD, index
    common_dir: Path  # what all its work trees share: objects, branches
    top: Path  # of the work tree
    prefix: str  # from there to the folder, with `/` at its end; empty for the top itself

    def under_way(self) -> str | None:
        """Return which operation somebody has begun and not ended, None for none."""
        return next((name for file, name in _UNDER_WAY.items() if (self.git_dir / file).exists()), None)


def find(git: Git) -> Layout | None:
    """Return where git's folder is, None outside of git; raise GitError when git refuses to tell (safe.directory)."""
    done = git.run("rev-parse", *_QUESTIONS)
    if done.code and ("not a git repository" in done.err or "must be run in a work tree" in done.err):
        return None
    if done.code:
        raise GitError(f"git: {done.words}")
    answers = os.fsdecode(done.out).removesuffix("\n").split("\n")
    if len(answers) != len(_QUESTIONS):  # a folder with a line end in its name
        answers = [os.fsdecode(git.data("rev-parse", one)).removesuffix("\n") for one in _QUESTIONS]
    git_dir, common_dir, top = ((git.folder / one).resolve() for one in answers[:3])
    return Layout(git_dir, common_dir, top, answers[3])


def head(folder: Path, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the full hash of the commit that `folder` is on, None outside git or before the first commit."""
    try:
        return Git(folder, environ).ask("rev-parse", "--verify", "--quiet", "HEAD") or None
    except GitError:
        return None
