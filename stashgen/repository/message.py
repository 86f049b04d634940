"""Ids of changes, and what a commit says."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from stashgen import intents
from stashgen.edit import Change
from stashgen.intents import Author, Intent

CHANGE_ID: Final = "Change-Id"
_VIA: Final = "Via"
_BY: Final = "By"
_KEY_DIGITS: Final = 25  # with the I before them; the digits after those are of the intent
_INTENT_BYTES: Final = 8
_SUFFIX_DIGITS: Final = 6


def change_head(prefix: str, key: str) -> str:
    """Return how the id of a change begins: the same on every clone for the same key.

    The whole id has Gerrit's form, an I and forty digits, as Gerrit's hook and server look for the same trailer.
    """
    if not key:
        return f"I{secrets.token_hex((_KEY_DIGITS - 1) // 2)}"
    return f"I{blake2b(key.encode(), key=prefix.encode()[-64:], digest_size=(_KEY_DIGITS - 1) // 2).hexdigest()}"


def change_id(head: str, intent: Intent) -> str:
    """Return the id of a change, which tells what is asked for too: one key cannot stand for two intents unnoticed."""
    return head + blake2b(intents.written(intent), digest_size=_INTENT_BYTES).hexdigest()


def suffix(change: str) -> str:
    """Return a few letters that tell the ids of events apart which two clones make at once."""
    return change[1 : 1 + _SUFFIX_DIGITS]


def message(change: Change, author: Author, name: str) -> str:
    """Return the text of a commit: subject, body, trailers; `name` is the id of the change."""
    trailers = [*change.trailers, (_VIA, author.via), (_BY, author.name), (CHANGE_ID, name)]
    told = "\n".join(f"{key}: {value}" for key, value in _lines(trailers) if value)
    return "\n\n".join(filter(None, [_line(change.subject), change.body.strip(), told])) + "\n"


def _lines(trailers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return ((key, _line(value)) for key, value in trailers)


def _line(text: str) -> str:
    # A line end would begin a trailer that nobody meant, a NUL ends the message.
    return re.sub(r"[\s\0]+", " ", text).strip()
