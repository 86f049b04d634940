"""All HTML pages and the files they link to."""

from __future__ import annotations

from collections.abc import Iterator

from stashgen.outputs.context import Context, Output
from stashgen.outputs.pages import dashboard, events, frames, history, service_pages, unkept
from stashgen.outputs.pages.images import image_outputs
from stashgen.outputs.pages.press import Press


def render(context: Context) -> Iterator[Output]:
    """Yield every page, the dashboard last."""
    press = Press(context)
    yield from press.assets.outputs()
    yield from image_outputs(context)
    yield from events.outputs(press)
    yield from history.outputs(press)
    yield from service_pages.outputs(press)
    yield from unkept.outputs(press)
    yield from frames.outputs(press)
    yield from dashboard.outputs(press)
