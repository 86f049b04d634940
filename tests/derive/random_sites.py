"""Random sites for property tests: everything happens on a grid of slots around an interesting night of a zone."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from stashgen.memo import digest
from stashgen.model import (
    BUILT_IN_STATUSES,
    INCIDENT_STATES,
    MAINTENANCE_STATES,
    Event,
    Group,
    Kind,
    Level,
    Replan,
    Service,
    Settings,
    Site,
    State,
    Status,
    Update,
    Window,
)

# A zone and an instant near which something odd happens to its days.
NIGHTS = (
    ("UTC", "2025-12-31T22:00Z"),
    ("Europe/Berlin", "2026-03-29T00:00Z"),
    ("Europe/Berlin", "2026-10-25T00:00Z"),
    ("America/New_York", "2026-03-08T07:00Z"),
    ("America/New_York", "2026-11-01T05:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30Z"),
    ("Africa/Casablanca", "2026-02-15T02:00Z"),
    ("Africa/Casablanca", "2026-03-22T02:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00Z"),
    ("Asia/Kathmandu", "2026-01-31T18:15Z"),
    ("America/Havana", "2026-11-01T05:00Z"),
)
HOURLY_NIGHTS = tuple(night for night in NIGHTS if night[0] != "Australia/Lord_Howe")
STATUSES = {
    **BUILT_IN_STATUSES,
    "beta": Status(name="Beta", level=Level.NORMAL),
    "slow": Status(name="Slow", level=Level.WARNING, downtime=0.25),
    "gone": Status(name="Gone", level=Level.CRITICAL, downtime=0.9),
}
OWN_DEFAULT = {**STATUSES, "fine": Status(name="Fine", level=Level.NORMAL, default=True)}
HOUR = dt.timedelta(hours=1)
SERVICES = ("api", "web", "secret")


# A busy machine is no reason to fail.
PATIENT = settings(suppress_health_check=[HealthCheck.too_slow])


class Grid(NamedTuple):
    """A span of time in slots: instants are named by how many slots they lie before or after the middle."""

    middle: dt.datetime
    slot: dt.timedelta
    reach: int

    def at(self, number: int) -> dt.datetime:
        return self.middle + number * self.slot

    @property
    def start(self) -> dt.datetime:
        return self.at(-self.reach - 1)


class Case(NamedTuple):
    """A site and an instant to look at it."""

    site: Site
    now: dt.datetime
    grid: Grid


@st.composite
def cases(draw: st.DrawFn, slot: dt.timedelta, reach: int) -> Case:
    """Draw a site with events up to `reach` slots before and after the middle; local midnights lie on the grid."""
    zone, middle = draw(st.sampled_from(HOURLY_NIGHTS if slot == HOUR else NIGHTS))
    grid = Grid(dt.datetime.fromisoformat(middle).astimezone(dt.UTC), slot, reach)
    instants = st.integers(-reach, reach).map(grid.at)
    statuses = draw(st.sampled_from([STATUSES, OWN_DEFAULT]))
    drawn = draw(st.lists(events(grid, tuple(statuses)), max_size=5))
    site = Site(
        settings=Settings(
            title="Test",
            timezone=zone,
            history_days=draw(st.integers(1, 9)),
            recent_days=draw(st.integers(1, 5)),
            since=draw(st.none() | instants),
        ),
        statuses=statuses,
        groups={"edge": Group(name="Edge"), "empty": Group(name="Empty")},
        services={
            "api": Service(name="API", group="edge", since=draw(st.none() | instants)),
            "web": Service(name="Web", group=draw(st.sampled_from([None, "edge", "unknown"]))),
            "secret": Service(name="Secret", hidden=True, group="empty"),
        },
        events={f"event-{number}": event for number, event in enumerate(drawn)},
        path_by_event={},
        digest_by_event={f"event-{number}": digest(repr(event).encode()) for number, event in enumerate(drawn)},
    )
    return Case(site, draw(instants), grid)


@st.composite
def events(draw: st.DrawFn, grid: Grid, statuses: tuple[str, ...]) -> Event:
    """Draw an incident, a maintenance or a notice."""
    kinds: list[Kind] = ["incident", "incident", "maintenance", "maintenance", "notice"]
    kind = draw(st.sampled_from(kinds))
    numbers = st.integers(-grid.reach, grid.reach)
    changes = st.dictionaries(st.sampled_from(SERVICES), st.sampled_from(statuses), max_size=2)
    planned = until = None
    if kind == "maintenance":
        start = draw(numbers)
        planned = Window(start=grid.at(start), end=grid.at(start + draw(st.integers(1, grid.reach))))
    elif kind == "notice":
        until = draw(st.none() | numbers.map(grid.at))
    is_list = kind == "notice" or (kind == "maintenance" and draw(st.booleans()))
    names = st.lists(st.sampled_from(SERVICES), unique=True)
    return Event(
        title="Event",
        kind=kind,
        services=tuple(draw(names)) if is_list else draw(changes),
        planned=planned,
        until=until,
        updates=tuple(
            draw(updates(kind, grid.at(place), numbers.map(grid.at), changes))
            for place in sorted(draw(st.sets(numbers, min_size=1, max_size=5)))
        ),
    )


@st.composite
def updates(
    draw: st.DrawFn,
    kind: Kind,
    at: dt.datetime,
    instants: st.SearchStrategy[dt.datetime],
    changes: st.SearchStrategy[dict[str, str]],
) -> Update:
    """Draw what is said of an event at an instant."""
    states: dict[Kind, tuple[State | None, ...]] = {
        "incident": (None, *INCIDENT_STATES, "resolved"),
        "maintenance": (None, None, *MAINTENANCE_STATES),
        "notice": (None,),
    }
    planned = None
    if kind == "maintenance" and draw(st.integers(0, 2)) == 2:
        planned = Replan(start=draw(st.none() | instants), end=draw(st.none() | instants))
    return Update(
        at=at,
        state=draw(st.sampled_from(states[kind])),
        services=draw(st.just({}) | changes) if kind != "notice" else {},
        planned=planned,
        message="Said.",
    )
