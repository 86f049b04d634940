"""The rules of derivation told a second time, as naively as can be: every event is asked anew at every instant.

Time is a grid of equal slots; every instant of a site must lie on it. Nothing here knows of boundaries, sweeps or
memos, and days are found by asking each slot for its local date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from stashgen.model import CLOSING_STATES, Event, Site, Update

RUNNING = ("in-progress", "verifying")


class Shown(NamedTuple):
    """What a service is shown at."""

    status: str
    event: str | None
    downtime: float


def said_by(event: Event, at: dt.datetime) -> list[Update]:
    return [update for update in sorted(event.updates, key=lambda update: update.at) if update.at <= at]


def plan_at(event: Event, at: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    assert event.planned is not None
    start, end = event.planned.start, event.planned.end
    for update in said_by(event, at):
        if update.planned is not None:
            start, end = update.planned.start or start, update.planned.end or end
    return start, end


def standing(event: Event, at: dt.datetime) -> tuple[str | None, str]:
    """Return (state, stage); the stage is none, upcoming, open or closed."""
    said = said_by(event, at)
    if event.kind != "maintenance" and not said:
        return None, "none"
    if event.kind == "notice":
        return None, "closed" if event.until is not None and at >= event.until else "open"
    words = [update for update in said if update.state is not None]
    if words and words[-1].state in CLOSING_STATES:
        return words[-1].state, "closed"
    if event.kind == "incident":
        return (words[-1].state if words else "investigating"), "open"
    return standing_by_plan(event, words, at)


def standing_by_plan(event: Event, words: list[Update], at: dt.datetime) -> tuple[str | None, str]:
    start, end = plan_at(event, at)
    if words and words[-1].state in RUNNING:
        return (words[-1].state, "open") if at < end or words[-1].at >= end else ("completed", "closed")
    if at >= end:
        return "completed", "closed"
    return ("in-progress", "open") if at >= start else ("scheduled", "upcoming")


def held_by(event: Event, at: dt.datetime, default: str) -> dict[str, str]:
    """Return status by service as one event holds them."""
    if event.kind == "notice" or standing(event, at)[1] != "open":
        return {}
    said = event.services
    held = dict(said) if isinstance(said, Mapping) else dict.fromkeys(said, "maintenance")
    held = {service: status for service, status in held.items() if status != default}
    last, is_closed = held, False
    for update in said_by(event, at):
        was_closed = is_closed
        if update.state is not None:
            is_closed = update.state in CLOSING_STATES
        if is_closed:
            continue
        if was_closed:
            held = dict(update.services) if update.services else (held or last)
        else:
            held = {**held, **update.services}
        held = {service: status for service, status in held.items() if status != default}
        last = held or last
    return held


class Naive:
    """A site at one `now`, slot by slot from `start` to well after now."""

    def __init__(self, site: Site, now: dt.datetime, start: dt.datetime, slot: dt.timedelta) -> None:
        self.site, self.now, self.slot = site, now, slot
        self.zone = ZoneInfo(site.settings.timezone)
        count = (now - start) // slot + 1
        assert start + (count - 1) * slot == now
        self.past = [start + number * slot for number in range(count)]  # up to and with now
        self.default = next((name for name, status in site.statuses.items() if status.default and name != "up"), "up")
        self.events = {
            name: event for name, event in site.events.items() if min(update.at for update in event.updates) <= now
        }

    def rank(self, status: str) -> int:
        return self.site.statuses[status].level.rank

    @cached_property
    def stages(self) -> dict[str, list[tuple[str | None, str]]]:
        return {name: [standing(event, at) for at in self.past] for name, event in self.events.items()}

    @cached_property
    def begun(self) -> dict[str, list[dt.datetime | None]]:
        """Return, for each event and slot, when it began; None: not yet."""
        begun: dict[str, list[dt.datetime | None]] = {}
        for name, stages in self.stages.items():
            began: dt.datetime | None = None
            begun[name] = []
            for at, (_, stage) in zip(self.past, stages, strict=True):
                began = None if stage in ("none", "upcoming") else (began or at)
                begun[name].append(began)
        return begun

    @cached_property
    def holders(self) -> list[dict[str, dict[str, str]]]:
        """Return, for each slot, status by event by service."""
        slots: list[dict[str, dict[str, str]]] = []
        for at in self.past:
            slot: dict[str, dict[str, str]] = {}
            for name, event in self.events.items():
                for service, status in held_by(event, at, self.default).items():
                    slot.setdefault(service, {})[name] = status
            slots.append(slot)
        return slots

    @cached_property
    def shown(self) -> dict[str, list[Shown]]:
        """Return, for each service, what it is shown at in each slot."""
        return {service: [self._shown(service, number) for number in range(len(self.past))] for service in self.visible}

    def _shown(self, service: str, number: int) -> Shown:
        holders = self.holders[number].get(service, {})
        if not holders:
            return Shown(self.default, None, self.site.statuses[self.default].downtime)

        def order(name: str) -> tuple[int, dt.datetime, str]:
            began = self.begun[name][number]
            assert began is not None
            return self.rank(holders[name]), began, name

        event = max(holders, key=order)
        is_work_alone = all(self.events[name].kind == "maintenance" for name in holders)
        downtime = 0.0 if is_work_alone else self.site.statuses[holders[event]].downtime
        return Shown(holders[event], event, downtime)

    @property
    def visible(self) -> list[str]:
        return [name for name, service in self.site.services.items() if not service.hidden]

    def since(self, service: str) -> dt.datetime | None:
        words = [update.at for event in self.site.events.values() for update in event.updates]
        since = self.site.services[service].since or self.site.settings.since or min(words, default=None)
        return since if since is not None and since <= self.now else None

    def day(self, at: dt.datetime) -> dt.date:
        return at.astimezone(self.zone).date()

    def slots_with_data(self, service: str) -> Iterator[tuple[dt.datetime, Shown, dict[str, str]]]:
        """Yield the slots that are over: (from when, what was shown, who held it)."""
        since = self.since(service)
        for number, at in enumerate(self.past[:-1]):
            if since is not None and at >= since:
                yield at, self.shown[service][number], self.holders[number].get(service, {})

    def day_slots(self, day: dt.date) -> int:
        """Return how many slots a local day has, counted."""
        middle = dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)
        reach = range(-int(dt.timedelta(days=2) / self.slot), int(dt.timedelta(days=2) / self.slot))
        return sum(self.day(middle + number * self.slot) == day for number in reach)

    def down(self, service: str, start: dt.datetime) -> tuple[float, dict[str, float]]:
        """Return (seconds with data, down seconds by event) from an instant to now."""
        return self._sum(service, lambda at: at >= start)

    def down_in_month(self, service: str, name: str) -> tuple[float, dict[str, float]]:
        """Return (seconds with data, down seconds by event) of a local month such as 2026-11."""
        return self._sum(service, lambda at: f"{self.day(at):%Y-%m}" == name)

    def _sum(self, service: str, counts: object) -> tuple[float, dict[str, float]]:
        assert callable(counts)
        seconds, covered = self.slot.total_seconds(), 0.0
        causes: dict[str, float] = {}
        for at, shown, _ in self.slots_with_data(service):
            if counts(at):
                covered += seconds
                if shown.downtime and shown.event is not None:
                    causes[shown.event] = causes.get(shown.event, 0.0) + seconds * shown.downtime
        return covered, causes

    def signature(self, at: dt.datetime) -> object:
        """Return what a page says at an instant, `now` apart."""
        known = {
            name: event for name, event in self.site.events.items() if min(update.at for update in event.updates) <= at
        }
        since = [*(s.since for s in self.site.services.values() if not s.hidden), self.site.settings.since]
        return (
            self.day(at),
            {name: (standing(event, at), len(said_by(event, at))) for name, event in known.items()},
            [when is not None and when <= at for when in since],
        )

    def next_change(self) -> dt.datetime:
        at, before = self.now, self.signature(self.now)
        while self.signature(at) == before:
            at += self.slot
        return at
