"""History.csv and uptime.csv, for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator

from stashgen.outputs.context import Context, Output


def render(context: Context) -> Iterator[Output]:  # noqa: ARG001
    """Yield the files."""
    yield from ()
