"""The options that several commands share, so that they read and mean the same everywhere."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import click

from stashgen import clock, instants

ProblemFormat = Literal["text", "json", "github", "gitlab"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
_UNITS: Final = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"(\d{1,9})\s*(s|min|m|h|d|)")


def instant(text: str) -> dt.datetime:
    """Read an ISO 8601 instant with its zone; return it in UTC, whole seconds. Any other text is a usage error."""
    with suppress(ValueError, OverflowError):
        at = dt.datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return _in_years(at.astimezone(dt.UTC).replace(microsecond=0), text)
    raise click.BadParameter(f"{text!r} is not an instant with a zone, such as 2026-11-23T10:02:00Z")


def _in_years(at: dt.datetime, text: str) -> dt.datetime:
    # Near the ends of the calendar there is no day before or after to count to.
    if instants.FIRST_YEAR <= at.year <= instants.LAST_YEAR:
        return at
    raise click.BadParameter(f"{text!r} {instants.YEARS}")


def duration(text: str) -> int:
    """Read a duration such as `90`, `90s`, `15m`, `2h`, `1d` or `1h30m`; return seconds. Else a usage error."""
    parts = _DURATION.findall(text.strip().lower())
    if not parts or _DURATION.sub("", text.strip().lower()).strip():
        raise click.BadParameter(f"{text!r} is not a duration, such as 90s, 15m, 2h or 1d")
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


def directory(command: _Command) -> _Command:
    """Add `-C DIR`, passed as `directory: Path`: the folder that contains site-data/."""
    return click.option(
        "-C",
        "--directory",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        default=Path(),
        metavar="DIR",
        help="Project folder, the one that contains site-data/.  [default: this folder]",
    )(command)


def output(command: _Command) -> _Command:
    """Add `-o DIR`, passed as `output: Path | None`: where the site is written."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Folder for the site.  [default: build/ in the project folder]",
    )(command)


def now(command: _Command) -> _Command:
    """Add `--now INSTANT`, passed as `now: datetime`: what the command believes the time to be."""
    return _now(lambda: clock.current(os.environ).isoformat())(command)


def fixed_now(command: _Command) -> _Command:
    """Add `--now INSTANT`, passed as `now: datetime | None`: None lets the time pass."""
    return _now(None)(command)


def _now(default: Callable[[], str] | None) -> Callable[[_Command], _Command]:
    return click.option(
        "--now",
        type=instant,
        default=default,
        metavar="INSTANT",
        help="Take this for the present, such as 2026-11-23T10:02:00Z.  [default: SOURCE_DATE_EPOCH, or the clock]",
    )


def strict(command: _Command) -> _Command:
    """Add `--strict`, passed as `is_strict: bool`: warnings stop like errors."""
    return click.option("--strict", "is_strict", is_flag=True, help="Let warnings stop it like errors.")(command)


def problem_format(command: _Command) -> _Command:
    """Add `--format`, passed as `problem_format: ProblemFormat`: how problems are printed."""
    return click.option(
        "--format",
        "problem_format",
        type=click.Choice(["text", "json", "github", "gitlab"]),
        default="text",
        show_default=True,
        help="How problems are printed: lines for people, JSON for machines, annotations that GitHub shows beside "
        "the line, or a report from which GitLab does.",
    )(command)
