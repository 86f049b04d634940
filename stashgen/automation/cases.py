"""The values between a signal and an edit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

import msgspec

from stashgen.intents import Signal
from stashgen.model import Alert, IncidentState

What = Literal[
    "opened", "joined", "updated", "resolved", "ended", "noted", "unchanged",
    "held", "muted", "stale", "ignored", "refused",
]  # fmt: skip


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A signal as the rules see it."""

    name: str  # of the alert, in the map `signals` of its incident
    signal: Signal
    services: Mapping[str, str]  # status by service; empty: none that is on the page, and yet it counts
    template: str | None
    quiet: dt.timedelta
    stay: dt.timedelta

    @property
    def is_resolved(self) -> bool:
        """Whether the alert is over."""
        return self.signal.is_resolved


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one signal.

    opened, joined, updated, resolved: the page changed. ended: the alert is over, its incident is not. noted: words
    were added. unchanged: nothing to do. held: it must last, or be over, for some time first. muted: a person resolved
    its incident while it goes on. stale: something newer is known. ignored: a rule drops it. refused: it names what is
    not there.
    """

    source: str
    key: str
    what: What
    event: str | None = None
    detail: str = ""


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """One update to be written; a new incident holds the services of its first one."""

    at: dt.datetime
    message: str
    state: IncidentState | None = None
    services: Mapping[str, str] = {}


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done to one incident: a new one, or another map of alerts and perhaps an update.

    Without sayings only the map changes, and readers see nothing.
    """

    event: str | None  # None: a new incident
    signals: Mapping[str, Alert]
    source: str
    title: str = ""  # of a new one
    sayings: tuple[Saying, ...] = ()
    told: tuple[str, ...] = ()  # the alerts that did it


def outcome(signal: Signal, what: What, event: str | None = None, detail: str = "") -> Outcome:
    """Return what became of a signal."""
    return Outcome(source=signal.source, key=signal.key, what=what, event=event, detail=detail)
