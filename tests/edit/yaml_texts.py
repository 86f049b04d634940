"""Random YAML as people write it: comments anywhere, every style of quoting, all kinds of indentation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from stashgen.yamlwrite import field, flow, quoted, scalar

Path = tuple[str | int, ...]
KEYS = ["at", "title", "services", "api", "web", "no", "on", "message", "k-1", "state", "x y"]
PLAIN = [
    "no",
    "on",
    "10:30",
    "0777",
    "word",
    "a b",
    "2026-11-23T10:02:00Z",
    "2026-11-23 11:02 +01:00",
    "é ☃",
    "1_000",
    "-x",
]
TEXTS = [
    *PLAIN,
    "x: y",
    "#a",
    "it's",
    'say "hi"',
    "",
    " lead",
    "tail ",
    "null",
    "true",
    "12",
    "{a}",
    "[b]",
    "&c",
    "*d",
    "!e",
]
BLOCKS = ["one\ntwo\n", "a\n\nb", "# no comment\n- x\n", "  in\n", "text\n\n\n", "x\n  deep\ny\n"]
OTHERS = [1, -3, 0.5, True, False, None]


class Line(NamedTuple):
    """One line, and the path of what it belongs to."""

    text: str
    path: Path


class Written(NamedTuple):
    """A text with the data that it holds."""

    text: str
    data: dict[str, Any]
    lines: list[Line]


Draw = Callable[[Any], Any]

values = st.recursive(
    st.sampled_from([*TEXTS, *BLOCKS, *OTHERS]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)
maps = st.dictionaries(st.sampled_from(KEYS), values, min_size=1, max_size=5)


class _Scribe:
    """Writes data in a style that is drawn line by line."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.count = 0
        self.lines: list[Line] = []

    def chance(self, part: int) -> bool:
        return bool(self.draw(st.integers(0, part - 1)) == 0)

    def comment(self) -> str:
        self.count += 1
        return f"# c{self.count}c"

    def tail(self) -> str:
        return f"  {self.comment()}" if self.chance(4) else ""

    def above(self, indent: int, path: Path) -> None:
        if self.chance(5):
            self.lines.append(Line(" " * indent + self.comment(), (*path, "above")))
        # Below a text that keeps its line ends one more would belong to it.
        if self.chance(8) and self.lines and self.lines[-1].text:
            self.lines.append(Line("", (*path, "above")))

    def map(self, data: dict[str, Any], indent: int, path: Path, head: str = "") -> None:
        for number, (key, value) in enumerate(data.items()):
            here = (*path, key)
            if number or not head:
                self.above(indent, here)
            lead = head if head and not number else " " * indent
            self.value(f"{lead}{self.key(key)}:", value, indent, here)

    def key(self, key: str) -> str:
        return quoted(key) if self.chance(6) else f"'{key}'" if self.chance(6) else key

    def list(self, data: list[Any], indent: int, path: Path) -> None:
        gap = self.draw(st.sampled_from([1, 1, 3]))
        for number, value in enumerate(data):
            here = (*path, number)
            self.above(indent, here)
            dash = " " * indent + "-"
            if isinstance(value, dict) and value and not self.chance(4):
                self.map(value, indent + 1 + gap, here, dash + " " * gap)
            else:
                self.value(dash, value, indent, here)

    def value(self, head: str, value: Any, indent: int, path: Path) -> None:
        if isinstance(value, dict | list) and value and self.chance(2) and not head.endswith("-"):
            self.lines.append(Line(head + self.tail(), path))
            step = self.draw(st.sampled_from([2, 4]))
            if isinstance(value, dict):
                self.map(value, indent + step, path)
            else:
                self.list(value, indent + self.draw(st.sampled_from([0, step])), path)
        elif isinstance(value, dict | list):
            self.lines.append(Line(f"{head} {flow(value)}{self.tail()}", path))
        elif isinstance(value, str) and "\n" in value:
            self.block(head, value, indent, path)
        else:
            self.lines.append(Line(f"{head} {self.scalar(value)}{self.tail()}", path))

    def scalar(self, value: Any) -> str:
        if not isinstance(value, str):
            return scalar(value)
        if value in PLAIN and not self.chance(3):
            return value
        return "'" + value.replace("'", "''") + "'" if self.chance(2) else quoted(value)

    def block(self, head: str, value: str, indent: int, path: Path) -> None:
        mark, *body = field("k", value)
        mark = mark.removeprefix("k: ")
        if mark[0] != "|":
            self.lines.append(Line(f"{head} {mark}{self.tail()}", path))
            return
        pad = " " * (indent + self.draw(st.sampled_from([1, 2, 4])))
        self.lines.append(Line(f"{head} {mark}{self.tail()}", path))
        self.lines += [Line(pad + line[2:] if line else "", path) for line in body]


@st.composite
def texts(draw: Draw) -> Written:
    """Return a text of some map."""
    data = draw(maps)
    scribe = _Scribe(draw)
    scribe.map(data, 0, ())
    lines = scribe.lines
    if scribe.chance(3):
        lines = [Line("---", ()), *lines]
    if scribe.chance(3):
        lines = [Line("# head", ()), *lines]
    if scribe.chance(3):
        lines = [*lines, Line("# end", ())]
    if scribe.chance(4):
        lines = [*lines, Line("...", ())]
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    is_open = not scribe.chance(4) or (lines[-1].text == "")
    text = end.join(line.text for line in lines) + end * is_open
    return Written("\ufeff" * scribe.chance(6) + text, data, lines)
