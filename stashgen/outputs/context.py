"""What every output is given, and what it gives back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

import msgspec

from stashgen.derive.board import Board
from stashgen.i18n import Translator
from stashgen.model import Site
from stashgen.theme import Theme


class Texts(NamedTuple):
    """The texts of one event as safe HTML; `messages` in the order of the file."""

    messages: tuple[str, ...]
    postmortem: str | None


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an output may print."""

    site: Site
    board: Board
    theme: Theme
    translator: Translator
    texts: Callable[[str], Texts]  # event id -> its texts
    built_at: dt.datetime
    commit: str | None  # full hash of the source commit; None outside git
    static: dict[str, bytes]  # path below static/ -> BLAKE2 digest of the file


class Output(NamedTuple):
    """One file to be.

    `key` digests everything `make` reads, so an equal key means equal bytes; `path` is relative to the output
    folder. Files of rank 0 are put in place first, the pages that tell the news last.
    """

    path: str
    key: bytes
    make: Callable[[], bytes]
    rank: int = 0


class Book(Protocol):
    """What each module on the shelf offers."""

    def render(self, context: Context) -> Iterator[Output]:
        """Yield the family's files."""
        ...
