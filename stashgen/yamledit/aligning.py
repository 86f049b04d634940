"""Which entries of two lists are the same entry, changed or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Aligned(NamedTuple):
    """So many entries at the beginning and at the end belong together; those between went or came."""

    head: int
    tail: int


def is_same(one: object, other: object) -> bool:
    """Tell whether two values are equal and of one type all the way down."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return type(one) is type(other) and one == other


def aligned(old: Sequence[Any], new: Sequence[Any]) -> Aligned:
    """Return how two lists belong together with as little change as possible."""
    least = min(len(old), len(new))
    head = 0
    while head < least and is_same(old[head], new[head]):
        head += 1
    tail = 0
    while tail < least - head and is_same(old[-1 - tail], new[-1 - tail]):
        tail += 1
    both = least - head - tail
    if both and len(old) != len(new):
        # Of all ways to leave a gap the one after which the fewest entries are others.
        gaps = range(both, -1, -1)
        head += min(gaps, key=lambda gap: _unlikeness(old[head:], new[head:], gap, both - gap + tail))
    else:
        head += both
    return Aligned(head, least - head)


def reordered(old: Sequence[Any], new: Sequence[Any]) -> list[int] | None:
    """Return where each entry of a list stood, if only their order is another; else None."""
    if len(old) != len(new):
        return None
    left, order = [*range(len(old))], []
    for entry in new:
        found = next((place for place in left if is_same(old[place], entry)), None)
        if found is None:
            return None
        left.remove(found)
        order.append(found)
    return order


def _unlikeness(old: Sequence[Any], new: Sequence[Any], head: int, tail: int) -> float:
    pairs = [*zip(old[:head], new[:head], strict=True)]
    pairs += zip(old[len(old) - tail :], new[len(new) - tail :], strict=True)
    return sum(_difference(one, other) for one, other in pairs)


def _difference(one: Any, other: Any) -> float:
    if is_same(one, other):
        return 0
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        alike = sum(1 for key in one.keys() & other.keys() if is_same(one[key], other[key]))
        return 1 - alike / (len(one.keys() | other.keys()) or 1)
    return 1
