"""embed/dot.svg and embed/services/<id>.svg: a state as a small picture that says it in words too.

The shape tells the level to those who do not see its colour; one colour serves light and dark pages, because a
picture does not know which it lies on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element

from markupsafe import Markup

from stashgen import urls
from stashgen.memo import digest
from stashgen.model import Level
from stashgen.outputs.context import Context, Output
from stashgen.outputs.embeds.shapes import shape
from stashgen.pictures import level_color
from stashgen.xmlwrite import SVG, document, element

_RANK: Final = 2  # with the dashboard: it tells the news


class Drawing(NamedTuple):
    """What the pictures of one level share: the attributes of the frame, and what is in it."""

    attributes: Mapping[str, str]
    parts: tuple[Markup, ...]


def outputs(context: Context) -> Iterator[Output]:
    """Yield the pictures of the site and of its services."""
    board = context.board
    drawing = cache(partial(_drawing, context))  # five serve a thousand services

    def output(service: str | None, level: Level, title: str) -> Output:
        key = digest(context.layout, level.value.encode(), title.encode())
        return Output(urls.embed_dot(service), key, lambda: _drawn(drawing(level), title), _RANK)

    yield output(None, board.overall.level, context.translator.sentence(board))
    for service in board.services.values():
        status = board.statuses[service.status]
        name = context.translator.status_name(service.status, status)
        title = context.translator.text("overall.trouble", status=name, services=service.record.name)
        yield output(service.id, status.level, title)


def _drawing(context: Context, level: Level) -> Drawing:
    icon = shape(context.theme, level)
    # Attributes, not styles: a policy may forbid inline styles in images too.
    own = {"xmlns": SVG, "width": "16", "height": "16", "role": "img", "color": level_color(context.theme, level)}
    return Drawing({**icon.attrib, **own}, tuple(map(_element, icon)))


def _drawn(drawing: Drawing, title: str) -> bytes:
    return document(element("svg", element("title", title), *drawing.parts, **drawing.attributes))


def _element(part: Element) -> Markup:
    return element(part.tag, *map(_element, part), **part.attrib)
