"""Embed.js and embed/: the state on other people's pages. The pages for frames are printed by `pages`."""

from __future__ import annotations

from collections.abc import Iterator

from stashgen.outputs.context import Context, Output
from stashgen.outputs.embeds import dots, script


def render(context: Context) -> Iterator[Output]:
    """Yield the script, and a dot for the site and for each service."""
    yield script.output(context)
    yield from dots.outputs(context)
