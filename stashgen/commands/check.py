"""stashgen check: every problem in site-data/ at once."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import click

from stashgen.build import outfit
from stashgen.check import Reading, read
from stashgen.commands import options, problems
from stashgen.commands.options import ProblemFormat
from stashgen.errors import DataError, Problem
from stashgen.memo import Memo, cache_file


@click.command
@options.directory
@options.now
@options.strict
@options.problem_format
def check(directory: Path, now: dt.datetime, problem_format: ProblemFormat, *, is_strict: bool) -> int:
    """Find every problem in site-data/, with line and remedy.

    Each problem is one line, `path:line: field: what is wrong, and what to do`. Errors keep a site from being
    built, warnings do not; with --strict they count like errors.

    \b
    Examples:
        stashgen check
        stashgen check --strict --format github     in a GitHub workflow
        stashgen check --format json | jq -r '.problems[].path' | sort -u

    Exit code 1: there are errors (with --strict: or warnings).
    """  # noqa: D301 - Click's mark for lines that it must not fill
    reading = read(directory, Memo(cache_file(directory, os.environ)), now)
    has_errors = any(problem.severity == "error" for problem in reading.problems)
    found = reading.problems if has_errors else (*reading.problems, *_outfit_problems(directory, reading))
    problems.echo(found, problem_format, directory)
    if problem_format != "json":
        click.echo(_summary(reading, found), err=problem_format in ("github", "gitlab"))
    return int(any(problem.severity == "error" or is_strict for problem in found))


def _outfit_problems(directory: Path, reading: Reading) -> tuple[Problem, ...]:
    try:
        outfit(directory, reading.site.settings)
    except DataError as error:
        return error.problems
    return ()


def _summary(reading: Reading, found: tuple[Problem, ...]) -> str:
    if found:
        return f"Found {problems.counted(found)}."
    services, events = len(reading.site.services), len(reading.site.events)
    return f"All is well: {_counted(services, 'service')}, {_counted(events, 'event')}."


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' * (count != 1)}"
