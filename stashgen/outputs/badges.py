"""Badges/: the state as small pictures, and as shields.io endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from stashgen.outputs.context import Context, Output


def render(context: Context) -> Iterator[Output]:  # noqa: ARG001
    """Yield the files."""
    yield from ()
