"""A lock between processes and threads, which ends with whoever holds it, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from stashgen import clock
from stashgen.errors import StashgenError

_LOOK_AGAIN_SECONDS: Final = 0.01


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[int]:
    """Hold a lock on a file (made when missing) or folder; yield the descriptor, which children may keep open.

    Raises StashgenError when somebody else keeps it for so long.
    """
    number = _opened(path)
    try:
        deadline = clock.monotonic() + seconds
        while not _is_taken(number):
            if clock.monotonic() > deadline:
                raise StashgenError(f"another stashgen has been writing here for {seconds:g} seconds; try again")
            clock.sleep(_LOOK_AGAIN_SECONDS)
        yield number
    finally:
        os.close(number)


def _opened(path: Path) -> int:
    try:
        if path.is_dir():
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise StashgenError(f"{path}: {error.strerror or error}; nothing was changed") from error


def _is_taken(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
