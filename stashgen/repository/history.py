"""Which changes are in git's history: commits by the trailer that names their change."""

from __future__ import annotations

from typing import Final, NamedTuple

from stashgen import git
from stashgen.files import sha256_of
from stashgen.git import Git
from stashgen.repository.clone import Clone
from stashgen.repository.journal import Row
from stashgen.repository.message import CHANGE_ID

_KIND: Final = "history"
_SCANNED: Final = "scanned"
_FORMAT: Final = f"--format=%H%x1f%P%x1f%(trailers:key={CHANGE_ID},valueonly,separator=%x20)%x1f%s"


class Commit(NamedTuple):
    """A commit as far as it matters here."""

    id: str
    parents: tuple[str, ...]
    changes: tuple[str, ...]  # ids of changes that it carries
    subject: str


def commits(program: Git, *span: str) -> list[Commit]:
    """Return the commits of a span such as `a..b`, oldest first, parents before children."""
    settings = ("log", "--no-show-signature", "--no-color", "--topo-order", "--reverse", "-z", _FORMAT)
    lines = program.ask("-c", "i18n.logOutputEncoding=UTF-8", *settings, *span, "--").split("\0")
    parts = (line.split("\x1f", 3) for line in lines if line)
    return [Commit(one, tuple(parents.split()), tuple(names.split()), title) for one, parents, names, title in parts]


def span(base: str | None, head: str) -> tuple[str, ...]:
    """Return what to ask for to get what is in one commit and not in another."""
    return (head, f"^{base}") if base else (head,)


def found(clone: Clone, program: Git, row: Row) -> str | None:
    """Return the commit that carries a change which was prepared, None when there is none."""
    paths = [one.path for one in row.deed.files]
    now = git.standing(program, paths)
    if now.head is None or now.head == row.deed.base:
        return None
    for commit in commits(program, *span(row.deed.base, now.head)):
        if row.change_id in commit.changes:
            return commit.id
    # A hook may have taken the trailer away.
    is_ours = all(_digest(clone, one.path) == one.new for one in row.deed.files)
    return now.head if is_ours and not now.changed else None


def learn(clone: Clone, program: Git, head: str) -> None:
    """Take up into the store what commits have come since it was last asked for."""
    base = (clone.store.recall(_KIND, _SCANNED) or b"").decode()
    if base == head:
        return
    if base and not program.has("cat-file", "-e", base):
        base = ""
    clone.journal.learn({name: one.id for one in commits(program, *span(base, head)) for name in one.changes})
    clone.store.keep(_KIND, _SCANNED, head.encode())


def is_in(program: Git, commit: str, head: str) -> bool:
    """Return whether a commit is in the history of another."""
    return program.has("merge-base", "--is-ancestor", commit, head)


def _digest(clone: Clone, path: str) -> str | None:
    try:
        return sha256_of((clone.folder / path).read_bytes())
    except OSError:
        return None
