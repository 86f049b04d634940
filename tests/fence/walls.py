"""Two walls around every test process: no network beyond loopback, and nothing in the real home folder.

An audit hook (https://docs.python.org/3/library/audit_events.html) sees every attempt, whichever library makes it,
and cannot be taken down again. Children started by the tests raise the same walls through `sitecustomize.py` beside
this file.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Callable
from typing import Final

HOMES: Final = "STASHGEN_TEST_HOMES"  # real home folders, joined with os.pathsep
OPEN: Final = "STASHGEN_TEST_OPEN"  # folders inside them that stay open

_NETWORK_EVENTS: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"})
_FILE_EVENTS: Final = frozenset(
    {"open", "os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.rmdir", "os.rename", "sqlite3.connect"}
)


class TestReachedTheNetworkError(AssertionError):
    """A test spoke to an address that is not loopback."""

    __test__ = False


class TestTouchedTheRealHomeError(AssertionError):
    """A test read or wrote in the home folder of whoever runs it."""

    __test__ = False


def raise_walls(environ: dict[str, str]) -> None:
    """Put both walls around this process for the rest of its life; the folders come from the environment."""
    homes = _folders(environ.get(HOMES, ""))
    sys.addaudithook(_guard(homes, _folders(environ.get(OPEN, ""))))


def _folders(joined: str) -> tuple[str, ...]:
    return tuple(os.path.join(os.path.realpath(folder), "") for folder in joined.split(os.pathsep) if folder)


def _guard(homes: tuple[str, ...], open_folders: tuple[str, ...]) -> Callable[[str, tuple[object, ...]], None]:
    def guard(event: str, args: tuple[object, ...]) -> None:
        if event in _NETWORK_EVENTS:
            host = args[0] if event == "socket.getaddrinfo" else args[1]
            if not _is_loopback(host[0] if isinstance(host, tuple) else host):
                raise TestReachedTheNetworkError(f"{event} to {host!r}: tests may speak to loopback only")
        elif event in _FILE_EVENTS and isinstance(args[0], (str, bytes)):
            path = os.path.join(os.path.abspath(os.fsdecode(args[0])), "")
            if path.startswith(homes) and not path.startswith(open_folders):
                raise TestTouchedTheRealHomeError(f"{event} of {path}: tests must not know the real home folder")

    return guard


def _is_loopback(host: object) -> bool:
    """Tell loopback, unix sockets and the empty host from all else; a name would have to be looked up first."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = os.fsdecode(host) if isinstance(host, (str, bytes)) else ""
    if text.startswith(("/", "\0", "./")) or not text:
        return True
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False
