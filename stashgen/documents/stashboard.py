"""The records of Stashboard's API, version 1.

The keys, their order aside, and the form of dates are those of Stashboard 1.5 (https://github.com/twilio/stashboard).
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from stashgen import urls
from stashgen.documents.document import Document
from stashgen.model import ID_PATTERN

SID_LENGTH: Final = 24

StashboardLevel = Literal["NORMAL", "WARNING", "ERROR", "CRITICAL"]
_Id = Annotated[str, Meta(pattern=ID_PATTERN)]
_Sid = Annotated[str, Meta(pattern=f"^[a-z0-9]{{{SID_LENGTH}}}$")]
_Url = Annotated[str, Meta(pattern="^(https?://[^/]|/)")]
_Month = Annotated[str, Meta(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$")]
# IMF-fixdate of RFC 9110, which RFC 1123 calls a date: English names, two digits, always GMT.
_Timestamp = Annotated[
    str,
    Meta(
        pattern=(
            "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] "
            "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} [0-2][0-9]:[0-5][0-9]:[0-5][0-9] GMT$"
        )
    ),
]


# fmt: off
class StashboardStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A status that a service can be in."""

    name: Annotated[str, Meta(description="Words for readers.")]
    id: Annotated[_Id, Meta(description="Stable id.")]
    description: Annotated[str, Meta(description="What it means.")]
    url: Annotated[_Url, Meta(description="This status in this API.")]
    image: Annotated[_Url, Meta(description="Its picture.")]
    level: Annotated[StashboardLevel, Meta(description="Severity; a maintenance counts as WARNING.")]
    default: Annotated[bool, Meta(description="True for the status of a service that no event holds.")]


class StashboardEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of a service at one instant, and the status that it was in from then on."""

    sid: Annotated[_Sid, Meta(description="Stable id.")]
    timestamp: Annotated[_Timestamp, Meta(description="When it was said.")]
    message: Annotated[str, Meta(description="Plain text; paragraphs stand on lines of their own.")]
    url: Annotated[_Url, Meta(description="This event in this API.")]
    status: StashboardStatus
    informational: Annotated[bool, Meta(description="True if the service's status stayed as it was.")]


class StashboardList(msgspec.Struct, frozen=True, kw_only=True):
    """A group of services."""

    name: Annotated[str, Meta(description="Words for readers.")]
    id: Annotated[_Id, Meta(description="Stable id.")]
    description: Annotated[str, Meta(description="What is in it; may be empty.")]
    url: Annotated[_Url, Meta(description="This list in this API.")]


class StashboardService(msgspec.Struct, frozen=True, kw_only=True):
    """A service and where it stands."""

    name: Annotated[str, Meta(description="Words for readers.")]
    id: Annotated[_Id, Meta(description="Stable id.")]
    description: Annotated[str, Meta(description="What it is; may be empty.")]
    url: Annotated[_Url, Meta(description="This service in this API.")]
    current_event: Annotated[StashboardEvent | None, Meta(description="The newest event; its status is the service's. Null: nothing was ever said.")] = msgspec.field(name="current-event")
    member_of: Annotated[StashboardList | None, Meta(description="The list it is in.")] = msgspec.field(name="list")


class StashboardServices(msgspec.Struct, frozen=True, kw_only=True):
    """All services."""

    services: Annotated[tuple[StashboardService, ...], Meta(description="By name.")]


class StashboardEvents(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one service."""

    events: Annotated[tuple[StashboardEvent, ...], Meta(description="The newest first.")]


class StashboardStatuses(msgspec.Struct, frozen=True, kw_only=True):
    """All statuses."""

    statuses: Annotated[tuple[StashboardStatus, ...], Meta(description="By name.")]


class StashboardLists(msgspec.Struct, frozen=True, kw_only=True):
    """All lists of services."""

    lists: Annotated[tuple[StashboardList, ...], Meta(description="By name.")]


class StashboardImage(msgspec.Struct, frozen=True, kw_only=True):
    """A picture."""

    name: Annotated[str, Meta(description="Its name, of which there is one in a set.")]
    icon_set: Annotated[Literal["statuses", "theme", "static"], Meta(description="statuses: one a status, in its colour; theme: all icons of the theme; static: files of the site.")]
    url: Annotated[_Url, Meta(description="The file.")]


class StashboardImages(msgspec.Struct, frozen=True, kw_only=True):
    """All pictures."""

    images: Annotated[tuple[StashboardImage, ...], Meta(description="By set and name.")]


class StashboardLevels(msgspec.Struct, frozen=True, kw_only=True):
    """All levels of severity."""

    levels: Annotated[tuple[StashboardLevel, ...], Meta(description="The least severe first.", min_length=4, max_length=4)] = ("NORMAL", "WARNING", "ERROR", "CRITICAL")


class StashboardMonth(msgspec.Struct, frozen=True, kw_only=True):
    """One month of a service's events."""

    month: Annotated[_Month, Meta(description="Year and month, UTC.")]
    count: Annotated[int, Meta(ge=0, description="Events in it.")]
    url: Annotated[_Url, Meta(description="The file that holds them.")]


class StashboardMonths(msgspec.Struct, frozen=True, kw_only=True):
    """Where all events of a service are, month by month."""

    months: Annotated[tuple[StashboardMonth, ...], Meta(description="The newest first.")]
# fmt: on


_RESOURCES: Final[tuple[tuple[str, type[msgspec.Struct], str, str], ...]] = (
    ("services", StashboardServices, "services", "All services with their newest event."),
    ("services/{service}", StashboardService, "service", "One service with its newest event."),
    ("services/{service}/events", StashboardEvents, "events", "The newest events of a service."),
    ("services/{service}/events/current", StashboardEvent, "event", "The newest event of a service, if it has one."),
    ("services/{service}/events/{sid}", StashboardEvent, "event", "One of the newest events."),
    ("statuses", StashboardStatuses, "statuses", "All statuses."),
    ("statuses/{status}", StashboardStatus, "status", "One status."),
    ("service-lists", StashboardLists, "lists", "All lists of services."),
    ("service-lists/{list}", StashboardList, "list", "One list of services."),
    ("status-images", StashboardImages, "images", "All pictures."),
    ("levels", StashboardLevels, "levels", "All levels of severity."),
)
# What Stashboard did not have: files cannot answer `start` and `end`.
_HISTORY: Final[tuple[tuple[str, type[msgspec.Struct], str, str], ...]] = (
    ("services/{service}/events/index", StashboardMonths, "months", "The months with events of a service."),
    ("services/{service}/events/{year}-{month}", StashboardEvents, "events", "All events of a service in one month."),
)


def _documents(base: str, resources: tuple[tuple[str, type[msgspec.Struct], str, str], ...]) -> tuple[Document, ...]:
    return tuple(
        Document(urls.stashboard(base, path), "stashboard-api", record, f"stashboard-{name}", summary)
        for path, record, name, summary in resources
    )


DOCUMENTS: Final = (
    *_documents(urls.STASHBOARD, _RESOURCES),
    *_documents(urls.STASHBOARD, _HISTORY),
    *_documents(urls.STASHBOARD_ADMIN, _RESOURCES),
)
