"""A memo of pure steps: (step, key) -> bytes. It can be deleted at any time and only time is lost.

Keys digest all inputs of a step, values are plain data. The store is one SQLite file in the user's cache
folder; a torn, foreign or locked one is ignored, never trusted and never an error.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

_SCHEMA: Final = "CREATE TABLE IF NOT EXISTS memo (step TEXT, key BLOB, value BLOB, PRIMARY KEY (step, key)) STRICT"
_BUSY_SECONDS: Final = 5.0
_MOST_BYTES: Final = 512 * 1024 * 1024  # nothing is ever dropped one by one: a memo that has grown this big starts anew


def digest(*parts: bytes) -> bytes:
    """Return 16 bytes that tell these parts from all others, their borders included."""
    state = blake2b(digest_size=16)
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.digest()


@cache
def edition() -> bytes:
    """Return a digest of this package's own code: what another version made is made anew."""
    sources = sorted(Path(__file__).parent.rglob("*.py"))
    return digest(*(source.read_bytes() for source in sources))


def cache_file(project: Path, environ: Mapping[str, str]) -> Path | None:
    """Return where the memo of a project lives: $XDG_CACHE_HOME or ~/.cache, one file a project; None without a home.

    A container may run as a user who has none.
    """
    home = environ.get("HOME")
    root = environ.get("XDG_CACHE_HOME") or (home and f"{home}/.cache")
    if not root:
        return None
    name = blake2b(os.fsencode(project.resolve()), digest_size=8).hexdigest()
    return Path(root) / "stashgen" / f"{name}.memo"


class Memo:
    """Recalls what a pure step gave for a key; without a path it forgets everything at once."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._owner = 0

    def recall(self, step: str, key: bytes) -> bytes | None:
        """Return the value kept for this key, or None."""
        with suppress(sqlite3.Error):
            connection = self._open()
            if connection is None:
                return None
            row = connection.execute("SELECT value FROM memo WHERE step = ? AND key = ?", (step, key)).fetchone()
            return row[0] if row and isinstance(row[0], bytes) else None
        return None

    def keep(self, step: str, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep (key, value) pairs of a step in one transaction."""
        with suppress(sqlite3.Error):
            connection = self._open()
            if connection is not None:
                with connection:
                    connection.executemany(
                        "INSERT OR REPLACE INTO memo VALUES (?, ?, ?)", ((step, key, value) for key, value in entries)
                    )

    def _open(self) -> sqlite3.Connection | None:
        # A connection does not survive a fork: each process opens its own.
        if self._path is None or self._owner == os.getpid():
            return self._connection
        self._owner, self._connection = os.getpid(), None
        for _ in range(2):
            try:
                self._connection = _connect(self._path)
                break
            except (sqlite3.DatabaseError, OSError) as error:
                if isinstance(error, (sqlite3.OperationalError, OSError)) and "not a database" not in str(error):
                    break
                with suppress(OSError):
                    self._path.unlink()
        return self._connection


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.stat().st_size > _MOST_BYTES:
        path.unlink()
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(_SCHEMA)
    return connection
