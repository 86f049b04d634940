"""index.txt, index.md and llms.txt: the dashboard for terminals, editors and language models."""

from __future__ import annotations

from collections.abc import Iterator

from stashgen import urls
from stashgen.memo import digest
from stashgen.outputs.context import Context, Output
from stashgen.outputs.text_files import listing, markdown_page, text_page

_RANK = 2


def render(context: Context) -> Iterator[Output]:
    """Yield the files."""
    # The revision tells all that is said but for uptime, which moves with the time of the build.
    facts = (context.layout, context.revision.encode(), context.built_at.isoformat().encode())
    for path, page in (
        (urls.INDEX_TEXT, text_page),
        (urls.INDEX_MARKDOWN, markdown_page),
        (urls.LLMS_TEXT, listing),
    ):
        yield Output(path, digest(path.encode(), *facts), lambda page=page: page.text(context).encode(), _RANK)  # type: ignore[misc]  # binds now
