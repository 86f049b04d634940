"""What is told, and what each book on the shelf offers: targets that take it or say why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from stashgen.errors import StashgenError
from stashgen.model import Level


class NotDeliveredError(StashgenError):
    """A target did not take a message; the text says why, and holds nothing secret."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of news in words, without markup."""

    title: str  # one line
    text: str
    url: str | None  # where to read on
    level: Level
    is_over: bool = False  # it says that something has ended well


class Target(Protocol):
    """One place where messages go."""

    def send(self, message: Message) -> None:
        """Deliver a message; raise NotDeliveredError when it was not taken."""
        ...


class Book(Protocol):
    """What each module on the shelf offers."""

    def targets(self, addresses: Sequence[str]) -> list[Target | NotDeliveredError]:
        """Return the target of each address, or why it cannot be one; raise StashgenError when a program is missing."""
        ...
