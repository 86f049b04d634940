"""The board: everything derived for one `now`. Templates, APIs and feeds print it and decide nothing.

Instants are aware datetimes in UTC, durations whole seconds, days calendar days of the site's zone. Texts
(messages, postmortems) are not on the board: an output that prints them reads them by event id.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec

from stashgen.model import Group, Kind, Level, Service, Settings, State, Status


class Value(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What all derived values share: immutable, keyword-only, without cycles (so the collector may leave them out)."""


class Stretch(Value, frozen=True, kw_only=True):
    """A time during which a service was in one status because of one event; `end_at` None: it still lasts at now."""

    start_at: dt.datetime
    end_at: dt.datetime | None
    status: str
    event: str
    downtime: float = 0.0  # share of it that counts as down; 0 where maintenance alone held the service


class DayCell(Value, frozen=True, kw_only=True):
    """One day of one service on which something happened (days without are not stored)."""

    day: dt.date
    status: str  # the worst of the day
    seconds_by_status: Mapping[str, int]  # without the default status; up to now for today
    share: float  # of the day's length (23 to 25 hours at DST) spent in other than the default status, 0 to 1
    events: tuple[str, ...]  # that held the service then, oldest first


class Bar(Value, frozen=True, kw_only=True):
    """The last `days` days of one service; `first_day` is the oldest, the last one is today and unfinished."""

    first_day: dt.date
    today: dt.date
    days: int
    data_day: dt.date | None  # first day with data inside the bar's reach; None: no data at all yet
    cells: tuple[DayCell, ...]  # oldest first


class Cause(Value, frozen=True, kw_only=True):
    """How much downtime one event brought to one service within a window."""

    event: str
    seconds: float  # weighted by the status' downtime share


class Uptime(Value, frozen=True, kw_only=True):
    """Uptime of one service over one window or calendar month.

    `ratio` is 1 - down_seconds / covered_seconds, None when there is no data. `down_seconds` is weighted by the
    statuses' downtime shares; it is the sum over `causes`. The window is cut at `since` and at now.
    """

    name: str  # "24h", "7d", "30d", "90d", "365d" or "2026-11"
    start_at: dt.datetime
    end_at: dt.datetime
    covered_seconds: float
    down_seconds: float
    ratio: float | None
    causes: tuple[Cause, ...]  # the worst first


class ServiceView(Value, frozen=True, kw_only=True):
    """One visible service at `now`."""

    id: str
    record: Service
    status: str
    status_since_at: dt.datetime | None  # None: for as long as there is data
    cause: str | None  # the event that holds it now
    since_at: dt.datetime | None  # first instant with data
    bar: Bar
    windows: tuple[Uptime, ...]  # shortest first
    months: tuple[Uptime, ...]  # newest first, from the month of `since_at` to the current one
    stretches: tuple[Stretch, ...]  # all of the past and present, oldest first, cut at now
    events: tuple[str, ...]  # every event that has touched it and begun, newest first


class GroupView(Value, frozen=True, kw_only=True):
    """A group with its visible services; `id` and `record` are None for services without a group."""

    id: str | None
    record: Group | None
    status: str  # the worst of its services
    is_open: bool  # unfold it
    services: tuple[str, ...]


class Affected(Value, frozen=True, kw_only=True):
    """One service touched by one event."""

    service: str
    worst: str  # worst status so far (for a maintenance to come: the status it will have)
    current: str | None  # status it holds it at now; None: not any more, or not yet
    stretches: tuple[Stretch, ...]  # what this event alone held it at, cut at now


class UpdateView(Value, frozen=True, kw_only=True):
    """One update that has been said by `now`; `index` is its place in the file, from 0, and its permalink."""

    index: int
    at: dt.datetime
    state: State | None  # the state the event stands in from here on; None: a notice
    is_state_new: bool  # it differs from the update before
    changes: Mapping[str, str]  # visible services whose status this update changed -> new status
    edited_at: dt.datetime | None = None  # when it was last edited, if that is told and has been by `now`
    planned_start_at: dt.datetime | None = None  # maintenance: the plan in force from here on
    planned_end_at: dt.datetime | None = None

    @property
    def said_at(self) -> dt.datetime:
        """When it was said, or last edited."""
        return max(self.at, self.edited_at or self.at)


class PlannedTurn(Value, frozen=True, kw_only=True):
    """A state in which a maintenance stands from `at` on by its planned times alone: no update says so."""

    at: dt.datetime
    state: State


class EventView(Value, frozen=True, kw_only=True):
    """One event at `now`: what has been said, who is affected, how long."""

    id: str
    title: str
    kind: Kind
    state: State | None  # None: a notice
    level: Level  # the worst it has brought (for a maintenance to come: will bring)
    is_open: bool  # incident not resolved; maintenance not completed or cancelled; notice not ended
    is_upcoming: bool  # maintenance that has not begun
    started_at: dt.datetime  # incident, notice: first update; maintenance: real start, or planned while upcoming
    ended_at: dt.datetime | None  # None: still open
    planned_start_at: dt.datetime | None
    planned_end_at: dt.datetime | None
    updated_at: dt.datetime  # of the newest update said
    seconds: int | None  # started_at to ended_at; None: still open
    affected: tuple[Affected, ...]  # in the order of the page; visible services only
    updates: tuple[UpdateView, ...]  # newest first
    turns: tuple[PlannedTurn, ...]  # newest first; none from before the first update
    has_postmortem: bool
    is_pinned: bool
    tags: tuple[str, ...]

    @property
    def said_at(self) -> dt.datetime:
        """When it was last spoken of, or a word on it edited."""
        return max(update.said_at for update in self.updates)

    @property
    def is_planned_only(self) -> bool:
        """Whether it is a maintenance that never ran: it is to come, or was called off before it began."""
        return self.is_upcoming or (self.kind == "maintenance" and self.started_at == self.ended_at)


class Phase(Value, frozen=True, kw_only=True):
    """Where an event stands at `now`, as cheap to tell as can be: equal phases of one file make equal views."""

    kind: Kind
    started_at: dt.datetime  # as in its view
    first_at: dt.datetime  # first and last instant by now at which something was said of it or its plan took effect
    last_at: dt.datetime
    services: tuple[str, ...]  # visible services it touches, or will touch
    stands: bytes  # digest of what depends on `now`: updates said, state, which stretches have begun and ended


class Overall(Value, frozen=True, kw_only=True):
    """The one sentence's facts: the worst status over the visible services and who is in it."""

    status: str
    level: Level
    services: tuple[str, ...]  # those in the worst status, in page order; empty when all is normal
    since_at: dt.datetime | None  # since when this level has held without a break
    open_incidents: int  # of any kind of effect, also those that hold no service


class Day(Value, frozen=True, kw_only=True):
    """One calendar day and the incidents and maintenances that began on it, newest first.

    `ongoing` began earlier and were still open that day: a day with any of them is not a day without incidents.
    """

    day: dt.date
    events: tuple[str, ...]
    ongoing: tuple[str, ...] = ()


class Month(Value, frozen=True, kw_only=True):
    """One calendar month of the archive; events are those that began in it, newest first, notices included.

    `ongoing` are incidents and maintenances that began earlier and were still open in it.
    """

    year: int
    month: int
    events: tuple[str, ...]
    ongoing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """It as files and clients name it: `2026-11`."""
        return f"{self.year:04}-{self.month:02}"


class Board(Value, frozen=True, kw_only=True):
    """The state of the world at `now`, for visible services only."""

    now: dt.datetime
    settings: Settings
    statuses: Mapping[str, Status]  # built-in and the site's own
    default_status: str
    overall: Overall
    groups: tuple[GroupView, ...]  # services without a group first, then by order
    services: Mapping[str, ServiceView]  # in page order
    events: Mapping[str, EventView]  # views are made on access; iteration is newest first
    phases: Mapping[str, Phase]  # the same events, without making their views
    notices: tuple[str, ...]  # running notices, pinned first, then newest first
    incidents: tuple[str, ...]  # open incidents, newest first
    maintenances: tuple[str, ...]  # running maintenances, oldest first
    upcoming: tuple[str, ...]  # maintenances to come, the nearest first
    recent: tuple[Day, ...]  # the last `recent_days` days, today first, empty ones included
    months: tuple[Month, ...]  # newest first, only months with events
    since_at: dt.datetime | None  # first instant with data of any service
    changed_at_by_event: Mapping[
        str, dt.datetime
    ]  # that changed during the days of the bars -> when last, newest first
    updated_at: dt.datetime | None  # when anything on the page changed last; None: nothing has ever
    next_change_at: dt.datetime  # next instant at which the same files give another page
