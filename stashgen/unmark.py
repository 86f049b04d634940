"""Light HTML, as people type it into other status pages, to Markdown that shows the same.

What has no exact and simple counterpart stays HTML: Markdown carries it, and it is cleaned when it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from typing import Final

import msgspec

_MARKS: Final = {"strong": "**", "b": "**", "em": "*", "i": "*"}
_LISTS: Final = frozenset({"ul", "ol"})
_BLOCKS: Final = frozenset({"p", *_LISTS})
_KNOWN: Final = frozenset({"br", "li", "a", *_BLOCKS, *_MARKS})
_HARMLESS: Final = frozenset({"target", "rel", "class", "style", "data-stringify-type"})
_SAFE_URL: Final = re.compile(r"(?:https?://|mailto:)[^\s()<>\"\\]+")

# What would be markup in Markdown but is plain text here; addresses are linked as they are.
_MARKUP: Final = re.compile(
    r"(?P<url>(?<![\w/\"'=(<\[])https?://[^\s<>\"'`\]*\\]+)"
    r"|[\\`*]"
    r"|(?<![^\W_])_|_(?![^\W_])"
    r"|\[(?=[^\]]*\]\s?[\[(:])|!(?=\[)"
    r"|<(?=[A-Za-z/!?])"
    r"|&(?=#|[A-Za-z]{2,})"
)
_LINE_MARKUP: Final = re.compile(r"(?P<number>\d+)[.)](?=\s|$)|[#>|~=:]|[-+](?=\s|$)|-(?=[-|:\s]*$)")
_NOT_ESCAPABLE: Final = "|~=:"
_BRACKET: Final = re.compile(r"(?<!\\)[\[\]]")
_ENTITIES: Final = {"<": "&lt;", "&": "&amp;"}
_ODD: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_LINE_ENDS: Final = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def to_markdown(text: str) -> str:
    """Return Markdown for a text with light HTML: paragraphs, line breaks, lists, strong, em and links.

    Text without tags keeps its words and line ends; what Markdown would take for markup is escaped. Any other tag,
    an attribute that matters, or tags that do not match: the HTML is returned as it came.
    """
    clean = printable(text).strip()
    try:
        return "\n\n".join(_blocks(_tree(clean)))
    except _NoCounterpartError:
        return clean


def printable(text: str) -> str:
    """Return a text without control characters, its line ends as newlines."""
    return _ODD.sub("", _LINE_ENDS.sub("\n", text))


class _NoCounterpartError(Exception):
    """The HTML holds what Markdown cannot say simply."""


class _Node(msgspec.Struct):
    tag: str  # "" for the root
    url: str = ""
    children: list[_Node | str] = []


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.path = [_Node("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, dict(attrs).get("href") or "")
        names = {name for name, _ in attrs} - _HARMLESS - ({"href"} if tag == "a" else set())
        if tag not in _KNOWN or names or (tag == "a" and not _SAFE_URL.fullmatch(node.url)):
            raise _NoCounterpartError
        self.path[-1].children.append(node)
        if tag != "br":
            self.path.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag != "br" and self.path.pop().tag != tag:
            raise _NoCounterpartError

    def handle_data(self, data: str) -> None:
        # Between tags line ends are what their author typed; inside them they are HTML's white space.
        self.path[-1].children.append(data if len(self.path) == 1 else re.sub(r"\s+", " ", data))

    def handle_comment(self, data: str) -> None:  # noqa: ARG002 - the library's signature
        raise _NoCounterpartError

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002 - as above
        raise _NoCounterpartError

    def handle_pi(self, data: str) -> None:  # noqa: ARG002 - as above
        raise _NoCounterpartError


def _tree(text: str) -> _Node:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    if len(reader.path) != 1:
        raise _NoCounterpartError
    return reader.path[0]


def _blocks(node: _Node) -> list[str]:
    blocks: list[str] = []
    last = ""
    for tag, children in _runs(node.children):
        if tag in _LISTS and tag == last:
            raise _NoCounterpartError  # Markdown would make one list of two
        new = [_list(tag, children)] if tag in _LISTS else [part for part in _paragraphs(_inline(children)) if part]
        last = tag if new else last
        blocks += new
    return blocks


def _runs(children: Sequence[_Node | str]) -> Iterator[tuple[str, list[_Node | str]]]:
    """Yield blocks with their children, and what stands between them as runs with the tag ""."""
    run: list[_Node | str] = []
    for child in children:
        if isinstance(child, _Node) and child.tag in _BLOCKS:
            yield "", run
            yield child.tag, child.children
            run = []
        else:
            run.append(child)
    yield "", run


def _paragraphs(text: str) -> Iterator[str]:
    for part in re.split(r"(?:<br>\s*){2,}|\n\s*\n", text):
        lines = [_line(line.strip()) for line in re.sub(r"^(?:\s|<br>)+|(?:\s|<br>)+$", "", part).split("\n")]
        yield "\n".join(lines)


def _line(line: str) -> str:
    match = _LINE_MARKUP.match(line)
    if not match:
        return line
    at = len(match["number"] or "")
    mark = line[at]
    return line[:at] + (f"&#{ord(mark)};" if mark in _NOT_ESCAPABLE else f"\\{mark}") + line[at + 1 :]


def _inline(children: Sequence[_Node | str]) -> str:
    return "".join(_escaped(child) if isinstance(child, str) else _marked(child) for child in children)


def _escaped(text: str) -> str:
    return _MARKUP.sub(lambda match: match["url"] or _ENTITIES.get(match[0]) or f"\\{match[0]}", text)


def _marked(node: _Node) -> str:
    if node.tag == "br":
        return "<br>\n"
    inner = _inline(node.children)
    words = inner.strip()
    if node.tag not in (*_MARKS, "a") or "\n\n" in words or "<br>" in words:
        raise _NoCounterpartError
    if not words:
        return inner
    before, after = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
    return (
        before + (_link(words, node.url) if node.tag == "a" else f"{_MARKS[node.tag]}{words}{_MARKS[node.tag]}") + after
    )


def _link(words: str, url: str) -> str:
    if words in (url, url.removeprefix("mailto:")):
        return f"<{words}>"
    if "://" in words:
        raise _NoCounterpartError  # Markdown would see a link inside the link
    label = _BRACKET.sub(lambda match: f"\\{match[0]}", words)
    return f"[{label}]({url})"


def _list(tag: str, children: Sequence[_Node | str]) -> str:
    items = [child for child in children if isinstance(child, _Node)]
    if not items or any(item.tag != "li" for item in items) or any(isinstance(c, str) and c.strip() for c in children):
        raise _NoCounterpartError
    return "\n".join(_item(f"{number}. " if tag == "ol" else "- ", item) for number, item in enumerate(items, 1))


def _item(bullet: str, item: _Node) -> str:
    blocks = _blocks(item)
    is_nested = [isinstance(child, _Node) and child.tag in _LISTS for child in item.children]
    if not blocks or is_nested[:1] == [True] or len(blocks) - sum(is_nested) != 1:
        raise _NoCounterpartError
    return f"{bullet}{blocks[0]}" + "".join(f"\n{block}" for block in blocks[1:]).replace("\n", "\n    ")
