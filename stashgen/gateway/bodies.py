"""What may be sent to the own API: one record a body, every field described once; openapi.json is made of these."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final, Literal, cast, get_type_hints

import msgspec
from msgspec import UNSET, Meta, UnsetType

from stashgen.model import (
    Group,
    Id,
    IncidentState,
    Line,
    MaintenanceState,
    Message,
    Record,
    Ref,
    Service,
    State,
    Status,
)

Moment = Annotated[dt.datetime, Meta(examples=["2026-11-23T10:02:00Z"])]
Later = Annotated[dt.datetime, Meta(examples=["2026-11-23T12:00:00Z"])]
External = Annotated[
    str,
    Meta(
        min_length=1, max_length=500, pattern="^[^\\r\\n]+$(?!\\n)", extra={"form": "one line of at most 500 letters"}
    ),
]
MaintenanceAction = Literal["update", "start", "extend", "complete", "cancel"]
NoticeAction = Literal["update", "expire"]

_HELD: Final = 'Statuses by service, such as `{"api": "down"}`.'
_SAID_AT: Final = "When it was said; empty: now. The future is refused."


# fmt: off
class _NewEvent(Record, frozen=True, kw_only=True):
    title: Annotated[Line, Meta(description="Headline.")]
    message: Annotated[Message, Meta(description="First words, in Markdown.")]
    at: Annotated[Moment | None, Meta(description=_SAID_AT)] = None
    id: Annotated[Id | None, Meta(description="Id of the event, which its address on the page shows; empty: made of day and title.")] = None
    source: Annotated[External | None, Meta(description="The system that it comes from.")] = None
    external_id: Annotated[External | None, Meta(description="Its id there. An open event that has it already is updated instead of a second one being opened.")] = None
    tags: Annotated[tuple[Line, ...], Meta(description="Free labels.")] = ()


class NewIncident(_NewEvent, frozen=True, kw_only=True):
    """An incident to open."""

    services: Annotated[dict[Ref, Ref], Meta(description=_HELD)] = {}
    state: Annotated[IncidentState, Meta(description="Where it stands.")] = "investigating"


class NewMaintenance(_NewEvent, frozen=True, kw_only=True):
    """A maintenance to schedule."""

    start: Annotated[Moment, Meta(description="Planned start.")]
    end: Annotated[Later, Meta(description="Planned end, after the start.")]
    services: Annotated[dict[Ref, Ref] | tuple[Ref, ...], Meta(description="Services it concerns, as a list, or with the status that each will have.")] = {}


class NewNotice(_NewEvent, frozen=True, kw_only=True):
    """A notice to post."""

    services: Annotated[tuple[Ref, ...], Meta(description="Services it concerns.")] = ()
    until: Annotated[Later | None, Meta(description="When it ends; empty: it stays.")] = None
    pinned: Annotated[bool, Meta(description="True keeps it at the top of the page.")] = False


class _NewUpdate(Record, frozen=True, kw_only=True):
    message: Annotated[Message, Meta(description="What readers are told, in Markdown.")]
    at: Annotated[Moment | None, Meta(description=_SAID_AT)] = None


class NewIncidentUpdate(_NewUpdate, frozen=True, kw_only=True):
    """One more word on an incident."""

    state: Annotated[IncidentState | None, Meta(description="Where it stands from here on; `resolved` ends it, another one opens a resolved incident again; empty: as before.")] = None
    services: Annotated[dict[Ref, Ref], Meta(description="Statuses that change here, by service.")] = {}


class NewMaintenanceUpdate(_NewUpdate, frozen=True, kw_only=True):
    """One more word on a maintenance."""

    action: Annotated[MaintenanceAction, Meta(description="`start` it now, `extend` it (with `end`), `complete` or `cancel` it, or just `update`.")] = "update"
    state: Annotated[MaintenanceState | None, Meta(description="With `update`: where it stands from here on; empty: as before.")] = None
    services: Annotated[dict[Ref, Ref], Meta(description="Statuses that change here, by service.")] = {}
    start: Annotated[Moment | None, Meta(description="A new planned start.")] = None
    end: Annotated[Later | None, Meta(description="A new planned end.")] = None


class NewNoticeUpdate(_NewUpdate, frozen=True, kw_only=True):
    """One more word on a notice."""

    action: Annotated[NoticeAction, Meta(description="`expire` ends it now.")] = "update"


class NewStatus(Record, frozen=True, kw_only=True):
    """What a service is in: whatever is needed for it is opened, updated or closed."""

    status: Annotated[Ref | None, Meta(description="Id of a status, such as `up` or `down`; empty: it stays as it is.")] = None
    message: Annotated[Message, Meta(description="What readers are told, in Markdown.")]
    note: Annotated[bool, Meta(description="True: only a word, which changes no status.")] = False
    if_changed: Annotated[bool, Meta(description="True: nothing happens when the service is in that status already.")] = False
    title: Annotated[Line | None, Meta(description="Headline of an incident that is opened for it; empty: made of service and status.")] = None
    source: Annotated[External | None, Meta(description="The system that says so.")] = None
    at: Annotated[Moment | None, Meta(description=_SAID_AT)] = None


class Plan(Record, frozen=True, kw_only=True):
    """When a maintenance is planned."""

    start: Annotated[Moment, Meta(description="Planned start.")]
    end: Annotated[Later, Meta(description="Planned end, after the start.")]


class IncidentChange(Record, frozen=True, kw_only=True):
    """Fields of an event to correct; what is left out stays, null takes a field away."""

    title: Annotated[Line | UnsetType, Meta(description="Headline.")] = UNSET
    postmortem: Annotated[Message | UnsetType | None, Meta(description="What happened and what was learnt, in Markdown.")] = UNSET
    source: Annotated[External | UnsetType | None, Meta(description="The system that it comes from.")] = UNSET
    external_id: Annotated[External | UnsetType | None, Meta(description="Its id there.")] = UNSET
    tags: Annotated[tuple[Line, ...] | UnsetType | None, Meta(description="Free labels.")] = UNSET
    services: Annotated[dict[Ref, Ref] | UnsetType | None, Meta(description="Statuses that it held from its start, by service.")] = UNSET


class MaintenanceChange(IncidentChange, frozen=True, kw_only=True):
    """Fields of a maintenance to correct; what is left out stays, null takes a field away."""

    planned: Annotated[Plan | UnsetType, Meta(description="Planned times, as they were from the start; a change of plan is an update.")] = UNSET


class NoticeChange(Record, frozen=True, kw_only=True):
    """Fields of a notice to correct; what is left out stays, null takes a field away."""

    title: Annotated[Line | UnsetType, Meta(description="Headline.")] = UNSET
    services: Annotated[tuple[Ref, ...] | UnsetType | None, Meta(description="Services it concerns.")] = UNSET
    until: Annotated[Later | UnsetType | None, Meta(description="When it ends.")] = UNSET
    pinned: Annotated[bool | UnsetType | None, Meta(description="True keeps it at the top of the page.")] = UNSET
    source: Annotated[External | UnsetType | None, Meta(description="The system that it comes from.")] = UNSET
    external_id: Annotated[External | UnsetType | None, Meta(description="Its id there.")] = UNSET
    tags: Annotated[tuple[Line, ...] | UnsetType | None, Meta(description="Free labels.")] = UNSET


class UpdateChange(Record, frozen=True, kw_only=True):
    """Fields of an update to correct; what is left out stays, null takes a field away."""

    message: Annotated[Message | UnsetType, Meta(description="What readers are told, in Markdown.")] = UNSET
    state: Annotated[State | UnsetType | None, Meta(description="Where the event stands from here on.")] = UNSET
    services: Annotated[dict[Ref, Ref] | UnsetType | None, Meta(description="Statuses that changed here, by service.")] = UNSET
    tells_again: Annotated[bool, Meta(description="True: it says something new, so subscribers to feeds are told again.")] = False


class NewService(Service, frozen=True, kw_only=True):
    """A service to add."""

    id: Annotated[Id | None, Meta(description="Its id; empty: made of the name.")] = None


class NewGroup(Group, frozen=True, kw_only=True):
    """A group to add."""

    id: Annotated[Id | None, Meta(description="Its id; empty: made of the name.")] = None


class NewStatusWord(Status, frozen=True, kw_only=True):
    """A status to add, or a built-in one to change."""

    id: Annotated[Id | None, Meta(description="Its id; empty: made of the name.")] = None
# fmt: on


def _change(record: type[Record], name: str, what: str) -> type[Record]:
    """Return the record of a correction: every field of a record may be left out, and may be null to take it away."""
    fields: list[tuple[str, Any, Any]] = [("id", Annotated[Id | UnsetType, Meta(description="Another id.")], UNSET)]
    hints = get_type_hints(record, include_extras=True)
    for field in msgspec.structs.fields(record):
        hint = hints[field.name]
        optional = hint | UnsetType if field.required else hint | None | UnsetType
        said = next(meta.description for meta in reversed(hint.__metadata__) if meta.description)
        fields.append((field.name, Annotated[optional, Meta(description=said)], UNSET))
    doc = {"__doc__": f"Fields of {what} to change; what is left out stays, null takes a field away."}
    made: Any = msgspec.defstruct(
        name, fields, bases=(Record,), namespace=doc, module=__name__, frozen=True, kw_only=True
    )
    return cast("type[Record]", made)


ServiceChange: Final = _change(Service, "ServiceChange", "a service")
GroupChange: Final = _change(Group, "GroupChange", "a group")
StatusChange: Final = _change(Status, "StatusChange", "a status")
