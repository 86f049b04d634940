"""The records of Statuspage's API, version 2: every key in the order of the original, and always there.

Dates are UTC with exactly three digits of a fraction, because there are clients that read them by a fixed form.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from stashgen import urls
from stashgen.documents.document import Document
from stashgen.model import StatuspageWord

ID_PATTERN: Final = "^[a-z0-9]{12}$"
DATE_PATTERN: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
DAY_PATTERN: Final = r"^\d{4}-\d\d-\d\d$"
MONTH_PATTERN: Final = r"^\d{4}-\d\d$"
LONGEST_NAME: Final = 255

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Date = Annotated[str, Meta(pattern=DATE_PATTERN, extra_json_schema={"format": "date-time"})]
Position = Annotated[int, Meta(ge=1)]
Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]

Indicator = Literal["none", "minor", "major", "critical", "maintenance"]
Impact = Literal["none", "minor", "major", "critical"]
Description = Literal[
    "All Systems Operational", "Service Under Maintenance", "Partially Degraded Service", "Degraded System Service",
    "Minor Service Outage", "Partial System Outage", "Major System Outage",
]  # fmt: skip
IncidentWord = Literal["investigating", "identified", "monitoring", "resolved", "postmortem"]
MaintenanceWord = Literal["scheduled", "in_progress", "verifying", "completed"]


# fmt: off
class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What page this is; the same in every file but for `updated_at`."""

    id: Annotated[Id, Meta(description="Id of the page.")]
    name: Annotated[str, Meta(description="Name of the page, without a `Status` at its end.")]
    url: Annotated[str, Meta(description="Root of the page without a slash at its end; empty for a site without a URL.")]
    time_zone: Annotated[str, Meta(description="IANA zone of the page.")]
    updated_at: Annotated[Date, Meta(description="When anything on the page changed last; in files of the past: anything in the file.")]


class Rollup(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the page in a word and in a sentence."""

    indicator: Annotated[Indicator, Meta(description="The word.")]
    description: Annotated[Description, Meta(description="The sentence.")]


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """A service, or a group of services."""

    id: Annotated[Id, Meta(description="Id of the component.")]
    name: Annotated[str, Meta(description="Its name.")]
    status: Annotated[StatuspageWord, Meta(description="Its status; of a group the worst of its components'.")]
    created_at: Annotated[Date, Meta(description="From when on there is data of it.")]
    updated_at: Annotated[Date, Meta(description="When its status changed last.")]
    position: Annotated[Position, Meta(description="Its place in the group, or on the page, from 1.")]
    description: Annotated[str | None, Meta(description="What it is, as plain text.")]
    showcase: Annotated[bool, Meta(description="Whether the page shows its uptime.")]
    start_date: Annotated[Annotated[str, Meta(pattern=DAY_PATTERN)] | None, Meta(description="Day from which its uptime counts; null for a group, or while there is no data.")]
    group_id: Annotated[Id | None, Meta(description="Its group.")]
    page_id: Annotated[Id, Meta(description="Id of the page.")]
    group: Annotated[bool, Meta(description="Whether it is a group.")]
    only_show_if_degraded: Annotated[bool, Meta(description="Whether the page hides it while it is operational: never.")]
    components: Annotated[tuple[Id, ...] | UnsetType, Meta(description="Groups only: its components, in order.")] = UNSET


class AffectedComponent(msgspec.Struct, frozen=True, kw_only=True):
    """What an update did to one component."""

    code: Annotated[Id, Meta(description="Id of the component.")]
    name: Annotated[str, Meta(description="Its name, with that of its group before it.")]
    old_status: Annotated[StatuspageWord, Meta(description="Status the event held it at before this update.")]
    new_status: Annotated[StatuspageWord, Meta(description="Status the event holds it at from this update on.")]


class IncidentUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """One update of an incident."""

    id: Annotated[Id, Meta(description="Id of the update.")]
    status: Annotated[IncidentWord, Meta(description="Where the incident stands from here on.")]
    body: Annotated[str, Meta(description="What was said: text with `<br />`, `<a>` and `<b>`.")]
    incident_id: Annotated[Id, Meta(description="Id of the incident.")]
    created_at: Annotated[Date, Meta(description="When it was said.")]
    updated_at: Annotated[Date, Meta(description="When it was last edited.")]
    display_at: Annotated[Date, Meta(description="The time to show.")]
    affected_components: Annotated[tuple[AffectedComponent, ...] | None, Meta(description="Every component of the incident, changed or not; null: none.")]
    deliver_notifications: Annotated[bool, Meta(description="Whether it was news for subscribers.")]
    custom_tweet: Annotated[str | None, Meta(description="Always null.")] = None
    tweet_id: Annotated[str | None, Meta(description="Always null.")] = None


class MaintenanceUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """One update of a maintenance; those without a word of yours are made when its planned times pass."""

    id: Annotated[Id, Meta(description="Id of the update.")]
    status: Annotated[MaintenanceWord, Meta(description="Where the maintenance stands from here on.")]
    body: Annotated[str, Meta(description="What was said: text with `<br />`, `<a>` and `<b>`.")]
    incident_id: Annotated[Id, Meta(description="Id of the maintenance.")]
    created_at: Annotated[Date, Meta(description="When it was said.")]
    updated_at: Annotated[Date, Meta(description="When it was last edited.")]
    display_at: Annotated[Date, Meta(description="The time to show.")]
    affected_components: Annotated[tuple[AffectedComponent, ...] | None, Meta(description="Every component of the maintenance, changed or not; null: none.")]
    deliver_notifications: Annotated[bool, Meta(description="Whether it was news for subscribers: not if it came by plan.")]
    custom_tweet: Annotated[str | None, Meta(description="Always null.")] = None
    tweet_id: Annotated[str | None, Meta(description="Always null.")] = None


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident with all its updates."""

    id: Annotated[Id, Meta(description="Id of the incident.")]
    name: Annotated[Name, Meta(description="Headline.")]
    status: Annotated[IncidentWord, Meta(description="Where it stands: the status of its newest update.")]
    created_at: Annotated[Date, Meta(description="When it was first spoken of.")]
    updated_at: Annotated[Date, Meta(description="When it was last spoken of, or an update edited.")]
    monitoring_at: Annotated[Date | None, Meta(description="When it was first monitored.")]
    resolved_at: Annotated[Date | None, Meta(description="When it was resolved.")]
    impact: Annotated[Impact, Meta(description="The worst that its components came to.")]
    shortlink: Annotated[str, Meta(description="Its page.")]
    started_at: Annotated[Date, Meta(description="When it began.")]
    page_id: Annotated[Id, Meta(description="Id of the page.")]
    incident_updates: Annotated[tuple[IncidentUpdate, ...], Meta(min_length=1, description="Its updates, newest first.")]
    components: Annotated[tuple[Component, ...], Meta(description="The components it touches: as they are, or in files of the past as it left them.")]
    reminder_intervals: Annotated[None, Meta(description="Always null.")] = None


class Maintenance(msgspec.Struct, frozen=True, kw_only=True):
    """A scheduled maintenance with all its updates."""

    id: Annotated[Id, Meta(description="Id of the maintenance.")]
    name: Annotated[Name, Meta(description="Headline.")]
    status: Annotated[MaintenanceWord, Meta(description="Where it stands: the status of its newest update; one that was cancelled is completed.")]
    created_at: Annotated[Date, Meta(description="When it was first spoken of.")]
    updated_at: Annotated[Date, Meta(description="When it was last spoken of, or its planned times changed where it stands.")]
    monitoring_at: Annotated[None, Meta(description="Always null.")] = None
    resolved_at: Annotated[Date | None, Meta(description="When it was completed or cancelled.")]
    impact: Annotated[Literal["maintenance"], Meta(description="Always `maintenance`.")] = "maintenance"
    shortlink: Annotated[str, Meta(description="Its page.")]
    started_at: Annotated[Date, Meta(description="When it was first spoken of, or began, whichever was earlier.")]
    page_id: Annotated[Id, Meta(description="Id of the page.")]
    incident_updates: Annotated[tuple[MaintenanceUpdate, ...], Meta(min_length=1, description="Its updates, newest first.")]
    components: Annotated[tuple[Component, ...], Meta(description="The components it touches: as they are, or in files of the past as it left them.")]
    reminder_intervals: Annotated[None, Meta(description="Always null.")] = None
    scheduled_for: Annotated[Date, Meta(description="Planned start.")]
    scheduled_until: Annotated[Date, Meta(description="Planned end.")]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is going on."""

    page: Page
    components: Annotated[tuple[Component, ...], Meta(description="All components, each group before its own.")]
    incidents: Annotated[tuple[Incident, ...], Meta(description="Incidents that are not resolved, newest first.")]
    scheduled_maintenances: Annotated[tuple[Maintenance, ...], Meta(description="Maintenances that run or are to come, the latest first.")]
    status: Rollup


class StatusFile(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the page."""

    page: Page
    status: Rollup


class ComponentList(msgspec.Struct, frozen=True, kw_only=True):
    """All components."""

    page: Page
    components: Annotated[tuple[Component, ...], Meta(description="All components, each group before its own.")]


class IncidentList(msgspec.Struct, frozen=True, kw_only=True):
    """Some incidents."""

    page: Page
    incidents: Annotated[tuple[Incident, ...], Meta(description="Incidents, the last to be created first.")]


class MaintenanceList(msgspec.Struct, frozen=True, kw_only=True):
    """Some maintenances."""

    page: Page
    scheduled_maintenances: Annotated[tuple[Maintenance, ...], Meta(description="Maintenances, the latest planned start first.")]


class IncidentFile(msgspec.Struct, frozen=True, kw_only=True):
    """One incident."""

    page: Page
    incident: Incident


class MaintenanceFile(msgspec.Struct, frozen=True, kw_only=True):
    """One maintenance."""

    page: Page
    scheduled_maintenance: Maintenance


class MonthEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One month of the complete history."""

    month: Annotated[str, Meta(pattern=MONTH_PATTERN, description="The month in which they began, in the page's zone.")]
    count: Annotated[int, Meta(ge=1, description="How many the file holds.")]
    path: Annotated[str, Meta(description="The file, relative to the page's root.")]
    url: Annotated[str, Meta(description="The same as a full URL.")]
    first_started_at: Annotated[Date, Meta(description="When the first of them began.")]
    last_started_at: Annotated[Date, Meta(description="When the last of them began.")]


class MonthIndex(msgspec.Struct, frozen=True, kw_only=True):
    """The months of the complete history."""

    page: Page
    count: Annotated[int, Meta(ge=0, description="How many there are in all months.")]
    months: Annotated[tuple[MonthEntry, ...], Meta(description="Months that have any, newest first.")]
# fmt: on


def _document(name: str, record: type[msgspec.Struct], schema: str, summary: str) -> Document:
    return Document(urls.statuspage(name), "statuspage-api", record, f"statuspage-{schema}", summary)


# fmt: off
DOCUMENTS: Final[tuple[Document, ...]] = (
    _document("summary", Summary, "summary", "Everything that is going on: components, open incidents, maintenances that run or are to come, and the state of the page."),
    _document("status", StatusFile, "status", "The state of the page in a word and in a sentence."),
    _document("components", ComponentList, "components", "All services and groups with their status."),
    _document("incidents", IncidentList, "incidents", "The 50 newest incidents."),
    _document("incidents/unresolved", IncidentList, "incidents", "Incidents that are not resolved."),
    _document("incidents/index", MonthIndex, "months", "The months of all incidents."),
    _document("incidents/{year}-{month}", IncidentList, "incidents", "All incidents that began in a month."),
    _document("incidents/{incident}", IncidentFile, "incident", "One incident."),
    _document("scheduled-maintenances", MaintenanceList, "maintenances", "The 50 newest maintenances."),
    _document("scheduled-maintenances/upcoming", MaintenanceList, "maintenances", "Maintenances to come."),
    _document("scheduled-maintenances/active", MaintenanceList, "maintenances", "Maintenances that run."),
    _document("scheduled-maintenances/index", MonthIndex, "months", "The months of all maintenances."),
    _document("scheduled-maintenances/{year}-{month}", MaintenanceList, "maintenances", "All maintenances that began, or are to begin, in a month."),
    _document("scheduled-maintenances/{maintenance}", MaintenanceFile, "maintenance", "One maintenance."),
)
# fmt: on
