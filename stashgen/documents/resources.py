"""All that programs can read and that is no JSON of ours, and what each family of outputs is for.

JSON files are described by their records; api/index.json lists both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, get_args

from stashgen import urls
from stashgen.media_types import ATOM, CALENDAR, CSV, FEED_JSON, HTML, JSON, METRICS, RSS, SCRIPT, SVG, TEXT
from stashgen.model import Family

SUMMARY_BY_FAMILY: Final[Mapping[Family, str]] = MappingProxyType(
    {
        "api-description": "What programs can read: this index, an OpenAPI description and JSON Schemas.",
        "badges": "Status and uptime as small pictures, and as endpoints for shields.io.",
        "calendars": "Maintenances and incidents for calendar programs.",
        "csv-files": "History and uptime as tables.",
        "embeds": "A banner, frames and a dot that other pages show.",
        "event-json": "One event with its whole timeline.",
        "feeds": "Updates and events for feed readers, with archives of all that was ever said.",
        "host-files": "What hosts and crawlers look for.",
        "metrics": "The state of the page and its age for Prometheus.",
        "offline": "What shows the last page while its host or the network is away.",
        "pages": "The pages that people read.",
        "service-json": "One service with its past.",
        "stashboard-api": "The reading side of Stashboard's API, version 1.",
        "static-files": "The site's own pictures and other files.",
        "status-json": "The state of the page now; small, so that it can be polled.",
        "statuspage-api": "Statuspage's API, version 2, and its feeds.",
        "text-files": "The state of the page as plain text and Markdown.",
        "upptime-badges": "Upptime's endpoints for shields.io.",
    }
)
TYPE_BY_FEED_FORMAT: Final[Mapping[urls.FeedFormat, str]] = MappingProxyType(
    {"atom": ATOM, "rss": RSS, "json": FEED_JSON}
)
_NAME_BY_FORMAT: Final[Mapping[urls.FeedFormat, str]] = MappingProxyType(
    {"atom": "Atom", "rss": "RSS 2.0", "json": "JSON Feed"}
)
_WHAT_BY_KIND: Final[Mapping[urls.FeedKind, str]] = MappingProxyType(
    {"updates": "an entry an update", "events": "an entry an event"}
)
_FOLDERS: Final = (("feeds", "the site"), ("groups/{group}", "a group"), ("services/{service}", "a service"))


class Resource(NamedTuple):
    """One kind of file; `path` may have holes."""

    path: str
    family: Family
    type: str  # media type with which it is sent
    summary: str


def media_type(path: str) -> str:
    """Return the media type of a JSON file by its path, as it stands among the documents."""
    return _TYPE_BY_PATH.get(path, JSON)


def _feeds() -> Iterator[Resource]:
    for folder, whose in _FOLDERS:
        for kind in get_args(urls.FeedKind):
            for form in get_args(urls.FeedFormat):
                summary = f"{_NAME_BY_FORMAT[form]} of {whose}, {_WHAT_BY_KIND[kind]}."
                yield Resource(urls.feed(folder, kind, form), "feeds", TYPE_BY_FEED_FORMAT[form], summary)
            archive = urls.feed_archive(folder, kind, "{period}")
            yield Resource(archive, "feeds", ATOM, f"A part of the complete history of {whose}, {_WHAT_BY_KIND[kind]}.")


def _calendars() -> Iterator[Resource]:
    for name, what in ((urls.CALENDAR, "Maintenances"), (urls.INCIDENT_CALENDAR, "Incidents")):
        yield Resource(name, "calendars", CALENDAR, f"{what} of the site.")
        yield Resource(urls.service_calendar("{service}", name), "calendars", CALENDAR, f"{what} of a service.")


def _badges() -> Iterator[Resource]:
    for scope, whose in ((None, "the site"), ("{service}", "a service")):
        yield Resource(urls.badge(scope, "{badge}", "svg"), "badges", SVG, f"A badge of {whose}.")
        yield Resource(
            urls.badge(scope, "{badge}", "for-the-badge.svg"), "badges", SVG, f"A badge of {whose} in large letters."
        )


RESOURCES: Final[tuple[Resource, ...]] = (
    Resource(urls.OPENAPI, "api-description", JSON, "OpenAPI 3.1: every JSON file of the site."),
    Resource(urls.schema("{schema}"), "api-description", JSON, "JSON Schema of a kind of file."),
    Resource(urls.HISTORY_CSV, "csv-files", CSV, "Every event, one in a row."),
    Resource(urls.UPTIME_CSV, "csv-files", CSV, "Uptime by month and service."),
    *_feeds(),
    *_calendars(),
    *_badges(),
    Resource(urls.EMBED_SCRIPT, "embeds", SCRIPT, "A banner for other sites while something is wrong."),
    Resource(urls.embed_page(""), "embeds", HTML, "The state of the page for a frame."),
    Resource(urls.embed_page("compact"), "embeds", HTML, "The same in one line."),
    Resource(urls.embed_dot(None), "embeds", SVG, "The state of the page as a dot."),
    Resource(urls.embed_dot("{service}"), "embeds", SVG, "The status of a service as a dot."),
    Resource(urls.METRICS, "metrics", METRICS, "The state of the page and its age for Prometheus."),
    Resource(urls.SERVICE_WORKER, "offline", SCRIPT, "What keeps the last page in a browser."),
    Resource(urls.OFFLINE, "offline", HTML, "What a browser shows for a page that it has not kept."),
    Resource(urls.STASHBOARD_RSS, "stashboard-api", RSS, "Stashboard's feed of the site."),
    Resource(urls.stashboard_rss("{service}"), "stashboard-api", RSS, "Stashboard's feed of a service."),
    Resource(urls.STATUSPAGE_ATOM, "statuspage-api", ATOM, "Statuspage's feed as Atom."),
    Resource(urls.STATUSPAGE_RSS, "statuspage-api", RSS, "Statuspage's feed as RSS 2.0."),
    Resource(urls.INDEX_TEXT, "text-files", TEXT, "The state of the page in 80 columns."),
    Resource(urls.INDEX_MARKDOWN, "text-files", TEXT, "The state of the page as Markdown."),
    Resource(urls.LLMS_TEXT, "text-files", TEXT, "What language models find where."),
    Resource(urls.DASHBOARD, "pages", HTML, "The dashboard."),
    Resource(urls.HISTORY, "pages", HTML, "The months of the archive."),
    Resource(urls.event_page("{event}"), "pages", HTML, "An event."),
    Resource(urls.group_page("{group}"), "pages", HTML, "A group."),
    Resource(urls.service_page("{service}"), "pages", HTML, "A service."),
)
_TYPE_BY_PATH: Final[Mapping[str, str]] = {resource.path: resource.type for resource in RESOURCES}
