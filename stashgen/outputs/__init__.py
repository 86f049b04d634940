"""The shelf of outputs: each module renders one family of files from the board; one dict lists them all.

A book is a module with `render(context) -> Iterator[Output]`; books never import one another. `outputs:` in
site.yaml switches a family off by its name here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stashgen.model import Family
from stashgen.outputs import (
    api_description,
    badges,
    calendars,
    csv_files,
    embeds,
    event_json,
    feeds,
    host_files,
    metrics,
    offline,
    pages,
    service_json,
    stashboard_api,
    static_files,
    status_json,
    statuspage_api,
    text_files,
    upptime_badges,
)
from stashgen.outputs.context import Book

SHELF: Final[Mapping[Family, Book]] = {
    "api-description": api_description,
    "badges": badges,
    "calendars": calendars,
    "csv-files": csv_files,
    "embeds": embeds,
    "event-json": event_json,
    "feeds": feeds,
    "host-files": host_files,
    "metrics": metrics,
    "offline": offline,
    "pages": pages,
    "service-json": service_json,
    "stashboard-api": stashboard_api,
    "static-files": static_files,
    "status-json": status_json,
    "statuspage-api": statuspage_api,
    "text-files": text_files,
    "upptime-badges": upptime_badges,
}
