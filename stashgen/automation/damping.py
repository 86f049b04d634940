"""What flaps is held back: an alert must last before the page tells of it, and be over before the page says so.

One alert at a time: what is remembered of it and a new word -> what is remembered, and whether it counts now. What
counts is no longer remembered here, because the incident's file knows it.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple

import msgspec

from stashgen.automation.cases import Case
from stashgen.intents import Signal


class Memory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last word of an alert that has not reached a file; `due_at` None: it is only remembered for later words."""

    signal: Signal
    at: dt.datetime
    due_at: dt.datetime | None = None


class Step(NamedTuple):
    """What is remembered of an alert from here on (None: nothing), whether it counts now, and why not."""

    memory: Memory | None
    verdict: Literal["due", "held", "stale", "unchanged"]
    why: str = ""


class Facts(NamedTuple):
    """What damping must know of the page."""

    is_shown: bool  # the alert is firing in an incident
    since: dt.datetime | None  # since when, if so
    maintained_until: dt.datetime | None  # all its services are under maintenance until then
    now: dt.datetime


def step(memory: Memory | None, case: Case, facts: Facts) -> Step:
    """Return what a new word on an alert leads to."""
    at = min(case.signal.at or facts.now, facts.now)
    if _is_stale(memory, case.signal, facts, at):
        return Step(memory, "stale", "a newer word on this alert is known")
    if case.signal.is_only_said:
        return Step(memory, "due")
    if case.is_resolved:
        return _ended(memory, case, facts, at)
    if facts.is_shown:
        return Step(None, "due")  # what was to be closed stays open
    return _fired(memory, case, facts, at)


def ripe(case: Case, facts: Facts) -> Memory | None:
    """Return what must wait on although its time has come, because of a maintenance; None: it counts now."""
    if case.is_resolved or facts.is_shown or facts.maintained_until is None:
        return None
    return Memory(signal=case.signal, at=case.signal.at or facts.now, due_at=facts.maintained_until)


def _is_stale(memory: Memory | None, signal: Signal, facts: Facts, at: dt.datetime) -> bool:
    if signal.at is None or signal.is_only_said:
        return False
    if signal.is_resolved:
        since = memory.at if memory is not None and not memory.signal.is_resolved else facts.since
        return since is not None and at < since
    return memory is not None and memory.signal.is_resolved and at <= memory.at


def _ended(memory: Memory | None, case: Case, facts: Facts, at: dt.datetime) -> Step:
    if facts.is_shown:
        if memory is not None and memory.due_at is not None and memory.signal.is_resolved:
            return _waiting(
                Memory(signal=case.signal, at=at, due_at=memory.due_at), facts, "it must be over for longer"
            )
        due_at = at + case.stay
        return _waiting(Memory(signal=case.signal, at=at, due_at=due_at), facts, f"it must be over for {case.stay}")
    has_waited = memory is not None and memory.due_at is not None
    why = "it ended before it had lasted long enough" if has_waited else "no incident of this alert is open"
    # An older firing may still be on its way.
    return Step(Memory(signal=case.signal, at=at), "unchanged", why)


def _fired(memory: Memory | None, case: Case, facts: Facts, at: dt.datetime) -> Step:
    is_waiting = memory is not None and memory.due_at is not None and not memory.signal.is_resolved
    since = min(memory.at, at) if is_waiting and memory is not None else at
    due_at, why = since + case.quiet, f"it must last for {case.quiet}"
    if facts.maintained_until is not None and facts.maintained_until > due_at:
        due_at, why = facts.maintained_until, "its services are under maintenance"
    return _waiting(Memory(signal=case.signal, at=since, due_at=due_at), facts, why)


def _waiting(memory: Memory, facts: Facts, why: str) -> Step:
    if memory.due_at is None or memory.due_at <= facts.now:
        return Step(None, "due")
    return Step(memory, "held", why)
