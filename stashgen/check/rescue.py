"""What is left of an event's file with mistakes: all of it but the updates, or the keys, that have them.

A mistake in the newest word on an outage must not make a page say that there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Final, NamedTuple

from stashgen.check import cutting
from stashgen.check.proposal import Proposal, propose
from stashgen.check.reading import Judgement
from stashgen.errors import Problem
from stashgen.load.file import UnreadableError, read
from stashgen.model import Site

_MOST_FILES: Final = 100
_MOST_TRIES: Final = 12  # a file, and once more as often


class Rescued(NamedTuple):
    """A site with what could be saved, and the bytes that stand for files with mistakes, by path below site-data."""

    site: Site
    files: Mapping[str, bytes]


def rescued(case: Judgement, problems: Iterable[Problem]) -> Rescued:
    """Return the site with what is sound of events with mistakes; `case` has the sound part of the site."""
    site, files = case.site, dict[str, bytes]()
    known = list(problems)
    for path, lines in _events(case, known):
        with suppress(UnreadableError):
            others = [problem for problem in known if problem.path != f"{case.root.name}/{path}"]
            before = case._replace(site=site, problems=others)
            saved = _saved(read(case.root, path), lines, lambda data: propose(before, others, {path: data}))  # noqa: B023 - called at once
            if saved:
                files[path], site = saved
    return Rescued(site, files)


def _saved(data: bytes, lines: list[int], proposed: Callable[[bytes], Proposal]) -> tuple[bytes, Site] | None:
    """Return what is sound of a file, and the site with it.

    The least that can be left out is one update, which need not be the one that has the mistake: a quote that is
    not closed is noticed later. Else each part with a mistake goes, one after the other.
    """
    for shorter in islice(cutting.without_one(data, lines), _MOST_TRIES):
        proposal = proposed(shorter)
        if not _errors(proposal):
            return shorter, proposal.site
    rest: bytes | None = cutting.unmarked(data)
    for _ in range(_MOST_TRIES):
        if rest is None:
            return None
        proposal = proposed(rest)
        errors = _errors(proposal)
        if not errors:
            return rest, proposal.site
        rest = cutting.without_fault(rest, errors[0])
    return None


def _errors(proposal: Proposal) -> list[Problem]:
    return [problem for problem in proposal.problems if problem.severity == "error"]


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
