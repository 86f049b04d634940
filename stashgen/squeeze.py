"""Style sheets and scripts without what only their authors need: text goes in, shorter text comes out."""

from __future__ import annotations

import re
from typing import Final

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_SPACE: Final = re.compile(r"\s+")
_CSS_SIGNS: Final = re.compile(r"\s*([{};,>])\s*|(?<=:)\s+|;(?=\s*\})")
_JS_LINE_COMMENT: Final = re.compile(r"^\s*//.*$", re.MULTILINE)
_JS_INDENTATION: Final = re.compile(r"^[ \t]+|[ \t]+$", re.MULTILINE)
_BLANK_LINES: Final = re.compile(r"\n{2,}")


def squeezed_css(css: str) -> str:
    """Return a style sheet without comments and needless space."""
    return _CSS_SIGNS.sub(r"\1", _CSS_SPACE.sub(" ", _COMMENT.sub("", css))).strip() + "\n"


def squeezed_js(script: str) -> str:
    """Return a script without comment lines and indentation; a line stays a line."""
    return _BLANK_LINES.sub("\n", _JS_INDENTATION.sub("", _JS_LINE_COMMENT.sub("", script))).strip() + "\n"
