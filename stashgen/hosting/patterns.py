"""Patterns of paths below the site's own, and what they are in the languages of hosts.

A pattern such as `services/{id}/rss` has holes with names; `*` stands for anything, slashes included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Final

ANYTHING: Final = "(?s:.*)"  # line ends too: an address may hold them in their encoded form
# Written for PCRE (nginx, Apache) and RE2 (Caddy) alike.
_REGEX_BY_HOLE: Final[Mapping[str, str]] = {
    "*": ANYTHING,
    "id": "[a-z0-9][a-z0-9-]*",
    "name": "[A-Za-z0-9_-]+",
    "folder": "[^/]+",
    "year": "[0-9]{4}",
    "month": "[01][0-9]",
    "day": "[0-3][0-9]",
    "short_month": "[1-9]",
    "short_day": "[1-9]",
    "any_day": "[0-9]{1,2}",
}
# `_redirects` knows no digits: there such holes are filled with every value they may have, a line each.
_VALUES_BY_HOLE: Final[Mapping[str, Sequence[str]]] = {
    "day": [f"{day:02}" for day in range(1, 32)],
    "short_month": [str(month) for month in range(1, 10)],
    "short_day": [str(day) for day in range(1, 10)],
}
_HOLE: Final = re.compile(r"\{(\w+)\}|\*")


def holes(pattern: str) -> list[str]:
    """Return the names of a pattern's holes in order; `*` is its own name."""
    return [match[1] or "*" for match in _HOLE.finditer(pattern)]


def regex(patterns: Sequence[str]) -> str:
    """Return a regular expression for the whole of a path that fits one of the patterns, without groups."""
    wholes = [_joined(pattern, lambda hole: _REGEX_BY_HOLE[hole]) for pattern in patterns]
    return wholes[0] if len(wholes) == 1 else f"(?:{'|'.join(wholes)})"


def regex_with_groups(pattern: str) -> str:
    """Return a regular expression in which each hole is a group, numbered from 1."""
    return _joined(pattern, lambda hole: f"({_REGEX_BY_HOLE[hole]})")


def filled(template: str, pattern: str, group: Callable[[int], str]) -> str:
    """Return a target whose holes are references to the groups of the pattern they come from."""
    numbers = {hole: number for number, hole in enumerate(holes(pattern), 1)}
    return _HOLE.sub(lambda match: group(numbers[match[1]]), template)


def glob(pattern: str) -> str:
    """Return a pattern in the language of `_headers` and `_redirects`."""
    return _HOLE.sub(lambda match: f":{match[1]}" if match[1] else "*", pattern)


def source(pattern: str, *, is_named: bool) -> str:
    """Return a pattern in the language of path-to-regexp, with holes as parameters, by name or without."""
    group = ":{hole}({regex})" if is_named else "({regex})"
    return _joined(pattern, lambda hole: group.format(hole=hole, regex=_REGEX_BY_HOLE[hole].replace(ANYTHING, ".*")))


def destination(target: str) -> str:
    """Return a target of such a pattern with named parameters."""
    return _HOLE.sub(lambda match: f":{match[1]}", target)


def spelt_out(pattern: str, target: str) -> Iterator[tuple[str, str]]:
    """Yield the pattern and its target once for each value of the holes that `_redirects` cannot restrict."""
    counted = [hole for hole in holes(pattern) if hole in _VALUES_BY_HOLE]
    for values in product(*(_VALUES_BY_HOLE[hole] for hole in counted)):
        pair = (pattern, target)
        for hole, value in zip(counted, values, strict=True):
            pair = (pair[0].replace(f"{{{hole}}}", value), pair[1].replace(f"{{{hole}}}", value))
        yield pair


def _joined(pattern: str, fill: Callable[[str], str]) -> str:
    literals = [re.escape(text) for text in re.split(r"\{\w+\}|\*", pattern)]
    fills = [*map(fill, holes(pattern)), ""]
    return "".join(text + hole for text, hole in zip(literals, fills, strict=True))
