"""What is asked, of which site, and what is sent back."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import parse_qs

READABLE: Final = ("GET", "HEAD")


class Library(Protocol):
    """Where the files of a site are found, whether they lie on a disk or are made when somebody asks.

    `site_url` is what the files take for the site's URL, None if they do not know it.
    """

    @property
    def site_url(self) -> str | None: ...

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes by its output path, which must be made of safe names; None without one."""
        ...

    def has(self, path: str) -> bool:
        """Tell whether there is such a file."""
        ...


class BuiltSite(NamedTuple):
    """A site in a folder."""

    folder: Path
    site_url: str | None

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes; None without one."""
        # A newer build may take it away while it is asked for, and a name may be too long for the disk.
        with suppress(OSError):
            return (self.folder / path).read_bytes()
        return None

    def has(self, path: str) -> bool:
        """Tell whether there is such a file."""
        with suppress(OSError):
            return (self.folder / path).is_file()
        return False


def read_json(library: Library, path: str) -> Any:
    """Return what a JSON file holds, None without one."""
    data = library.read(path)
    return None if data is None else json.loads(data)


class Question(NamedTuple):
    """A request for something below the site's root."""

    method: str
    origin: str  # scheme and host that it was sent to, such as `http://localhost:8000`
    prefix: str  # path of the site's root there: "" or `/status`
    path: str  # decoded, below that root, without a slash before it: `api/v1/services`
    query: str  # as it was sent, without the `?`
    now: dt.datetime

    @property
    def root(self) -> str:
        """Return the URL of the site's root as the client knows it, without a slash after it."""
        return f"{self.origin}{self.prefix}"

    def value(self, name: str) -> str:
        """Return the first value of a parameter; "" without one."""
        return next(iter(self.values(name)), "")

    def values(self, name: str) -> list[str]:
        """Return all values of a parameter that are not empty."""
        return parse_qs(self.query, errors="replace").get(name, [])


class Reply(NamedTuple):
    """What is sent back; HEAD gets it without the body."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
