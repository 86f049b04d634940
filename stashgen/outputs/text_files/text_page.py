"""index.txt: the dashboard in 80 columns, for `curl`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from stashgen.outputs import board_lines, telling
from stashgen.outputs.board_lines import Line, View
from stashgen.outputs.context import Context

_COLUMNS: Final = 80


def text(context: Context) -> str:
    """Return the page."""
    lines = map(board_lines.plain, _lines(View(context, _COLUMNS, is_file=True)))
    return "".join(f"{line}\n" for line in lines)


def _lines(view: View) -> Iterator[Line]:
    context, translator = view.context, view.context.translator
    board = context.board
    yield from board_lines.board(view)
    if board.services:
        yield Line("")
        yield from board_lines.note(view, translator.text("twin.uptime"))
    yield from board_lines.recent(view)
    yield Line("")
    yield from board_lines.note(view, translator.text("footer.built", at=translator.instant(context.built_at)))
    yield from board_lines.note(view, translator.text("footer.next", at=translator.instant(board.next_change_at)))
    if context.faulty:
        yield from board_lines.note(view, translator.text("footer.faulty", count=context.faulty))
    yield from board_lines.note(view, translator.text("footer.days", zone=board.settings.timezone))
    yield Line("")
    # An address is never broken: it is to be copied.
    for label, path in telling.links(context):
        yield Line(f"{label}: {telling.address(context, path)}")
