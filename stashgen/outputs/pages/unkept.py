"""offline.html: what a browser shows for a page of which it has no copy, while the host is away."""

from __future__ import annotations

from collections.abc import Iterator

from stashgen import urls
from stashgen.outputs.context import Output
from stashgen.outputs.pages.press import Page, Press

TEMPLATE = "offline.html"


def outputs(press: Press) -> Iterator[Output]:
    """Yield the page, for a site that keeps others."""
    if press.context.has("offline"):
        page = Page(path=urls.OFFLINE, template=TEMPLATE, title=press.wording.text("offline.title"))
        yield press.output(page, press.key("unkept"))
