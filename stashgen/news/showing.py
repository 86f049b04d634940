"""A comparison as text for a terminal, and as Markdown that is safe to post whatever is in the files.

All that comes from files stands in code spans there: no HTML, link, mention or reference in it means anything, and
no control character turns the line around. Both forms are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from stashgen.bidi import bare
from stashgen.news.comparing import Comparison, Difference
from stashgen.text import printable

_MOST_LINES: Final = 20  # of a section
_MOST_CHARACTERS: Final = 160  # of a quotation
_NOUNS: Final = {
    "statuses": "status", "groups": "group", "services": "service", "templates": "template", "events": "event",
}  # fmt: skip


class Quote(str):
    """Words that somebody wrote into a file; everything else in a line is ours."""

    __slots__ = ()


Line = tuple[str, ...]
Spell = Callable[[str], str]


class Section(NamedTuple):
    """A heading and its lines, of which there may be more than are shown."""

    title: str
    lines: Sequence[Line]


def as_text(comparison: Comparison) -> str:
    """Return a comparison as plain text."""
    return "\n".join(_printed(comparison, _cut, heading="{}:", item="  {}"))


def as_markdown(comparison: Comparison) -> str:
    """Return a comparison as Markdown."""
    return "\n".join(_printed(comparison, _coded, heading="\n**{}**\n", item="- {}"))


def _printed(comparison: Comparison, spell: Spell, heading: str, item: str) -> Iterator[str]:
    def said(line: Line) -> str:
        return "".join(spell(part) if isinstance(part, Quote) else part for part in line)

    yield said(_head(comparison))
    for section in _sections(comparison):
        if section.lines:
            yield heading.format(section.title)
            yield from (item.format(said(line)) for line in section.lines[:_MOST_LINES])
            more = len(section.lines) - _MOST_LINES
            if more > 0:
                yield item.format(f"and {more:,} more")


def _head(comparison: Comparison) -> Line:
    if comparison.obstacle:
        return "The page stays as it is, and nothing of this can be published: ", Quote(comparison.obstacle)
    after = Quote(comparison.after.sentence)
    if comparison.is_same:
        return "Nothing changes on the page: ", after
    if comparison.before is None:
        return "The page is new: ", after
    if comparison.before == comparison.after:
        return "The page still says: ", after
    return "The page says: ", Quote(comparison.before.sentence), " → ", after


def _sections(comparison: Comparison) -> Iterator[Section]:
    yield Section("Problems", [*_problems(comparison)])
    if comparison.obstacle:
        return
    yield Section("Services", [*_shifts(comparison)])
    yield Section("News that subscribers are told", [*_news(comparison)])
    yield Section("Files of site-data", [_record(record) for record in comparison.records])
    yield Section("Other files", [(Quote(path),) for path in comparison.files])


def _problems(comparison: Comparison) -> Iterator[Line]:
    for problem in comparison.problems:
        place = f"{problem.path}:{problem.line}" if problem.line else problem.path
        field = (Quote(problem.field), ": ") if problem.field else ()
        error = "error: " if comparison.obstacle else "error, and left out: "
        said = error if problem.severity == "error" else "warning: "
        yield (said, Quote(place), ": ", *field, Quote(problem.message))


def _shifts(comparison: Comparison) -> Iterator[Line]:
    for shift in comparison.statuses:
        before = Quote(shift.before) if shift.before is not None else "not on the page"
        after = Quote(shift.after) if shift.after is not None else "not on the page"
        yield Quote(shift.name), ": ", before, " → ", after


def _news(comparison: Comparison) -> Iterator[Line]:
    for word in comparison.news:
        yield (Quote(word.title), *((": ", Quote(word.text)) if word.text else ()))


def _record(record: Difference) -> Line:
    if record.kind not in _NOUNS:
        return Quote(record.name), *_fields(record.fields)
    noun = record.event_kind or _NOUNS[record.kind]
    return f"{noun} {record.what}: ", Quote(record.name), *_fields(record.fields)


def _fields(fields: Iterable[str]) -> Line:
    listed = ", ".join(fields)
    return (f" ({listed})",) if listed else ()


def _cut(text: str) -> str:
    shown = printable(" ".join(bare(text).split()))
    return shown if len(shown) <= _MOST_CHARACTERS else f"{shown[: _MOST_CHARACTERS - 1]}…"


def _coded(text: str) -> str:
    """Return words as a code span; its fence is longer than any run of backticks in it."""
    shown = re.sub("`{4,}", "```…", _cut(text)) or "…"
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}" if longest else f"`{shown}`"
