"""One more update of an event, for what a verb says: what does not fit where the event stands is refused.

On a replay the words were accepted before, and somebody else was faster: they are said all the same. What had been
resolved meanwhile stays resolved, unless the update gives a service a status: then the incident is open again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from stashgen.edit import asked
from stashgen.edit.change import Change, EditError, Ground
from stashgen.edit.saying import Word, added, fields_of, merged, written
from stashgen.edit.standing import default_status, standing, word
from stashgen.edit.wording import subject, trailers
from stashgen.intents import AddUpdate
from stashgen.model import CLOSING_STATES, INCIDENT_STATES, MAINTENANCE_STATES, Event, Kind, State
from stashgen.text import listed, quoted

_KIND_BY_VERB: Final[Mapping[str, Kind]] = {
    "resolve": "incident", "reopen": "incident", "start": "maintenance", "extend": "maintenance",
    "complete": "maintenance", "cancel": "maintenance", "expire": "notice",
}  # fmt: skip
_STATE_BY_VERB: Final[Mapping[str, State]] = {
    "resolve": "resolved", "reopen": "investigating", "start": "in-progress", "complete": "completed",
    "cancel": "cancelled",
}  # fmt: skip
_VERBS_BY_KIND: Final[Mapping[Kind, str]] = {
    "incident": "`resolve` and `reopen`", "maintenance": "`start`, `extend`, `complete` and `cancel`",
    "notice": "`expire`",
}  # fmt: skip
_STATES_BY_KIND: Final[Mapping[Kind, tuple[str, ...]]] = {
    "incident": INCIDENT_STATES, "maintenance": MAINTENANCE_STATES, "notice": (),
}  # fmt: skip
_VERB_BY_STATE: Final[Mapping[str, str]] = {
    "resolved": "resolve", "completed": "complete", "cancelled": "cancel",
}  # fmt: skip


def update(ground: Ground, intent: AddUpdate) -> Change:
    """Add an update."""
    event = asked.event(ground, intent.event)
    _fits(event, intent)
    at = _at(ground, event, intent)
    if intent.verb == "expire":
        return _expired(ground, event, intent, at)
    said = Word(
        at=at,
        message=asked.message(intent.message),
        state=intent.state or _STATE_BY_VERB.get(intent.verb),
        services=asked.statuses(ground, intent.services),
        start=asked.instant(ground, intent.start, "start") if intent.start else None,
        end=asked.instant(ground, intent.end, "end") if intent.end else None,
    )
    if event.kind == "notice" and any(one != default_status(ground) for one in said.services.values()):
        raise EditError("invalid", "services", "a notice never changes a status")
    if event.kind == "maintenance":
        _planned(event, intent, said)
    _stands(ground, event, intent, said)
    return added(ground, intent.event, _kept_open(ground, event, said))


def _fits(event: Event, intent: AddUpdate) -> None:
    kind = _KIND_BY_VERB.get(intent.verb, event.kind)
    if kind != event.kind:
        own = _VERBS_BY_KIND[event.kind]
        raise EditError("conflict", "event", f"{quoted(intent.event)} is {_a(event.kind)}: what fits is {own}")
    allowed = _STATES_BY_KIND[event.kind]
    if intent.state is not None and intent.state not in allowed:
        what = f"{quoted(intent.state)} is no state of {_a(event.kind)}"
        raise EditError("invalid", "state", f"{what}: {listed(allowed) or 'it has none'}")
    wanted = _STATE_BY_VERB.get(intent.verb)
    if intent.state is not None and wanted in CLOSING_STATES and intent.state != wanted:
        raise EditError("invalid", "state", f"`{intent.verb}` says {quoted(wanted)}: leave the state out")
    if intent.verb == "reopen" and intent.state == "resolved":
        raise EditError("invalid", "state", "what is reopened is not resolved")
    if event.kind != "maintenance" and (intent.start or intent.end):
        field = "start" if intent.start else "end"
        raise EditError("invalid", field, f"only a maintenance has a plan, and this is {_a(event.kind)}")


def _at(ground: Ground, event: Event, intent: AddUpdate) -> dt.datetime:
    """Return when it is said: not before the event began."""
    at = asked.moment(ground, intent.at, event.updates[-1].at)
    first = event.updates[0].at
    if at >= first:
        return at
    if intent.at is not None and not ground.is_replay:
        raise EditError("invalid", "at", f"is before the first update ({first:%Y-%m-%dT%H:%M:%S}Z)")
    return first


def _planned(event: Event, intent: AddUpdate, said: Word) -> None:
    """Refuse a plan that cannot be."""
    if intent.verb == "extend" and said.start is None and said.end is None:
        raise EditError("invalid", "end", "is missing: say until when")
    start, end = (event.planned.start, event.planned.end) if event.planned else (None, None)
    for one in event.updates:
        if one.planned is not None and one.at <= said.at:
            start, end = one.planned.start or start, one.planned.end or end
    start, end = said.start or start, said.end or end
    if (said.start or said.end) and start and end and end <= start:
        what = f"leaves an end ({_shown(end)}) that is not after the start ({_shown(start)})"
        raise EditError("invalid", "end" if said.end else "start", what)
    if intent.verb == "extend" and said.end is not None and said.end <= said.at:
        raise EditError("invalid", "end", "is over already: `complete` ends it now")


def _stands(ground: Ground, event: Event, intent: AddUpdate, said: Word) -> None:
    """Refuse what does not fit where the event stands."""
    step = standing(ground, event, said.at)
    if step is None or ground.is_replay:
        return
    verb = _VERB_BY_STATE.get(said.state or "", intent.verb)
    is_closed = step.stage == "closed"
    # What only its plan has ended can be taken up again, or said to be over: nobody has said that.
    is_over = is_closed and (verb not in {"extend", "complete"} or word(event, said.at) in CLOSING_STATES)
    name = quoted(intent.event)
    if is_over and verb in {"resolve", "complete", "cancel", "start", "extend"}:
        raise EditError("conflict", "event", f"{name} is {step.state} already")
    if verb == "reopen" and not is_closed:
        raise EditError("conflict", "event", f"{name} is open: it is {step.state}")
    if verb == "start" and step.stage == "open":
        raise EditError("conflict", "event", f"{name} has begun already: it is {step.state}")
    if verb == "complete" and step.stage == "upcoming":
        raise EditError("conflict", "event", f"{name} has not begun: `start` it, or `cancel` it")
    if verb == "update" and is_over and event.kind != "notice" and (said.state or _holds(ground, said)):
        remedy = "`reopen` it first" if event.kind == "incident" else "schedule another one"
        raise EditError("conflict", "event", f"{name} is {step.state}: {remedy}")
    if said.state in CLOSING_STATES and _holds(ground, said):
        default = default_status(ground)
        raise EditError("invalid", "services", f"what is {said.state} holds no service: leave it out, or say {default}")


def _kept_open(ground: Ground, event: Event, said: Word) -> Word:
    """Return the word so that it counts, where the event was closed behind its back: an incident is open again."""
    step = standing(ground, event, said.at)
    is_closed = step is not None and step.stage == "closed" and word(event, said.at) in CLOSING_STATES
    if not is_closed or said.state is not None or not _holds(ground, said):
        return said
    if event.kind == "incident":
        return msgspec.structs.replace(said, state="investigating")
    return msgspec.structs.replace(said, services={})


def _holds(ground: Ground, said: Word) -> bool:
    return any(status != default_status(ground) for status in said.services.values())


def _expired(ground: Ground, event: Event, intent: AddUpdate, at: dt.datetime) -> Change:
    """End a notice; words are possible and need not be."""
    step = standing(ground, event, at)
    if step is not None and step.stage == "closed" and not ground.is_replay:
        raise EditError("conflict", "event", f"{quoted(intent.event)} has ended already")
    until = max(at, event.updates[0].at + dt.timedelta(seconds=1))
    header: dict[str, Any] = {"until": min(until, event.until) if event.until else until}
    if intent.message.strip():
        change = added(ground, intent.event, Word(at=at, message=asked.message(intent.message)), header)
        files, name = change.files, change.update
    else:
        path = ground.site.path_by_event[intent.event]
        files, name = {path: written(ground, path, merged(fields_of(ground, path), header))}, None
    return Change(
        files=files,
        subject=subject("notice", intent.event, "expired"),
        trailers=trailers(event.source, event.external_id),
        record=intent.event,
        update=name,
    )


def _a(kind: str) -> str:
    return f"an {kind}" if kind == "incident" else f"a {kind}"


def _shown(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"
