"""What somebody wants to change: plain data that survives a restart and can be applied again to newer files.

The command line, the REST APIs, webhooks and importers differ only in how they make an intent. `edit` turns one into
files, `repository` commits them. Every intent can be written as JSON and read back: an intent that was committed here
and lost the race to the remote is applied once more to what the remote has.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec

from stashgen.model import IncidentState, State

RecordKind = Literal["service", "group", "status", "template"]


class _Intent(msgspec.Struct, frozen=True, kw_only=True, tag_field="intent", omit_defaults=True):
    """What all intents share."""


class Signal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one monitor says about one alert, in our words.

    `key` is what the monitor knows the alert by, the same for its firing and its end. `services` are ids or names as
    the monitor wrote them; a rule of automation.yaml may say others. `status` is a status id, or a severity that the
    table of severities translates; it does not matter when `is_resolved`.
    """

    source: str
    key: str
    services: tuple[str, ...] = ()
    status: str = ""
    title: str = ""
    text: str = ""
    is_resolved: bool = False
    at: dt.datetime | None = None
    labels: dict[str, str] = {}  # what rules match on
    url: str = ""  # of the alert in the monitor
    says: str = ""  # words that somebody wrote for readers, published as they are when the alert opens an incident
    is_only_said: bool = False  # words about an alert that is known, which goes on as it is


class OpenIncident(_Intent, frozen=True, kw_only=True, tag="open"):
    """A new incident. Without `id` one is made of day and title; `suffix` is added to it where ids may collide."""

    title: str
    message: str
    services: dict[str, str] = {}
    state: IncidentState = "investigating"
    at: dt.datetime | None = None  # None: now
    id: str | None = None
    suffix: str = ""
    source: str | None = None
    external_id: str | None = None  # an open event that has it already is updated instead
    tags: tuple[str, ...] = ()


class ScheduleMaintenance(_Intent, frozen=True, kw_only=True, tag="schedule"):
    """A new maintenance from `start` to `end`; services without a status get `maintenance`."""

    title: str
    message: str
    start: dt.datetime
    end: dt.datetime
    services: dict[str, str] = {}
    at: dt.datetime | None = None
    id: str | None = None
    suffix: str = ""
    source: str | None = None
    external_id: str | None = None
    tags: tuple[str, ...] = ()


class PostNotice(_Intent, frozen=True, kw_only=True, tag="notice"):
    """A new notice, until `until` or for good."""

    title: str
    message: str
    services: tuple[str, ...] = ()
    until: dt.datetime | None = None
    pinned: bool = False
    at: dt.datetime | None = None
    id: str | None = None
    suffix: str = ""
    source: str | None = None
    external_id: str | None = None
    tags: tuple[str, ...] = ()


class AddUpdate(_Intent, frozen=True, kw_only=True, tag="update"):
    """One more update of an event: a word, a new state, new statuses, a new plan.

    `verb` says what it is for, and so what is refused: `resolve` what is resolved, `reopen` what is open, and so on.
    """

    event: str
    message: str
    verb: Literal["update", "resolve", "reopen", "start", "extend", "complete", "cancel", "expire"] = "update"
    state: State | None = None
    services: dict[str, str] = {}
    start: dt.datetime | None = None  # a maintenance's new plan
    end: dt.datetime | None = None
    at: dt.datetime | None = None


class SetStatus(_Intent, frozen=True, kw_only=True, tag="set"):
    """A service's status, by opening, updating or closing whatever is needed for it."""

    service: str
    status: str | None = None  # None: stays as it is
    message: str
    is_note: bool = False  # an informational word that changes no status
    if_changed: bool = False  # nothing happens if the service has that status already
    title: str | None = None
    at: dt.datetime | None = None
    suffix: str = ""
    source: str | None = None


class EditEvent(_Intent, frozen=True, kw_only=True, tag="edit"):
    """Other words or facts for what has been said already: header fields, or fields of one update.

    `fields` are fields of the event, `update_fields` of the update named `update` (identity.update_names); None takes
    a field away. `tells_again` sets the update's `edited_at`.
    """

    event: str
    fields: dict[str, Any] = {}
    update: str | None = None
    update_fields: dict[str, Any] = {}
    tells_again: bool = False
    at: dt.datetime | None = None


class RetractUpdate(_Intent, frozen=True, kw_only=True, tag="retract"):
    """Take an update back; with `service` only what it says about that one. Without any update left the event goes."""

    event: str
    update: str
    service: str | None = None


class RemoveEvent(_Intent, frozen=True, kw_only=True, tag="remove-event"):
    """Take a whole event away; git keeps it."""

    event: str


class AddRecord(_Intent, frozen=True, kw_only=True, tag="add-record"):
    """A new service, group, status or template; its fields are those of the data reference."""

    kind: RecordKind
    id: str
    fields: dict[str, Any]


class EditRecord(_Intent, frozen=True, kw_only=True, tag="edit-record"):
    """Other fields of a record (None takes one away), or another id: references follow, a redirect is left."""

    kind: RecordKind
    id: str
    fields: dict[str, Any] = {}
    new_id: str | None = None


class RemoveRecord(_Intent, frozen=True, kw_only=True, tag="remove-record"):
    """Take a record away. What refers to it is refused, or with `with_references` loses the reference."""

    kind: RecordKind
    id: str
    with_references: bool = False


class Report(_Intent, frozen=True, kw_only=True, tag="report"):
    """What monitors say, after damping: incidents are opened, updated and resolved as automation.yaml says."""

    signals: tuple[Signal, ...]
    at: dt.datetime | None = None


Intent = (
    OpenIncident
    | ScheduleMaintenance
    | PostNotice
    | AddUpdate
    | SetStatus
    | EditEvent
    | RetractUpdate
    | RemoveEvent
    | AddRecord
    | EditRecord
    | RemoveRecord
    | Report
)


class Author(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who makes a change, by which way; both stand in the commit's trailers."""

    name: str = ""  # of a token, such as `nagios`; empty: whoever git says
    via: str = "cli"  # cli, rest, stashboard, webhook or ingest


def read(data: bytes) -> Intent:
    """Read an intent from its JSON; raise msgspec.ValidationError for anything else."""
    intent: Intent = msgspec.json.decode(data, type=Intent)
    return intent


def written(intent: Intent) -> bytes:
    """Return the JSON of an intent."""
    return msgspec.json.encode(intent)
