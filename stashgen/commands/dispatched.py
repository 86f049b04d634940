"""What a code host's API was asked for, carried out by `stashgen ingest dispatch` in a job of that host."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Final

import click
import msgspec

from stashgen.intents import Author, Intent
from stashgen.repository import Applied, Pushed, Repository, Wishes

_SHORT: Final = 7
# How the hosts name a run, which stays the same when it is run again, and whoever started it.
_RUNS: Final = ("GITHUB_RUN_ID", "CI_PIPELINE_ID")
_ACTORS: Final = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN")


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How it is to be done."""

    now: dt.datetime | None
    has_push: bool
    is_dry_run: bool
    is_json: bool


def carry(repository: Repository, intent: Intent, terms: Terms, environ: Mapping[str, str]) -> int:
    """Carry an intent out, say what became of it, and return the exit code.

    A run that is started once more finds what it did the first time and does it no second time. Raises StashgenError.
    """
    wishes = Wishes(now=terms.now, is_dry_run=terms.is_dry_run, key=_key(intent, environ), has_suffix=True)
    author = Author(name=_first(_ACTORS, environ), via="ingest")
    applied = repository.apply(intent, author, wishes)
    pushed = repository.push() if terms.has_push and not terms.is_dry_run else None
    if terms.is_json:
        facts = {"version": 1, "record": applied.plan.change.record, "commit": applied.commit, "pushed": pushed}
        click.echo(msgspec.json.format(msgspec.json.encode(facts), indent=2))
    else:
        click.echo(_told(applied, terms))
    return _warn(applied, pushed)


def _key(intent: Intent, environ: Mapping[str, str]) -> str:
    run = _first(_RUNS, environ)
    digest = hashlib.sha256(msgspec.json.encode(intent)).hexdigest()[:16]  # one run may carry out several
    return f"run-{run}-{digest}" if run else ""


def _first(names: tuple[str, ...], environ: Mapping[str, str]) -> str:
    return next((environ[name] for name in names if environ.get(name)), "")


def _told(applied: Applied, terms: Terms) -> str:
    change = applied.plan.change
    if applied.is_repeated:
        return f"Done before: {change.subject}"
    if not change.files:
        return f"Nothing to do: {change.subject}"
    if terms.is_dry_run:
        return f"Nothing was written, this was a dry run: {change.subject}"
    return f"Committed {(applied.commit or '')[:_SHORT]}: {change.subject}"


def _warn(applied: Applied, pushed: Pushed | None) -> int:
    for remark in (*applied.remarks, *(pushed.remarks if pushed else ())):
        click.echo(remark, err=True)
    if pushed is not None and pushed.failure:
        click.echo(f"{click.style('not pushed:', fg='red', bold=True)} {pushed.failure}", err=True)
        return 1
    return 0
