"""Where messages go and in which order: one lane for each recipient of each channel, and some for the hub."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from stashgen.model import NotificationChannel
from stashgen.news import ledger as ledgers
from stashgen.news import wording
from stashgen.news.items import Item
from stashgen.news.ledger import Ledger
from stashgen.notifiers import SHELF, Message, NotDeliveredError, Target
from stashgen.outputs.context import Context
from stashgen.outputs.feeds import addresses

HUB: Final = "hub"
_HUB_LANES: Final = 4
_FOLDERS_A_NOTE: Final = 20  # each note is a push, and a ping that comes twice does no harm
_BETWEEN: Final = re.compile(r"\s+|,\s*(?=[a-zA-Z][a-zA-Z0-9+.-]*://)")  # URLs; a comma may stand in one

Outcome = Literal["told", "failed", "waiting"]
Note = Callable[[Ledger], Ledger]


class Address(NamedTuple):
    """One recipient of a channel, by its place among them: URLs are secrets."""

    channel: str
    place: int
    of: int  # so many
    target: Target

    @property
    def name(self) -> str:
        """What it is called where people see it."""
        return self.channel if self.of == 1 else f"{self.channel}/{self.place + 1}"


class Parcel(NamedTuple):
    """A message, the keys of what it tells, and what is noted when it has been delivered, or when nobody knows."""

    message: Message
    keys: tuple[str, ...]
    note: Note | None
    doubt: Note | None = None


class Lane(NamedTuple):
    """What goes to one address; `channel` is None for the hub."""

    name: str
    channel: str | None
    target: Target
    parcels: Sequence[Parcel]


class Telling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a message."""

    channel: str
    title: str
    text: str = ""
    url: str | None = None
    keys: tuple[str, ...]
    outcome: Outcome
    reason: str = ""


def found(channels: Iterable[NotificationChannel], environ: Mapping[str, str]) -> tuple[list[Address], list[str]]:
    """Return the addresses of all channels, and why some have none."""
    known: list[Address] = []
    wrong: list[str] = []
    for channel in channels:
        texts = [text for text in _BETWEEN.split(environ.get(channel.urls_from, "")) if text]
        if not texts:
            wrong.append(f"{channel.name}: the environment variable {channel.urls_from} is not set")
        places: list[Target | None] = []
        for number, text in enumerate(texts, 1):
            try:
                places += SHELF["apprise"].targets(text)
            except NotDeliveredError as error:
                which = f"URL {number} of {channel.urls_from}" if len(texts) > 1 else channel.urls_from
                wrong.append(f"{channel.name}: {which} {error}")
                places.append(None)
        known += [Address(channel.name, place, len(places), one) for place, one in enumerate(places) if one is not None]
    return known, wrong


def of_address(context: Context, address: Address, items: Sequence[Item]) -> Lane:
    """Return the lane of an address: a message for each item, or one for all when there are many."""

    def parcel(message: Message, told: Sequence[Item]) -> Parcel:
        keys = tuple(item.key for item in told)
        whose = ledgers.Whose(address.channel, address.place, address.of)
        note, doubt = (partial(change, keys={*keys}, whose=whose) for change in (ledgers.sent, ledgers.doubted))
        return Parcel(message, keys, note, doubt)

    if len(items) > wording.MOST_MESSAGES:
        parcels = [parcel(wording.digest(context, items), items)]
    else:
        parcels = [parcel(wording.message(context, item), [item]) for item in items]
    return Lane(address.name, address.channel, address.target, parcels)


def of_hub(context: Context, hub: str, changed: Mapping[str, str]) -> list[Lane]:
    """Return the lanes of the hub: a ping for each feed of what changed (folder -> what it says now)."""
    (target,) = SHELF["websub"].targets(hub)
    shares = [[*changed.items()][start::_HUB_LANES] for start in range(_HUB_LANES)]
    # Of a thousand services many may change at once, and in which order the hub hears of them is no matter.
    return [Lane(HUB, None, target, [*_pings(context, share)]) for share in shares]


def _pings(context: Context, share: Sequence[tuple[str, str]]) -> Iterator[Parcel]:
    for start in range(0, len(share), _FOLDERS_A_NOTE):
        says = dict(share[start : start + _FOLDERS_A_NOTE])
        places = [(folder, url) for folder in says for url in addresses(context, folder)]
        for number, (folder, url) in enumerate(places, 1):
            message = Message(title=url, text="", url=url, level=context.board.overall.level)
            yield Parcel(message, (folder,), partial(_pinged, says=says) if number == len(places) else None)


def _pinged(ledger: Ledger, says: Mapping[str, str]) -> Ledger:
    return replace(ledger, feeds={**ledger.feeds, **says})


def waiting(lane: Lane) -> list[Telling]:
    """Return what a lane would tell."""
    return [telling(lane, parcel, "waiting") for parcel in lane.parcels]


def telling(lane: Lane, parcel: Parcel, outcome: Outcome, reason: str = "") -> Telling:
    message = parcel.message
    return Telling(
        channel=lane.name,
        title=message.title,
        text=message.text,
        url=message.url,
        keys=parcel.keys,
        outcome=outcome,
        reason=reason,
    )
