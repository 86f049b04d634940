"""stashgen import: incidents of another status page become files under site-data/."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from stashgen import adopt, terminal
from stashgen.adopt import Job, Report, Verdict
from stashgen.commands import options, problems
from stashgen.importers import BOOKS
from stashgen.importers.source import Wishes
from stashgen.memo import Memo, cache_file

_WORDS: Final[Mapping[Verdict, str]] = {
    "new": "new",
    "updated": "updated",
    "unchanged": "unchanged",
    "older": "older in the source than here",
    "kept": "kept as you changed them",
    "clash": "left alone",
}


@click.command("import")
@click.argument("importer", metavar="SOURCE", type=click.Choice(list(BOOKS)))
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH...")
@options.directory
@click.option(
    "--skip-component",
    "skipped",
    multiple=True,
    metavar="NAME",
    help="Leave out a component, by its name or id; may be given more than once.",
)
@click.option(
    "--split-timelines",
    "has_split_timelines",
    is_flag=True,
    help="Turn a timeline that was typed as a list into one update into updates of their own times.",
)
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Say what would be written and write nothing.")
@click.option(
    "--commit/--no-commit",
    "has_commit",
    default=False,
    show_default=True,
    help="Commit what was written, all of it in one commit.",
)
def import_(  # noqa: PLR0913 - one parameter an option
    importer: str,
    paths: tuple[Path, ...],
    directory: Path,
    skipped: tuple[str, ...],
    *,
    has_split_timelines: bool,
    is_dry_run: bool,
    has_commit: bool,
) -> int:
    """Bring incidents in from another status page, as files that you can review.

    SOURCE is `statuspage`: PATH... are files or folders of Statuspage JSON (public API, management API, or single
    incidents). Incidents, maintenances, components and groups become YAML under site-data/, and site.yaml is made
    if there is none.

    A second run finds each incident again: nothing changes unless the source has news, and a file that you changed
    is never overwritten. What cannot be mapped is told line by line.

    Exit code 1: some of the source could not be read (the rest was imported), or site-data itself has errors.
    """
    wishes = Wishes(
        skipped=frozenset(wish.casefold() for wish in skipped),
        has_split_timelines=has_split_timelines,
    )
    job = Job(
        importer=importer,
        paths=paths,
        project=directory,
        wishes=wishes,
        memo=Memo(cache_file(directory, os.environ)),
        environ=os.environ,
        is_dry_run=is_dry_run,
        has_commit=has_commit,
    )
    with terminal.progress("Writing files") as progress:
        report = adopt.adopt(job, progress)
    problems.echo(report.problems, "text", is_stderr=True)
    _tell(report, is_dry_run=is_dry_run)
    return int(any(problem.severity == "error" for problem in report.problems))


def _tell(report: Report, *, is_dry_run: bool) -> None:
    if is_dry_run:
        for step in report.steps:
            if step.verdict in ("new", "updated"):
                click.echo(f"{step.verdict}: {step.path}")
    for remark in report.remarks:
        click.echo(remark)
    counts = Counter(step.verdict for step in report.steps)
    told = ", ".join(f"{counts[verdict]} {words}" for verdict, words in _WORDS.items() if counts[verdict])
    click.echo(f"Read {_counted(report.sources, 'file')} with {_counted(report.events, 'event')}: {told or 'nothing'}.")
    if is_dry_run:
        click.echo("Nothing was written: this was a dry run.")
    elif not counts["new"] and not counts["updated"]:
        click.echo("Nothing was written: site-data is up to date.")
    elif report.commit:
        click.echo(f"Committed as {report.commit[:10]}: `git revert` takes all of it back.")
    else:
        click.echo("Next: `stashgen check`, then review the files and commit them.")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
