"""Api/v1/ and admin/api/v1/: Stashboard's API as files."""

from __future__ import annotations

from collections.abc import Iterator

from stashgen.outputs.context import Context, Output


def render(context: Context) -> Iterator[Output]:  # noqa: ARG001
    """Yield the files."""
    yield from ()
