"""The pictures of Stashboard's API: one a status in its colour, all icons of the theme, and the site's own files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from stashgen import urls
from stashgen.outputs.context import Context, Output
from stashgen.pictures import icon_picture, status_picture
from stashgen.theme import ICONS

IconSet = Literal["statuses", "theme", "static"]


class Image(NamedTuple):
    """A picture; `make` None: another family writes the file."""

    icon_set: IconSet
    name: str
    path: str
    make: Callable[[], bytes] | None = None


def status_image(context: Context, status: str) -> str:
    """Return the path of a status' picture."""
    icon = context.board.statuses[status].icon
    return urls.static_file(icon) if icon in context.static else urls.stashboard_icon("statuses", status)


def images(context: Context) -> Iterator[Image]:
    """Yield all pictures, by set and name."""
    statuses = sorted(context.board.statuses.items())
    for icon in sorted({status.icon for _, status in statuses if status.icon in context.static}):
        yield Image("static", str(PurePosixPath(icon).with_suffix("")), urls.static_file(icon))
    for name, status in statuses:
        if status.icon not in context.static:
            path = urls.stashboard_icon("statuses", name)
            yield Image("statuses", name, path, partial(status_picture, context.theme, status))
    for file in context.theme.names(ICONS):
        if file.endswith(".svg"):
            name = file.removesuffix(".svg")
            path = urls.stashboard_icon("theme", name)
            yield Image("theme", name, path, partial(icon_picture, context.theme, name))


def image_outputs(context: Context) -> Iterator[Output]:
    """Yield the pictures that are not files of the site already."""
    for image in images(context):
        if image.make is not None:
            yield Output(image.path, context.layout, image.make)
