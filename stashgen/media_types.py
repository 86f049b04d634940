"""The content type of every kind of file in a built site: as links and descriptions name it, and as servers send it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ATOM: Final = "application/atom+xml"
RSS: Final = "application/rss+xml"
JSON: Final = "application/json"
FEED_JSON: Final = "application/feed+json"  # https://www.jsonfeed.org/version/1.1/#mime-type
CALENDAR: Final = "text/calendar"
HTML: Final = "text/html"
SVG: Final = "image/svg+xml"
TEXT: Final = "text/plain"
CSV: Final = "text/csv"
SCRIPT: Final = "text/javascript"
METRICS: Final = "text/plain; version=0.0.4"  # https://prometheus.io/docs/instrumenting/exposition_formats/


def sent(media_type: str) -> str:
    """Return what a server says of a text that is UTF-8; JSON has no charset (RFC 8259, section 11)."""
    return media_type if media_type == JSON else f"{media_type}; charset=utf-8"


TYPE_BY_SUFFIX: Final[Mapping[str, str]] = {
    ".html": sent(HTML),
    ".css": sent("text/css"),
    ".js": sent(SCRIPT),
    ".json": sent(JSON),
    ".xml": sent("application/xml"),
    ".atom": sent(ATOM),
    ".rss": sent(RSS),
    ".xsl": sent("application/xslt+xml"),
    ".svg": sent(SVG),
    ".ics": sent(CALENDAR),
    ".csv": sent(CSV),
    ".txt": sent(TEXT),
    ".md": sent(TEXT),  # browsers show it; text/markdown they offer to save
    ".prom": sent(METRICS),
    ".sig": sent(TEXT),
    ".conf": sent(TEXT),
    ".webmanifest": sent("application/manifest+json"),
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".pdf": "application/pdf",
    ".woff2": "font/woff2",
    "": sent(TEXT),  # CNAME, _headers, _redirects
}
