"""Carry changes out once more on what the remote has: their intents, not their text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from stashgen.check import Reading
from stashgen.edit import Change, EditError
from stashgen.errors import DataError
from stashgen.git import Git
from stashgen.intents import Intent
from stashgen.repository.clone import Clone
from stashgen.repository.history import Commit
from stashgen.repository.journal import Row
from stashgen.repository.message import message
from stashgen.repository.values import Plan
from stashgen.repository.workbench import Workbench

PARKED: Final = "refs/stashgen/parked/"
_NAMES_EVENT: Final = "event"


class Background(NamedTuple):
    """What decides about a commit beside its text."""

    theirs: Mapping[str, str]  # changes that the remote has already: id -> commit
    dropped: Collection[str]  # commits that the remote once had and has no longer: somebody rewrote it


class Replay:
    """What has been carried out in a work tree, commit by commit."""

    def __init__(self, clone: Clone, bench: Workbench, background: Background) -> None:
        self._clone, self._bench, self._background = clone, bench, background
        self._renamed: dict[str, str] = {}
        self.rows: list[Row] = []  # as they stand now
        self.replayed = 0
        self.parked: list[Row] = []
        self.strays: list[Commit] = []  # commits of people that do not fit: the branch has to wait for their author

    def run(self, commits: Iterable[Commit]) -> None:
        """Carry out what these commits are about, oldest first."""
        for commit in commits:
            row = next(filter(None, map(self._clone.journal.find, commit.changes)), None)
            there = next(
                (self._background.theirs[one] for one in commit.changes if one in self._background.theirs), None
            )
            if not there and commit.changes and commit.id in self._background.dropped and self._bench.has(commit.id):
                there = self._bench.tip  # squashed, or told in other words
            if there:
                if row:
                    self.rows.append(_at(row, there))
            elif row:
                self._again(_at(row, commit.id))
            else:
                self._bring(commit)

    def again(self) -> Replay:
        """Return one more for what comes after: it knows the ids given anew, and what people have that does not fit."""
        later = Replay(self._clone, self._bench, self._background)
        later._renamed, later.strays = self._renamed, self.strays
        return later

    def _bring(self, commit: Commit) -> None:
        """Bring over what a person committed, or what we did when the journal was another."""
        if commit.id in self._background.dropped and not commit.changes:
            return
        if len(commit.parents) > 1 or not self._bench.pick(commit.id):
            self.strays.append(commit)

    def _again(self, row: Row) -> None:
        # Another site in the same repository is not laid out here: its changes come over as they are.
        is_here = row.deed.prefix == self._clone.prefix
        done = (is_here and self._by_intent(row)) or self._by_text(row) or (is_here and self._by_files(row))
        if not done:
            self._park(row)
            return
        self.rows.append(done)
        self.replayed += 1
        if row.deed.record and done.deed.record and row.deed.record != done.deed.record:
            self._renamed[row.deed.record] = done.deed.record

    def _by_intent(self, row: Row) -> Row | None:
        try:
            plan = self._bench.desk.plan(self._mapped(row.deed.intent), row.deed.now, is_replay=True)
        except (EditError, DataError):
            return None
        return self._committed(row, plan)

    def _by_text(self, row: Row) -> Row | None:
        before, tip = _errors(self._bench.desk.read()), self._bench.tip
        if not self._bench.pick(row.commit or ""):
            return None
        if _errors(self._bench.desk.read()) - before:
            self._bench.back_to(tip)
            return None
        return _at(row, self._bench.tip)

    def _by_files(self, row: Row) -> Row | None:
        """Take the files as we made them, where the remote has none of that name: nothing of others is lost by it."""
        commit = row.commit or ""
        files = {one.path: self._bench.file(commit, one.path) for one in row.deed.files}
        if any((self._bench.root / path).exists() for path in files) or None in files.values():
            return None
        change = Change(files=files, subject=row.deed.subject, record=row.deed.record, update=row.deed.update)
        try:
            return self._committed(row, self._bench.desk.checked(lambda _: change, row.deed.now, is_replay=True))
        except (EditError, DataError):
            return None

    def _committed(self, row: Row, plan: Plan) -> Row:
        original = Original(self._clone.git, row.commit or "")
        text = message(plan.change, row.deed.author, row.change_id)
        if plan.change.subject == row.deed.subject:
            text = original.text  # a hook may have added to it
        commit = self._bench.commit(plan.change.files, text, original.author)
        deed = msgspec.structs.replace(
            row.deed, subject=plan.change.subject, record=plan.change.record, update=plan.change.update
        )
        return msgspec.structs.replace(row, commit=commit, deed=deed)

    def _park(self, row: Row) -> None:
        self.parked.append(msgspec.structs.replace(row, stage="parked"))

    def _mapped(self, intent: Intent) -> Intent:
        event = getattr(intent, _NAMES_EVENT, None)
        return msgspec.structs.replace(intent, event=self._renamed[event]) if event in self._renamed else intent


class Original(NamedTuple):
    """A commit as it was first made."""

    git: Git
    id: str

    @property
    def text(self) -> str:
        """Return its message."""
        return self._ask("%B").rstrip() + "\n"

    @property
    def author(self) -> Mapping[str, str]:
        """Return who made it and when, as git's environment."""
        name, mail, date = self._ask("%an%x00%ae%x00%ad").split("\0")
        return {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail, "GIT_AUTHOR_DATE": date}

    def _ask(self, layout: str) -> str:
        return self.git.ask(
            "-c", "i18n.logOutputEncoding=UTF-8", "log", "-1", "--no-show-signature", "--date=raw",
            f"--format={layout}", self.id, "--",
        )  # fmt: skip


def _at(row: Row, commit: str) -> Row:
    return msgspec.structs.replace(row, commit=commit)


def _errors(reading: Reading) -> set[tuple[str, str, str]]:
    return {(one.path, one.field, one.message) for one in reading.problems if one.severity == "error"}
