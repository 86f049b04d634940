"""What has become of each change: prepared before a file is touched, then committed, pushed or parked."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

from stashgen.intents import Author, Intent
from stashgen.repository.store import Store

# `void`: a request with a key that had nothing to change.
Stage = Literal["prepared", "committed", "pushed", "parked", "void"]

_REMEMBERED_SECONDS: Final = 90 * 86_400  # how long a pushed change can be replayed if the remote loses it
_COLUMNS: Final = "change_id, stage, commit_id, data"


class Touched(msgspec.Struct, frozen=True):
    """A file of a change: its path below site-data, and SHA-256 of the bytes before and after; None: no file."""

    path: str
    old: str | None
    new: str | None


class Deed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A change as it can be told, undone and carried out once more."""

    prefix: str  # of site-data in its repository
    intent: Intent
    author: Author
    now: dt.datetime
    files: tuple[Touched, ...] = ()
    base: str | None = None  # the commit before it
    has_commit: bool = True
    subject: str = ""
    record: str | None = None
    update: str | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A change and where it stands."""

    change_id: str
    stage: Stage
    commit: str | None
    deed: Deed


class Journal:
    """The rows of a clone."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, row: Row) -> None:
        """Put a row in, or in place of the one with this change id."""
        values = (
            row.change_id,
            row.stage,
            int(row.deed.now.timestamp()),
            row.commit or "",
            msgspec.json.encode(row.deed),
        )
        self._store.run(
            lambda connection: connection.execute(
                "INSERT INTO changes (change_id, stage, at, commit_id, data) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (change_id) DO UPDATE"
                " SET stage = excluded.stage, commit_id = excluded.commit_id, data = excluded.data",
                values,
            )
        )

    def forget(self, change_id: str) -> None:
        """Take a row away: nothing of the change is there."""
        self._store.run(lambda connection: connection.execute("DELETE FROM changes WHERE change_id = ?", (change_id,)))

    def move(self, change_ids: Iterable[str], stage: Stage) -> None:
        """Put rows on another stage."""
        rows = [(stage, change_id) for change_id in change_ids]
        if rows:
            self._store.run(lambda connection: connection.executemany(_MOVE, rows))

    def on(self, *stages: Stage) -> list[Row]:
        """Return the rows on some stages, oldest first."""
        marks = ", ".join("?" * len(stages))
        return self._rows(f"stage IN ({marks}) ORDER BY number", stages)

    def count(self, stage: Stage) -> int:
        """Return how many rows stand there."""
        question = "SELECT count(*) FROM changes WHERE stage = ?"
        return self._store.run(lambda connection: int(connection.execute(question, (stage,)).fetchone()[0]))

    def find(self, change_id: str) -> Row | None:
        """Return a row."""
        return next(iter(self._rows("change_id = ?", (change_id,))), None)

    def starting(self, head: str) -> Row | None:
        """Return the row whose change id begins so, None without one."""
        found = self._rows("change_id >= ? AND change_id < ? ORDER BY change_id LIMIT 1", (head, head + "g"))
        return next(iter(found), None)

    def sweep(self, now: dt.datetime) -> None:
        """Forget what was pushed long ago."""
        oldest = int(now.timestamp()) - _REMEMBERED_SECONDS
        self._store.run(
            lambda connection: connection.execute(
                "DELETE FROM changes WHERE stage IN ('pushed', 'void') AND at < ?", (oldest,)
            )
        )

    def learn(self, commit_by_change: Mapping[str, str]) -> None:
        """Note which commits of the history carry which changes."""
        rows = list(commit_by_change.items())
        if rows:
            self._store.run(
                lambda connection: connection.executemany("INSERT OR REPLACE INTO history VALUES (?, ?)", rows)
            )

    def known(self, head: str) -> tuple[str, str] | None:
        """Return (change id, commit) of a change in the history whose id begins so."""
        question = "SELECT change_id, commit_id FROM history WHERE change_id >= ? AND change_id < ? LIMIT 1"

        def work(connection: sqlite3.Connection) -> tuple[str, str] | None:
            row: tuple[str, str] | None = connection.execute(question, (head, head + "g")).fetchone()
            return row

        return self._store.run(work)

    def _rows(self, where: str, values: Iterable[str]) -> list[Row]:
        question = f"SELECT {_COLUMNS} FROM changes WHERE {where}"  # noqa: S608 - from this module only
        found = self._store.run(lambda connection: connection.execute(question, tuple(values)).fetchall())
        return [
            Row(change_id=change, stage=stage, commit=commit or None, deed=msgspec.json.decode(data, type=Deed))
            for change, stage, commit, data in found
        ]


_MOVE: Final[str] = "UPDATE changes SET stage = ? WHERE change_id = ?"
