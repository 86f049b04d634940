"""Safe HTML of messages to the light HTML that Statuspage speaks: text, `<br />`, `<a>` and `<b>`.

What comes in was written by our own cleaner, so it is well-formed and its attributes stand between double quotes.
Blocks and lines are first marked by characters that no text holds; when all is there, runs of them become breaks.
"""

from __future__ import annotations

import html
import re
from contextlib import suppress
from typing import Final
from urllib.parse import urljoin

_PIECE: Final = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*/?>')
_ATTRIBUTE: Final = re.compile(r'\s([a-z-]+)="([^"]*)"')
_BREAK: Final = "<br />"
_FIRM: Final = "\u00a0"  # a space that stays where white space is taken together
_LINE, _BLOCK, _BULLET, _CELL = "\x01", "\x02", "\x03", "\x04"
_MARKS: Final = re.compile("[\x00-\x08]")
_BORDER: Final = re.compile(f"([{_LINE}{_BLOCK}])")
_GAP_BY_BORDER: Final = {_LINE: 1, _BLOCK: 2}
_AFTER_BULLET: Final = re.compile(f"{_BULLET}[ {_LINE}{_BLOCK}]*")
_FIRST_CELL: Final = re.compile(f"(?:(?<=[{_LINE}{_BLOCK}])|(?<=[{_LINE}{_BLOCK}] )|^){_CELL}")
_EMPTY_BOLD: Final = re.compile(f"<b>([ {_LINE}{_BLOCK}]*)</b>")
_QUICK_ENDS: Final = (("<p>", "</p>"), ("<ul>\n<li>", "</li>\n</ul>"))
_QUICK_TAGS: Final = (
    ("</p>\n<p>", _BREAK * 2), ("</p>\n<ul>\n<li>", f"{_BREAK * 2}- "), ("</li>\n<li>", f"{_BREAK}- "),
    ("</li>\n</ul>\n<p>", _BREAK * 2), ("<strong>", "<b>"), ("</strong>", "</b>"), ("<code>", ""), ("</code>", ""),
    ('" rel="noopener nofollow">', '">'), ("\n", " "), ("&nbsp;", _FIRM),
)  # fmt: skip
_OTHER_TAG: Final = re.compile(r'[\t\r\f]|<(?!/?b>|/a>|br />|a href="https?://[^"]*">)')
_SPACE: Final = re.compile(r"[ \t\n\r\f]+")
_BLOCK_TAGS: Final = frozenset({"p", "pre", "table", "blockquote", "details", "hr", "dl", "h3", "h4", "h5", "h6"})
_LINE_TAGS: Final = frozenset({"li", "tr", "dt", "dd", "summary"})
_LIST_TAGS: Final = frozenset({"ul", "ol"})
_BOLD_TAGS: Final = frozenset({"strong", "b", "h3", "h4", "h5", "h6", "th", "dt", "summary"})


def light(markup: str, root: str, page: str) -> str:
    """Return a message as light HTML; `root` is the site's URL with a slash, `page` that of the event."""
    markup = _MARKS.sub("", markup)
    return _quick(markup) or _full(markup, root, page)


def _quick(markup: str) -> str | None:
    """Return the same for the commonest tags in a tenth of the time, None for all others."""
    is_list = markup.startswith("<ul>\n<li>")
    for start, end in _QUICK_ENDS:
        markup = markup.removeprefix(start).removesuffix(end)
    if is_list:
        markup = f"- {markup}"
    for tag, replacement in _QUICK_TAGS:
        markup = markup.replace(tag, replacement)
    return None if "  " in markup or _OTHER_TAG.search(markup) else markup


def _full(markup: str, root: str, page: str) -> str:
    writer = _Writer(root, page)
    end = 0
    for match in _PIECE.finditer(markup):
        writer.add_text(markup[end : match.start()])
        writer.add_tag(match[2], match[3], is_end=bool(match[1]))
        end = match.end()
    writer.add_text(markup[end:])
    return _broken("".join(writer.parts))


def _broken(text: str) -> str:
    """Return a marked text with its breaks."""
    if _BULLET in text:
        text = _AFTER_BULLET.sub("", text)
    if _CELL in text:
        text = _FIRST_CELL.sub("", text).replace(_CELL, " | ").replace("  | ", " | ")
    if "<b>" in text:
        text = _EMPTY_BOLD.sub(r"\1", text)
    result, gap = "", 0
    for piece in _BORDER.split(text):
        line = piece.strip(" ")
        if piece in _GAP_BY_BORDER:
            gap = max(gap, _GAP_BY_BORDER[piece])
        elif line:
            result += _BREAK * gap + line if result else line
            gap = 0
    return result.replace(f" {_BREAK}", _BREAK).replace(f"{_BREAK} ", _BREAK)


class _Writer:
    def __init__(self, root: str, page: str) -> None:
        self.parts: list[str] = []
        self._root, self._page = root, page
        self._numbers: list[int | None] = []  # of the lists around: the number of the last item, None for bullets
        self._bold = 0
        self._is_firm = False  # inside preformatted text
        self._is_linked = False

    def add_text(self, text: str) -> None:
        if self._is_firm:
            lines = text.strip("\n").replace("\t", "    ").replace("  ", _FIRM * 2)
            self.parts.append(lines.replace("\n ", f"\n{_FIRM}").replace("\n", _BREAK))
        else:
            self.parts.append(_SPACE.sub(" ", text).replace("&nbsp;", _FIRM))

    def add_tag(self, name: str, attributes: str, *, is_end: bool) -> None:
        if name in _BOLD_TAGS and is_end:
            self._embolden(-1)
        if name in _BLOCK_TAGS or name in _LINE_TAGS or name in _LIST_TAGS:
            self._add_block(name, attributes, is_end=is_end)
        elif name == "br":
            self.parts.append(_BREAK)
        elif name in {"td", "th"} and not is_end:
            self.parts.append(_CELL)
        elif name == "a":
            self._add_link(attributes, is_end=is_end)
        elif name == "img":
            self._add_image(attributes)
        if name in _BOLD_TAGS and not is_end:
            self._embolden(1)

    def _embolden(self, step: int) -> None:
        self._bold += step
        if (self._bold, step) in {(1, 1), (0, -1)}:
            self.parts.append("<b>" if step > 0 else "</b>")

    def _add_block(self, name: str, attributes: str, *, is_end: bool) -> None:
        if name in _LIST_TAGS and is_end:
            self._numbers.pop()
        is_block = not self._numbers and name not in _LINE_TAGS
        self.parts.append(_BLOCK if is_block else _LINE)
        if name in _LIST_TAGS and not is_end:
            start = dict(_ATTRIBUTE.findall(attributes)).get("start", "1")
            self._numbers.append(int(start) - 1 if re.fullmatch("-?[0-9]{1,9}", start) else 0)
            if name == "ul":
                self._numbers[-1] = None
        elif name == "li" and not is_end:
            self._add_bullet()
        self._is_firm = name == "pre" and not is_end

    def _add_bullet(self) -> None:
        number = self._numbers[-1] if self._numbers else None
        bullet = "-"
        if number is not None:
            self._numbers[-1] = number + 1
            bullet = f"{number + 1}."
        self.parts.append(f"{_FIRM * 2 * (len(self._numbers) - 1)}{bullet} {_BULLET}")

    def _add_link(self, attributes: str, *, is_end: bool) -> None:
        if is_end:
            self.parts.append("</a>" if self._is_linked else "")
            self._is_linked = False
            return
        target = dict(_ATTRIBUTE.findall(attributes)).get("href")
        if target is not None:
            self.parts.append(f'<a href="{self._absolute(target)}">')
            self._is_linked = True

    def _add_image(self, attributes: str) -> None:
        # A picture would be a request that nobody who shows a line of text expects.
        values = dict(_ATTRIBUTE.findall(attributes))
        words = values.get("alt") or values.get("src", "")
        link = f'<a href="{self._absolute(values.get("src", ""))}">{words}</a>'
        self.parts.append(words if self._is_linked else link)

    def _absolute(self, target: str) -> str:
        if target.startswith("https://"):
            return target
        address = html.unescape(target)
        base = self._root if address.removeprefix("./").startswith("static/") else self._page
        with suppress(ValueError):  # not an address at all, such as `//[`: it leads nowhere, as on the page
            address = urljoin(base, address)
        return html.escape(address)
