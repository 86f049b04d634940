"""Every path in the output and every URL, in one place."""

from __future__ import annotations

import datetime as dt
import posixpath
from typing import Final
from urllib.parse import urlsplit

DASHBOARD: Final = "index.html"
NOT_FOUND: Final = "404.html"
HISTORY: Final = "history/index.html"
STATUS_JSON: Final = "status.json"
SITEMAP: Final = "sitemap.xml"


def static_file(name: str) -> str:
    """Return the path of a file of the user's static/ folder."""
    return f"static/{name}"


def asset(name: str) -> str:
    """Return the path of a file of the theme."""
    return f"assets/{name}"


def root(page: str) -> str:
    """Return the way from a page up to the folder of the site: "" or "../../"."""
    return "../" * page.count("/")


def service_page(service: str) -> str:
    """Return the path of a service's page."""
    return f"services/{service}/index.html"


def service_month_page(service: str, year: int, month: int) -> str:
    """Return the path of a service's page for one month."""
    return f"services/{service}/{year:04}/{month:02}/index.html"


def group_page(group: str) -> str:
    """Return the path of a group's page."""
    return f"groups/{group}/index.html"


def event_page(event: str) -> str:
    """Return the path of an event's page."""
    return f"events/{event}/index.html"


def event_json(event: str) -> str:
    """Return the path of an event's JSON twin."""
    return f"events/{event}.json"


def schema(name: str) -> str:
    """Return the path of a JSON Schema of an output."""
    return f"schemas/{name}.schema.json"


def update_anchor(index: int) -> str:
    """Return the fragment, without `#`, of an event's update by its place in the file: it never changes."""
    return f"update-{index + 1}"


def month_page(year: int, month: int) -> str:
    """Return the path of a month of the archive."""
    return f"history/{year:04}/{month:02}/index.html"


def day_anchor(day: dt.date) -> str:
    """Return the fragment, without `#`, of a day on the page of its month."""
    return f"day-{day.day:02}"


def relative(page: str, target: str) -> str:
    """Return the link from one output path to another.

    Links name `index.html` so that they also work in a folder opened with file://.
    """
    return posixpath.relpath(target, posixpath.dirname(page) or ".")


def absolute(site_url: str | None, path: str) -> str | None:
    """Return the public URL of an output path, without `index.html`; None for a site without a URL."""
    if site_url is None:
        return None
    return f"{site_url.rstrip('/')}/{path.removesuffix('index.html')}"


def host(site_url: str) -> str:
    """Return the host name of the site, as a CNAME file wants it."""
    return urlsplit(site_url).hostname or ""


def base_path(site_url: str | None) -> str:
    """Return the path under which the site is published, with a slash at both ends."""
    path = urlsplit(site_url or "").path.strip("/")
    return f"/{path}/" if path else "/"
