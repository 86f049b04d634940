"""What is said of each file of a site wherever it lies: its type, how long it may be kept, who may read and frame it.

One set of rules: the files for hosts say them in each host's language, publishers to stores that keep headers beside
the files set them, and `verify` looks whether a live site sends them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from stashgen import urls
from stashgen.hosting.patterns import regex
from stashgen.media_types import FEED_JSON, RSS, TYPE_BY_SUFFIX, sent
from stashgen.model import Settings

# Readers of a status page must not see an old one for long, but an old one rather than none.
_PAGE_CACHE: Final = "public, max-age=60, stale-while-revalidate=60, stale-if-error=86400"
_STATUS_CACHE: Final = "public, max-age=15, stale-while-revalidate=15, stale-if-error=86400"
_STATIC_CACHE: Final = "public, max-age=600, stale-while-revalidate=600, stale-if-error=86400"
_ASSET_CACHE: Final = "public, max-age=31536000, immutable"  # a name there changes with the bytes
_WORKER_CACHE: Final = "no-cache"  # browsers ask for it when a page is opened: an old one would stay in charge
_PLAIN_ORIGIN: Final = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src {sources}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
)


class HeaderRule(NamedTuple):
    """Headers of all paths that fit one of the patterns; of two rules for one header the later counts."""

    patterns: Sequence[str]
    headers: Mapping[str, str]


class ContentType(NamedTuple):
    """Files whose type is not the one of their suffix."""

    patterns: Sequence[str]
    content_type: str


_PAGES: Final = ("", urls.DASHBOARD, urls.NOT_FOUND, urls.OFFLINE, "services/*", "groups/*", "events/*", "history/*")
_FRAMED: Final = ("embed/", urls.embed_page(""), "embed/{folder}/", urls.embed_page("{folder}"))
_OWN_FEEDS: Final[Sequence[tuple[str, urls.FeedKind]]] = (
    ("services", "updates"), ("services", "events"), ("groups", "updates"), ("groups", "events"),
)  # fmt: skip

TYPES: Final = (
    ContentType(
        ("feeds/*.json", *(urls.feed(f"{owners}/{{id}}", kind, "json") for owners, kind in _OWN_FEEDS)), sent(FEED_JSON)
    ),
    ContentType((urls.STASHBOARD_RSS, urls.stashboard_rss("{id}")), sent(RSS)),
)


def header_rules(origins: Sequence[str]) -> tuple[HeaderRule, ...]:
    """Return the headers of every file; pages may ask these origins beside their own: where their mirrors are."""
    sources = " ".join(["'self'", *origins])
    own = _POLICY.format(sources=sources, ancestors="'self'")
    framed = _POLICY.format(sources=sources, ancestors="*")
    return (
        HeaderRule(
            ("*",),
            {
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Expose-Headers": "ETag",
                "Cache-Control": _PAGE_CACHE,
                "Cross-Origin-Resource-Policy": "cross-origin",
                "Referrer-Policy": "strict-origin-when-cross-origin",
                "X-Content-Type-Options": "nosniff",
            },
        ),
        HeaderRule((urls.STATUS_JSON, urls.MANIFEST, urls.SIGNATURE, urls.METRICS), {"Cache-Control": _STATUS_CACHE}),
        HeaderRule((urls.SERVICE_WORKER,), {"Cache-Control": _WORKER_CACHE}),
        HeaderRule((urls.static_file("*"),), {"Cache-Control": _STATIC_CACHE}),
        HeaderRule((urls.asset("*"),), {"Cache-Control": _ASSET_CACHE}),
        HeaderRule(_PAGES, {"Content-Security-Policy": own}),
        HeaderRule(_FRAMED, {"Content-Security-Policy": framed, "X-Robots-Tag": "noindex"}),
    )


def headers(path: str, origins: Sequence[str] = ()) -> dict[str, str]:
    """Return the headers of one file by its path, its type among them."""
    said = {"Content-Type": content_type(path)}
    for rule in header_rules(origins):
        if re.fullmatch(regex(rule.patterns), path):
            said |= rule.headers
    return said


def turn(path: str) -> int:
    """Return when a file is put in place, lowest first: what pages need, pages, what tells the news, what proves it.

    Whoever looks while a site is being published must not be sent to what is not there yet.
    """
    if path in {urls.MANIFEST, urls.SIGNATURE}:
        return 3
    if path in {urls.STATUS_JSON, urls.DASHBOARD}:
        return 2
    return int(path.endswith(".html"))


def origins(settings: Settings) -> tuple[str, ...]:
    """Return scheme and host of every place where a site with mirrors is published, each once; none without mirrors."""
    places = [url for url in (settings.url, *settings.mirrors) if url] if settings.mirrors else []
    found = dict.fromkeys(map(urls.origin, places))
    # They stand in settings of servers: what is no plain name there would be read as something else.
    return tuple(origin for origin in found if _PLAIN_ORIGIN.fullmatch(origin))


def content_type(path: str) -> str:
    """Return the type of a file of the site by its path: our own server tells the same as others do."""
    own = (kind.content_type for kind in TYPES if re.fullmatch(regex(kind.patterns), path))
    return next(own, TYPE_BY_SUFFIX.get(PurePosixPath(path).suffix.lower(), "application/octet-stream"))
