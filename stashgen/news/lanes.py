"""Where messages go and in which order: one lane for each URL of each channel, and some for the hub.

Lanes do not wait for one another. In a lane one message follows the other, and one that fails keeps back the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from itertools import chain
from threading import Event, Lock
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from stashgen.errors import StashgenError
from stashgen.model import NotificationChannel
from stashgen.news import ledger as ledgers
from stashgen.news import wording
from stashgen.news.items import Item
from stashgen.news.ledger import Ledger
from stashgen.notifiers import SHELF, Message, NotDeliveredError, Target
from stashgen.outputs.context import Context
from stashgen.outputs.feeds import addresses

HUB: Final = "hub"
_PAUSES: Final = (0.5, 2.0)  # before a message is tried again
_MOST_AT_ONCE: Final = 8
_HUB_LANES: Final = 4
_BETWEEN: Final = re.compile(r"\s+|,\s*(?=[a-zA-Z][a-zA-Z0-9+.-]*://)")  # URLs; a comma may stand in one

Outcome = Literal["told", "failed", "waiting"]
Note = Callable[[Ledger], Ledger]


class Address(NamedTuple):
    """One URL of a channel, by its place among them: the URL itself is a secret."""

    channel: str
    place: int
    of: int  # so many
    target: Target

    @property
    def name(self) -> str:
        """What it is called where people see it."""
        return self.channel if self.of == 1 else f"{self.channel}/{self.place + 1}"


class Parcel(NamedTuple):
    """A message, the keys of what it tells, and what is noted when it has been delivered."""

    message: Message
    keys: tuple[str, ...]
    note: Note | None


class Lane(NamedTuple):
    """What goes to one address."""

    name: str
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
        targets = SHELF["apprise"].targets(texts) if texts else []
        for place, target in enumerate(targets):
            if isinstance(target, NotDeliveredError):
                which = f"URL {place + 1} of {channel.urls_from}" if len(targets) > 1 else channel.urls_from
                wrong.append(f"{channel.name}: {which} {target}")
            else:
                known.append(Address(channel.name, place, len(targets), target))
    return known, wrong


def of_address(context: Context, address: Address, items: Sequence[Item]) -> Lane:
    """Return the lane of an address: a message for each item, or one for all when there are many."""

    def parcel(message: Message, told: Sequence[Item]) -> Parcel:
        keys = tuple(item.key for item in told)
        note = partial(_sent, keys=keys, address=address)
        return Parcel(message, keys, note)

    if len(items) > wording.MOST_MESSAGES:
        return Lane(address.name, address.target, [parcel(wording.digest(context, items), items)])
    parcels = [parcel(wording.message(context, item), [item]) for item in items]
    return Lane(address.name, address.target, parcels)


def _sent(ledger: Ledger, keys: tuple[str, ...], address: Address) -> Ledger:
    return ledgers.sent(ledger, {*keys}, address.channel, address.place, address.of)


def of_hub(context: Context, hub: str, changed: Mapping[str, str]) -> list[Lane]:
    """Return the lanes of the hub: a ping for each feed of what changed (folder -> what it says now)."""
    (target,) = SHELF["websub"].targets([hub])
    assert not isinstance(target, NotDeliveredError)  # noqa: S101 - narrows: a hub is never refused
    folders = [[*_pings(context, folder, says)] for folder, says in changed.items()]
    # Of a thousand services many may change at once, and in which order the hub hears of them is no matter.
    return [Lane(HUB, target, [*chain.from_iterable(folders[start::_HUB_LANES])]) for start in range(_HUB_LANES)]


def _pings(context: Context, folder: str, says: str) -> Iterator[Parcel]:
    places = addresses(context, folder)
    for url in places:
        message = Message(title=url, text="", url=url, level=context.board.overall.level)
        note = partial(_pinged, folder=folder, says=says) if url == places[-1] else None
        yield Parcel(message, (folder,), note)


def _pinged(ledger: Ledger, folder: str, says: str) -> Ledger:
    return replace(ledger, feeds={**ledger.feeds, folder: says})


def waiting(lane: Lane) -> list[Telling]:
    """Return what a lane would tell."""
    return [_telling(lane, parcel, "waiting") for parcel in lane.parcels]


class Post:
    """Delivers lanes side by side; `note` keeps each delivery, one at a time."""

    def __init__(self, note: Callable[[Note], object]) -> None:
        self._note, self._lock, self._stop = note, Lock(), Event()

    def deliver(self, lanes: Sequence[Lane]) -> list[Telling]:
        """Deliver all lanes; return what became of each message that was tried."""
        if not lanes:
            return []
        with ThreadPoolExecutor(min(len(lanes), _MOST_AT_ONCE)) as pool:
            try:
                runs = [pool.submit(self._lane, lane) for lane in lanes]
                wait(runs)
            except BaseException:
                self._stop.set()
                raise
        return [telling for run in runs for telling in run.result()]

    def _lane(self, lane: Lane) -> list[Telling]:
        told: list[Telling] = []
        for parcel in lane.parcels:
            if self._stop.is_set():
                break
            try:
                self._send(lane.target, parcel.message)
            except NotDeliveredError as error:
                told.append(_telling(lane, parcel, "failed", str(error)))
                break
            reason = self._noted(parcel)
            told.append(_telling(lane, parcel, "told", reason))
            if reason:
                break
        return told

    def _send(self, target: Target, message: Message) -> None:
        for pause in _PAUSES:
            try:
                return target.send(message)
            except NotDeliveredError:
                self._stop.wait(pause)
        return target.send(message)

    def _noted(self, parcel: Parcel) -> str:
        if parcel.note is None:
            return ""
        try:
            with self._lock:
                self._note(parcel.note)
        except StashgenError as error:
            return f"was delivered, but that could not be noted, so it may be told once more: {error}"
        return ""


def _telling(lane: Lane, parcel: Parcel, outcome: Outcome, reason: str = "") -> Telling:
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
