"""One run of telling: what is new is learnt, claimed, sent and noted, to each channel exactly once.

A message that was sent by a run which died before it could note so is told a second time: better twice than never.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from stashgen import clock
from stashgen.errors import DataError, Problem, StashgenError
from stashgen.news import ledger as ledgers
from stashgen.news import routing
from stashgen.news.following import followed
from stashgen.news.items import Item, items
from stashgen.news.lanes import Address, Lane, Note, Telling, found, of_address, of_hub, waiting
from stashgen.news.ledger import Debt, Ledger
from stashgen.news.post import Post
from stashgen.news.states import Ground, committed, committed_at, published, resolved, working
from stashgen.news.store import REF, Store
from stashgen.outputs.context import Context
from stashgen.outputs.feeds import fingerprints

_NEEDED: Final = ("site-data/site.yaml", "site-data/notifications.yaml")
_NOBODY: Final = (
    "Nobody is to be told: there are no `channels` in site-data/notifications.yaml, and no `hub` in site.yaml."
)


class Order(NamedTuple):
    """What is asked for: news since a commit, since a status.json, or since the last run."""

    ground: Ground
    since: str | None = None
    published: str | None = None
    is_dry: bool = False


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did."""

    tellings: tuple[Telling, ...] = ()
    errors: tuple[str, ...] = ()  # beside messages that failed
    remarks: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def is_well(self) -> bool:
        """Tell whether everybody was told all there was."""
        return not self.errors and all(one.outcome != "failed" and not one.reason for one in self.tellings)


def tell(order: Order) -> Report:
    """Tell what is new; raise StashgenError where it cannot be known what that is."""
    state = working(order.ground)
    blocking = [one for one in state.problems if one.path in _NEEDED and one.severity == "error"]
    if blocking:
        raise DataError(blocking)
    channels = state.context.site.notifications.channels
    if not channels and state.context.site.settings.hub is None:
        return Report(remarks=(_NOBODY,), problems=state.problems)
    store = Store(order.ground.project, order.ground.environ)
    known, wrong = found(channels, order.ground.environ)
    run = _Run(state.context, known, _baseline(order))
    report = _rehearsed(run, store) if order.is_dry else _done(run, store)
    return replace(report, errors=(*wrong, *report.errors), problems=state.problems)


def _baseline(order: Order) -> list[Item] | None:
    ground = order.ground
    if order.since is not None:
        commit = resolved(ground.project, order.since, ground.environ)
        at = committed_at(ground.project, commit, ground.environ)
    elif order.published is not None:
        page = published(order.published)
        if page.commit is None:
            raise StashgenError(f"{order.published}: was built outside git and names no commit: say `--since REF`")
        commit, at = resolved(ground.project, page.commit, ground.environ), page.built_at
    else:
        return None
    with committed(ground._replace(now=at), commit) as state:
        return items(state.context) if state else []


class _Run:
    """What one run knows; the functions of it go from ledger to ledger, and may be asked again after a lost race."""

    def __init__(self, context: Context, addresses: Sequence[Address], baseline: list[Item] | None) -> None:
        self.name = secrets.token_hex(8)
        self._context, self._addresses, self._baseline = context, addresses, baseline
        self.now = context.board.now
        self._items = items(context)
        self._keys = {item.key for item in self._items}
        self._reachable = {address.channel for address in addresses}
        self._says = _says(context)
        self.is_first = False

    def begin(self, ledger: Ledger | None) -> Ledger:
        """Learn what is new, and claim what is owed."""
        self.is_first = ledger is None and self._baseline is None
        known = ledgers.learnt(ledger or ledgers.opened(self.now), self._baseline or [], {}, self.now)
        known = followed(known, self._items)
        new = [] if self.is_first else ledgers.fresh(self._items, known.entries, self.now)
        owed = {item.key: routing.owed(self._context, item) for item in new}
        whole = ledgers.learnt(known, self._items, owed, self.now)
        channels = {channel.name for channel in self._context.site.notifications.channels}
        whole = ledgers.claimed(ledgers.trimmed(whole, channels, self.now), self._can_pay, self.name, self.now)
        return self._claim_hub(whole, is_new=ledger is None)

    def _can_pay(self, key: str, channel: str) -> bool:
        return key in self._keys and channel in self._reachable

    def _claim_hub(self, ledger: Ledger, *, is_new: bool) -> Ledger:
        # What the hub has never heard of has no subscribers yet.
        before = {} if is_new else ledger.feeds
        feeds = {folder: before.get(folder, says) for folder, says in self._says.items()}
        whole = replace(ledger, feeds=feeds)
        if feeds == self._says or ledger.hub.is_taken(self.name, self.now):
            return whole
        return replace(whole, hub=Debt(by=self.name, until=self.now + ledgers.CLAIM))

    def has_claims(self, ledger: Ledger) -> bool:
        """Tell whether this run has claimed anything."""
        return ledger.hub.by == self.name or any(debt.by == self.name for _, _, debt in ledgers.debts(ledger))

    def lanes(self, ledger: Ledger) -> list[Lane]:
        """Return what this run has claimed, as messages."""
        mine = [one for one in ledgers.debts(ledger) if one[2].by == self.name]
        lanes = [of_address(self._context, address, self._items_of(address, mine)) for address in self._addresses]
        hub = self._context.site.settings.hub
        if hub is not None and ledger.hub.by == self.name:
            changed = {folder: says for folder, says in self._says.items() if ledger.feeds.get(folder) != says}
            lanes += of_hub(self._context, hub, changed)
        return [lane for lane in lanes if lane.parcels]

    def _items_of(self, address: Address, mine: Sequence[tuple[str, str, Debt]]) -> list[Item]:
        keys = {key for key, channel, debt in mine if channel == address.channel and address.place not in debt.sent}
        return [item for item in self._items if item.key in keys]

    def _passed_over(self) -> str:
        count = len(ledgers.fresh(self._items, {}, self.now))
        if not count:
            return ", and news from now on is told"
        of_them = f", {count} piece{'s' * (count != 1)} of news of the last two days too"
        return f"{of_them}. To have that told, forget {REF} (the manual says how) and name a commit with --since"

    def remarks(self, ledger: Ledger) -> tuple[str, ...]:
        """Return what a person should know of the ledger beside the messages."""
        if self.is_first:
            return (f"This is the first run: what there has been so far counts as told{self._passed_over()}.",)
        held = {key for key, _, debt in ledgers.debts(ledger) if debt.is_taken(self.name, self.now)}
        others = f"Another run is telling {len(held)} piece{'s' * (len(held) != 1)} of news: they are left to it."
        return (others,) if held else ()


def _says(context: Context) -> Mapping[str, str]:
    settings = context.site.settings
    return fingerprints(context) if settings.hub and settings.url and context.has("feeds") else {}


def _rehearsed(run: _Run, store: Store) -> Report:
    ledger = run.begin(store.read().ledger)
    tellings = tuple(telling for lane in run.lanes(ledger) for telling in waiting(lane))
    return Report(tellings=tellings, remarks=run.remarks(ledger))


def _done(run: _Run, store: Store) -> Report:
    ledger = store.change(run.begin)
    errors: tuple[str, ...] = ()
    try:
        tellings = Post(_Claims(run, store, ledger), ledger).deliver(run.lanes(ledger))
    finally:
        if run.has_claims(ledger):
            errors = _let_go(run, store)
    return Report(tellings=tuple(tellings), errors=errors, remarks=run.remarks(ledger))


class _Claims:
    """What a run has claimed, kept for as long as it is at work: a mail server may be slow."""

    def __init__(self, run: _Run, store: Store, ledger: Ledger) -> None:
        self._run, self._store, self._first = run, store, ledger
        self._started = clock.current({})

    def change(self, note: Note) -> Ledger:
        """Change the ledger and renew the claims; return it as it is then."""
        now = self._run.now + (clock.current({}) - self._started)
        return self._store.change(lambda ledger: ledgers.renewed(note(ledger or self._first), self._run.name, now))

    def holds(self, ledger: Ledger, channel: str | None, keys: Sequence[str]) -> bool:
        """Tell whether all of this is claimed by this run."""
        if channel is None:
            return ledger.hub.by == self._run.name
        owed = [ledger.entries[key].owed.get(channel) if key in ledger.entries else None for key in keys]
        return all(debt is not None and debt.by == self._run.name for debt in owed)


def _let_go(run: _Run, store: Store) -> tuple[str, ...]:
    try:
        store.change(lambda ledger: ledgers.released(ledger, run.name) if ledger else ledgers.opened(run.now))
    except StashgenError as error:
        return (str(error),)
    return ()
