"""embed/dot.svg and embed/services/<id>.svg: a state as a small picture that says it in words too.

The shape tells the level to those who do not see its colour; one colour serves light and dark pages, because a
picture does not know which it lies on.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final
from xml.etree.ElementTree import Element

from markupsafe import Markup

from stashgen import palette, urls
from stashgen.memo import digest
from stashgen.model import Level
from stashgen.outputs.context import Context, Output
from stashgen.outputs.embeds.shapes import shape
from stashgen.xmlwrite import document, element

_SVG: Final = "http://www.w3.org/2000/svg"
_RANK: Final = 2  # with the dashboard: it tells the news


def outputs(context: Context) -> Iterator[Output]:
    """Yield the pictures of the site and of its services."""
    board = context.board
    yield _output(context, None, board.overall.level, context.translator.sentence(board))
    for service in board.services.values():
        status = board.statuses[service.status]
        name = context.translator.status_name(service.status, status)
        title = context.translator.text("overall.trouble", status=name, services=service.record.name)
        yield _output(context, service.id, status.level, title)


def _output(context: Context, service: str | None, level: Level, title: str) -> Output:
    key = digest(context.layout, level.value.encode(), title.encode())
    return Output(urls.embed_dot(service), key, partial(_drawn, context, level, title), _RANK)


def _drawn(context: Context, level: Level, title: str) -> bytes:
    icon = shape(context.theme, level)
    # Attributes, not styles: a policy may forbid inline styles in images too.
    frame = {
        **icon.attrib, "xmlns": _SVG, "width": "16", "height": "16", "role": "img", "color": _color(context, level),
    }  # fmt: skip
    return document(element("svg", element("title", title), *map(_element, icon), **frame))


def _element(part: Element) -> Markup:
    return element(part.tag, *map(_element, part), **part.attrib)


def _color(context: Context, level: Level) -> str:
    schemes = (context.theme.palettes.light, context.theme.palettes.dark)
    papers = [scheme["paper"] for scheme in schemes]
    return palette.seen_on_all(schemes[0][level.value.lower()], papers, palette.MARK_CONTRAST)
