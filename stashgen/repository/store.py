"""The SQLite file of a clone, kept where git keeps its own things: what must survive a kill and is not in a commit.

A damaged file is put aside and a new one begun: what was committed is found again in git's history.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from stashgen.errors import StashgenError

_BUSY_SECONDS: Final = 20.0
_VERSION: Final = 1
_SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS changes (
  number INTEGER PRIMARY KEY AUTOINCREMENT, change_id TEXT NOT NULL UNIQUE, stage TEXT NOT NULL, at INTEGER NOT NULL,
  commit_id TEXT NOT NULL, data BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS changes_by_stage ON changes (stage);
CREATE TABLE IF NOT EXISTS kept (
  kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, expires_at INTEGER, PRIMARY KEY (kind, key)) STRICT;
CREATE INDEX IF NOT EXISTS kept_by_end ON kept (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS history (change_id TEXT PRIMARY KEY, commit_id TEXT NOT NULL) STRICT;
PRAGMA user_version = {_VERSION};
"""

Value = TypeVar("Value")


class Store:
    """Runs transactions, from any thread and beside any other process; None as path: kept in memory only."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.remarks: list[str] = []
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int, int] | None = None

    def run(self, work: Callable[[sqlite3.Connection], Value], *, is_read: bool = False) -> Value:
        """Run one transaction that is on the disk when this returns; raise StashgenError when that cannot be.

        One that only reads waits for no writer.
        """
        begin = "BEGIN" if is_read else "BEGIN IMMEDIATE"
        with self._lock:
            try:
                return self._attempt(work, begin)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise StashgenError(f"{self.path}: {error}; nothing was changed") from error
                self._put_aside()
            try:
                return self._attempt(work, begin)
            except sqlite3.Error as error:
                raise StashgenError(f"{self.path}: {error}; nothing was changed") from error

    def recall(self, kind: str, key: str) -> bytes | None:
        """Return a small thing that was kept."""
        sql = "SELECT value FROM kept WHERE kind = ? AND key = ?"
        found = self.run(lambda connection: connection.execute(sql, (kind, key)).fetchone(), is_read=True)
        return None if found is None else bytes(found[0])

    def keep(self, kind: str, key: str, value: bytes | None) -> None:
        """Keep a small thing in place of the one that was there; None: keep nothing."""
        forget, sql = (
            "DELETE FROM kept WHERE kind = ? AND key = ?",
            "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, NULL)",
        )
        if value is None:
            self.run(lambda connection: connection.execute(forget, (kind, key)))
        else:
            self.run(lambda connection: connection.execute(sql, (kind, key, value)))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = self._identity = None

    def _attempt(self, work: Callable[[sqlite3.Connection], Value], begin: str) -> Value:
        connection = self._open()
        connection.execute(begin)
        try:
            value = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        return value

    def _open(self) -> sqlite3.Connection:
        # Somebody may have taken the file away, or another process put it aside; a connection survives no fork.
        if self._connection is not None and self._identity == self._stamp():
            return self._connection
        self._connection, self._identity = None, self._stamp()
        self._connection = _connect(self.path)
        self._identity = self._stamp()
        return self._connection

    def _stamp(self) -> tuple[int, int, int]:
        if self.path is None:
            return os.getpid(), 0, 0
        try:
            found = self.path.stat()
        except OSError:
            return os.getpid(), 0, 0
        return os.getpid(), found.st_dev, found.st_ino

    def _put_aside(self) -> None:
        is_other = self._identity != self._stamp()  # another process was faster: the new file is a good one
        self.close()
        if self.path is None or is_other:
            return
        aside = self.path.with_name(f"{self.path.name}.damaged")
        with suppress(OSError):
            self.path.replace(aside)
        for end in ("-wal", "-shm"):
            with suppress(OSError):
                self.path.with_name(self.path.name + end).unlink()
        self.remarks.append(f"{self.path} was damaged: it is kept as {aside.name}, and begun anew from git's history")


def _connect(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StashgenError(f"{path.parent}: {error.strerror or error}; nothing was changed") from error
    connection = sqlite3.connect(
        path or ":memory:", timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
        connection.executescript(_SCHEMA)
    return connection


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
