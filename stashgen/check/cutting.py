"""The text of an event's file without a part of it: one of its updates, or a key that it can do without."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from stashgen.errors import Problem

_MARKER: Final = re.compile(rb"^(?:<{7}|\|{7}|={7}|>{7})(?:[ \r][^\n]*)?(?:\n|\Z)", re.MULTILINE)
_UPDATES: Final = re.compile(rb"^updates:[ \t]*(?:#[^\n]*)?\r?\n", re.MULTILINE)
_ITEM: Final = re.compile(rb"^([ \t]*)-(?=[ \t\r\n])", re.MULTILINE)
_KEY: Final = re.compile(rb"^[^\s#-]", re.MULTILINE)
# Words that YAML takes for something else, such as `Database: slow`.
_TITLE: Final = re.compile(rb"^title:[ \t]+([^\s\"'][^\r\n]*)", re.MULTILINE)
# Without one of these it would tell of something else.
_NEEDED: Final = frozenset({"title", "kind", "planned", "updates"})


class Span(NamedTuple):
    """Where a part of a file begins and ends."""

    begin: int
    end: int

    def holds(self, offset: int) -> bool:
        """Tell whether a place lies in it."""
        return self.begin <= offset < self.end


def unmarked(data: bytes) -> bytes:
    """Return a file without the lines by which git marks a conflict: what both sides say stays."""
    return _MARKER.sub(b"", data)


def without_one(data: bytes, lines: Iterable[int]) -> Iterator[bytes]:
    """Yield the file without one of its updates: first those with mistakes on these lines, then the newest ones.

    The first update stays, because it tells when it all began.
    """
    faults = [_offset(data, line) for line in lines]
    spans = sorted(
        _updates(data)[1:], key=lambda span: (any(span.holds(fault) for fault in faults), span), reverse=True
    )
    return (_cut(data, span) for span in spans)


def without_fault(data: bytes, problem: Problem) -> bytes | None:
    """Return the file without the update, or the key, that has a mistake; None where it says nothing without.

    A title that is no YAML is taken by the letter.
    """
    fault = _offset(data, problem.line)
    updates = _updates(data)
    for span in updates:
        if span.holds(fault):
            return _cut(data, span) if len(updates) > 1 else None
    title = _TITLE.match(data, fault)
    if title and not problem.field:
        quoted = json.dumps(title[1].decode(errors="replace").strip(), ensure_ascii=False)
        return data[: title.start(1)] + quoted.encode() + data[title.end(1) :]
    top = max((key.start() for key in _KEY.finditer(data, 0, fault + 1)), default=fault)
    after = _KEY.search(data, fault + 1)
    block = Span(top, after.start() if after else len(data))
    line = block if top == fault else Span(fault, data.find(b"\n", fault) + 1 or len(data))
    fits = (span for span in (line, block) if _is_spared(_key(data, span), problem.field))
    return next((_cut(data, span) for span in fits), None)


def _key(data: bytes, span: Span) -> str:
    return data[span.begin : span.end].partition(b":")[0].decode(errors="replace").strip(" \t\r\n'\"")


def _is_spared(key: str, field: str) -> bool:
    # What is missing is told of at a line that is not to blame.
    return key not in _NEEDED and (not field or key in re.split(r"[.\[]", field))


def _updates(data: bytes) -> list[Span]:
    """Return where the updates of an event are."""
    head = _UPDATES.search(data)
    if not head:
        return []
    after = _KEY.search(data, head.end())
    end = after.start() if after else len(data)
    items = [*_ITEM.finditer(data, head.end(), end)]
    begins = [item.start() for item in items if item[1] == items[0][1]]
    return [Span(*ends) for ends in pairwise([*begins, end])]


def _cut(data: bytes, span: Span) -> bytes:
    return data[: span.begin] + data[span.end :]


def _offset(data: bytes, line: int) -> int:
    return sum(map(len, data.splitlines(keepends=True)[: line - 1]))
