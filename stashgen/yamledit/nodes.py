"""The nodes of a YAML text and where they stand in it: libyaml's events as a tree, in characters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

Kind = Literal["scalar", "map", "list", "alias"]
BLOCK_TEXT: Final = frozenset("|>")
# What follows the last line that says something.
_REST: Final = re.compile(r"(?:\r\n?|\n)[ \t\r\n]*\Z")
_LAST_BREAK: Final = re.compile(r"(?:\r\n?|\n)\Z")
_KEEPS: Final = re.compile(r"[|>][0-9]?\+")


@dataclass(slots=True)
class Node:
    """A value or a key: text[start:end] is what it is written as, without what follows its last character.

    `style` is that of the scalar (`'`, `"`, `|`, `>`, or empty), `{` for a collection between brackets.
    """

    kind: Kind
    start: int
    end: int
    style: str = ""
    is_adorned: bool = False  # with an anchor or a tag
    children: list[Node] = field(default_factory=list)  # of a map keys and values in turn

    @property
    def is_flow(self) -> bool:
        """Whether it is a collection between brackets."""
        return self.style == "{"

    @property
    def pairs(self) -> list[tuple[Node, Node]]:
        """The keys of a map with their values."""
        return list(zip(self.children[::2], self.children[1::2], strict=True))


def root(text: str) -> Node | None:
    """Return the root of a text that our reader has found sound; None for one without a document."""
    parser: Any = CParser(text)
    top = Node("list", 0, 0)
    stack = [top]
    while (event := parser.get_event()) is not None and event.__class__ is not StreamEndEvent:
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            done = stack.pop()
            end = event.end_mark
            done.end = end.index if done.is_flow and end is not None else done.children[-1].end
        elif isinstance(event, NodeEvent):
            node = _node(event, text)
            stack[-1].children.append(node)
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                stack.append(node)
    return top.children[0] if top.children else None


def _node(event: Any, text: str) -> Node:
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, AliasEvent):
        return Node("alias", start, end)
    is_adorned = event.anchor is not None or event.tag is not None
    if isinstance(event, ScalarEvent):
        style = event.style or ""
        end = _end_of_block(text, start, end) if style in BLOCK_TEXT else end
        return Node("scalar", start, end, style, is_adorned)
    kind: Kind = "map" if isinstance(event, MappingStartEvent) else "list"
    return Node(kind, start, end, "{" if event.flow_style else "", is_adorned)


def _end_of_block(text: str, start: int, end: int) -> int:
    """Return the end of the last line of a literal or folded text: blank lines below count only where they are kept."""
    said = text[start:end]
    rest = (_LAST_BREAK if _KEEPS.match(said) else _REST).search(said)
    return start + rest.start() if rest else end
