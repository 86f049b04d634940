"""Words inside Markdown: text that cannot become markup, links that stay whole."""

from __future__ import annotations

import re
from typing import Final

from stashgen.columns import fit

# What means something inside a line. A backslash works in every dialect for these; the others are written as
# character references, because not every dialect lets them be escaped.
_MARKS: Final = re.compile(r"[\\`*_{}\[\]#!]")
# What makes a list of a line, or of a list's item, when it stands at the start: "- ", "+ ", "23. " as in German dates.
_OPENING: Final = re.compile(r"^(?=[-+])|^(\d+)(?=[.)])")
_REFERENCES: Final = str.maketrans({
    "&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "~": "&#126;", "$": "&#36;",
})  # fmt: skip
_ADDRESS: Final = str.maketrans({
    "(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "[": "%5B", "]": "%5D", "*": "%2A", "_": "%5F", "`": "%60",
    "\\": "%5C",
})  # fmt: skip


def escaped(text: str) -> str:
    """Return text for the inside of a line, on one line."""
    line = " ".join(fit(text).split())
    return _MARKS.sub(r"\\\g<0>", line).translate(_REFERENCES)


def opening(text: str) -> str:
    """Return text for the start of a paragraph, a quotation or an item."""
    return _OPENING.sub(r"\g<1>\\", escaped(text))


def link(label: str, address: str, *, has_target: bool = True) -> str:
    """Return a link, or its label alone where there is nothing to link to, for the start of an item."""
    return f"[{escaped(label)}]({address.translate(_ADDRESS)})" if has_target else opening(label)
