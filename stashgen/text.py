"""Small pure tools for words: the nearest of some choices, a slug of a title, a value as a message quotes it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

SLUG_LENGTH: Final = 60
_QUOTED_LENGTH: Final = 60
_LIKENESS: Final = 0.6
# Letters that Unicode does not take apart into a base letter and a mark.
_LATIN: Final = str.maketrans({
    "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "œ": "oe", "\u0131": "i",
})  # fmt: skip
# Marks that turn the direction of writing are among them: they can make a line show something else.
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that was probably meant by `word`, or None when nothing is close.

    Case and the difference of `-`, `_` and space do not count; between equals the first in order wins.
    """
    wanted = _folded(word)
    matcher = SequenceMatcher(b=wanted, autojunk=False)
    best, best_likeness = None, _LIKENESS
    for choice in sorted(choices):
        matcher.set_seq1(_folded(choice))
        if matcher.real_quick_ratio() < best_likeness or matcher.quick_ratio() < best_likeness:
            continue
        likeness = matcher.ratio()
        if likeness > best_likeness or (best is None and likeness >= best_likeness):
            best, best_likeness = choice, likeness
    return best


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return ` (did you mean ...?)` with the nearest choice, or an empty text."""
    meant = nearest(word, choices)
    return f" (did you mean {quoted(meant)}?)" if meant is not None else ""


def slug(title: str) -> str:
    """Return an id made from a title: ASCII letters, digits and single dashes; empty when no such letter is left."""
    plain = unicodedata.normalize("NFKD", title.casefold().translate(_LATIN))
    ascii_only = plain.encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", re.sub(r"['`\u2019]", "", ascii_only)).strip("-")
    if len(words) > SLUG_LENGTH:
        words = words[: SLUG_LENGTH + 1].rpartition("-")[0] or words[:SLUG_LENGTH]
    return words


def printable(value: str) -> str:
    """Return the text with control characters, line ends and stray surrogates as visible escapes."""
    return _UNPRINTABLE.sub(_escape, value)


def quoted(value: object) -> str:
    """Return a value between backticks on one line, cut to a readable length."""
    shown = printable(value if isinstance(value, str) else str(value))
    if len(shown) > _QUOTED_LENGTH:
        shown = shown[: _QUOTED_LENGTH - 1] + "…"
    return f"`{shown}`"


def listed(words: Iterable[str]) -> str:
    """Return words joined by commas."""
    return ", ".join(words)


def _folded(word: str) -> str:
    return re.sub(r"[-_\s]+", "-", word.casefold())


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
