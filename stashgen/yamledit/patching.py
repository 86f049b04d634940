"""What differs between two values -> the characters to replace in the text of the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from stashgen.yamledit import lines, rendering
from stashgen.yamledit.aligning import aligned, is_same, reordered
from stashgen.yamledit.nodes import BLOCK_TEXT, Node
from stashgen.yamlwrite import flow


class Splice(NamedTuple):
    """Characters of the old text, and what takes their place; line ends are LF."""

    start: int
    end: int
    text: str


class OddError(Exception):
    """The text is written in a way that is not patched."""


class _Place(NamedTuple):
    """Where a value stands: `after` is where its key ends with the colon, or its dash."""

    text: str
    after: int
    indent: int  # of the map or list around it
    is_in_flow: bool


def patches(text: str, root: Node, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Splice]:
    """Return the splices that make a text of `old` one of `new`, in the order of the text; raise OddError."""
    found = _value(_Place(text, root.start, -2, root.is_flow), root, old, new)
    return sorted(found, key=lambda splice: splice[:2])


def _value(place: _Place, node: Node, old: Any, new: Any) -> Iterator[Splice]:
    if is_same(old, new):
        return
    if node.kind == "map" and isinstance(new, Mapping) and (new.keys() & old.keys() or _renamed(old, new)):
        yield from _map(place.text, node, old, new, is_in_flow=place.is_in_flow or node.is_flow)
    elif node.kind == "list" and isinstance(new, Sequence) and not isinstance(new, str) and new and old:
        yield from _list(place.text, node, old, new, is_in_flow=place.is_in_flow or node.is_flow)
    else:
        yield from _whole(place, node, new)


def _renamed(old: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the keys that stand in the same place under another name."""
    if len(old) != len(new):
        return {}
    pairs = {one: other for one, other in zip(old, new, strict=True) if one != other}
    return {} if any(one in new or other in old for one, other in pairs.items()) else pairs


def _map(
    text: str, node: Node, old: Mapping[str, Any], new: Mapping[str, Any], *, is_in_flow: bool
) -> Iterator[Splice]:
    names = _renamed(old, new)
    pairs = dict(zip(old, node.pairs, strict=True))
    indent = lines.column(text, node.start)
    spans = [Node("scalar", key.start, value.end) for key, value in node.pairs]
    gone = [number for number, name in enumerate(old) if names.get(name, name) not in new]
    yield from _less(text, spans, gone, is_in_flow=is_in_flow)
    for name, (key, value) in pairs.items():
        if names.get(name, name) not in new:
            continue
        if name in names:
            yield Splice(key.start, key.end, rendering.key_like(key, names[name], is_in_flow=is_in_flow))
        after = text.index(":", key.end) + 1
        yield from _value(_Place(text, after, indent, is_in_flow), value, old[name], new[names.get(name, name)])
    if not names:
        yield from _more(text, node, pairs, new, is_in_flow=is_in_flow)


def _more(
    text: str, node: Node, pairs: Mapping[str, tuple[Node, Node]], new: Mapping[str, Any], *, is_in_flow: bool
) -> Iterator[Splice]:
    """Yield the keys that are new, each behind the one that stands before it in `new`."""
    kept = ""
    indent = lines.column(text, node.start)
    first = next(key for name, (key, _) in pairs.items() if name in new)
    for name in new:
        if name in pairs:
            kept = name
        elif is_in_flow:
            at = pairs[kept][1].end if kept else first.start
            said = rendering.in_flow(name, new[name])
            yield Splice(at, at, f", {said}" if kept else f"{said}, ")
        elif kept:
            yield _below(text, pairs[kept][1].end, rendering.pair(name, new[name], indent), -1)
        else:
            written = rendering.pair(name, new[name], indent)
            yield Splice(first.start, first.start, "\n".join(written).lstrip(" ") + "\n" + " " * indent)


def _less(text: str, spans: Sequence[Node], gone: Sequence[int], *, is_in_flow: bool) -> Iterator[Splice]:
    """Yield what takes pairs of a map away, or entries between brackets."""
    kept = [number for number in range(len(spans)) if number not in gone]
    for number in gone:
        one, following = spans[number], next((later for later in kept if later > number), None)
        if is_in_flow:
            yield _out_of_flow(spans, number, is_last=following is None)
        elif lines.is_first(text, one.start):
            yield Splice(lines.line_start(text, one.start), lines.next_line(text, one.end), "")
        elif following is not None:
            # The first of a map that begins behind a dash: the next one takes its place.
            yield from _behind_dash(text, spans[number : following + 1])
            return
        else:
            raise OddError


def _out_of_flow(spans: Sequence[Node], number: int, *, is_last: bool) -> Splice:
    if not is_last:
        return Splice(spans[number].start, spans[number + 1].start, "")
    return Splice(spans[number - 1].end if number else spans[number].start, spans[number].end, "")


def _behind_dash(text: str, spans: Sequence[Node]) -> Iterator[Splice]:
    """Yield what takes all but the last of some pairs away; comments between them go above the line of the first."""
    start = spans[0].start
    indent = lines.line_start(text, start)
    said = []
    for one, other in pairwise(spans):
        between = text[lines.next_line(text, one.end) : other.start]
        said += [line.strip() for line in between.splitlines() if line.strip().startswith("#")]
    pad = text[indent:start].partition("-")[0]
    yield Splice(indent, indent, "".join(f"{pad}{line}\n" for line in said))
    yield Splice(start, spans[-1].start, "")


def _list(text: str, node: Node, old: Sequence[Any], new: Sequence[Any], *, is_in_flow: bool) -> Iterator[Splice]:
    order = reordered(old, new)
    if order is not None:
        yield from _moved(text, node, order)
        return
    head, tail = aligned(old, new)
    indent = lines.column(text, node.start)
    pairs = [*zip(node.children[:head], old, new, strict=False)]
    pairs += zip(node.children[len(old) - tail :], old[len(old) - tail :], new[len(new) - tail :], strict=True)
    for item, one, other in pairs:
        yield from _value(_Place(text, item.start, indent, is_in_flow), item, one, other)
    gone = range(head, len(old) - tail)
    if is_in_flow:
        yield from _less(text, node.children, gone, is_in_flow=True)
    else:
        yield from (_without(text, node, number) for number in gone)
    added = new[head : len(new) - tail]
    if added:
        yield _with(text, node, head, added, is_in_flow=is_in_flow)


def _moved(text: str, node: Node, order: Sequence[int]) -> Iterator[Splice]:
    """Yield the entries of a list in another order, each as it is written, with the comments above and below it."""
    spans = [_span(text, node, item) for item in node.children]
    for place, number in enumerate(order):
        if place != number:
            start, end = spans[number]
            yield Splice(*spans[place], lines.with_lf(text[start:end]))


def _span(text: str, node: Node, item: Node) -> tuple[int, int]:
    if node.is_flow:
        return item.start, item.end
    dash, indent = _dash(text, node, item), lines.column(text, node.start)
    start = lines.above_comments(text, dash, indent) if lines.is_first(text, dash) else dash
    return start, start + len(lines.without_break(text[start : lines.below_comments(text, item.end, indent)]))


def _with(text: str, node: Node, number: int, added: Sequence[Any], *, is_in_flow: bool) -> Splice:
    """Return the entries that are put before the one of this number, or at the end."""
    if is_in_flow:
        said = ", ".join(map(flow, added))
        at = node.children[number - 1].end if number else node.children[0].start
        return Splice(at, at, f", {said}" if number else f"{said}, ")
    indent = lines.column(text, node.start)
    last = node.children[max(number - 1, 0)]
    is_behind_dash = lines.line_start(text, last.start) <= _dash(text, node, last)
    gap = lines.column(text, last.start) - indent if is_behind_dash else 2
    written = [line for one in added for line in rendering.entry(one, indent, max(gap, 2))]
    if number:
        return _below(text, last.end, written, indent)
    return Splice(node.start, node.start, "\n".join(written).lstrip(" ") + "\n" + " " * indent)


def _without(text: str, node: Node, number: int) -> Splice:
    """Return what takes an entry of a list in block style away."""
    item = node.children[number]
    dash = _dash(text, node, item)
    if lines.is_first(text, dash):
        return Splice(lines.line_start(text, dash), lines.next_line(text, item.end), "")
    if number + 1 == len(node.children):
        raise OddError
    return Splice(dash, _dash(text, node, node.children[number + 1]), "")


def _dash(text: str, node: Node, item: Node) -> int:
    """Return the place of the dash of an entry: it stands in the column in which the list begins."""
    indent, here = lines.column(text, node.start), lines.line_start(text, item.start)
    while here > node.start - indent and text[here + indent : here + indent + 1] != "-":
        here = lines.line_start(text, here - 1)
    return max(here + indent, node.start)


def _below(text: str, end: int, written: Sequence[str], indent: int) -> Splice:
    """Return lines that are put below the line of a place, and below the comments there that stand deeper."""
    at = lines.next_line(text, end) if indent < 0 else lines.below_comments(text, end, indent)
    said = "".join(f"{line}\n" for line in written)
    has_line_end = at == 0 or text[at - 1] in "\r\n"
    return Splice(at, at, said if has_line_end else "\n" + said.removesuffix("\n"))


def _whole(place: _Place, node: Node, new: Any) -> Iterator[Splice]:
    """Yield another value in the place of one."""
    if node.is_adorned or node.kind == "alias":
        raise OddError
    text = place.text
    said = rendering.value_like(node, new, is_in_flow=place.is_in_flow)
    is_block = node.kind != "scalar" and not node.is_flow
    if is_block and lines.line_start(text, node.start) > place.after:
        yield from _for_block(place, node, new, said)
    elif said is not None:
        yield Splice(node.start, node.end, _spaced(text, node, said + _comment_of(text, node)))
    elif isinstance(new, str):
        mark, body = rendering.block_like(node, new, text, place.indent)
        comment, rest = _comment_of(text, node), ""
        end = node.end
        if node.style not in BLOCK_TEXT:
            # What followed the value on its line, a comment, follows the mark.
            end = lines.line_end(text, node.end)
            rest = text[node.end : end]
        yield Splice(node.start, end, _spaced(text, node, "\n".join([mark + comment + rest, *body])))
    else:
        end = lines.line_end(text, node.end)
        body = rendering.collection(new, place.indent + 2)
        start = len(text[: node.start].rstrip(" "))
        yield Splice(start, end, "\n".join([text[node.end : end].rstrip(), *body]))


def _for_block(place: _Place, node: Node, new: Any, said: str | None) -> Iterator[Splice]:
    """Yield another value in the place of a collection that stands below its key; comments between them stay."""
    text = place.text
    if rendering.is_collection(new) and new:
        written = rendering.collection(new, max(lines.column(text, node.start), place.indent + 2))
        yield Splice(lines.line_start(text, node.start), node.end, "\n".join(written))
        return
    body: list[str] = []
    if said is None:
        said, body = rendering.block_like(node, new, text, max(lines.column(text, node.start), place.indent + 1))
    yield Splice(place.after, place.after, f" {said}")
    # Comments between the key and what goes come below the text.
    end = lines.line_end(text, place.after)
    yield Splice(end, end, "".join(f"\n{line}" for line in body))
    yield Splice(lines.line_start(text, node.start), lines.next_line(text, node.end), "")


def _comment_of(text: str, node: Node) -> str:
    return rendering.block_header(text, node)[1] if node.style in BLOCK_TEXT else ""


def _spaced(text: str, node: Node, said: str) -> str:
    # A value that was left out begins right behind its colon.
    return f" {said}" if node.start == node.end and text[node.start - 1 : node.start] in {":", "-"} else said
