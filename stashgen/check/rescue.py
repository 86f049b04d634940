"""What is left of an event's file when one of its updates has a mistake: all of it but that update.

A mistake in the newest word on an outage must not make a page say that there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import pairwise
from typing import Final, NamedTuple

from stashgen.check.proposal import propose
from stashgen.check.reading import Judgement
from stashgen.errors import Problem
from stashgen.load.file import UnreadableError, read
from stashgen.model import Site

_MOST_FILES: Final = 100
_MOST_TRIES: Final = 12  # a file
_UPDATES: Final = re.compile(rb"^updates:[ \t]*(?:#[^\n]*)?\r?\n", re.MULTILINE)
_ITEM: Final = re.compile(rb"^([ \t]*)- ", re.MULTILINE)


class Rescued(NamedTuple):
    """A site with what could be saved, and the bytes that stand for files with mistakes, by path below site-data."""

    site: Site
    files: Mapping[str, bytes]


def rescued(case: Judgement, problems: Iterable[Problem]) -> Rescued:
    """Return the site with those events that are sound but for one update; `case` has the sound part of the site."""
    site, files = case.site, dict[str, bytes]()
    known = list(problems)
    for path, lines in _events(case, known):
        with suppress(UnreadableError):
            others = [problem for problem in known if problem.path != f"{case.root.name}/{path}"]
            for data in _candidates(read(case.root, path), lines):
                proposal = propose(case._replace(site=site, problems=others), others, {path: data})
                if not any(problem.severity == "error" for problem in proposal.problems):
                    site, files[path] = proposal.site, data
                    break
    return Rescued(site, files)


def _events(case: Judgement, problems: Iterable[Problem]) -> Iterator[tuple[str, list[int]]]:
    """Yield the files of events that are not in the site, and the lines of their mistakes."""
    start = f"{case.root.name}/"
    lines_by_path: dict[str, list[int]] = {}
    for problem in problems:
        if problem.severity == "error" and problem.path.startswith(f"{start}events/"):
            lines_by_path.setdefault(problem.path.removeprefix(start), []).append(problem.line)
    for path, lines in sorted(lines_by_path.items())[:_MOST_FILES]:
        name = path.rpartition("/")[2].removesuffix(".yaml")
        # Of two files with one id the other is on the page.
        if path.endswith(".yaml") and name not in case.site.events:
            yield path, lines


def _candidates(data: bytes, lines: list[int]) -> Iterator[bytes]:
    """Yield the file without one of its updates: first those with mistakes in them, then the newest ones.

    The first update stays, because it tells when it all began.
    """
    spans = [*pairwise([*_begins(data), len(data)])][1:]
    faults = [_offset(data, line) for line in lines]
    spans.sort(key=lambda span: (any(span[0] <= fault < span[1] for fault in faults), span), reverse=True)
    for begin, end in spans[:_MOST_TRIES]:
        yield data[:begin] + data[end:]


def _begins(data: bytes) -> list[int]:
    """Return where the updates of an event begin."""
    head = _UPDATES.search(data)
    items = [*_ITEM.finditer(data, head.end())] if head else []
    return [item.start() for item in items if item[1] == items[0][1]]


def _offset(data: bytes, line: int) -> int:
    return sum(map(len, data.splitlines(keepends=True)[: line - 1]))
