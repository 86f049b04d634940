"""What every host is told, once: which headers, which file answers which URL, and what is said of a missing one.

Paths and patterns are relative to the site's own; each writer says the same in its host's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from stashgen import urls
from stashgen.media_types import FEED_JSON, JSON, RSS, TYPE_BY_SUFFIX, sent
from stashgen.outputs.aliases import moved
from stashgen.outputs.context import Context
from stashgen.outputs.host_files.patterns import regex

# Readers of a status page must not see an old one for long, but an old one rather than none.
_PAGE_CACHE: Final = "public, max-age=60, stale-while-revalidate=60, stale-if-error=86400"
_STATUS_CACHE: Final = "public, max-age=15, stale-while-revalidate=15, stale-if-error=86400"
_STATIC_CACHE: Final = "public, max-age=600, stale-while-revalidate=600, stale-if-error=86400"
_ASSET_CACHE: Final = "public, max-age=31536000, immutable"  # a name there changes with the bytes
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
)

PREFLIGHT: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}


class HeaderRule(NamedTuple):
    """Headers of all paths that fit one of the patterns; of two rules for one header the later counts."""

    patterns: Sequence[str]
    headers: Mapping[str, str]


class Rewrite(NamedTuple):
    """URLs that are answered, without a redirect, by the file of the same path and a suffix."""

    patterns: Sequence[str]
    suffix: str
    content_type: str


class ContentType(NamedTuple):
    """Files whose type is not the one of their suffix."""

    patterns: Sequence[str]
    content_type: str


class Redirect(NamedTuple):
    """URLs that have moved for good; the target's holes are the pattern's."""

    pattern: str
    target: str


class Missing(NamedTuple):
    """The file that is sent, with status 404, for URLs that lead nowhere; the later counts."""

    patterns: Sequence[str]
    path: str


class Rules(NamedTuple):
    """Everything there is to say to a host."""

    base: str  # path of the site on its host, with a slash at both ends
    headers: Sequence[HeaderRule]
    types: Sequence[ContentType]
    rewrites: Sequence[Rewrite]
    redirects: Sequence[Redirect]
    vacant: Sequence[Redirect]  # folders, with a slash at the end, and where to go while there is no page in them
    missing: Sequence[Missing]


_APIS: Final = ("api/*", "admin/api/*")
_PAGES: Final = ("", urls.DASHBOARD, urls.NOT_FOUND, "services/*", "groups/*", "events/*", "history/*")
_FRAMED: Final = ("embed/", urls.embed_page(""), "embed/{folder}/", urls.embed_page("{folder}"))
_STASHBOARD: Final = (
    "services", "services/{id}", "services/{id}/events", "services/{id}/events/{name}",
    "statuses", "statuses/{id}", "service-lists", "service-lists/{id}", "status-images", "levels",
)  # fmt: skip
_OWN_FEEDS: Final[Sequence[tuple[str, urls.FeedKind]]] = (
    ("services", "updates"), ("services", "events"), ("groups", "updates"), ("groups", "events"),
)  # fmt: skip

_HEADERS: Final = (
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
    HeaderRule((urls.STATUS_JSON,), {"Cache-Control": _STATUS_CACHE}),
    HeaderRule((urls.static_file("*"),), {"Cache-Control": _STATIC_CACHE}),
    HeaderRule((urls.asset("*"),), {"Cache-Control": _ASSET_CACHE}),
    HeaderRule(_PAGES, {"Content-Security-Policy": _POLICY.format(ancestors="'self'")}),
    HeaderRule(_FRAMED, {"Content-Security-Policy": _POLICY.format(ancestors="*"), "X-Robots-Tag": "noindex"}),
)
# A month in which nothing was said has no page, and no year has one. Only a host that looks for a file first can tell.
_VACANT: Final = (
    Redirect("services/{id}/{year}/", "services/{id}/"),
    Redirect("services/{id}/{year}/{month}/", "services/{id}/"),
)
_TYPES: Final = (
    ContentType(
        ("feeds/*.json", *(urls.feed(f"{owners}/{{id}}", kind, "json") for owners, kind in _OWN_FEEDS)), sent(FEED_JSON)
    ),
    ContentType((urls.STASHBOARD_RSS, urls.stashboard_rss("{id}")), sent(RSS)),
)


def rules(context: Context) -> Rules:
    """Return the rules for a site: what its families of files call for."""
    return Rules(
        base=urls.base_path(context.board.settings.url),
        headers=_HEADERS,
        types=_TYPES,
        rewrites=list(_rewrites(context)),
        redirects=list(_redirects(context)),
        vacant=_VACANT if context.has("pages") else (),
        missing=[Missing(("*",), urls.NOT_FOUND), Missing(_APIS, urls.API_NOT_FOUND)],
    )


def content_type(path: str) -> str:
    """Return the type of a file of the site by its path: our own server tells the same as others do."""
    own = (kind.content_type for kind in _TYPES if re.fullmatch(regex(kind.patterns), path))
    return next(own, TYPE_BY_SUFFIX.get(PurePosixPath(path).suffix.lower(), "application/octet-stream"))


def _rewrites(context: Context) -> Iterator[Rewrite]:
    if context.has("stashboard-api"):
        bases = (urls.STASHBOARD, urls.STASHBOARD_ADMIN)
        yield Rewrite([f"{base}/{resource}" for base in bases for resource in _STASHBOARD], ".json", JSON)
        yield Rewrite(("rss", "services/{id}/rss"), ".xml", sent(RSS))


def _redirects(context: Context) -> Iterator[Redirect]:
    """Yield where Stashboard's pages are now; its links had days and months with and without a zero before."""
    if not context.has("pages"):
        return
    for old, new in moved(context):
        page = new.removesuffix("index.html")
        yield Redirect(old.removesuffix("index.html"), page)
        yield Redirect(old.removesuffix("/index.html"), page)
    month = "services/{id}/{year}"
    yield Redirect("summary", "")
    yield Redirect("service-lists/{id}", "groups/{id}/")
    yield Redirect(f"{month}/{{short_month}}", f"{month}/0{{short_month}}/")
    yield Redirect(f"{month}/{{short_month}}/{{any_day}}", f"{month}/0{{short_month}}/{{any_day}}")
    yield Redirect(f"{month}/{{month}}/{{short_day}}", f"{month}/{{month}}/#day-0{{short_day}}")
    yield Redirect(f"{month}/{{month}}/{{day}}", f"{month}/{{month}}/#day-{{day}}")
