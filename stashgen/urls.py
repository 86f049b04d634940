"""Every path in the output and every URL, in one place."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from ipaddress import ip_address
from typing import Final, Literal
from urllib.parse import quote, urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from stashgen import files

DASHBOARD: Final = "index.html"
NOT_FOUND: Final = "404.html"
HISTORY: Final = "history/index.html"
STATUS_JSON: Final = "status.json"
# What this build wrote, path -> hash and size; its signature, and who may sign it.
MANIFEST: Final = files.MANIFEST
SIGNATURE: Final = files.SIGNATURE
SIGNING_KEYS: Final = "signing-keys.txt"
METRICS: Final = "metrics.prom"
SERVICE_WORKER: Final = "sw.js"
OFFLINE: Final = "offline.html"  # shown for pages of which a browser has no copy
SITEMAP: Final = "sitemap.xml"
OPENAPI: Final = "openapi.json"
API_INDEX: Final = "api/index.json"
API_NOT_FOUND: Final = "api/404.json"
# Cloudflare Pages answers with the nearest file of this name, whatever is in it: below these folders, with JSON.
API_NOT_FOUND_PAGES: Final = ("api/404.html", "admin/api/404.html")
HISTORY_CSV: Final = "history.csv"
UPTIME_CSV: Final = "uptime.csv"
CALENDAR: Final = "calendar.ics"
INCIDENT_CALENDAR: Final = "incidents.ics"
EMBED_SCRIPT: Final = "embed.js"
INDEX_TEXT: Final = "index.txt"
INDEX_MARKDOWN: Final = "index.md"
LLMS_TEXT: Final = "llms.txt"
STATUSPAGE_ATOM: Final = "history.atom"
STATUSPAGE_RSS: Final = "history.rss"
STASHBOARD: Final = "api/v1"
STASHBOARD_ADMIN: Final = "admin/api/v1"
STASHBOARD_RSS: Final = "rss.xml"

_HOST_NAME: Final = re.compile(r"[A-Za-z0-9.-]+")

FeedFormat = Literal["atom", "rss", "json"]
FeedKind = Literal["updates", "events"]  # an entry an update, or one an event


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


def service_json(service: str) -> str:
    """Return the path of a service's JSON twin."""
    return f"services/{service}.json"


def feed(folder: str, kind: FeedKind, form: FeedFormat) -> str:
    """Return the path of a feed; `folder` is "feeds", "services/<id>" or "groups/<id>"."""
    return f"{folder}/{kind}.{form}"


def feed_archive(folder: str, kind: FeedKind, period: str) -> str:
    """Return the path of a part of a feed's complete history; `period` is "2026-11", or "2026" below a service."""
    return f"{folder}/{kind}/{period}.atom"


def service_calendar(service: str, calendar: str) -> str:
    """Return the path of CALENDAR or INCIDENT_CALENDAR for one service."""
    return f"services/{service}/{calendar}"


def stashboard(base: str, resource: str) -> str:
    """Return the path of a resource of Stashboard's API, such as "services/api/events", below one of its two bases."""
    return f"{base}/{resource}.json"


def stashboard_icon(icon_set: str, name: str) -> str:
    """Return the path of a picture where Stashboard had its own."""
    return f"images/icons/{icon_set}/{name}.svg"


def stashboard_rss(service: str) -> str:
    """Return the path of a service's feed in Stashboard's form."""
    return f"services/{service}/{STASHBOARD_RSS}"


def statuspage(name: str) -> str:
    """Return the path of a file of Statuspage's API, such as "summary" or "incidents/unresolved"."""
    return f"api/v2/{name}.json"


def badge(scope: str | None, name: str, suffix: str) -> str:
    """Return the path of a badge of the site, or of a service; `suffix` is "svg", "for-the-badge.svg" or "json"."""
    folder = f"badges/services/{scope}" if scope else "badges"
    return f"{folder}/{name}.{suffix}"


def upptime_badge(service: str, name: str) -> str:
    """Return the path of one of Upptime's badge files, such as "uptime-day"."""
    return f"api/{service}/{name}.json"


def embed_page(size: str) -> str:
    """Return the path of a page for frames; `size` is "" or "compact"."""
    return f"embed/{size}/index.html" if size else "embed/index.html"


def embed_dot(service: str | None) -> str:
    """Return the path of the picture of a status: of the site, or of a service."""
    return f"embed/services/{service}.svg" if service else "embed/dot.svg"


def host_file(name: str) -> str:
    """Return the path of a snippet for a web server's settings."""
    return f"hosts/{name}"


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


def absolute(site_url: str | None, path: str) -> str | None:
    """Return the public URL of an output path, without `index.html`; None for a site without a URL."""
    if site_url is None:
        return None
    return f"{site_url.rstrip('/')}/{path.removesuffix('index.html')}"


def public(site_url: str | None, path: str) -> str:
    """Return the public URL of an output path, or its path from the host's root for a site without a URL."""
    return absolute(site_url or "", path) or "/"


def host(site_url: str) -> str:
    """Return the host name of the site, as a CNAME file wants it."""
    return urlsplit(site_url).hostname or ""


def origin(url: str) -> str:
    """Return scheme, host and port of a URL, as browsers and policies name where it comes from."""
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}"


def is_loopback(host: str) -> bool:
    """Tell whether a host is reached from this machine only."""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def base_path(site_url: str | None) -> str:
    """Return the path under which the site is published, with a slash at both ends."""
    path = urlsplit(site_url or "").path.strip("/")
    return f"/{path}/" if path else "/"


def tag(site_url: str | None, name: str) -> str:
    """Return a URI that names something of the site for ever, and leads nowhere (RFC 4151, or a UUID without a URL)."""
    if not _has_host_name(site_url):
        return f"urn:uuid:{_uuid(site_url, name)}"
    path = quote(base_path(site_url).removeprefix("/"), safe="/~%!$&'()*+,;=:@")
    return f"tag:{host(site_url or '')},2005:{path}{name}"


def calendar_uid(site_url: str | None, name: str) -> str:
    """Return the id of an event in calendars: `name@host`, or a UUID where the host's name is none (RFC 7986)."""
    if not _has_host_name(site_url):
        return str(_uuid(site_url, name))
    path = base_path(site_url).removeprefix("/")
    return f"{path}{name}@{host(site_url or '')}"


def _has_host_name(site_url: str | None) -> bool:
    return _HOST_NAME.fullmatch(host(site_url or "")) is not None


def _uuid(site_url: str | None, name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"{site_url or ''}#{name}")
