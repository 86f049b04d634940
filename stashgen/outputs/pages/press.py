"""What all pages share, prepared once a build: words, marks, assets, and the frame that each page is put into."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

import msgspec

from stashgen import urls
from stashgen.derive.board import EventView
from stashgen.memo import digest
from stashgen.outputs.context import Context, Output
from stashgen.outputs.pages.assets import Assets, assets
from stashgen.outputs.pages.marks import Icons, Mark, marks
from stashgen.outputs.pages.wording import Wording, machine
from stashgen.outputs.scripts import places
from stashgen.outputs.subscriptions import SITE, Channel, calendar_path, has_calendars, subscriptions
from stashgen.urls import FeedFormat

_FULL_ADDRESS: Final = ("http://", "https://", "mailto:", "tel:")
DESCRIPTION_LENGTH: Final = 160
_FEED_NAMES: Final[Mapping[FeedFormat, str]] = {"atom": "Atom", "rss": "RSS", "json": "JSON"}
_CALENDAR_KEYS: Final = {urls.CALENDAR: "footer.maintenance", urls.INCIDENT_CALENDAR: "footer.incidents"}


class Refresh(msgspec.Struct, frozen=True, kw_only=True):
    """What the script needs on a page that tells the present: where news is, what the page knows already."""

    status: str  # link to status.json; "": there is none to ask
    revision: str | None  # of the dashboard; None: the page shows other facts too
    next_change: str | None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page to be: where it goes, what its head says, and the values of its own."""

    path: str
    template: str
    title: str
    description: str = ""
    values: Mapping[str, Any] = {}
    level: str = "normal"  # whose icon the browser tab shows
    is_live: bool = False  # it tells the present and is refreshed by the script
    is_dashboard: bool = False
    is_summary: bool = False  # it says less than the dashboard, and nothing else
    channel: Channel = SITE  # whose feeds and calendars it announces first


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What base.html prints about a page."""

    path: str
    root: str
    title: str
    full_title: str
    description: str
    canonical: str | None
    favicon: str
    refresh: Refresh | None
    is_dashboard: bool


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    """A feed or a calendar in the head of a page; its address is absolute where the site has a URL."""

    href: str
    type: str
    title: str


class FooterLinks(msgspec.Struct, frozen=True, kw_only=True):
    """What can be subscribed to, in the foot of a page; empty where site.yaml switches it off."""

    feeds: tuple[HeaderLink, ...]
    calendars: tuple[HeaderLink, ...]


class HeaderLink(msgspec.Struct, frozen=True):
    """A link of site.yaml with its address as seen from the page."""

    title: str
    href: str


class Press(msgspec.Struct, frozen=True, dict=True):
    """Makes pages out of a context."""

    context: Context

    @cached_property
    def wording(self) -> Wording:
        """Times and figures in the site's language."""
        return Wording(self.context.translator)

    @cached_property
    def assets(self) -> Assets:
        """Style, script and icons."""
        return assets(self.context)

    @cached_property
    def icons(self) -> Icons:
        """The theme's icons."""
        return Icons(self.context.theme)

    @cached_property
    def _marks_by_root(self) -> dict[str, dict[str, Mark]]:
        return {}

    @cached_property
    def _views(self) -> dict[str, EventView]:
        return {}

    @cached_property
    def head(self) -> bytes:
        """Digest of what every page shows."""
        assets = self.assets
        linked = [file.path.encode() for file in (assets.style, assets.script, assets.away) if file]
        return digest(self.context.layout, *linked)

    @cached_property
    def key_by_event(self) -> Mapping[str, bytes]:
        """Return what tells whether anything said of an event has changed."""
        return {event: self.head + key for event, key in self.context.key_by_event.items()}

    @cached_property
    def begun_by_month(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """Return (service, "2026-11") -> events that began then and touch the service, holding it or not."""
        events: dict[tuple[str, str], list[str]] = {}
        for month in self.context.board.months:
            for event in month.events:
                for service in self.context.board.phases[event].services:
                    events.setdefault((service, month.name), []).append(event)
        return {place: frozenset(found) for place, found in events.items()}

    def marks(self, root: str) -> dict[str, Mark]:
        """Return status id -> mark as a page with this way to the root shows it."""
        if root not in self._marks_by_root:
            self._marks_by_root[root] = marks(self.context, self.icons, root)
        return self._marks_by_root[root]

    def key(self, *parts: Any) -> bytes:
        """Return the key of a page that shows these values besides what every page shows."""
        return digest(self.head, msgspec.msgpack.encode(parts))

    def output(self, page: Page, key: bytes, rank: int = 0) -> Output:
        """Return a page whose values are known already."""
        return Output(page.path, key, lambda: self.printed(page), rank)

    def printed(self, page: Page) -> bytes:
        """Return the bytes of a page."""
        values = {**self._shared, **self._frame(page), **page.values}
        html = self.context.theme.render(page.template, values)
        return self.icons.placed(html).encode()

    @cached_property
    def _shared(self) -> dict[str, Any]:
        wording, settings = self.wording, self.context.board.settings
        palettes = self.context.theme.palettes
        return {
            "site": settings,
            "language": self.context.translator.language,
            "direction": self.context.translator.direction,
            "paper": {"light": palettes.light["paper"], "dark": palettes.dark["paper"]},
            "t": wording.text,
            "at": wording.at,
            "ago": wording.ago,
            "span": wording.span,
            "date": wording.date,
            "month": wording.month,
            "duration": wording.duration,
            "percent": wording.percent,
            "icon": self.icons.icon,
        }

    def _frame(self, page: Page) -> dict[str, Any]:
        settings = self.context.board.settings
        root = self.root(page.path)
        return {
            "root": root,
            "page": self._head(page, root),
            "links": [HeaderLink(link.title, _address(root, link.url)) for link in settings.links],
            "logo": self._image(root, settings.logo),
            "style": root + self.assets.style.path,
            "script": root + self.assets.script.path,
            "away": root + self.assets.away.path if self.assets.away else "",
            "places": self._places(page),
            "asset": lambda name: root + self.assets.others[name].path,
            "home": root + urls.DASHBOARD,
            "history": root + urls.HISTORY,
            "announced": self._announced(page.channel, root),
            "subscribe": self._footer_links(page, root),
        }

    def _places(self, page: Page) -> list[HeaderLink]:
        """Return where else the page is published, the original among them: the same bytes are on every mirror."""
        settings = self.context.board.settings
        path = "" if page.path in (urls.NOT_FOUND, urls.OFFLINE) else page.path.removesuffix("index.html")
        found = [*places(settings)] if settings.mirrors else []
        return [HeaderLink(place.partition("://")[2].rstrip("/"), place + path) for place in found]

    @cached_property
    def _announced_by_place(self) -> dict[tuple[Channel, str], list[Announced]]:
        return {}

    def _announced(self, channel: Channel, root: str) -> list[Announced]:
        """Return the page's own feeds and calendars, then the site's."""
        known = self._announced_by_place
        if (channel, root) not in known:
            known[channel, root] = self._newly_announced(channel, root)
        return known[channel, root]

    def _newly_announced(self, channel: Channel, root: str) -> list[Announced]:
        both = dict.fromkeys([channel, SITE])
        url = self.context.board.settings.url
        return [
            Announced(href=urls.absolute(url, one.path) or root + one.path, type=one.type, title=one.title)
            for of in both
            for one in subscriptions(self.context, of)
        ]

    def _footer_links(self, page: Page, root: str) -> FooterLinks:
        """Return the links of the dashboard and of pages that have feeds of their own; from others it is one step."""
        text, channel = self.wording.text, page.channel
        if channel is SITE and not page.is_dashboard:
            return FooterLinks(feeds=(), calendars=())
        feeds = [
            HeaderLink(name, root + urls.feed(channel.folder, "updates", form))
            for form, name in _FEED_NAMES.items()
            if self.context.has("feeds")
        ]
        calendars = [
            HeaderLink(text(key), root + calendar_path(channel, calendar))
            for calendar, key in _CALENDAR_KEYS.items()
            if self.context.has("calendars") and has_calendars(channel)
        ]
        return FooterLinks(feeds=tuple(feeds), calendars=tuple(calendars))

    def root(self, path: str) -> str:
        """Return the way from a page to the site's root; the page for unknown addresses is shown anywhere."""
        settings = self.context.board.settings
        return urls.base_path(settings.url) if path == urls.NOT_FOUND else urls.root(path)

    def _head(self, page: Page, root: str) -> Head:
        settings = self.context.board.settings
        title = self.wording.text("page.title", page=page.title, site=settings.title)
        favicon = self._image(root, settings.favicon) or root + self._favicon(page)
        return Head(
            path=page.path,
            root=root,
            title=page.title,
            full_title=title,
            description=_short(page.description or settings.description),
            canonical=None if page.path == urls.NOT_FOUND else urls.absolute(settings.url, page.path),
            favicon=favicon,
            refresh=self._refresh(page, root),
            is_dashboard=page.is_dashboard,
        )

    def _image(self, root: str, name: str | None) -> str | None:
        """Return the link to an image of the site's own; None where it has none, or does not publish it."""
        return root + urls.static_file(name) if name is not None and name in self.context.static else None

    def _favicon(self, page: Page) -> str:
        return self.assets.favicon_by_level[page.level].path

    def _refresh(self, page: Page, root: str) -> Refresh | None:
        if not page.is_live:
            return None
        status = self.status_json(root)
        if not (page.is_dashboard or page.is_summary):
            return Refresh(status=status, revision=None, next_change=None)
        next_change = machine(self.context.board.next_change_at)
        return Refresh(status=status, revision=self.context.revision, next_change=next_change)

    def status_json(self, root: str) -> str:
        """Return the link to status.json; "" where site.yaml switches it off."""
        return root + urls.STATUS_JSON if self.context.has("status-json") else ""

    def event(self, id: str) -> EventView:  # noqa: A002  # an event's id
        """Return the view of an event of the present, made once."""
        if id not in self._views:
            self._views[id] = self.context.board.events[id]
        return self._views[id]

    def day(self, at: dt.datetime) -> dt.date:
        """Return the day of an instant in the site's zone."""
        return self.context.translator.day(at)


def _address(root: str, url: str) -> str:
    return url if url.startswith(_FULL_ADDRESS) else root + url.lstrip("/")


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= DESCRIPTION_LENGTH else flat[: DESCRIPTION_LENGTH - 1].rstrip() + "…"
