"""Text that runs both ways: a name of the other direction is isolated, so that it does not disturb its sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final, Literal

Direction = Literal["ltr", "rtl"]

_RTL_LANGUAGES: Final = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})
_AGAINST: Final[Mapping[Direction, frozenset[str]]] = {"ltr": frozenset({"R", "AL"}), "rtl": frozenset({"L"})}
_TAG: Final = re.compile(r"<[^>]*>")
_ISOLATES: Final = re.compile("[\u2066-\u2069]")


def direction(language: str) -> Direction:
    """Return the direction in which a language (`ar`, `pt-BR`) is written."""
    return "rtl" if language.lower().split("-")[0] in _RTL_LANGUAGES else "ltr"


def isolated(value: str, around: Direction) -> str:
    """Return text or HTML to be put into a sentence, between FSI and PDI if it runs against the sentence.

    Without them the punctuation around a name goes to the name's side (Unicode Annex 9).
    """
    if around == "ltr" and value.isascii():
        return value
    runs = {unicodedata.bidirectional(character) for character in _TAG.sub("", value)}
    return f"\u2068{value}\u2069" if runs & _AGAINST[around] else value


def bare(text: str) -> str:
    """Return text without isolates, for where they would be spelled out rather than obeyed."""
    return _ISOLATES.sub("", text)
