"""The user's own files: `static/` of site-data, copied as it is."""

from __future__ import annotations

from collections.abc import Iterator

from stashgen.memo import digest
from stashgen.outputs.context import Context, Output
from stashgen.urls import static_file


def render(context: Context) -> Iterator[Output]:
    """Yield every file below static/."""
    for name, path in context.static.items():
        data = path.read_bytes()
        yield Output(static_file(name), digest(data), path.read_bytes)
