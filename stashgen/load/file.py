"""The door to the disk for reading one file of site-data.

Nothing here blocks, follows a link out of the folder, or reads more than the limit, whatever lies there.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

from stashgen.text import printable

MAX_BYTES: Final = 1024 * 1024
_KIND_BY_TYPE: Final = (
    (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISBLK, "a device"), (stat.S_ISCHR, "a device"),
)  # fmt: skip


class UnreadableError(Exception):
    """A file that cannot be read, or must not be; the text says why, to follow its name."""


class _LinkError(UnreadableError):
    """The file is a link."""


def shown(root: Path, path: str) -> str:
    """Return a path below the root as problems name it: relative to the folder above, printable."""
    return printable(os.fsencode(f"{root.name}/{path}").decode("utf-8", "backslashreplace"))


def read(root: Path, path: str) -> bytes:
    """Return the bytes of a file below the root; raise UnreadableError for all that is no plain file of ours."""
    try:
        return _read(f"{root}/{path}")
    except _LinkError:
        return _read(target(f"{root}/{path}", os.path.realpath(root)))


def _read(name: str) -> bytes:
    # A pipe without a writer would block, and a file exchanged for a link would lead astray.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY
    try:
        descriptor = os.open(name, flags)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _LinkError(reason(name, error)) from error
        raise UnreadableError(reason(name, error)) from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableError(f"is {kind(found.st_mode)}, not a file")
        return _content(descriptor, found.st_size)
    finally:
        os.close(descriptor)


def _content(descriptor: int, size: int) -> bytes:
    data = b""
    try:
        while more := os.read(descriptor, min(max(size, 4096), MAX_BYTES) + 1):
            data += more
            if len(data) > MAX_BYTES:
                raise UnreadableError(f"is larger than {MAX_BYTES // 1024} KiB, more than a record can be")
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}") from error
    return data


def target(name: str, real_root: str) -> str:
    """Return where a link leads; raise UnreadableError if that does not exist or lies outside the root."""
    try:
        target = os.path.realpath(name, strict=True)
    except OSError as error:
        raise UnreadableError(reason(name, error)) from error
    if not f"{target}/".startswith(f"{real_root}/"):
        raise UnreadableError(f"is a link that leaves {Path(real_root).name}: put the file itself here")
    return target


def kind(mode: int) -> str:
    """Return what a mode of stat(2) says of something that is no plain file; empty for a plain file."""
    if stat.S_ISREG(mode):
        return ""
    return next((word for test, word in _KIND_BY_TYPE if test(mode)), "a folder")


def reason(name: str, error: OSError) -> str:
    """Return why something cannot be read, to follow its name."""
    if error.errno == errno.ELOOP:
        return "is a link that leads back to itself"
    if error.errno == errno.ENOENT and os.path.islink(name):  # noqa: PTH114 - paths are texts here, for speed
        return "is a link to nothing"
    if error.errno in {errno.ENXIO, errno.ENODEV, errno.EOPNOTSUPP}:
        return "is a socket or a device, not a file"
    return f"cannot be read: {error.strerror or error}"
