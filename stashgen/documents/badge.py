"""The records of badges as shields.io and Upptime name them.

Both are answers of an endpoint badge, https://shields.io/badges/endpoint-badge
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from stashgen import urls
from stashgen.documents.document import Document

BADGES: Final = ("status", "uptime-24h", "uptime-7d", "uptime-30d", "uptime-90d", "uptime-1y")
UptimeLabel = Literal["uptime", "uptime 24h", "uptime 7d", "uptime 30d", "uptime 1y"]
ResponseLabel = Literal[
    "response time", "response time 24h", "response time 7d", "response time 30d", "response time 1y"
]
UptimeColor = Literal["brightgreen", "green", "yellowgreen", "yellow", "orange", "red", "lightgrey"]


# fmt: off
class Badge(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a badge says, for shields.io to draw in any of its styles."""

    schema_version: Annotated[Literal[1], Meta(description="Version of shields.io's format.")] = 1
    label: Annotated[str, Meta(description="Left part: whose badge it is, or what it counts.")]
    message: Annotated[str, Meta(description="Right part: the status, or a percentage, in the language of the page.", min_length=1)]
    color: Annotated[str, Meta(description="Colour of the right part.", pattern="^#[0-9a-f]{6}$")]


class UptimeBadge(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A service's uptime as Upptime publishes it."""

    schema_version: Annotated[Literal[1], Meta(description="Version of shields.io's format.")] = 1
    label: Annotated[UptimeLabel, Meta(description="What is counted, and over which time.")]
    message: Annotated[str, Meta(description="A percentage with two decimals, rounded down.", pattern="^([0-9]{1,3}\\.[0-9]{2}%|no data)$")]
    color: Annotated[UptimeColor, Meta(description="Upptime's colour for it; lightgrey without data.")]


class ResponseTimeBadge(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A file of Upptime's for response times, which a static page does not measure."""

    schema_version: Annotated[Literal[1], Meta(description="Version of shields.io's format.")] = 1
    label: Annotated[ResponseLabel, Meta(description="What would be counted, and over which time.")]
    message: Annotated[Literal["n/a"], Meta(description="Always n/a, so that a badge in use stays a picture.")] = "n/a"
    color: Annotated[Literal["lightgrey"], Meta(description="Always lightgrey.")] = "lightgrey"
# fmt: on


LABEL_BY_UPTIME: Final[dict[str, UptimeLabel]] = {
    "uptime": "uptime",
    "uptime-day": "uptime 24h",
    "uptime-week": "uptime 7d",
    "uptime-month": "uptime 30d",
    "uptime-year": "uptime 1y",
}
LABEL_BY_RESPONSE_TIME: Final[dict[str, ResponseLabel]] = {
    "response-time": "response time",
    "response-time-day": "response time 24h",
    "response-time-week": "response time 7d",
    "response-time-month": "response time 30d",
    "response-time-year": "response time 1y",
}

DOCUMENTS: Final = (
    *(
        Document(urls.badge(scope, name, "json"), "badges", Badge, "badge", f"Badge {name} of {whose} for shields.io.")
        for scope, whose in ((None, "the site"), ("{service}", "a service"))
        for name in BADGES
    ),
    *(
        Document(urls.upptime_badge("{service}", name), "upptime-badges", UptimeBadge, "upptime-uptime", f"{label}.")
        for name, label in LABEL_BY_UPTIME.items()
    ),
    *(
        Document(
            urls.upptime_badge("{service}", name),
            "upptime-badges",
            ResponseTimeBadge,
            "upptime-response-time",
            f"{label}: not measured.",
        )
        for name, label in LABEL_BY_RESPONSE_TIME.items()
    ),
)
