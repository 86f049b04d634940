"""sw.js: the worker that keeps the last page for readers whose network, or whose host, is away.

The page for what it has no copy of is printed by `pages`, which also has the script that calls for the worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any, Final

from stashgen import urls
from stashgen.memo import digest
from stashgen.outputs.context import Context, Output
from stashgen.outputs.scripts import called, clock_language

_SOURCE: Final = "sw.js"


def render(context: Context) -> Iterator[Output]:
    """Yield the worker, for a site that has pages to keep."""
    if context.has("pages"):
        key = digest(context.layout, _SOURCE.encode())
        yield Output(
            urls.SERVICE_WORKER, key, lambda: called(context.theme, _SOURCE, "offline", _facts(context)), rank=1
        )


def _facts(context: Context) -> dict[str, Any]:
    translator = context.translator
    return {
        "language": clock_language(translator.language),
        "words": {word: escape(str(translator.catalog[f"away.{word}"])) for word in ("unkept", "kept")},
        "status": urls.STATUS_JSON,
        "unkept": urls.OFFLINE,
        "first": ["", urls.OFFLINE, *([urls.STATUS_JSON] if context.has("status-json") else [])],
    }
