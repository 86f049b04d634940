"""index.md: the dashboard in Markdown that CommonMark and its dialects read alike."""

from __future__ import annotations

from collections.abc import Iterator

from stashgen import urls
from stashgen.derive.board import Day, EventView, GroupView, ServiceView
from stashgen.model import Level
from stashgen.outputs import telling
from stashgen.outputs.context import Context
from stashgen.outputs.text_files.marking import escaped, link, opening


def text(context: Context) -> str:
    """Return the page; every text that a person wrote stands inside a line that begins with a mark of ours."""
    return "\n".join(_lines(context)).rstrip("\n") + "\n"


def _lines(context: Context) -> Iterator[str]:
    board, translator = context.board, context.translator
    yield from (
        f"# {escaped(board.settings.title)}",
        "",
        f"**{escaped(translator.sentence(board))}** {_since(context)}".rstrip(),
    )
    for section in telling.sections(context):
        yield from _heading(section.title)
        for event in section.events:
            yield from _event(context, board.events[event])
    for group in board.groups:
        yield from _group(context, group)
    if board.services:
        yield from ("", opening(translator.text("twin.uptime")))
    yield from _heading(translator.text("recent.title", count=len(board.recent)))
    for day in board.recent:
        yield from _day(context, day)
    yield from ("", "---", "")
    yield f"- {opening(translator.text('footer.built', at=translator.instant(context.built_at)))}"
    yield f"- {opening(translator.text('footer.next', at=translator.instant(board.next_change_at)))}"
    if context.faulty:
        yield f"- {opening(translator.text('footer.faulty', count=context.faulty))}"
    yield f"- {opening(translator.text('footer.days', zone=board.settings.timezone))}"
    for label, path in telling.links(context):
        yield f"- {link(label, telling.address(context, path))}"


def _heading(title: str) -> Iterator[str]:
    yield from ("", f"## {escaped(title)}", "")


def _since(context: Context) -> str:
    at = telling.level_since(context)
    return (
        "" if at is None else " " + escaped(context.translator.text("event.since", at=context.translator.instant(at)))
    )


def _event(context: Context, event: EventView) -> Iterator[str]:
    yield f"- {_title(context, event)}{_facts(context, event)}"
    said_at = context.translator.instant(event.updated_at)
    yield f"  - {opening(said_at)}: {escaped(telling.newest_message(context, event))}"


def _title(context: Context, event: EventView) -> str:
    return link(event.title, telling.address(context, urls.event_page(event.id)), has_target=context.has("pages"))


def _facts(context: Context, event: EventView) -> str:
    facts = (telling.state(context, event), telling.times(context, event), telling.names(context, event))
    return ": " + escaped(" · ".join(filter(None, facts)))


def _group(context: Context, group: GroupView) -> Iterator[str]:
    yield from _heading(group.record.name if group.record else context.translator.text("services.title"))
    for service in group.services:
        yield _service(context, context.board.services[service])


def _service(context: Context, service: ServiceView) -> str:
    page = telling.address(context, urls.service_page(service.id))
    name = link(service.record.name, page, has_target=context.has("pages"))
    facts = [telling.status_word(context, service), telling.uptime(context, service)]
    at = service.status_since_at
    if at is not None and context.board.statuses[service.status].level is not Level.NORMAL:
        facts.append(context.translator.text("event.since", at=context.translator.instant(at)))
    return f"- {name}: {escaped(' · '.join(facts))}"


def _day(context: Context, day: Day) -> Iterator[str]:
    translator, board = context.translator, context.board
    date = opening(translator.date(day.day, "weekday"))
    if not day.events and not day.ongoing:
        yield f"- {date}: {escaped(translator.text('recent.none'))}"
        return
    yield f"- {date}"
    for event in (board.events[name] for name in day.events):
        yield f"  - {_title(context, event)}{_facts(context, event)}"
    if day.ongoing:
        titles = translator.names([board.events[name].title for name in day.ongoing])
        yield f"  - {opening(translator.text('recent.ongoing', events=titles))}"
