"""A planned change as people and programs see it: the diff of the files, and the board before and after it."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import click

from stashgen import terminal
from stashgen.columns import fit, wrapped
from stashgen.commands.changing.desk import Desk
from stashgen.derive.board import Board
from stashgen.load import SITE_DATA
from stashgen.repository import Plan

_NARROWEST: Final = 24
_WIDEST: Final = 100
_MOST_FILES: Final = 5
_COLORS: Final[Mapping[str, str]] = {"+": "green", "-": "red", "@": "cyan"}


def show(desk: Desk, plan: Plan) -> None:
    """Print the diff and what it does to the board."""
    if not plan.change.files:
        return
    for number, (path, data) in enumerate(plan.change.files.items()):
        if number == _MOST_FILES and not desk.terms.is_dry_run:
            click.echo(f"... and {len(plan.change.files) - number} more files; --dry-run shows them all")
            break
        for line in diff(path, plan.old.get(path), data):
            click.echo(line)
    click.echo()
    turn = _Turn(desk.derived(plan.before, plan.now), desk.derived(plan.after, plan.now), plan.change.renamed)
    for line in _board_lines(desk, turn):
        click.echo(line)


def diff(path: str, old: bytes | None, new: bytes | None) -> Iterator[str]:
    """Yield the lines of a unified diff, in colours; a line cannot steer the terminal."""
    name = f"{SITE_DATA}/{path}"
    names = ("/dev/null" if old is None else f"a/{name}", "/dev/null" if new is None else f"b/{name}")
    for number, line in enumerate(difflib.unified_diff(_lines(old), _lines(new), *names, lineterm="")):
        shown = fit(line.expandtabs())
        if number < 2:
            yield click.style(shown, bold=True)
        else:
            yield click.style(shown, fg=_COLORS[line[0]]) if line[0] in _COLORS else shown


def facts(desk: Desk, plan: Plan) -> dict[str, Any]:
    """Return the change as data: files, and the board before and after."""
    return {
        "record": plan.change.record,
        "update": plan.change.update,
        "subject": plan.change.subject,
        "files": [
            {"path": f"{SITE_DATA}/{path}", "change": _verb(plan.old.get(path), data)}
            for path, data in plan.change.files.items()
        ],
        "before": _standing(desk, desk.derived(plan.before, plan.now)),
        "after": _standing(desk, desk.derived(plan.after, plan.now)),
    }


def width() -> int:
    """Return how many columns the terminal offers."""
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns))


def _lines(data: bytes | None) -> list[str]:
    return [] if data is None else data.decode("utf-8", "replace").splitlines()


def _verb(old: bytes | None, new: bytes | None) -> str:
    return "added" if old is None else "removed" if new is None else "changed"


def _standing(desk: Desk, board: Board) -> dict[str, Any]:
    return {
        "sentence": desk.translator.sentence(board),
        "level": board.overall.level.value,
        "services": {name: view.status for name, view in board.services.items()},
    }


class _Turn(NamedTuple):
    """The board before and after, and services that have another id after."""

    before: Board
    after: Board
    renamed: Mapping[str, str]

    def changed(self) -> Iterator[tuple[str, str | None, str | None]]:
        """Yield each service whose status is another after, with both."""
        names = {self.renamed.get(name, name): name for name in self.before.services}
        for name in dict.fromkeys([*self.after.services, *names]):
            old, new = _status(self.before, names.get(name, name)), _status(self.after, name)
            if old != new:
                yield name, old, new


def _board_lines(desk: Desk, turn: _Turn) -> Iterator[str]:
    before, after = turn.before, turn.after
    old, new = (fit(desk.translator.sentence(board)) for board in (before, after))
    changed = list(turn.changed())
    if old == new and not changed:
        yield from _marked(after, after.overall.status, f"As before: {new}")
        return
    yield from _marked(after, after.overall.status, _turned(old, new), is_bold=True)
    for service, *statuses in changed:
        view = after.services.get(service) or before.services[service]
        words = [_word(desk, board, status) for board, status in zip((before, after), statuses, strict=True)]
        yield from _marked(after, view.status, f"{fit(view.record.name)}: {_turned(*words)}")


def _status(board: Board, service: str) -> str | None:
    view = board.services.get(service)
    return view.status if view else None


def _word(desk: Desk, board: Board, status: str | None) -> str:
    return fit(desk.translator.status_name(status, board.statuses[status])) if status else "not shown"


def _turned(old: str, new: str) -> str:
    return new if old == new else f"{old} {terminal.arrow()} {new}"


def _marked(board: Board, status: str, text: str, *, is_bold: bool = False) -> Iterator[str]:
    level = board.statuses[status].level if status in board.statuses else board.overall.level
    first, *rest = wrapped(text, width() - 2)
    yield terminal.marked(level, first, is_bold=is_bold)
    for line in rest:
        yield "  " + click.style(line, fg=terminal.COLORS[level], bold=is_bold)
