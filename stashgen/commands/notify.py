"""stashgen notify: who asked for it is told what is new, once."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from stashgen.bidi import bare
from stashgen.commands import options, problems
from stashgen.errors import Problem
from stashgen.news import Ground, Order, Report, tell
from stashgen.news.lanes import Telling
from stashgen.text import printable


@click.command
@options.directory
@click.option("--since", metavar="REF", help="Tell what is new since this commit, as far as nobody was told yet.")
@click.option(
    "--published",
    metavar="URL|FILE",
    help="Tell what is new since this page or status.json was built, as far as nobody was told yet.",
)
@options.now
@click.option("--dry-run", "is_dry", is_flag=True, help="Only print what would be told to whom.")
@click.option("--json", "is_json", is_flag=True, help="Print every message and what became of it as JSON.")
def notify(  # noqa: PLR0913 - one parameter an option
    directory: Path, since: str | None, published: str | None, now: dt.datetime, *, is_dry: bool, is_json: bool
) -> int:
    """Tell the channels of notifications.yaml what is new, each of them once.

    News is told that nobody has been told yet; who was told is kept in the repository under refs/stashgen/notified,
    and at its remote. The first run of all tells nothing, unless --since or --published says from where on. A
    WebSub hub, if site.yaml names one, hears of the feeds that changed.

    Exit code 1: somebody could not be told. The next run tries again, for two days.
    """
    if since is not None and published is not None:
        raise click.UsageError("--since and --published exclude each other: both say from where on")
    report = tell(Order(Ground(directory, os.environ, now), since, published, is_dry))
    problems.echo(report.problems, "text", is_stderr=True)
    if is_json:
        click.echo(_as_json(report))
    else:
        for line in _lines(report, is_dry=is_dry):
            click.echo(line)
    for error in report.errors:
        click.echo(f"{click.style('error:', fg='red', bold=True)} {error}", err=True)
    return int(not report.is_well)


def _as_json(report: Report) -> str:
    facts = {
        "version": 1,
        "messages": [msgspec.to_builtins(telling) for telling in report.tellings],
        "errors": report.errors,
        "remarks": report.remarks,
        "problems": [msgspec.to_builtins(problem) for problem in _errors(report)],
    }
    return msgspec.json.format(msgspec.json.encode(facts), indent=2).decode()


def _errors(report: Report) -> list[Problem]:
    return [problem for problem in report.problems if problem.severity == "error"]


def _lines(report: Report, *, is_dry: bool) -> Iterator[str]:
    yield from report.remarks
    for telling in report.tellings:
        yield _line(telling)
        if is_dry and telling.text:
            yield "\n".join(f"    {printable(bare(line))}".rstrip() for line in telling.text.splitlines())
    told = sum(telling.outcome != "failed" for telling in report.tellings)
    failed = len(report.tellings) - told
    if report.tellings:
        verb = "would be told" if is_dry else "told"
        yield f"{told} message{'s' * (told != 1)} {verb}{f', {failed} failed' if failed else ''}."
    elif not report.remarks:
        yield "There is nothing new to tell."


def _line(telling: Telling) -> str:
    title = printable(bare(telling.title))
    return f"{telling.channel}: {title}" if not telling.reason else f"{telling.channel}: {title}: {telling.reason}"
