"""Names under which other programs know our records: short, opaque, and the same for ever.

Nothing that may be edited goes into them: an event is known by its id, an update by the instant at which it was said.
Only a page is known by its address, or without one by its title: nothing else of it lasts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from itertools import product
from typing import Final, Protocol

from stashgen.model import Settings

LENGTH: Final = 12
# Kinds of records that have an id in Statuspage's form; incidents and maintenances are of one kind.
PAGE: Final = "page"
GROUP: Final = "group"
COMPONENT: Final = "component"
INCIDENT: Final = "incident"
UPDATE: Final = "update"

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_CHUNK: Final = 3
# Statuspage calls a page "GitHub", and puts "Status" behind it where a title is wanted.
_STATUS: Final = re.compile(r"(?<=\S)\s+status$", re.IGNORECASE)
_SHORT_ID: Final = re.compile(f"[a-z0-9]{{{LENGTH}}}")


class SaidUpdate(Protocol):
    """An update with its place in the file."""

    @property
    def index(self) -> int: ...
    @property
    def at(self) -> dt.datetime: ...


def short_id(kind: str, name: str, length: int = LENGTH) -> str:
    """Return small letters and digits that stand for a record of a kind; 12 of them carry 62 bits."""
    number = int.from_bytes(blake2b(f"{kind}/{name}".encode(), digest_size=32).digest())
    count = -(-length // _CHUNK)
    number %= len(_ALPHABET) ** (count * _CHUNK)
    chunks = _chunks()
    letters = ""
    for _ in range(count):
        number, place = divmod(number, len(chunks))
        letters += chunks[place]
    return letters[:length]


def statuspage_id(kind: str, name: str, external_id: str | None) -> str:
    """Return the id of a record in Statuspage's form; one that came from there keeps the id it had."""
    if external_id is not None and _SHORT_ID.fullmatch(external_id):
        return external_id
    return short_id(kind, name)


def first_id(name: str, aliases: Sequence[str]) -> str:
    """Return the id that a record had first: what other programs know it by does not change when it is renamed."""
    return aliases[0] if aliases else name


def statuspage_page_id(settings: Settings) -> str:
    """Return the id of the page itself in Statuspage's form."""
    return statuspage_id(PAGE, settings.url or settings.title, settings.external_id)


def statuspage_name(title: str) -> str:
    """Return a page's name as Statuspage tells it: without a `Status` at its end."""
    return _STATUS.sub("", title)


def update_names(updates: Iterable[SaidUpdate]) -> Mapping[int, str]:
    """Return place in the file -> a name that no other update of the event has, such as `20261123T100200Z`.

    It follows from the instant, so an update may be put before others, edited or taken away without the others'
    names changing; only of two at the same instant the second is told by its order.
    """
    names: dict[int, str] = {}
    taken: dict[str, int] = {}
    for update in sorted(updates, key=lambda update: update.index):
        name = f"{update.at:%Y%m%dT%H%M%S}{_fraction(update.at)}Z"
        taken[name] = taken.get(name, 0) + 1
        names[update.index] = name if taken[name] == 1 else f"{name}-{taken[name]}"
    return names


@cache
def _chunks() -> tuple[str, ...]:
    # Ids are made by the ten thousand: three letters at a time take a third of the time.
    return tuple("".join(reversed(letters)) for letters in product(_ALPHABET, repeat=_CHUNK))


def _fraction(at: dt.datetime) -> str:
    return f".{at.microsecond // 1000:03}" if at.microsecond else ""
