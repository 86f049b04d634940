"""Two states of a site, both as of one instant -> what is another on the page: only the files can be the cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec

from stashgen import markup, urls
from stashgen.check import sparing
from stashgen.errors import Problem
from stashgen.model import Kind, Level, Record, Site
from stashgen.news import ledger
from stashgen.news.following import followed
from stashgen.news.items import items
from stashgen.news.states import Ground, State, committed, resolved, working
from stashgen.news.wording import headline
from stashgen.outputs.context import Context

What = Literal["added", "changed", "removed"]
_SOLE: Final = {"site": "site.yaml", "automation": "automation.yaml", "notifications": "notifications.yaml"}


class Banner(msgspec.Struct, frozen=True, kw_only=True):
    """What the dashboard says at its top."""

    sentence: str
    level: Level


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """A service whose status is another; null: it is not on the page."""

    id: str
    name: str
    before: str | None
    after: str | None


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """An update that is new on the page."""

    event: str
    title: str  # state, headline and services
    text: str


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A record that was added, changed or removed, and which of its fields are others."""

    kind: str
    id: str
    name: str
    what: What
    fields: tuple[str, ...] = ()
    event_kind: Kind | None = None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What the working files change on the page."""

    version: Literal[1] = 1
    ref: str
    commit: str
    before: Banner | None  # None: there was no page
    after: Banner
    statuses: tuple[Shift, ...]
    news: tuple[Word, ...]
    records: tuple[Difference, ...]
    files: tuple[str, ...]  # of static/ and of the theme
    problems: tuple[Problem, ...]
    obstacle: str = ""  # why nothing of this can be published, not even without the files that have errors
    is_same: bool


def compare(ground: Ground, ref: str) -> Comparison:
    """Compare the working files with a commit; raise StashgenError where there is no such commit."""
    commit = resolved(ground.project, ref, ground.environ)
    after = working(ground)
    with committed(ground, commit) as before:
        return _compared(ref, commit, before, after)


def _compared(ref: str, commit: str, before: State | None, after: State) -> Comparison:
    here, there = after.context, before.context if before else None
    statuses = tuple(_shifts(there, here))
    news = tuple(_news(there, here)) if there else ()
    records = (*_records(there.site if there else None, here.site), *_events(there, here))
    files = tuple(_files(there, here)) if there else ()
    banner = _banner(there) if there else None
    is_same = banner == _banner(here) and not (statuses or news or records or files)
    return Comparison(
        ref=ref,
        commit=commit,
        before=banner,
        after=_banner(here),
        statuses=statuses,
        news=news,
        records=records,
        files=files,
        problems=after.problems,
        obstacle=sparing.obstacle(here.site, after.problems),
        is_same=is_same,
    )


def _banner(context: Context) -> Banner:
    return Banner(sentence=context.translator.sentence(context.board), level=context.board.overall.level)


def _shifts(before: Context | None, after: Context) -> Iterator[Shift]:
    old = before.board.services if before else {}
    for service in dict.fromkeys([*after.board.services, *old]):
        was, now = _status(before, service), _status(after, service)
        if was != now:
            view = after.board.services.get(service) or old[service]
            yield Shift(id=service, name=view.record.name, before=was, after=now)


def _status(context: Context | None, service: str) -> str | None:
    if context is None or service not in context.board.services:
        return None
    status = context.board.services[service].status
    return context.translator.status_name(status, context.board.statuses[status])


def _news(before: Context, after: Context) -> Iterator[Word]:
    now, new = after.board.now, items(after)
    # As `notify` sees it: what is old, or goes by another name only, is told to nobody.
    known = followed(ledger.learnt(ledger.opened(now), items(before), {}, now), new)
    for item in ledger.fresh(new, known.entries, now):
        texts = after.texts(item.event)
        text = texts.postmortem if "postmortem" in item.tags else None
        if item.update is not None:
            text = texts.messages[item.update]
        yield Word(event=item.event, title=headline(after, item), text=markup.to_plain(text or ""))


def _records(before: Site | None, after: Site) -> Iterator[Difference]:
    for kind in ("site", "notifications", "automation"):
        old, new = (_sole(site, kind) if site else None for site in (before, after))
        if old is not None and new is not None and old != new:
            yield Difference(kind=kind, id=_SOLE[kind], name=_SOLE[kind], what="changed", fields=_fields(old, new))
    for kind in ("statuses", "groups", "services", "templates"):
        yield from _of_folder(kind, getattr(before, kind) if before else {}, getattr(after, kind))


def _sole(site: Site, kind: str) -> Record:
    records: Mapping[str, Record] = {
        "site": site.settings, "notifications": site.notifications, "automation": site.automation,
    }  # fmt: skip
    return records[kind]


def _of_folder(kind: str, old: Mapping[str, Record], new: Mapping[str, Record]) -> Iterator[Difference]:
    for name in dict.fromkeys([*new, *old]):
        was, now = old.get(name), new.get(name)
        if was != now:
            title = getattr(now or was, "name", name)
            yield Difference(kind=kind, id=name, name=title, what=_what(was, now), fields=_fields(was, now))


def _events(before: Context | None, after: Context) -> Iterator[Difference]:
    old = before.site.digest_by_event if before else {}
    new = after.site.digest_by_event
    for name in dict.fromkeys([*new, *old]):
        was = before.site.events[name] if before and name in old else None
        now = after.site.events[name] if name in new else None
        if old.get(name) == new.get(name) or (event := now or was) is None:
            continue
        fields = _fields(was, now) or (_texts(before, after, name) if before and was and now else ())
        # Of the file something may be another that no reader sees, such as a comment.
        if fields or was is None or now is None:
            what = _what(was, now)
            yield Difference(kind="events", id=name, name=event.title, what=what, fields=fields, event_kind=event.kind)


def _texts(before: Context, after: Context, event: str) -> tuple[str, ...]:
    old, new = before.texts(event), after.texts(event)
    fields = {"message": old.messages != new.messages, "postmortem": old.postmortem != new.postmortem}
    return tuple(field for field, is_other in fields.items() if is_other)


def _what(was: object, now: object) -> What:
    if was is None:
        return "added"
    return "removed" if now is None else "changed"


def _fields(was: Record | None, now: Record | None) -> tuple[str, ...]:
    if was is None or now is None:
        return ()
    return tuple(name for name in was.__struct_fields__ if getattr(was, name) != getattr(now, name, None))


def _files(before: Context, after: Context) -> Iterator[str]:
    for name in sorted({*before.static, *after.static}):
        old, new = before.static.get(name), after.static.get(name)
        if old is None or new is None or old.read_bytes() != new.read_bytes():
            yield urls.static_file(name)
    if before.theme.digest != after.theme.digest:
        yield f"themes/{after.site.settings.theme}"
