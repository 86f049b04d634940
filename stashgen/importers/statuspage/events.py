"""Incidents and scheduled maintenances to events."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from stashgen.errors import Problem
from stashgen.importers.statuspage import timeline
from stashgen.importers.statuspage.wire import Incident
from stashgen.importers.statuspage.wire import Update as Entry
from stashgen.model import CLOSING_STATES, Event, State, Update, Window
from stashgen.unmark import printable, to_markdown

SOURCE: Final = "statuspage"
POSTMORTEM: Final = "postmortem"
_INCIDENT_STATES: Final[Mapping[str, State]] = {
    "investigating": "investigating", "identified": "identified", "monitoring": "monitoring", "resolved": "resolved",
    "scheduled": "investigating", "in_progress": "investigating", "verifying": "monitoring", "completed": "resolved",
}  # fmt: skip
_MAINTENANCE_STATES: Final[Mapping[str, State]] = {
    "scheduled": "scheduled", "in_progress": "in-progress", "verifying": "verifying", "completed": "completed",
    "investigating": "in-progress", "identified": "in-progress", "monitoring": "verifying", "resolved": "completed",
}  # fmt: skip
_DEFAULT_TEXTS: Final[Mapping[str | None, str]] = {
    "investigating": "We are investigating this issue.",
    "identified": "The cause has been found and a fix is being prepared.",
    "monitoring": "A fix is in place and we are watching the results.",
    "resolved": "This incident has been resolved.",
    "scheduled": "This maintenance is planned.",
    "in-progress": "The maintenance is in progress.",
    "verifying": "The work is done and we are verifying the result.",
    "completed": "The maintenance has been completed.",
}
_CLOSED_WORDS: Final = frozenset({"resolved", "completed", POSTMORTEM})
_FALLBACK_LENGTH: Final = dt.timedelta(hours=1)
_WORTH_SAYING: Final = dt.timedelta(minutes=1)
# "<ul><li><strong>2014-10-02 18:27:15</strong> - text</li>...</ul>"
_LISTED: Final = re.compile(r"\s*<ul>(?:\s*<li>.*?</li>)+\s*</ul>\s*", re.DOTALL)
_LISTED_ITEM: Final = re.compile(
    r"<li>\s*<strong>(\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?)(?: UTC)?</strong>\s*-?\s*(.*?)</li>", re.DOTALL
)


class Mapped(msgspec.Struct, frozen=True, kw_only=True):
    """An event, and what the user should know of how it came about."""

    event: Event
    at: dt.datetime  # of the first update
    problems: tuple[Problem, ...]
    is_guessed: bool  # a status was taken from the impact
    is_folded: bool  # a timeline is a list inside its single update


def mapped(source: str, incident: Incident, service_by_code: Mapping[str, str], *, has_split_timelines: bool) -> Mapped:
    """Return the event that an incident or maintenance makes."""
    is_maintenance = incident.scheduled_for is not None or incident.impact == "maintenance"
    entries = timeline.ordered(incident)
    listed = _listed(entries, is_maintenance=is_maintenance)
    entries, postmortem = _without_postmortem(incident, listed if has_split_timelines and listed else entries)
    states = _states(incident, entries, is_maintenance=is_maintenance)
    said = timeline.sayings(incident, entries, service_by_code)
    if is_maintenance:
        hold = timeline.Hold(changes=timeline.maintenance_changes(said, states), unheld=(), is_guessed=False)
    else:
        last = next((index for index, state in enumerate(states) if state in CLOSING_STATES), len(states))
        hold = timeline.hold(said, incident.impact or "", len(states), last)
    updates = _updates(entries, states, hold.changes, keeps_first=is_maintenance)
    event = Event(
        title=_title(incident, updates),
        kind="maintenance" if is_maintenance else "incident",
        services=tuple(said) if is_maintenance else dict(hold.changes[0]),
        planned=_window(incident, updates) if is_maintenance else None,
        postmortem=postmortem,
        external_id=incident.id,
        source=SOURCE,
        updates=updates,
    )
    return Mapped(
        event=event,
        at=updates[0].at,
        problems=tuple(_problems(source, incident, event, hold)),
        is_guessed=hold.is_guessed,
        is_folded=bool(listed) and not has_split_timelines,
    )


def _listed(entries: Sequence[Entry], *, is_maintenance: bool) -> list[Entry]:
    """Return the entries of a timeline that was written as a list inside its only update, else none."""
    body = (entries[0].body or "") if len(entries) == 1 and not is_maintenance else ""
    items = _LISTED_ITEM.findall(body) if _LISTED.fullmatch(body) else []
    times = [dt.datetime.fromisoformat(time).replace(tzinfo=dt.UTC) for time, _ in items]
    if len(items) < 2 or body.count("<li>") != len(items) or times != sorted(times):
        return []
    states = ["investigating"] * (len(items) - 1) + [entries[0].status or "resolved"]
    rows = [entries[0].affected_components] + [None] * (len(items) - 1)
    return [
        Entry(status=state, body=text, display_at=at, affected_components=row)
        for state, (_, text), at, row in zip(states, items, times, rows, strict=True)
    ]


def _without_postmortem(incident: Incident, entries: Sequence[Entry]) -> tuple[list[Entry], str | None]:
    """Return the entries that are the timeline, ended if the incident is, and the postmortem."""
    told = [entry.body for entry in entries if entry.status == POSTMORTEM and (entry.body or "").strip()]
    text = incident.postmortem_body or (told[-1] if told else None)
    rest = [entry for entry in entries if entry.status != POSTMORTEM]
    is_ended = any(entry.status in _CLOSED_WORDS for entry in rest)
    if not rest or (incident.status in _CLOSED_WORDS and not is_ended):
        at = incident.resolved_at or timeline.said_at(entries[-1])
        rest.append(Entry(status="resolved", display_at=max([at, *map(timeline.said_at, rest)])))
    return rest, _article(text) if text and text.strip() else None


def _article(text: str) -> str:
    # A postmortem is Markdown already, unless its author wrote HTML.
    return (to_markdown(text) if re.search(r"</?[a-z][a-z0-9]*[ />]", text) else printable(text).strip()) + "\n"


def _states(incident: Incident, entries: Sequence[Entry], *, is_maintenance: bool) -> list[State | None]:
    known = _MAINTENANCE_STATES if is_maintenance else _INCIDENT_STATES
    return [known.get(entry.status or incident.status or "") for entry in entries]


def _updates(
    entries: Sequence[Entry],
    states: Sequence[State | None],
    changes: Sequence[Mapping[str, str]],
    *,
    keeps_first: bool,
) -> tuple[Update, ...]:
    return tuple(
        Update(
            at=timeline.said_at(entry),
            state=state,
            services=dict(changed) if index or keeps_first else {},
            message=(to_markdown(entry.body or "") or _DEFAULT_TEXTS.get(state, "No text was given.")) + "\n",
        )
        for index, (entry, state, changed) in enumerate(zip(entries, states, changes, strict=True))
    )


def _title(incident: Incident, updates: Sequence[Update]) -> str:
    return " ".join(printable(incident.name).split()) or f"Incident of {updates[0].at:%Y-%m-%d}"


def _window(incident: Incident, updates: Sequence[Update]) -> Window:
    start = incident.scheduled_for or updates[0].at
    ends = (incident.scheduled_until, incident.resolved_at, updates[-1].at, start + _FALLBACK_LENGTH)
    return Window(start=start, end=next(end for end in ends if end and end > start))


def _problems(source: str, incident: Incident, event: Event, hold: timeline.Hold) -> Iterator[Problem]:
    whats = [*_oddities(incident, event), *_start_remarks(incident, event)]
    if hold.unheld:
        names = ", ".join(f"`{service}`" for service in hold.unheld)
        whats.append(f"nothing says how bad it was (impact {incident.impact or 'none'}): no status for {names}")
    for what in whats:
        yield Problem(path=source, field=incident.id, message=f"{event.title!r}: {what}", severity="warning")


def _oddities(incident: Incident, event: Event) -> Iterator[str]:
    entries = incident.incident_updates
    words = {
        word
        for entry in entries
        for row in entry.affected_components or ()
        for word in (row.old_status, row.new_status)
    }
    for word in sorted(filter(None, words - timeline.STATUS_BY_WORD.keys())):
        yield f"`{word}` is no status of Statuspage: read as operational"
    for word in sorted({entry.status or "" for entry in entries} - _INCIDENT_STATES.keys() - {POSTMORTEM}):
        yield f"`{word}` is no state of Statuspage: the update keeps the state before it"
    if event.planned and event.planned.end != incident.scheduled_until:
        yield f"it has no planned end after its start: {event.planned.end:%Y-%m-%d %H:%M} UTC is taken for it"
    if incident.status in _CLOSED_WORDS and not any(entry.status in _CLOSED_WORDS - {POSTMORTEM} for entry in entries):
        yield f"it is {incident.status}, but no update says so: one was added"


def _start_remarks(incident: Incident, event: Event) -> Iterator[str]:
    first = event.updates[0].at
    if incident.started_at and event.kind == "incident" and abs(incident.started_at - first) >= _WORTH_SAYING:
        side = "before" if incident.started_at < first else "after"
        minutes = abs(incident.started_at - first) / dt.timedelta(minutes=1)
        yield f"its `started_at` lies {minutes:,.0f} min {side} its first update, with which it begins here"
