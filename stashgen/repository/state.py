"""Small things that others keep over restarts: answers by idempotency key, pending signals, nonces.

A kind is a table of its own: bytes by key, each with an end if it should have one. What has expired is not there.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from stashgen.repository.store import Store

Moment = Callable[[], dt.datetime]
Value = TypeVar("Value")
_LIVE: Final = "(expires_at IS NULL OR expires_at > ?)"


class State:
    """Bytes by kind and key, on the disk when a call returns, shared by all processes on the clone."""

    def __init__(self, store: Callable[[], Store], moment: Moment) -> None:
        self._store, self._moment = store, moment

    def put(self, kind: str, key: str, value: bytes, expires_at: dt.datetime | None = None) -> None:
        """Keep a value, in place of the one that was there."""
        row = (kind, key, value, _seconds(expires_at))
        self._run(lambda connection: connection.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", row))

    def add(self, kind: str, key: str, value: bytes, expires_at: dt.datetime | None = None) -> bool:
        """Keep a value if there is none; return whether there was none. Of two who try at once, one hears True."""
        row = (kind, key, value, _seconds(expires_at))
        return self._run(
            lambda connection: connection.execute("INSERT OR IGNORE INTO kept VALUES (?, ?, ?, ?)", row).rowcount == 1
        )

    def put_all(self, kind: str, values: Mapping[str, bytes], expires_at: dt.datetime | None = None) -> None:
        """Keep many values at once: all of them or none."""
        rows = [(kind, key, value, _seconds(expires_at)) for key, value in values.items()]
        self._run(lambda connection: connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", rows))

    def drop_all(self, kind: str, values: Mapping[str, bytes]) -> None:
        """Forget values that are still these; what somebody has put there meanwhile stays."""
        rows = [(kind, key, value) for key, value in values.items()]
        sql = "DELETE FROM kept WHERE kind = ? AND key = ? AND value = ?"
        self._run(lambda connection: connection.executemany(sql, rows))

    def get(self, kind: str, key: str) -> bytes | None:
        """Return a value, None where there is none."""
        sql = f"SELECT value FROM kept WHERE kind = ? AND key = ? AND {_LIVE}"  # noqa: S608 - a constant
        parts = (kind, key, _seconds(self._moment()))
        row = self._store().run(lambda connection: connection.execute(sql, parts).fetchone(), is_read=True)
        return None if row is None else bytes(row[0])

    def drop(self, kind: str, key: str) -> None:
        """Forget a value."""
        self._run(lambda connection: connection.execute("DELETE FROM kept WHERE kind = ? AND key = ?", (kind, key)))

    def all(self, kind: str) -> Mapping[str, bytes]:
        """Return all values of a kind by key, in the order of the keys."""
        sql = f"SELECT key, value FROM kept WHERE kind = ? AND {_LIVE} ORDER BY key"  # noqa: S608 - a constant
        parts = (kind, _seconds(self._moment()))
        return self._store().run(lambda connection: dict(connection.execute(sql, parts)), is_read=True)

    def _run(self, work: Callable[[sqlite3.Connection], Value]) -> Value:
        now = _seconds(self._moment())

        def swept(connection: sqlite3.Connection) -> Value:
            connection.execute("DELETE FROM kept WHERE expires_at <= ?", (now,))
            return work(connection)

        return self._store().run(swept)


def _seconds(at: dt.datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())
