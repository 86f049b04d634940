"""Headings inside of texts, brought under the heading that the text stands below.

Authors begin with `#`, `##` or `###` as they like; a page's headings go down one step at a time.
"""

from __future__ import annotations

import re
from typing import Final

_HEADING: Final = re.compile(r"<(/?)h([1-6])(?=[\s>])")


def outlined(html: str, top: int) -> str:
    """Return a text's HTML with its highest headings at level `top` and no level left out below."""
    if "<h" not in html:
        return html
    stack: list[int] = []

    def moved(tag: re.Match[str]) -> str:
        level = int(tag[2])
        if not tag[1]:
            while stack and stack[-1] >= level:
                stack.pop()
            stack.append(level)
        return f"<{tag[1]}h{min(top + len(stack) - 1, 6)}"

    return _HEADING.sub(moved, html)
