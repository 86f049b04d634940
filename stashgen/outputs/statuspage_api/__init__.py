"""Statuspage's API as files: what is going on, all that ever was, and two feeds.

Eight files below api/v2/ have the paths, keys and orders of the original, so that its clients need a new address and
nothing else. Notices are no incidents: they hold no component and have no state, so they are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from stashgen.outputs.context import Context, Output
from stashgen.outputs.statuspage_api import archive, feeds, present
from stashgen.outputs.statuspage_api.desk import Desk


def render(context: Context) -> Iterator[Output]:
    """Yield the files of the present, those of the past, and the feeds."""
    desk = Desk(context=context)
    yield from present.outputs(desk)
    yield from archive.outputs(desk)
    yield from feeds.outputs(desk)
