"""The shelf of ways to tell somebody: one module each, all with the same contract (message.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stashgen.notifiers import apprise, websub
from stashgen.notifiers.message import Book, Fate, Message, NotDeliveredError, Target

SHELF: Final[Mapping[str, Book]] = {"apprise": apprise, "websub": websub}

__all__ = ["SHELF", "Book", "Fate", "Message", "NotDeliveredError", "Target"]
