"""Who was told of what: values, and functions from ledger to ledger.

What is known needs no telling; what is known and owed is told, to each channel once. Whoever sends claims it first
and notes it afterwards; the claim of a run that died ends by itself. Old entries go: what is older than the horizon
is never news.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from stashgen.news.items import HORIZON, MEMORY, Item

CLAIM: Final = dt.timedelta(minutes=15)
_KEPT: Final = HORIZON + dt.timedelta(hours=24)


class Debt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A channel that is to be told: which of its recipients were, and which run is about to."""

    sent: tuple[int, ...] = ()  # places of its recipients
    unsure: tuple[int, ...] = ()  # of those who may have it: no answer came
    by: str = ""
    until: dt.datetime | None = None

    def is_taken(self, run: str, now: dt.datetime) -> bool:
        """Tell whether another run is about to pay it."""
        # A claim that seems to last for longer comes from a machine whose clock is wrong, and would never end.
        return self.by not in ("", run) and self.until is not None and now < self.until <= now + 2 * CLAIM


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is known."""

    at: dt.datetime  # when it came about
    learnt_at: dt.datetime
    is_kept: bool = False  # for as long as a postmortem may come
    said: str = ""
    owed: dict[str, Debt] = {}  # by channel


class Ledger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is remembered between two runs."""

    version: Literal[1] = 1
    at: dt.datetime  # of the last run
    entries: dict[str, Entry] = {}
    feeds: dict[str, str] = {}  # folder -> digest of what its feeds say, as the hub was told
    hub: Debt = Debt()


class Whose(NamedTuple):
    """A recipient: a place among so many of a channel."""

    channel: str
    place: int
    of: int


_Change = Callable[[str, str, Debt], Debt | None]  # key, channel, debt -> the debt as it is now, None for none


def fresh(items: Iterable[Item], known: Mapping[str, Entry], now: dt.datetime) -> list[Item]:
    """Return what is to be told: what has come about lately and is not known."""
    news: dict[str, Item] = {}
    for item in items:
        is_late_word = "postmortem" in item.tags and item.event in known
        is_recent = item.at >= now - HORIZON or is_late_word
        is_same = item.edit_of is not None and item.edit_of in news
        if item.tags and item.key not in known and is_recent and not is_same:
            news[item.key] = item
    return list(news.values())


def opened(at: dt.datetime) -> Ledger:
    """Return a ledger in which nothing is known."""
    return Ledger(at=at)


def learnt(ledger: Ledger, items: Iterable[Item], owed: Mapping[str, Sequence[str]], now: dt.datetime) -> Ledger:
    """Return a ledger that knows these items too; `owed` says by key which channels are to be told."""
    entries = dict(ledger.entries)
    for item in items:
        is_kept = not item.tags or "postmortem" in item.tags
        if item.key not in entries and (is_kept or item.at >= now - HORIZON):
            entries[item.key] = Entry(
                at=item.at,
                learnt_at=now,
                is_kept=is_kept,
                said=item.said,
                owed={channel: Debt() for channel in owed.get(item.key, ())},
            )
        elif item.key in entries:
            entry = entries[item.key]
            entries[item.key] = replace(entry, at=item.at, said=item.said or entry.said)
    # A run that learns nothing leaves no trace: there is nothing to push then.
    return replace(ledger, at=max(now, ledger.at), entries=entries) if entries != ledger.entries else ledger


def trimmed(ledger: Ledger, channels: set[str], now: dt.datetime) -> Ledger:
    """Return a ledger without what can be news no more, and without debts to a channel that is gone or of old news."""
    entries: dict[str, Entry] = {}
    for key, entry in ledger.entries.items():
        if max(entry.at, entry.learnt_at) < now - (MEMORY if entry.is_kept else _KEPT):
            continue
        is_news = entry.learnt_at >= now - HORIZON
        owed = {name: debt for name, debt in entry.owed.items() if is_news and name in channels}
        entries[key] = replace(entry, owed=owed) if owed != entry.owed else entry
    return replace(ledger, entries=entries)


def debts(ledger: Ledger) -> Iterator[tuple[str, str, Debt]]:
    """Yield (key, channel, debt) of all that is owed."""
    for key, entry in ledger.entries.items():
        for channel, debt in entry.owed.items():
            yield key, channel, debt


def claimed(ledger: Ledger, dues: Callable[[str, str], bool], run: str, now: dt.datetime) -> Ledger:
    """Return a ledger in which a run has taken over what is owed, but for what another run is about to pay.

    `dues` says of a key and a channel whether this run can pay: its files may be older than those of another.
    """

    def claim(key: str, channel: str, debt: Debt) -> Debt:
        can_pay = dues(key, channel) and not debt.is_taken(run, now)
        return replace(debt, by=run, until=now + CLAIM) if can_pay else debt

    return _changed(ledger, claim)


def sent(ledger: Ledger, keys: set[str], whose: Whose) -> Ledger:
    """Return a ledger in which somebody was told of some things."""

    def note(key: str, channel: str, debt: Debt) -> Debt | None:
        return _paid(debt, whose) if channel == whose.channel and key in keys else debt

    return _changed(ledger, note)


def doubted(ledger: Ledger, keys: set[str], whose: Whose) -> Ledger:
    """Return a ledger in which somebody may have been told; whoever may have been twice counts as told."""

    def note(key: str, channel: str, debt: Debt) -> Debt | None:
        if channel != whose.channel or key not in keys:
            return debt
        is_second = whose.place in debt.unsure
        return _paid(debt, whose) if is_second else replace(debt, unsure=(*debt.unsure, whose.place))

    return _changed(ledger, note)


def _paid(debt: Debt, whose: Whose) -> Debt | None:
    places = {*debt.sent, whose.place}
    return None if places >= set(range(whose.of)) else replace(debt, sent=tuple(sorted(places)))


def renewed(ledger: Ledger, run: str, now: dt.datetime) -> Ledger:
    """Return a ledger in which what a run has claimed is its own for as long again."""
    until = now + CLAIM
    kept = _changed(ledger, lambda _key, _channel, debt: replace(debt, until=until) if debt.by == run else debt)
    return replace(kept, hub=replace(kept.hub, until=until)) if kept.hub.by == run else kept


def released(ledger: Ledger, run: str) -> Ledger:
    """Return a ledger in which a run claims nothing any more."""
    freed = _changed(ledger, lambda _key, _channel, debt: replace(debt, by="", until=None) if debt.by == run else debt)
    return replace(freed, hub=Debt()) if freed.hub.by == run else freed


def _changed(ledger: Ledger, change: _Change) -> Ledger:
    entries = dict(ledger.entries)
    for key, entry in ledger.entries.items():
        if entry.owed:
            owed = {name: new for name, debt in entry.owed.items() if (new := change(key, name, debt)) is not None}
            entries[key] = replace(entry, owed=owed)
    return replace(ledger, entries=entries)
