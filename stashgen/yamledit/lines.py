"""Lines of a text by the places of its characters."""

from __future__ import annotations

import re
from typing import Final

_BREAK: Final = re.compile(r"\r\n?|\n")


def line_start(text: str, place: int) -> int:
    """Return where the line of a place begins."""
    return max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1


def line_end(text: str, place: int) -> int:
    """Return where the line of a place ends, before its line end."""
    match = _BREAK.search(text, place)
    return match.start() if match else len(text)


def next_line(text: str, place: int) -> int:
    """Return where the line after that of a place begins; the end of the text if there is none."""
    match = _BREAK.search(text, place)
    return match.end() if match else len(text)


def column(text: str, place: int) -> int:
    """Return how many characters stand before a place on its line."""
    return place - line_start(text, place)


def is_first(text: str, place: int) -> bool:
    """Tell whether only spaces stand before a place on its line."""
    return not text[line_start(text, place) : place].strip(" ")


def break_of(text: str) -> str:
    """Return the line end that a text uses."""
    match = _BREAK.search(text)
    return match.group() if match else "\n"


def with_lf(text: str) -> str:
    """Return a text with the line ends of Unix."""
    return _BREAK.sub("\n", text)


def without_break(text: str) -> str:
    """Return a text without the line end at its end."""
    return text.removesuffix("\n").removesuffix("\r")


def above_comments(text: str, place: int, indent: int) -> int:
    """Return where the line of a place begins, or that of the first comment right above it that stands at `indent`."""
    here = line_start(text, place)
    while here:
        above = text.rfind("\n", 0, here - 1) + 1
        if not text.startswith(" " * indent + "#", above):
            break
        here = above
    return here


def below_comments(text: str, place: int, indent: int) -> int:
    """Return where the line below begins, or that below the comments there that stand deeper than `indent`."""
    here = next_line(text, place)
    while here < len(text) and line_start(text, here) == here:
        line = text[here : line_end(text, here)]
        if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) <= indent:
            break
        here = next_line(text, here)
    return here
