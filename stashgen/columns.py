"""Text in columns of a terminal or a plain file: a mark for each level, widths in cells, lines that fit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from stashgen.model import Level
from stashgen.text import printable

# Each level has its own shape too, so that it survives grey and colour blindness.
MARKS: Final[Mapping[Level, str]] = {
    Level.NORMAL: "✓",
    Level.MAINTENANCE: "⚒",
    Level.WARNING: "▲",
    Level.ERROR: "◐",
    Level.CRITICAL: "✗",
}
_ISOLATES: Final = ("\u2068", "\u2069")  # FSI, PDI
_ISOLATE: Final = re.compile("([\u2068\u2069])")


def fit(text: str) -> str:
    """Return text that cannot steer a terminal: `printable`, but for the marks that keep a name apart in its sentence.

    These two end with their line at the latest, so that they cannot disturb another.
    """
    return "".join(part if part in _ISOLATES else printable(part) for part in _ISOLATE.split(text))


def cells(text: str) -> int:
    """Return how many columns of a terminal a text takes: wide letters take two, marks on letters and controls none."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(
        0 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def wrapped(text: str, width: int, most: int | None = None) -> list[str]:
    """Return a text as lines of at most `width` columns, broken between words where possible; at most `most` lines."""
    lines = [""]
    for word in text.split():
        rest = word
        if lines[-1] and cells(lines[-1]) + 1 + cells(rest) > width:
            lines.append("")
        elif lines[-1]:
            lines[-1] += " "
        while cells(rest) > width - cells(lines[-1]):
            head = _head(rest, width - cells(lines[-1]))
            lines[-1] += head
            rest = rest[len(head) :]
            lines.append("")
        lines[-1] += rest
    if most is not None and len(lines) > most:
        return [*lines[: most - 1], _head(lines[most - 1], width - 2) + " …"]
    return lines


def cut(text: str, width: int) -> str:
    """Return a text that takes at most `width` columns; what is left out is marked."""
    return text if cells(text) <= width else f"{_head(text, width - 1).rstrip()}…"


def _head(text: str, width: int) -> str:
    end = next((end for end in range(1, len(text) + 1) if cells(text[:end]) > width), len(text) + 1)
    return text[: max(end - 1, 1)]
