"""Markdown in, safe HTML out: messages may come from machines and strangers."""

from __future__ import annotations

import html
import re
from functools import cache
from typing import Final
from urllib.parse import urljoin

# Digests of this module's results carry it: count up when the same text gives other HTML.
VERSION: Final = b"markup-2"

# The short path: plain paragraphs and one-level lists whose only markup is `code`, **strong** and [text](url), and
# fenced code.
# Whatever else a text holds goes through the library. A property test holds both paths to the same HTML.
_ODD: Final = r"\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ue000-\uf8ff"
_PLAIN: Final = rf"[^\\`*_\[\]<>&!|{{}}~{_ODD}]"
_CODE: Final = rf"`(?! ){_PLAIN}++(?<! )`"
_STRONG: Final = rf"(?:(?<=^)|(?<=[ \n]))\*\*(?![ \n]){_PLAIN}++(?<!\s)\*\*(?=[ .,;:)\]]|$)"
_LABEL: Final = rf"(?:[^\\`*_\[\]<>&!|{{}}~\"(){_ODD}]|{_CODE}|{_STRONG})+"
_LINK: Final = rf"\[(?! ){_LABEL}(?<! )\]\(https?://[A-Za-z0-9./-]+\)"
# Plain characters are taken in runs that are never given back: a regular expression is fast only without choices.
# The outer repetition is an ordinary one, because Python before 3.11.5 (Debian 12 has 3.11.2) loses its way in
# possessive groups (https://github.com/python/cpython/issues/106052).
_INLINE: Final = rf"(?:{_PLAIN}++|{_CODE}|{_STRONG}|{_LINK})+"
_QUICK_LINE: Final = rf"(?=[A-Za-z\u00c0-\u024f\"'`(])(?!\w+:(?://|\s*$)){_INLINE}(?<!\s)"
_QUICK_ITEM: Final = rf"- (?=[A-Za-z\u00c0-\u024f\"'`(]){_INLINE}(?<!\s)"
_QUICK_FENCE: Final = rf"```\n((?:[^\\`<>&\s{_ODD}][^`<>&{_ODD}]*\n)+)```"
_NOT_QUICK: Final = ("  ", "@", "www.")
_BARE_URL: Final = re.compile(r"(?<!\()https?://")
_RELATIVE_LINK: Final = r'(<(?:a|img)\b[^<>]*? (?:href|src)=")(?![A-Za-z][A-Za-z0-9+.-]*:)([^"]*)'
_TOKEN: Final = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)]+)\)")


@cache
def _pattern(text: str) -> re.Pattern[str]:
    # Compiled when first needed: most builds have no message to look at.
    return re.compile(text)


def to_html(text: str) -> str:
    """Return the safe HTML of a Markdown text: no scripts, no handlers, only http(s), mailto and relative links."""
    short = quick(text)
    return full(text) if short is None else short


def full(text: str) -> str:
    """Return the safe HTML of any Markdown text by the library, half a millisecond each."""
    # Slow to import, and a build that changes nothing needs none of it.
    from stashgen import dialect  # noqa: PLC0415

    return dialect.convert(text)


def quick(text: str) -> str | None:
    """Return the same HTML for a text of the simplest kind in a tenth of the time, None for all others."""
    if any(map(text.__contains__, _NOT_QUICK)) or ("://" in text and _BARE_URL.search(text)):
        return None
    blocks: list[str] = []
    was_list = False
    for block in text.strip("\n").split("\n\n"):
        is_list = block.startswith("- ")
        made = None if is_list and was_list else _quick_block(block, is_list=is_list)
        if made is None:
            return None
        blocks.append(made)
        was_list = is_list
    return "\n".join(blocks)


def _quick_block(block: str, *, is_list: bool) -> str | None:
    fence = _pattern(_QUICK_FENCE).fullmatch(block)
    if fence:
        return f"<pre><code>{fence[1]}</code></pre>"
    lines = block.split("\n")
    shape = _QUICK_ITEM if is_list else _QUICK_LINE
    if "``" in block or not all(map(_pattern(shape).fullmatch, lines)):
        return None
    return _quick_list(lines) if is_list else f"<p>{_quick_inline(block)}</p>"


def to_plain(markup: str) -> str:
    """Return safe HTML as one line of plain text, for titles, previews and terminals."""
    if "<" not in markup and "&" not in markup:
        return " ".join(markup.split())
    bare = re.sub(r"<(?:br|/p|/li|/h\d|/tr|/pre|hr)\b[^>]*>", " ", markup)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", bare)).split())


def to_lines(markup: str) -> str:
    """Return safe HTML as plain text with a line for each paragraph, item and row, and for each line of code."""
    loose = re.sub(r"<pre\b.*?</pre>", lambda block: block[0].replace("\n", "<br>"), markup, flags=re.DOTALL)
    loose = re.sub(r"</t[dh]>", " ", re.sub(r"<li\b[^>]*>", r"\g<0>- ", loose))
    pieces = re.split(r"<(?:br|hr)\b[^>]*>|</?(?:p|li|h\d|tr|pre|ul|ol|table|blockquote)\b[^>]*>(?!- )", loose)
    return "\n".join(filter(None, map(to_plain, pieces)))


def relocate(markup: str, root: str) -> str:
    """Return safe HTML with its links to `static/` made relative to `root`, such as `../../` or a site's URL."""
    if "static/" not in markup:
        return markup
    return re.sub(r'(<(?:a|img)\b[^<>]*? (?:href|src)=")(?:\./)?(?=static/)', rf"\g<1>{root}", markup)


def absolute(markup: str, root: str, page: str) -> str:
    """Return safe HTML as it can be read anywhere: its links are relative to no page any more.

    `root` is the site's URL with a slash at its end, `page` the URL of the page that the text was written for.
    """

    def joined(match: re.Match[str]) -> str:
        return match[1] + html.escape(urljoin(page, html.unescape(match[2])))

    return _pattern(_RELATIVE_LINK).sub(joined, relocate(markup, root)) if '="' in markup else markup


def _quick_list(lines: list[str]) -> str:
    items = "\n".join(f"<li>{_quick_inline(line[2:])}</li>" for line in lines)
    return f"<ul>\n{items}\n</ul>"


def _quick_inline(text: str) -> str:
    return _TOKEN.sub(_quick_token, text)


def _quick_token(match: re.Match[str]) -> str:
    code, strong, label, url = match.groups()
    if code:
        return f"<code>{code}</code>"
    if strong:
        return f"<strong>{strong}</strong>"
    return f'<a href="{url}" rel="noopener nofollow">{_quick_inline(label)}</a>'
