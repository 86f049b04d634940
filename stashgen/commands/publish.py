"""stashgen publish: a built site goes where it is read."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from stashgen.commands import options
from stashgen.publishers import publisher
from stashgen.publishers.several import Result, Task, publish_all
from stashgen.publishers.site import Site, read_site
from stashgen.publishers.standing import lineage
from stashgen.publishers.store import History, Order, Report, hushed
from stashgen.text import printable

_DONE = {"published": "published", "unchanged": "nothing to do", "left": "left as it is", "planned": "would publish"}


class _Settings(msgspec.Struct, frozen=True):
    """What the options say."""

    history: History
    retries: int
    is_dry: bool
    is_forced: bool


@click.command
@options.directory
@options.output
@click.option("--dry-run", "is_dry", is_flag=True, help="List what would be sent and removed; touch nothing.")
@click.option("--json", "is_json", is_flag=True, help="Print what became of each target as JSON.")
@click.option(
    "--force",
    "is_forced",
    is_flag=True,
    help="Send every file, over a newer state or a page that is not ours, too.",
)
@click.option(
    "--retries",
    type=click.IntRange(0, 100),
    default=3,
    show_default=True,
    metavar="N",
    help="How often a target is tried again.",
)
@click.option(
    "--history",
    type=click.Choice(["squashed", "growing"]),
    default="squashed",
    show_default=True,
    help="On a git branch: one commit that is replaced, or one more commit each time.",
)
@click.argument("targets", metavar="TARGET...", nargs=-1, required=True)
def publish(directory: Path, output: Path | None, targets: tuple[str, ...], *, is_json: bool, **given: object) -> int:
    """Send the built site where it is read: only what differs, and the newest state wins.

    A TARGET is a folder, `user@host:/path` or `ssh://user@host:port/path` (rsync over ssh), `rsync://host/module`,
    `s3://bucket/prefix?endpoint=URL&region=R`, or `git:REMOTE#BRANCH`. Several are published to side by side; one that
    fails does not stop the others.

    Exit code 1: a target failed. A target that is newer already is left as it is, which is fine.
    """
    settings = msgspec.convert(given, _Settings)
    twice = next((one for one in targets if targets.count(one) > 1), None)
    if twice is not None:
        raise click.BadParameter(f"{printable(hushed(twice))} is given twice", param_hint="TARGET")
    site = read_site(output or directory / "build")
    tasks = [Task(target, publisher(target).publish, _order(directory, settings)) for target in targets]
    results = publish_all(tasks, site, settings.retries, _tell)
    bug = next((result.bug for result in results if result.bug is not None), None)
    _print(results, site, is_json=is_json)
    if bug is not None:
        raise bug
    return int(any(result.error is not None for result in results))


def _order(directory: Path, settings: _Settings) -> Order:
    environ = dict(os.environ)
    return Order(
        project=directory,
        environ=environ,
        known=lineage(directory, environ),
        run=secrets.token_hex(8),
        stop=threading.Event(),
        history=settings.history,
        is_forced=settings.is_forced,
        is_dry=settings.is_dry,
    )


def _tell(target: str, words: str) -> None:
    click.echo(f"{_name(target)}: {printable(words)}", err=True)


def _print(results: Sequence[Result], site: Site, *, is_json: bool) -> None:
    if is_json:
        click.echo(msgspec.json.format(msgspec.json.encode(_document(results, site)), indent=2))
        return
    for result in results:
        _print_one(result)


def _print_one(result: Result) -> None:
    name = _name(result.target)
    if result.error is not None:
        click.echo(f"{name}: {click.style('failed', fg='red')}: {printable(result.error)}", err=True)
    if result.report is None:
        return
    click.echo(f"{name}: {_summary(result.report, result.seconds)}")
    for note in result.report.notes:
        click.echo(f"  {printable(note)}", err=True)
    if result.report.outcome == "planned":
        for mark, names in (("+", result.report.sent), ("-", result.report.removed)):
            for file in names:
                click.echo(f"  {mark} {printable(file)}")


def _summary(report: Report, seconds: float) -> str:
    files = f"{len(report.sent)} sent, {report.unchanged} unchanged, {len(report.removed)} removed"
    return f"{_DONE[report.outcome]}: {files}, {report.size} bytes ({seconds:.1f} s)"


def _document(results: Sequence[Result], site: Site) -> dict[str, object]:
    standing = site.standing
    return {
        "version": 1,
        "built_at": standing.built_at,
        "commit": standing.commit,
        "targets": [_entry(result) for result in results],
    }


def _entry(result: Result) -> dict[str, object]:
    report = result.report or Report("unchanged")
    is_listed = report.outcome == "planned"
    return {
        "target": hushed(result.target),
        "outcome": report.outcome if result.report else "failed",
        "sent": len(report.sent),
        "unchanged": report.unchanged,
        "removed": len(report.removed),
        "bytes": report.size,
        "seconds": round(result.seconds, 3),
        "tries": result.tries,
        "notes": report.notes,
        "error": result.error,
        **({"files": {"send": report.sent, "remove": report.removed}} if is_listed else {}),
    }


def _name(target: str) -> str:
    return printable(hushed(target))
