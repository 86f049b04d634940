"""The table of what Stashboard answered: its API, its feed, and the addresses of its pages."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from stashgen import urls
from stashgen.media_types import RSS, TEXT, sent
from stashgen.stashboard.events import DateError, event, events
from stashgen.stashboard.feed import feed
from stashgen.stashboard.questions import READABLE, Library, Question, Reply, read_json
from stashgen.stashboard.rebase import rebased
from stashgen.stashboard.wording import error, refused_callback, spoken

_BASES: Final = (urls.STASHBOARD, urls.STASHBOARD_ADMIN)
_API: Final = re.compile(r"(?:admin/)?api(?:/|$)")
# Names of resources: none of them leads out of the folder.
_RESOURCE: Final = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+){0,3}")
_FILE: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_EVENTS: Final = re.compile(r"services/([^/]+)/events(?:/([^/]+))?")
_DAY: Final = re.compile(r"services/([a-z0-9-]+)/([0-9]{4})(?:/([0-9]{1,2})(?:/([0-9]{1,2}))?)?/?")
_OWN_FEED: Final = re.compile(r"services/([a-z0-9-]+)/rss")
_LIST: Final = re.compile(r"service-lists/([a-z0-9-]+)")


def reply(library: Library, question: Question) -> Reply | None:
    """Return the answer to a question; None where a file of the site, or nothing, is the answer."""
    if _API.match(question.path):
        return _api(library, question)
    if question.method not in READABLE:
        return None
    if question.path == "rss":
        return feed(library, question)
    if own := _OWN_FEED.fullmatch(question.path):
        data = library.read(urls.stashboard_rss(own[1]))
        return None if data is None else Reply(200, sent(RSS), data)
    return _day(library, question) or _list(library, question)


def _api(library: Library, question: Question) -> Reply | None:
    callback = question.value("callback")
    if refused := refused_callback(callback):
        return refused
    if question.method not in READABLE:
        return _not_allowed(question, callback)
    base = next((base for base in _BASES if question.path.startswith(f"{base}/")), None)
    found = _resource(library, question, base, callback) if base else None
    if found is None and not _is_file(library, question.path):
        found = spoken(404, error(404, f"there is nothing at /{question.path}"), callback)
    return found


def _resource(library: Library, question: Question, base: str, callback: str) -> Reply | None:
    resource = question.path.removeprefix(f"{base}/")
    if not _RESOURCE.fullmatch(resource):
        return None
    try:
        body = _body(library, question, base, resource)
    except DateError as wrong:
        return spoken(400, error(400, str(wrong)), callback)
    return None if body is None else spoken(200, rebased(body, library.site_url, question.root, base), callback)


def _body(library: Library, question: Question, base: str, resource: str) -> Any:
    asked = _EVENTS.fullmatch(resource)
    if asked and asked[2] is None:
        return events(library, asked[1], question)
    found = read_json(library, urls.stashboard(base, resource))
    return event(library, asked[1], asked[2]) if found is None and asked else found


def _is_file(library: Library, path: str) -> bool:
    return _FILE.fullmatch(path) is not None and library.has(path)


def _not_allowed(question: Question, callback: str) -> Reply:
    is_admin = question.path.startswith("admin/")
    message = None if is_admin else f"{question.method} is not answered: this API can only be read"
    return spoken(405, error(405, message), callback)._replace(headers=(("Allow", ", ".join(READABLE)),))


def _day(library: Library, question: Question) -> Reply | None:
    """Return the way from Stashboard's page of a day, month or year, padded or not, to ours."""
    match = _DAY.fullmatch(question.path)
    if match is None or library.has(f"{question.path.rstrip('/')}/index.html"):
        return None
    service, year, month, day = match[1], int(match[2]), int(match[3] or 1), int(match[4] or 1)
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None
    page, anchor = urls.service_month_page(service, year, month), f"#{urls.day_anchor(date)}" if match[4] else ""
    if match[3] is None or not library.has(page):
        page, anchor = urls.service_page(service), ""
    if not library.has(page):
        return None
    return _elsewhere(question, page, anchor)


def _list(library: Library, question: Question) -> Reply | None:
    """Return the way from Stashboard's page of a list, or of all lists, to ours."""
    listed = _LIST.fullmatch(question.path)
    page = urls.group_page(listed[1]) if listed else urls.DASHBOARD
    is_asked = listed is not None or question.path == "summary"
    return _elsewhere(question, page) if is_asked and library.has(page) else None


def _elsewhere(question: Question, page: str, anchor: str = "") -> Reply:
    location = f"{question.prefix}/{page.removesuffix('index.html')}{anchor}"
    return Reply(302, sent(TEXT), b"", (("Location", location), ("Cache-Control", "no-cache")))
