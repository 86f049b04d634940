"""The Markdown dialect of messages: Python-Markdown with fenced code, tables and bare links, cleaned by nh3."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from functools import cache
from typing import Final

import markdown
import nh3
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

_TAGS: Final = (
    "a abbr b blockquote br code dd del details dl dt em h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small "
    "strong sub summary sup table tbody td tfoot th thead tr ul var"
)
_DROPPED_WITH_CONTENT: Final = "script style template noscript iframe svg math textarea title"
_ATTRIBUTES: Final = {
    "a": {"href", "title", "hreflang"},
    "abbr": {"title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align", "scope"},
}
# The library's time grows with the square of the brackets, and of the quotes in tags, that nothing closes.
_MOST_BRACKETS: Final = 500
_MOST_TAGS: Final = 2000
_OWN_IMAGE: Final = re.compile(r"(?:\./)?static/[^\s:\\]+")
_BARE_URL: Final = r"(?<![\w/\"'=(<\[])(https?://[^\s<>\"'`\]]*[^\s<>\"'`\].,;:!?)*_])"


def convert(text: str) -> str:
    """Return the safe HTML of a Markdown text."""
    if text.count("[") > _MOST_BRACKETS or text.count("<") > _MOST_TAGS:
        return _plain(text)
    parser, cleaner = _tools()
    try:
        return cleaner.clean(parser.reset().convert(text)).strip()
    except RecursionError:
        _tools.cache_clear()  # a parser that was stopped half way remembers it
        return _plain(text)


def _plain(text: str) -> str:
    # What would take the parser minutes, or more stack than there is, nobody wrote to be read as Markdown.
    return "\n".join(f"<p>{nh3.clean_text(block)}</p>" for block in text.strip().split("\n\n"))


class _BareUrl(InlineProcessor):
    def handleMatch(  # type: ignore[override]  # noqa: N802 -- the library's name, with its looser type
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002 -- part of the signature
    ) -> tuple[ET.Element, int, int]:
        link = ET.Element("a", href=m[1])
        link.text = AtomicString(m[1])
        return link, m.start(0), m.end(0)


class _ForeignImages(Treeprocessor):
    """An image of another host would be a request to a third party: link to it instead."""

    def run(self, root: ET.Element) -> None:
        for image in list(root.iter("img")):
            source = image.get("src", "")
            if not _OWN_IMAGE.fullmatch(source):
                alternative = image.get("alt", "") or source
                tail = image.tail
                image.clear()
                image.tag, image.tail, image.text = "a", tail, AtomicString(alternative)
                image.set("href", source)


class _LowerHeadings(Treeprocessor):
    """A message stands below the page's own headings: its first level is the page's third."""

    def run(self, root: ET.Element) -> None:
        for element in root.iter():
            if re.fullmatch("h[1-6]", str(element.tag)):
                element.tag = f"h{min(int(element.tag[1]) + 2, 6)}"


def _own_images(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src" and not _OWN_IMAGE.fullmatch(value):
        return None
    return value


@cache
def _tools() -> tuple[markdown.Markdown, nh3.Cleaner]:
    # One instance each: a new parser a text costs half again as much as the text.
    parser = markdown.Markdown(extensions=["fenced_code", "tables", "sane_lists"], output_format="html")
    parser.inlinePatterns.register(_BareUrl(_BARE_URL, parser), "bare_url", 65)
    parser.treeprocessors.register(_ForeignImages(parser), "foreign_images", 5)
    parser.treeprocessors.register(_LowerHeadings(parser), "lower_headings", 4)
    cleaner = nh3.Cleaner(
        tags=set(_TAGS.split()),
        clean_content_tags=set(_DROPPED_WITH_CONTENT.split()),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_own_images,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
        strip_comments=True,
    )
    return parser, cleaner
