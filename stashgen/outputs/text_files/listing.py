"""llms.txt: what this page is, what it says now, and where a program finds more (https://llmstxt.org)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from stashgen import urls
from stashgen.model import Family
from stashgen.outputs import telling
from stashgen.outputs.context import Context
from stashgen.outputs.text_files.marking import escaped, link, opening


class Entry(NamedTuple):
    """A file that is listed: its note is a text of the translation."""

    path: str
    family: Family
    note: str


SECTIONS: Final[Mapping[str, tuple[Entry, ...]]] = {
    "llms.now": (
        Entry(urls.INDEX_MARKDOWN, "text-files", "llms.markdown"),
        Entry(urls.INDEX_TEXT, "text-files", "llms.text"),
        Entry(urls.STATUS_JSON, "status-json", "llms.status"),
    ),
    "llms.past": (
        Entry(urls.HISTORY, "pages", "llms.history"),
        Entry(urls.HISTORY_CSV, "csv-files", "llms.history_csv"),
        Entry(urls.UPTIME_CSV, "csv-files", "llms.uptime_csv"),
    ),
    "llms.apis": (
        Entry(urls.API_INDEX, "api-description", "llms.index"),
        Entry(urls.OPENAPI, "api-description", "llms.openapi"),
        Entry(urls.statuspage("summary"), "statuspage-api", "llms.statuspage"),
        Entry(urls.stashboard(urls.STASHBOARD, "services"), "stashboard-api", "llms.stashboard"),
    ),
    "llms.follow": (
        Entry(urls.feed("feeds", "updates", "atom"), "feeds", "llms.updates"),
        Entry(urls.feed("feeds", "events", "atom"), "feeds", "llms.events"),
        Entry(urls.CALENDAR, "calendars", "llms.calendar"),
        Entry(urls.badge(None, "status", "svg"), "badges", "llms.badge"),
    ),
}


def text(context: Context) -> str:
    """Return the file."""
    return "\n".join(_lines(context)) + "\n"


def _lines(context: Context) -> Iterator[str]:
    board, translator = context.board, context.translator
    summary = board.settings.description or translator.text("llms.summary")
    yield from (f"# {escaped(board.settings.title)}", "", f"> {opening(summary)}", "")
    at = translator.instant(context.built_at)
    yield opening(translator.text("llms.sentence", at=at, sentence=translator.sentence(board)))
    yield opening(translator.text("footer.next", at=translator.instant(board.next_change_at)))
    for title, entries in SECTIONS.items():
        listed = [entry for entry in entries if context.has(entry.family)]
        if listed:
            yield from ("", f"## {escaped(translator.text(title))}", "")
        for entry in listed:
            address = telling.address(context, entry.path)
            yield f"- {link(entry.path, address)}: {escaped(translator.text(entry.note))}"
