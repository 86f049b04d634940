"""What is told, and what each book on the shelf offers: targets that take it or say why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from stashgen.errors import StashgenError
from stashgen.model import Level

# failed: nothing goes there now. refused: the target is there, and does not want this message. unsure: all of it
# was sent and no answer came, so it may have been taken.
Fate = Literal["failed", "refused", "unsure"]


class NotDeliveredError(StashgenError):
    """A target did not take a message; the text says why, and holds nothing secret."""

    def __init__(self, reason: str, fate: Fate = "failed") -> None:
        self.fate: Fate = fate
        super().__init__(reason)


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

    def targets(self, address: str) -> Sequence[Target]:
        """Return the targets of an address, one for each who is told there.

        Raises NotDeliveredError where it cannot be one, another StashgenError when a program is missing.
        """
        ...
