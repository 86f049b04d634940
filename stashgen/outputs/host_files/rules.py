"""What every host is told, once: which headers, which file answers which URL, and what is said of a missing one.

Paths and patterns are relative to the site's own; each writer says the same in its host's language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from stashgen import urls
from stashgen.hosting import TYPES, ContentType, HeaderRule, header_rules, origins
from stashgen.media_types import JSON, RSS, sent
from stashgen.model import Family
from stashgen.outputs.aliases import moved
from stashgen.outputs.context import Context

PREFLIGHT: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}


class Rewrite(NamedTuple):
    """URLs that are answered, without a redirect, by the file of the same path and a suffix."""

    patterns: Sequence[str]
    suffix: str
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
    folders: Sequence[str]  # where pages are, without the slash at the end
    vacant: Sequence[Redirect]  # folders, with a slash at the end, and where to go while there is no page in them
    missing: Sequence[Missing]


_APIS: Final = ("api/*", "admin/api/*")
_STASHBOARD: Final = (
    "services", "services/{id}", "services/{id}/events", "services/{id}/events/{name}",
    "statuses", "statuses/{id}", "service-lists", "service-lists/{id}", "status-images", "levels",
)  # fmt: skip
_FOLDERS: Final[Mapping[Family, Sequence[str]]] = {
    "pages": (
        "services/{id}", "services/{id}/{year}/{month}", "groups/{id}", "events/{id}", "history",
        "history/{year}/{month}",
    ),
    "embeds": ("embed", "embed/compact"),
}  # fmt: skip
# A month in which nothing was said has no page, and no year has one. Only a host that looks for a file first can tell.
_VACANT: Final = (
    Redirect("services/{id}/{year}/", "services/{id}/"),
    Redirect("services/{id}/{year}/{month}/", "services/{id}/"),
)


def rules(context: Context) -> Rules:
    """Return the rules for a site: what its families of files call for."""
    return Rules(
        base=urls.base_path(context.board.settings.url),
        headers=header_rules(origins(context.board.settings)),
        types=TYPES,
        rewrites=list(_rewrites(context)),
        redirects=list(_redirects(context)),
        folders=[folder for family, folders in _FOLDERS.items() if context.has(family) for folder in folders],
        vacant=_VACANT if context.has("pages") else (),
        missing=[Missing(("*",), urls.NOT_FOUND), Missing(_APIS, urls.API_NOT_FOUND)],
    )


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
