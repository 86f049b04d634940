"""libyaml's events -> plain data, on an own stack, so that neither depth nor aliases can exhaust anything."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from stashgen import instants
from stashgen.errors import Field, Problem, Severity
from stashgen.text import printable, quoted
from stashgen.yamlio import syntax
from stashgen.yamlio.scalars import plain

MAX_DEPTH: Final = 32
MAX_ALIASES: Final = 32
MAX_ALIASED_NODES: Final = 1_000
MAX_PROBLEMS: Final = 100
_WRITTEN_PARTS: Final = 8
_WRITTEN_LENGTH: Final = 200

# What stands under a key: True a day or an instant, False an instant, a mapping the shape of a record (lists of
# records included).
Shape = Mapping[str, "bool | Shape"]


def written(field: Field) -> str:
    """Return a field as problems print it, such as `updates[1].state`."""
    text = ""
    for part in field[:_WRITTEN_PARTS]:
        text += f"[{part}]" if isinstance(part, int) else f".{printable(part)}"
    return text.removeprefix(".")[:_WRITTEN_LENGTH] + "…" * (len(field) > _WRITTEN_PARTS)


class RefusedError(Exception):
    """Nothing below this place is read; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


class _Anchor(NamedTuple):
    value: object
    nodes: int


_NO_SHAPE: Final[Shape] = {}
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


class _Frame(NamedTuple):
    """An open collection, as it is left aside while one inside it is read."""

    node: dict[str, Any] | list[Any]
    key: str | None
    shape: Shape
    anchor: str | None  # of the collection inside
    nodes: int  # counted before it


class Builder:
    """Builds plain data from the events of one file: `run`, then `root` holds the value and `problems` the rest."""

    def __init__(self, path: str, shape: Shape, zone: dt.tzinfo) -> None:
        self.path, self.zone = path, zone
        self.problems: list[Problem] = []
        self.documents = 0
        self.root: list[Any] = []
        self.node: dict[str, Any] | list[Any] = self.root
        self.key: str | None = None  # of the value that comes next; None: a key comes next
        self.shape: Shape = shape
        self.stack: list[_Frame] = []
        self.nodes = self.aliases = self.aliased_nodes = 0
        self.anchors: dict[str, _Anchor | None] = {}

    def run(self, parser: CParser) -> None:
        """Follow the events to their end; raise RefusedError, or YAMLError where it is no YAML."""
        steps: dict[type[Event], Callable[[Any], None]] = {
            ScalarEvent: self.scalar,
            MappingStartEvent: self.start,
            SequenceStartEvent: self.start,
            MappingEndEvent: self.end,
            SequenceEndEvent: self.end,
            AliasEvent: self.alias,
            DocumentStartEvent: self.document,
        }
        next_event, find = parser.get_event, steps.get
        while (event := next_event()) is not None and event.__class__ is not StreamEndEvent:
            if (step := find(event.__class__)) is not None:
                step(event)

    def scalar(self, event: ScalarEvent) -> None:
        text: str = event.value
        if event.tag is not None or event.anchor is not None:
            self.adorn(event)
        if event.style == '"' and _CONTROL.search(text):
            raise self.refusal(event, f"holds a control character: {quoted(text)}")
        if self.key is None and self.node.__class__ is dict:
            self.open_key(text, event)
            return
        wanted = self.shape.get(self.key) if self.key is not None else None
        if wanted.__class__ is bool:
            value = self.instant(text, event.start_mark, is_day=bool(wanted))
        else:
            value = text if event.style else plain(text)
        self.put(value)
        self.key = None
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchor(value, 1)

    def start(self, event: CollectionStartEvent) -> None:
        if event.tag is not None or event.anchor is not None:
            self.adorn(event)
        if self.key is None and self.node.__class__ is dict:
            raise self.refusal(event, syntax.COLLECTION_AS_KEY)
        if len(self.stack) >= MAX_DEPTH:
            raise self.refusal(event, f"is nested deeper than {MAX_DEPTH} levels")
        below = self.shape if self.key is None else self.shape.get(self.key)
        child: dict[str, Any] | list[Any] = {} if event.__class__ is MappingStartEvent else []
        self.put(child)
        self.stack.append(_Frame(self.node, self.key, self.shape, event.anchor, self.nodes))
        self.node, self.key = child, None
        self.shape = _NO_SHAPE if below is None or isinstance(below, bool) else below

    def end(self, _event: Event) -> None:
        done = self.node
        self.node, _, self.shape, anchor, nodes = self.stack.pop()
        self.key = None
        if anchor is not None:
            self.anchors[anchor] = _Anchor(done, self.nodes - nodes + 1)

    def alias(self, event: AliasEvent) -> None:
        name = event.anchor or ""
        anchor = self.anchors.get(name)
        if name not in self.anchors:
            raise self.refusal(event, syntax.unknown_alias(name))
        if anchor is None:
            raise self.refusal(event, f"`*{name}` stands inside the very value it repeats")
        if self.key is None and self.node.__class__ is dict:
            raise self.refusal(event, "an alias cannot be a key: write the key out")
        self.aliases += 1
        self.aliased_nodes += anchor.nodes
        if self.aliases > MAX_ALIASES or self.aliased_nodes > MAX_ALIASED_NODES:
            raise self.refusal(event, f"too many aliases such as `*{name}`: write the values out")
        value = anchor.value
        if isinstance(value, str) and self.key is not None and isinstance(is_day := self.shape.get(self.key), bool):
            value = self.instant(value, event.start_mark, is_day=is_day)
        self.nodes += anchor.nodes
        self.put(value)
        self.key = None

    def document(self, event: Event) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self.refusal(event, "a second document begins here with `---`: one file holds one record")

    def put(self, value: object) -> None:
        self.nodes += 1
        if self.key is None:
            self.node.append(value)  # type: ignore[union-attr] # without a key it is a list
        else:
            self.node[self.key] = value  # type: ignore[call-overload] # with a key it is a dict

    def open_key(self, text: str, event: ScalarEvent) -> None:
        if text == "<<" and not event.style:
            raise self.refusal(event, "merge keys (`<<`) are not read: write the fields out")
        self.key = text
        if text in self.node:
            self.remark(event.start_mark, "stands twice in the same place: keep one", "error")

    def instant(self, text: str, mark: Any, *, is_day: bool) -> object:
        at, remark = instants.read(text, self.zone, is_day=is_day)
        if at is None:  # whoever knows the record says what is wrong
            return text
        if remark:
            self.remark(mark, f"{quoted(text)} {remark}", "warning")
        return at

    def adorn(self, event: NodeEvent) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise self.refusal(event, f"tags such as {quoted(syntax.short_tag(tag))} are not read: delete it")
        if len(self.anchors) >= MAX_ALIASES:
            raise self.refusal(event, f"too many anchors such as `&{event.anchor}`: write the values out")
        self.anchors[event.anchor or ""] = None

    def field(self) -> Field:
        frames = [(frame.node, frame.key, -1) for frame in self.stack] + [(self.node, self.key, 0)]
        parts: list[str | int] = []
        for node, key, ahead in frames[1:]:
            if isinstance(node, list):
                parts.append(len(node) + ahead)
            elif key is not None:
                parts.append(key)
        return tuple(parts)

    def remark(self, mark: Any, message: str, severity: Severity) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(self.problem(mark, message, severity))

    def refusal(self, event: Event, message: str) -> RefusedError:
        return RefusedError(self.problem(event.start_mark, message, "error"))

    def problem(self, mark: Any, message: str, severity: Severity) -> Problem:
        return Problem(
            path=self.path,
            line=mark.line + 1,
            column=mark.column + 1,
            field=written(self.field()),
            message=message,
            severity=severity,
        )
