"""stashgen status: the board in the terminal, in the words of the page."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from stashgen import terminal, urls
from stashgen.build import Job, compose, read
from stashgen.commands import options
from stashgen.memo import Memo, cache_file
from stashgen.model import Level
from stashgen.outputs import board_lines, status_json
from stashgen.outputs.board_lines import Line, View

_WIDEST: Final = 100
_NARROWEST: Final = 24


@click.command
@options.directory
@options.now
@click.option("--json", "is_json", is_flag=True, help="Print what a build writes to status.json.")
@click.option("--exit-code", "has_exit_code", is_flag=True, help="Exit with 1 when anything is worse than maintenance.")
def status(directory: Path, now: dt.datetime, *, is_json: bool, has_exit_code: bool) -> int:
    """Show the board in the terminal.

    The sentence of the page with its level, open incidents with their newest word, maintenance now and to come,
    and every service with its status and since when. Nothing is written.

    In a script: `stashgen status --exit-code >/dev/null || echo trouble`.
    """
    memo = Memo(cache_file(directory, os.environ))
    job = Job(project=directory, output=directory / "build", now=now, memo=memo)
    context, _ = compose(job, read(job))
    if is_json:
        written = {output.path: output for output in status_json.render(context)}
        click.echo(written[urls.STATUS_JSON].make(), nl=False)
    else:
        width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns))
        click.echo("\n".join(map(_painted, _lines(View(context, width)))))
    return int(has_exit_code and context.board.overall.level.rank > Level.MAINTENANCE.rank)


def _lines(view: View) -> Iterator[Line]:
    translator = view.context.translator
    yield from board_lines.board(view)
    yield Line("")
    next_change = translator.text("footer.next", at=translator.instant(view.context.board.next_change_at))
    yield from board_lines.note(view, next_change)


def _painted(line: Line) -> str:
    is_bold = line.weight == "bold"
    if line.level and line.is_marked:
        text = terminal.marked(line.level, line.text, is_bold=is_bold)
    elif line.level:
        text = " " * line.indent + click.style(line.text, fg=terminal.COLORS[line.level], bold=is_bold)
    elif line.weight == "plain":
        text = " " * line.indent + line.text
    else:
        text = " " * line.indent + click.style(line.text, **{line.weight: True})
    return f"{text}  {click.style(line.tail, dim=True)}" if line.tail else text
