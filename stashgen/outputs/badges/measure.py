"""How wide a text will be, without a font at hand.

A viewer's font may differ, and letters outside the tables are guessed: the drawing binds every text to the width
that is said here, so a wrong guess shows as letters a little narrower or wider, never as an overlap.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

from stashgen.outputs.badges import advances

_OTHER: Final = 70  # hundredths of the font's size
_WIDE: Final = 100
_EMOJI: Final = 125
_EMOJI_FROM: Final = 0x1F000
_UNSEEN: Final = frozenset({"Mn", "Me", "Cf"})


def width(text: str, size: float, *, is_bold: bool = False) -> float:
    """Return the width of a text in pixels at a font size."""
    table = advances.BOLD if is_bold else advances.REGULAR
    return sum(_advance(character, table) for character in text) * size / 100


def _advance(character: str, table: Mapping[int, str]) -> int:
    if unicodedata.category(character) in _UNSEEN:
        return 0
    code = ord(character)
    for first, digits in table.items():
        place = 2 * (code - first)
        if 0 <= place < len(digits):
            return int(digits[place : place + 2], 16)
    if unicodedata.east_asian_width(character) in "WF":
        return _EMOJI if code >= _EMOJI_FROM and unicodedata.category(character) == "So" else _WIDE
    return _OTHER
