"""Which of two states of a site is the newer one."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from stashgen import hearsay
from stashgen.git import Git, GitError
from stashgen.hearsay import Instant

_LONG_AGO: Final = dt.datetime.min.replace(tzinfo=dt.UTC)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Standing(msgspec.Struct, frozen=True):
    """When a state of the site was built, and from which commit, as far as that is known."""

    built_at: Instant | None = None
    commit: str | None = None

    @property
    def rank(self) -> dt.datetime:
        """Return what publishers that know nothing else of each other agree upon: the later built comes first."""
        return self.built_at or _LONG_AGO

    def __str__(self) -> str:
        """Say it in words."""
        built = f"built {self.built_at:%Y-%m-%d %H:%M:%S} UTC" if self.built_at else "built nobody knows when"
        return f"{built} from {self.commit[:10]}" if self.commit and _COMMIT.fullmatch(self.commit) else built


class Lineage(NamedTuple):
    """What the project's repository knows about the descent of commits."""

    git: Git

    def descends(self, commit: str, ancestor: str) -> bool:
        """Return whether git knows that a commit came after another."""
        if not (_COMMIT.fullmatch(commit) and _COMMIT.fullmatch(ancestor)):
            return False  # a target says what it likes
        try:
            return self.git.has("merge-base", "--is-ancestor", ancestor, commit)
        except GitError:
            return False


def lineage(project: Path, environ: dict[str, str]) -> Lineage:
    """Return the descent of commits as the repository of a project knows it."""
    return Lineage(Git(project, environ))


def standing(status: bytes | None) -> Standing:
    """Read a status.json; what cannot be read of it is not known."""
    said = hearsay.status(status)
    return Standing(said.built_at, said.commit) if said else Standing()


def is_newer(theirs: Standing, ours: Standing, known: Lineage) -> bool:
    """Return whether a state came after ours: by descent of commits where git knows it, else by time of build."""
    if theirs.commit and ours.commit and theirs.commit != ours.commit:
        if known.descends(theirs.commit, ours.commit):
            return True
        if known.descends(ours.commit, theirs.commit):
            return False
    return theirs.rank > ours.rank
