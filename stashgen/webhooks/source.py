"""What every reader of webhooks is given, what it gives back, and what it says of a payload that it cannot read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from stashgen.errors import StashgenError
from stashgen.intents import Signal
from stashgen.model import Automation


class PayloadError(StashgenError):
    """A payload that cannot be read; `field` is the path of what is wrong in it, "" for the whole."""

    def __init__(self, field: str, message: str) -> None:
        self.field, self.message = field, message
        super().__init__(f"{field}: {message}" if field else message)


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """What a monitor sent: the body as it came, and the little of the request that readers look at."""

    body: bytes
    content_type: str = ""
    query: str = ""
    headers: Mapping[str, str] = {}  # by name in lower case


class Book(Protocol):
    """What each module on the shelf offers."""

    def read(self, post: Post, automation: Automation) -> list[Signal]:
        """Return what a monitor says, nothing where it concerns no reader; raise PayloadError."""
        ...
