"""One event record -> its view at `now`, made when it is asked for."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from stashgen.derive.board import Affected, EventView, PlannedTurn, Stretch, UpdateView
from stashgen.derive.rules import Rules
from stashgen.derive.steps import BY_PLAN, NOTHING, Step, named_services, steps, until_now
from stashgen.derive.ticks import FOREVER, instant, instant_or_none, ticks
from stashgen.derive.tracks import Hold, holds
from stashgen.model import Event, State

V = TypeVar("V")


class MadeOnAccess(Mapping[str, V]):
    """A mapping whose values are made when they are first asked for, in the order of its keys.

    Only so many are kept at a time, the last made: ten thousand views would take fifty megabytes.
    """

    def __init__(self, keys: Sequence[str], make: Callable[[str], V], most: int) -> None:
        self._keys = dict.fromkeys(keys)
        self._make, self._most = make, most
        self._made: OrderedDict[str, V] = OrderedDict()

    def __getitem__(self, key: str) -> V:
        if key not in self._made:
            if key not in self._keys:
                raise KeyError(key)
            if len(self._made) >= self._most:
                self._made.popitem(last=False)
            self._made[key] = self._make(key)
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def event_view(event_id: str, event: Event, now: dt.datetime, rules: Rules) -> EventView:
    """Return the view of an event that has been heard of."""
    past = until_now(steps(event, rules.default_status), ticks(now))
    here = past[-1]
    affected = tuple(_affected(event, event_id, past, rules))
    updates = tuple(_update_views(event, past, rules, now))
    started_at = here.start_at if here.begun_at is None else here.begun_at
    is_planned = event.kind == "maintenance"
    return EventView(
        id=event_id,
        title=event.title,
        kind=event.kind,
        state=here.state,
        level=rules.level(rules.worst(touched.worst for touched in affected)),
        is_open=here.stage != "closed",
        is_upcoming=here.stage == "upcoming",
        started_at=instant(started_at),
        ended_at=None if here.ended_at is None else instant(here.ended_at),
        planned_start_at=instant(here.start_at) if is_planned else None,
        planned_end_at=instant_or_none(here.end_at) if is_planned else None,
        updated_at=updates[0].at,
        seconds=None if here.ended_at is None else (here.ended_at - started_at) // 1_000_000,
        affected=affected,
        updates=updates,
        turns=tuple(_turns(event, past))[::-1],
        has_postmortem=event.postmortem is not None,
        is_pinned=event.pinned and event.kind == "notice",
        tags=event.tags,
    )


def _affected(event: Event, event_id: str, past: Sequence[Step], rules: Rules) -> Iterator[Affected]:
    here = past[-1]
    said = [event.updates[step.update] for step in past if step.update != BY_PLAN]
    named = {*named_services(event)}.union(*(update.services for update in said))
    held = [hold for hold in holds(past) if rules.is_held(hold.status)]
    current = {hold.service: hold.status for hold in held if hold.end_at == FOREVER}
    for service in sorted(named & rules.order_by_service.keys(), key=rules.order_by_service.__getitem__):
        stretches = tuple(_stretch(hold, event_id, event, rules) for hold in held if hold.service == service)
        to_come = here.services.get(service, rules.default_status)
        brought = [to_come] if here.stage == "upcoming" else [stretch.status for stretch in stretches]
        yield Affected(
            service=service,
            worst=rules.worst(status for status in brought if rules.is_held(status)),
            current=current.get(service),
            stretches=stretches,
        )


def _stretch(hold: Hold, event_id: str, event: Event, rules: Rules) -> Stretch:
    downtime = 0.0 if event.kind == "maintenance" else rules.statuses[hold.status].downtime
    return Stretch(
        start_at=instant(hold.start_at),
        end_at=instant_or_none(hold.end_at),
        status=hold.status,
        event=event_id,
        downtime=downtime,
    )


def _update_views(event: Event, past: Sequence[Step], rules: Rules, now: dt.datetime) -> list[UpdateView]:
    views: list[UpdateView] = []
    held: Mapping[str, str] = NOTHING
    state: State | None = None
    is_planned = event.kind == "maintenance"
    for step in past:
        if step.update != BY_PLAN:
            said = _said(event, step)
            views.append(
                UpdateView(
                    index=step.update,
                    at=instant(step.at),
                    state=said,
                    is_state_new=said != state,
                    changes=_changes(held, step.held, rules) if step.held is not held else {},
                    edited_at=_edited_at(event, step, now),
                    planned_start_at=instant(step.start_at) if is_planned else None,
                    planned_end_at=instant_or_none(step.end_at) if is_planned else None,
                )
            )
            state = said
        held = step.held
    views.reverse()
    return views


def _edited_at(event: Event, step: Step, now: dt.datetime) -> dt.datetime | None:
    edited_at = event.updates[step.update].edited_at
    return edited_at.astimezone(dt.UTC) if edited_at is not None and edited_at <= now else None


def _turns(event: Event, past: Sequence[Step]) -> Iterator[PlannedTurn]:
    is_announced = False
    for step in past if event.kind == "maintenance" else ():
        is_told = step.update != BY_PLAN and _said(event, step) == step.state
        is_announced |= step.update != BY_PLAN
        if is_announced and not is_told and step.state is not None:
            yield PlannedTurn(at=instant(step.at), state=step.state)


def _said(event: Event, step: Step) -> State | None:
    # Announced after its planned start, a maintenance runs already; what was said is still the announcement.
    is_late = event.kind == "maintenance" and event.updates[step.update].state == "scheduled"
    return "scheduled" if is_late else step.state


def _changes(before: Mapping[str, str], after: Mapping[str, str], rules: Rules) -> Mapping[str, str]:
    touched = (before.keys() | after.keys()) & rules.order_by_service.keys()
    changes: dict[str, str] = {}
    for service in sorted(touched, key=rules.order_by_service.__getitem__):
        status = _shown(after, service, rules)
        if status != _shown(before, service, rules):
            changes[service] = status
    return changes


def _shown(held: Mapping[str, str], service: str, rules: Rules) -> str:
    status = held.get(service, rules.default_status)
    return status if status in rules.rank_by_status else rules.default_status
