"""What keeps the last page for readers whose network, or whose host, is away."""

from __future__ import annotations

from collections.abc import Iterator

from stashgen.outputs.context import Context, Output


def render(context: Context) -> Iterator[Output]:
    """Yield its files."""
    yield from ()
