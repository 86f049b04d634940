"""The content type of every kind of file in a built site, for our own server and for the settings of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FEED_JSON: Final = "application/feed+json; charset=utf-8"  # https://www.jsonfeed.org/version/1.1/#mime-type
RSS: Final = "application/rss+xml; charset=utf-8"
JSON: Final = "application/json"  # RFC 8259, section 11: it has no charset

TYPE_BY_SUFFIX: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": JSON,
    ".xml": "application/xml; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".rss": RSS,
    ".xsl": "application/xslt+xml; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",  # browsers show it; text/markdown they offer to save
    ".conf": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".pdf": "application/pdf",
    ".woff2": "font/woff2",
    "": "text/plain; charset=utf-8",  # CNAME, _headers, _redirects
}
