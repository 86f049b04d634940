"""Carry a plan out: journal, files, commit; and take it back when one of them fails."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import msgspec

from stashgen import git
from stashgen.edit.wording import some
from stashgen.errors import StashgenError
from stashgen.files import sha256_of
from stashgen.git import Git, GitError, Layout, literal
from stashgen.git.locks import INDEX, clear, patiently
from stashgen.repository.clone import Clone
from stashgen.repository.exchange import Exchange
from stashgen.repository.history import found
from stashgen.repository.journal import Row, Touched
from stashgen.repository.message import message
from stashgen.repository.values import Plan, Progress

# What git would do beside the commit: a clean-up that runs on and keeps our lock, a daemon that never ends.
# What is acknowledged must be on the disk; for loose objects git does not wait unless told.
ALONE: Final = (
    "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.fsmonitor=false",
    "-c", "core.fsync=committed,loose-object,reference", "-c", "i18n.commitEncoding=UTF-8",
    "-c", "commit.verbose=false",
)  # fmt: skip
_COMMIT_SECONDS: Final = 120.0
_NOBODY: Final = (
    "Please tell me who you are",
    "empty ident name",
    "auto-detect email",
    "no email was given",
    "no name was",
)
_UNKNOWN: Final = ("ignored by one of your .gitignore files", "did not match any file")


def touched(plan: Plan) -> tuple[Touched, ...]:
    """Return what a plan does to files."""
    return tuple(
        Touched(
            path, None if (old := plan.old[path]) is None else sha256_of(old), None if new is None else sha256_of(new)
        )
        for path, new in plan.change.files.items()
    )


def write_only(clone: Clone, plan: Plan, row: Row, progress: Progress) -> None:
    """Write the files of a plan and ask nothing of git."""
    exchange = _exchange(clone, row)
    clone.journal.write(row)
    try:
        exchange.write(plan.change.files, progress)
    except BaseException:
        exchange.undo(is_sure=True)
        clone.journal.forget(row.change_id)
        raise
    clone.journal.forget(row.change_id)
    exchange.forget()


def commit(clone: Clone, program: Git, plan: Plan, row: Row, progress: Progress) -> tuple[Row, list[str]]:
    """Carry a plan out as one commit; return its row with the commit, and remarks.

    Raises StashgenError when it cannot be done: the files, and what git knows of them, are as before.
    """
    layout = clone.layout
    assert layout is not None  # noqa: S101 - asked by the caller
    paths = [one.path for one in row.deed.files]
    standing = git.standing(program, paths)
    _refuse(layout, standing.changed)
    remarks = _cleared(layout)
    if "modules" in layout.git_dir.parts and layout.git_dir == layout.common_dir:
        remarks.append("site-data is a submodule: the repository around it does not point to this commit yet")
    if standing.branch is None:
        remarks.append("HEAD is detached: the commit is on no branch; `git switch -c NAME` keeps it on one")
    row = _replaced(row, base=standing.head)
    exchange = _exchange(clone, row)
    clone.journal.write(row)
    try:
        exchange.write(plan.change.files, progress)
        new = _committed(clone, program, message(plan.change, row.deed.author, row.change_id), row)
    except BaseException:
        if found(clone, program, row) is None:  # ^C may come when the commit has been made
            take_back(clone, program, row, is_sure=True)
        raise
    done = Row(change_id=row.change_id, stage="committed", commit=new, deed=row.deed)
    with suppress(StashgenError):  # the disk is full now: the next opening finds the commit in the history
        clone.journal.write(done)
        exchange.forget()
    return done, remarks


def take_back(clone: Clone, program: Git, row: Row, *, is_sure: bool) -> list[str]:
    """Take back what there is of a change that has no commit; return the paths of files that somebody else changed."""
    strange = _exchange(clone, row).undo(is_sure=is_sure)
    if clone.layout and row.deed.has_commit:
        # Without space for a new index the row stays: it is tried again before the next change.
        done = program.run("reset", "--quiet", "--", *literal(one.path for one in row.deed.files))
        if done.code and not _is_unborn(program):
            return strange
    with suppress(StashgenError):
        clone.journal.forget(row.change_id)
    return strange


def _committed(clone: Clone, program: Git, text: str, row: Row) -> str:
    paths = [one.path for one in row.deed.files]
    new = [one.path for one in row.deed.files if one.old is None]
    if new:
        _require(clone, program, new, "add")
    note = clone.aside / f"{row.change_id}.message"
    note.write_text(text, encoding="utf-8")
    try:
        _require(clone, program, paths, "commit", "--quiet", "--only", "--cleanup=whitespace", "--file", str(note))
    except GitError:
        if found(clone, program, row) is None:
            raise
    finally:
        note.unlink(missing_ok=True)
    after = git.standing(program, paths)
    if after.head is None or after.head == row.deed.base:
        raise GitError("git ended well and made no commit; nothing was changed")
    if after.changed:
        # A hook wrote the files anew: they are in the commit, but git's index has them as they were before the hook.
        program.run("reset", "--quiet", "--", *literal(paths))
    return after.head


def _require(clone: Clone, program: Git, paths: list[str], *arguments: str) -> None:
    given = "\0".join(literal(paths)).encode("utf-8", "surrogateescape")
    command = (*ALONE, *arguments, "--pathspec-from-file=-", "--pathspec-file-nul")
    done = patiently(lambda: program.run(*command, stdin=given, seconds=_COMMIT_SECONDS), clone.layout)
    if done.code:
        raise GitError(_explained(done.words, paths))


def _explained(words: str, paths: list[str]) -> str:
    if any(one in words for one in _NOBODY):
        return (
            "git does not know who you are, so nothing was changed: set it with `git config user.name NAME` and "
            "`git config user.email ADDRESS`, or in GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, GIT_COMMITTER_NAME and "
            "GIT_COMMITTER_EMAIL"
        )
    if any(one in words for one in _UNKNOWN):
        return (
            f"git ignores {some(paths)}, so nothing was changed: `git check-ignore -v FILE` names the rule; "
            "take it away, or write without a commit (--no-commit)"
        )
    if "No space left on device" in words or "Out of disk" in words:
        return f"the disk is full, so nothing was changed; free some space and try again. git said: {words}"
    return f"git did not take the commit, so nothing was changed. It, or a hook, said:\n{words}"


def _refuse(layout: Layout, changed: Mapping[str, str]) -> None:
    under_way = layout.under_way()
    if under_way:
        raise GitError(f"a {under_way} is under way in {layout.top}: end it first, with --continue or --abort")
    if changed:
        raise GitError(
            f"this commit would swallow changes that are not committed, of {some(changed)}: "
            "commit them first, or write without a commit (--no-commit)"
        )


def _cleared(layout: Layout) -> list[str]:
    told = clear(layout.git_dir / INDEX, layout, is_ours=False)
    return [told] if told else []


def _exchange(clone: Clone, row: Row) -> Exchange:
    return Exchange(clone.folder, clone.aside, row.change_id, row.deed.files)


def _replaced(row: Row, base: str | None) -> Row:
    return msgspec.structs.replace(row, deed=msgspec.structs.replace(row.deed, base=base))


def _is_unborn(program: Git) -> bool:
    return not program.has("rev-parse", "--verify", "--quiet", "HEAD")
