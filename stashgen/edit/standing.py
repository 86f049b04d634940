"""Where events stand at an instant, as the derivation sees them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from stashgen.derive.steps import Step, named_services, steps, until_now
from stashgen.derive.ticks import ticks
from stashgen.edit.change import Ground
from stashgen.model import BUILT_IN_STATUSES, CLOSING_STATES, Event, Status


class Open(NamedTuple):
    """An event that is open, and where it stands."""

    name: str
    event: Event
    step: Step

    @property
    def services(self) -> set[str]:
        """The services that it has named."""
        return {*named_services(self.event), *(one for update in self.event.updates for one in update.services)}


class Survey(NamedTuple):
    """All events at a glance."""

    open: Sequence[Open]
    last_at: dt.datetime | None


def default_status(ground: Ground) -> str:
    """Return the status of a service that nothing holds."""
    statuses = ground.site.statuses
    defaults = [name for name, status in statuses.items() if status.default]
    own = [name for name in defaults if not _is_built_in(name, statuses[name])]
    return [*own, *defaults, "up"][0]


def standing(ground: Ground, event: Event, at: dt.datetime) -> Step | None:
    """Return where an event stands at an instant; None before it has been heard of."""
    past = until_now(steps(event, default_status(ground)), ticks(at))
    return past[-1] if past and event.updates[0].at <= at else None


def survey(ground: Ground, at: dt.datetime) -> Survey:
    """Return the events that are open at an instant, and when something was last said of any."""
    found, last_at = [], None
    for name, event in ground.site.events.items():
        last = event.updates[-1]
        last_at = last.at if last_at is None else max(last_at, last.at)
        if last.state in CLOSING_STATES and last.at <= at:
            continue
        step = standing(ground, event, at)
        if step is not None and step.stage == "open":
            found.append(Open(name, event, step))
    return Survey(found, last_at)


def word(event: Event, at: dt.datetime) -> str | None:
    """Return the last state that somebody said, whatever the plan made of it since."""
    said = [update.state for update in event.updates if update.state and update.at <= at]
    return said[-1] if said else None


def _is_built_in(name: str, status: Status) -> bool:

    return status == BUILT_IN_STATUSES.get(name)
