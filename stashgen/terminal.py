"""What a terminal can show: colours by level, marks beside words, and how far a long work has come."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import click

from stashgen.columns import MARKS
from stashgen.model import Level

COLORS: Final[Mapping[Level, str]] = {
    Level.NORMAL: "green",
    Level.MAINTENANCE: "blue",
    Level.WARNING: "yellow",
    Level.ERROR: "magenta",
    Level.CRITICAL: "red",
}
_PLAIN_MARKS: Final = str.maketrans({"✓": "+", "⚒": "~", "▲": "!", "◐": "%", "✗": "x"})
_LEAST_STEPS: Final = 100  # less is done before a bar has been read
_LEAST_STEPS_IN_LINES: Final = 1000
_LINES: Final = 4


def marked(level: Level, text: str, *, is_bold: bool = False) -> str:
    """Return a text after its level's mark, both in the level's colour."""
    mark = MARKS[level]
    if not _can_print(mark):
        mark = mark.translate(_PLAIN_MARKS)
    return click.style(f"{mark} {text}", fg=COLORS[level], bold=is_bold)


def arrow() -> str:
    """Return what stands between before and after."""
    return "→" if _can_print("→") else "->"


class Progress:
    """Tells on stderr how far a long work has come: a bar on a terminal, a few plain lines elsewhere."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None
        self._lines = 0

    def __call__(self, done: int, total: int) -> None:
        """Take note that `done` steps of `total` are done."""
        if sys.stderr is not None and sys.stderr.isatty():
            self._draw(done, total)
        elif total >= _LEAST_STEPS_IN_LINES and done * _LINES // total > self._lines:
            self._lines = done * _LINES // total
            click.echo(f"{self._label}: {done} of {total}", err=True)

    def close(self) -> None:
        """Leave the terminal at the start of a line."""
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None

    def _draw(self, done: int, total: int) -> None:
        if self._bar is None:
            if total < _LEAST_STEPS:
                return
            self._bar = click.progressbar(length=total, label=self._label, file=sys.stderr, show_pos=True)
            self._bar.render_progress()
        self._bar.update(done - self._bar.pos)


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """Show progress for the time of a block."""
    shown = Progress(label)
    try:
        yield shown
    finally:
        shown.close()


def _can_print(text: str) -> bool:
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
