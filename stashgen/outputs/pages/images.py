"""A picture file for each status, for pages and programs that link to one instead of drawing it.

Their names are Stashboard's, whose scrapers know a service that is up by `tick-circle`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from stashgen import urls
from stashgen.memo import digest
from stashgen.model import Status
from stashgen.outputs.context import Context, Output
from stashgen.outputs.pages.assets import Asset
from stashgen.pictures import shape, status_picture

_STASHBOARD_NAMES: Final = {"tick": "tick-circle", "cross": "cross-circle", "triangle": "exclamation"}


def image_paths(context: Context) -> Mapping[str, str]:
    """Return status id -> path of its picture: one of the site's own, or the icon in the status' colour."""
    return {name: _path(context, status) for name, status in context.board.statuses.items()}


def image_outputs(context: Context) -> Iterator[Output]:
    """Yield the pictures that are not the site's own, each once."""
    drawn = [_drawn(context, status) for status in context.board.statuses.values() if not _is_own(context, status)]
    for image in {image.path: image for image in drawn}.values():
        yield Output(image.path, digest(image.data), lambda data=image.data: data)  # type: ignore[misc]  # binds now


def _path(context: Context, status: Status) -> str:
    return urls.static_file(status.icon) if _is_own(context, status) else _drawn(context, status).path


def _is_own(context: Context, status: Status) -> bool:
    return status.icon in context.static


def _drawn(context: Context, status: Status) -> Asset:
    name, data = shape(context.theme, status), status_picture(context.theme, status)
    # The hash is in the folder's name, so that the file's stays the one that programs look for.
    return Asset(urls.asset(f"{digest(data).hex()[:10]}/{_STASHBOARD_NAMES.get(name, name)}.svg"), data)
