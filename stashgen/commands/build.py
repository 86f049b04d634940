"""stashgen build: site-data/ becomes a folder of plain files."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TypedDict, Unpack

import click

from stashgen import terminal
from stashgen.build import Job, Report
from stashgen.build import build as build_site
from stashgen.commands import options, problems
from stashgen.commands.options import ProblemFormat
from stashgen.errors import DataError
from stashgen.memo import Memo, cache_file


class Switches(TypedDict):
    """What problems do to the build."""

    is_strict: bool
    keeps_going: bool


@click.command
@options.directory
@options.output
@options.now
@options.strict
@click.option(
    "--keep-going",
    "keeps_going",
    is_flag=True,
    help="Leave out what has errors, write the rest, and end with exit code 1 all the same.",
)
@options.problem_format
def build(
    directory: Path, output: Path | None, now: dt.datetime, problem_format: ProblemFormat, **switches: Unpack[Switches]
) -> int:
    """Write the site into a folder of plain files.

    Only files whose bytes changed are written, and all of them or none: a problem in site-data or in the theme
    leaves the site as it was. Files of the folder that are no longer part of the site are removed, others are
    never touched. Two builds of one commit at one --now are equal, byte for byte.

    With --keep-going a mistake in one file does not keep the news of the others from readers: files with errors
    are left out, and the page says in its footer that something may be missing. Only what would make it another
    page stops it: mistakes in the title, the address or the language of the page, or no sound service.

    Exit code 1: site-data has errors (with --strict: warnings), or the folder cannot be written.
    """
    folder = output or directory / "build"
    memo = Memo(cache_file(directory, os.environ))
    job = Job(project=directory, output=folder, now=now, memo=memo, **switches)
    try:
        with terminal.progress("Writing pages") as progress:
            report = build_site(job, progress)
    except DataError as error:
        problems.echo(error.problems, problem_format, directory, is_stderr=problem_format == "text")
        because = f"; --keep-going does not help, because {error.reason}" if error.reason else ""
        click.echo(f"Nothing was written: {problems.counted(error.problems)}{because}.", err=True)
        return 1
    problems.echo(report.problems, problem_format, directory, is_stderr=problem_format == "text")
    click.echo(summary(report, folder), err=problem_format in problems.DOCUMENTS)
    return _verdict(report, is_strict=switches["is_strict"])


def _verdict(report: Report, *, is_strict: bool) -> int:
    has_errors = any(problem.severity == "error" for problem in report.problems)
    if has_errors:
        click.echo(f"Written in spite of {problems.counted(report.problems)}: what has errors is left out.", err=True)
    return int(has_errors or (is_strict and bool(report.problems)))


def summary(report: Report, folder: Path) -> str:
    """Return what a build did, on one line."""
    counts = f"{report.written} written, {report.unchanged} unchanged, {report.removed} removed"
    files = f"{report.files} file{'s' * (report.files != 1)}"
    return f"Built {files} into {folder}: {counts} ({report.seconds:.1f} s)"
