"""metrics.prom: the state of the page and its age, for who watches the watcher."""

from __future__ import annotations

from collections.abc import Iterator

from stashgen.outputs.context import Context, Output


def render(context: Context) -> Iterator[Output]:
    """Yield its files."""
    yield from ()
