"""stashgen ingest: what a monitor says, without a server of ours: from a CI job, or from the monitor's own machine."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from stashgen import clock, dispatch, webhooks
from stashgen.automation import Outcome, decide
from stashgen.commands import dispatched, options
from stashgen.errors import StashgenError
from stashgen.intake import Intake
from stashgen.intents import Report, Signal
from stashgen.model import Site
from stashgen.repository import Pushed, Repository
from stashgen.webhooks import PayloadError, Post

_VIA: Final = "ingest"


@click.command
@click.argument("source")
@click.argument("file", type=click.File("rb"), default="-", metavar="[FILE]")
@options.directory
@options.fixed_now
@click.option("--event", metavar="NAME", help="GitHub: the event's name, as in the header X-GitHub-Event.")
@click.option(
    "--wait/--no-wait",
    "has_patience",
    default=True,
    help="Stay until what is held back counts, or leave it to the next run in this clone.  [default: wait]",
)
@click.option("--push/--no-push", "has_push", default=False, help="Push after the commit, or not.  [default: no-push]")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Say what would become of each alert and change nothing.")
@click.option("--json", "is_json", is_flag=True, help="Print what happened as one JSON object.")
def ingest(  # noqa: PLR0913 - one parameter an option
    source: str,
    file: Any,
    directory: Path,
    now: dt.datetime | None,
    event: str | None,
    *,
    has_patience: bool,
    has_push: bool,
    is_dry_run: bool,
    is_json: bool,
) -> int:
    """Do what a monitor's payload asks for: the same as the gateway does with a webhook.

    SOURCE is the monitor (alertmanager, grafana, pagerduty, nagios, icinga, uptime-kuma, uptimerobot, pingdom, datadog,
    betterstack, github) or one that automation.yaml maps under `generic`. The payload comes from stdin, or from FILE.
    `dispatch` is what a program asked of GitHub's or GitLab's API: a status, an incident, an update and so on.

    \b
        stashgen ingest alertmanager --push < payload.json
        printf '%s\\n' "HOSTNAME=$host" "SERVICEDESC=$service" ... | stashgen ingest nagios

    Exit code 1: an alert was refused, the payload cannot be read, or the push failed.
    """  # noqa: D301 - Click's mark for lines that it must not fill
    if os.environ.get("SOURCE_DATE_EPOCH"):
        now = now or clock.current(os.environ)  # such a clock stands still: nobody waits for it
    headers = {"x-github-event": event} if event else {}
    post = Post(body=file.read(), headers=headers)

    def read(site: Site) -> Sequence[Signal]:
        try:
            return _signals(source, post, site)
        except PayloadError as error:
            raise StashgenError(f"the payload of {source}: {error}" if error.field else str(error)) from error

    with Repository(directory, os.environ) as repository:
        if source == dispatch.SOURCE:
            intent = dispatch.read(post.body, repository.read().site)
            if not isinstance(intent, Report):
                terms = dispatched.Terms(now=now, has_push=has_push, is_dry_run=is_dry_run, is_json=is_json)
                return dispatched.carry(repository, intent, terms, os.environ)
        if is_dry_run:
            site, at = repository.read().site, now or clock.current(os.environ)
            told = list(decide(site, read(site), at).outcomes)
        else:
            told = _delivered(Intake(repository, repository, _VIA), read, now, has_patience=has_patience)
        pushed = repository.push() if has_push and not is_dry_run else None
    _tell(told, pushed, is_json=is_json)
    return int(any(one.what == "refused" for one in told) or (pushed is not None and pushed.error is not None))


def _signals(source: str, post: Post, site: Site) -> Sequence[Signal]:
    if source != dispatch.SOURCE:
        return webhooks.read(source, post, site.automation)
    asked = dispatch.read(post.body, site)
    return asked.signals if isinstance(asked, Report) else ()


def _delivered(intake: Intake, read: Any, now: dt.datetime | None, *, has_patience: bool) -> list[Outcome]:
    """Take the signals in, and wait until the last of them counts if that is wanted."""
    intake.settle(now or clock.current(os.environ))  # what the last run has left
    told = {(one.source, one.key): one for one in intake.deliver(read, "", now or clock.current(os.environ))}
    while has_patience and now is None and any(one.what == "held" for one in told.values()):
        next_at = intake.next_due()
        if next_at is None:
            break
        held = ", ".join(one.key for one in told.values() if one.what == "held")
        click.echo(f"Waiting until {next_at:%H:%M:%S} UTC: {held}", err=True)
        clock.sleep(max(0.0, (next_at - clock.current(os.environ)).total_seconds()))
        for one in intake.settle(clock.current(os.environ)).values():
            told[one.source, one.key] = one
    return list(told.values())


def _tell(told: Sequence[Outcome], pushed: Pushed | None, *, is_json: bool) -> None:
    if is_json:
        body = {"version": 1, "outcomes": told, "pushed": pushed}
        click.echo(msgspec.json.format(msgspec.json.encode(body), indent=2))
    else:
        for one in told:
            place = f" {one.event}" if one.event else ""
            click.echo(f"{one.source} {one.key}: {one.what}{place}{f' ({one.detail})' if one.detail else ''}")
        if not told:
            click.echo("Nothing in the payload concerns readers.")
    if pushed is not None and pushed.error:
        click.echo(f"{click.style('not pushed:', fg='red', bold=True)} {pushed.error}", err=True)
