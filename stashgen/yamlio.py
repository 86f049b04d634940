"""YAML bytes -> plain data, and the places of its fields when there is something to say about them.

Scalars are read by the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema) where they are
plain, without octal-looking numbers: `no`, `on`, `10:30`, `0777` and `1_000` stay text. Texts that the shape
declares as instants become aware UTC datetimes. Tags, merge keys, a second document and deep nesting are
refused; aliases are followed up to a small bound. libyaml's events are walked with an own stack, so neither
depth nor aliases can exhaust anything.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

from yaml import YAMLError
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

from stashgen import instants, syntax
from stashgen.errors import Field, Finding, Problem, Severity
from stashgen.text import printable, quoted

MAX_DEPTH: Final = 32
MAX_ALIASES: Final = 32
MAX_ALIASED_NODES: Final = 1_000

# What stands under a key: True a day or an instant, False an instant, a mapping the shape of a record (lists of
# records included).
Shape = Mapping[str, "bool | Shape"]


class Parsed(NamedTuple):
    """Plain data and what is to be said about it; with an error among the problems the data is not to be used."""

    value: object
    problems: tuple[Problem, ...]

    @property
    def is_sound(self) -> bool:
        """Tell whether no problem is an error."""
        return all(problem.severity != "error" for problem in self.problems)


def parse(data: bytes, path: str, shape: Shape, zone: dt.tzinfo) -> Parsed:
    """Read one document of plain data: dict, list, str, int, float, bool, None and UTC datetimes.

    `path` names the file in problems, `zone` is that of instants written without one.
    """
    refused = syntax.before_parsing(data, path)
    if refused is not None:
        return Parsed(None, (refused,))
    builder = _Builder(path, shape, zone)
    try:
        builder.run(CParser(data))
    except _RefusedError as error:
        return Parsed(None, (error.problem,))
    except YAMLError as error:
        return Parsed(None, (syntax.explained(error, data, path),))
    if not builder.documents:
        builder.problems.append(Problem(path=path, message="is empty: give it content or delete the file"))
    problems = (*syntax.cautions(data, path), *builder.problems)
    return Parsed(builder.root[0] if builder.root else None, problems)


def place(data: bytes, path: str, findings: Iterable[Finding]) -> list[Problem]:
    """Turn findings about a file's fields into problems with line and column, reading the file once more."""
    locator = _Locator(path, {}, dt.UTC)
    # If the file has changed since, what stands before a fault still has its place.
    with suppress(_RefusedError, YAMLError):
        locator.run(CParser(data))
    return [locator.problem(finding) for finding in findings]


def written(field: Field) -> str:
    """Return a field as problems print it, such as `updates[1].state`."""
    text = ""
    for part in field:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class _RefusedError(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


class _Anchor(NamedTuple):
    value: object
    nodes: int


_NO_SHAPE: Final[Shape] = {}
_WORDS: Final[Mapping[str, object]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".inf": float("inf"), ".Inf": float("inf"), ".INF": float("inf"),
    "+.inf": float("inf"), "+.Inf": float("inf"), "+.INF": float("inf"),
    "-.inf": float("-inf"), "-.Inf": float("-inf"), "-.INF": float("-inf"),
    ".nan": float("nan"), ".NaN": float("nan"), ".NAN": float("nan"),
}  # fmt: skip
# Plain scalars that begin with anything else are text.
_MAYBE_MORE: Final = frozenset("~nNtTfF+-.0123456789")
_INT: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})|0o[0-7]{1,21}|0x[0-9a-fA-F]{1,16}")
# Without a point or an exponent it is a number too long to be counted with: text.
_FLOAT: Final = re.compile(r"(?=.*[.eE])[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> object:
    """Return what a plain scalar means in the core schema."""
    if text and text[0] not in _MAYBE_MORE:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text) and len(text) <= 40:
        return float(text)
    return text


class _Frame(NamedTuple):
    """An open collection, as it is left aside while one inside it is read."""

    node: dict[str, Any] | list[Any]
    key: str | None
    shape: Shape
    anchor: str | None  # of the collection inside
    nodes: int  # counted before it


class _Builder:
    """Builds plain data from events; one instance a file."""

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
            self.remark(event.start_mark, f"`{printable(text)}` stands twice in the same place: keep one", "error")

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
        self.problems.append(
            Problem(
                path=self.path,
                line=mark.line + 1,
                column=mark.column + 1,
                field=written(self.field()),
                message=message,
                severity=severity,
            )
        )

    def refusal(self, event: Event, message: str) -> _RefusedError:
        self.remark(event.start_mark, message, "error")
        return _RefusedError(self.problems[-1])


class _Locator(_Builder):
    """Notes where each key and value begins."""

    def __init__(self, path: str, shape: Shape, zone: dt.tzinfo) -> None:
        super().__init__(path, shape, zone)
        self.mark_by_key: dict[Field, Any] = {}
        self.mark_by_value: dict[Field, Any] = {}

    def scalar(self, event: ScalarEvent) -> None:
        if self.key is None and isinstance(self.node, dict):
            super().scalar(event)
            self.mark_by_key.setdefault(self.field(), event.start_mark)
        else:
            self.mark_by_value.setdefault(self.field(), event.start_mark)
            super().scalar(event)

    def start(self, event: CollectionStartEvent) -> None:
        self.mark_by_value.setdefault(self.field(), event.start_mark)
        super().start(event)

    def alias(self, event: AliasEvent) -> None:
        self.mark_by_value.setdefault(self.field(), event.start_mark)
        super().alias(event)

    def problem(self, finding: Finding) -> Problem:
        """Place a finding at its field, or at the nearest field around it that stands in the file."""
        mark = None
        for length in range(len(finding.field), -1, -1):
            around = finding.field[:length]
            is_key = finding.is_key or length < len(finding.field)
            marks = (self.mark_by_key, self.mark_by_value) if is_key else (self.mark_by_value, self.mark_by_key)
            mark = marks[0].get(around) or marks[1].get(around)
            if mark is not None:
                break
        return Problem(
            path=self.path,
            line=mark.line + 1 if mark else 0,
            column=mark.column + 1 if mark else 0,
            field=written(finding.field),
            message=finding.message,
            severity=finding.severity,
        )
