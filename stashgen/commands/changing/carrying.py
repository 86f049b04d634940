"""Carry an intent out: plan it, show it, write it, commit it, push it, and say so in a line each."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext, redirect_stdout
from typing import Any, Final

import click
import msgspec

from stashgen.commands.changing import asking, showing
from stashgen.commands.changing.desk import Desk
from stashgen.git import Git
from stashgen.intents import Author, Intent
from stashgen.repository import Applied, Plan, Pushed, Wishes

_AUTHOR: Final = Author(via="cli")
_SHORT: Final = 7


def carry(desk: Desk, intent: Intent) -> int:
    """Carry an intent out and return the exit code.

    Whoever was asked for something sees the change and is asked once more; whoever gave everything is not kept
    waiting.
    """
    terms = desk.terms
    wishes = Wishes(has_commit=terms.has_commit, is_dry_run=terms.is_dry_run, now=terms.now)
    applied = desk.repository.apply(intent, _AUTHOR, wishes, confirm=lambda plan: _confirm(desk, plan))
    pushed = desk.repository.push() if terms.has_push and not terms.is_dry_run else None
    if pushed is not None and pushed.replayed and applied.commit:
        applied = msgspec.structs.replace(applied, commit=desk.repository.commit_of(applied.change_id))
    if terms.is_json:
        click.echo(msgspec.json.format(msgspec.json.encode(_facts(desk, applied, pushed)), indent=2))
    elif not terms.is_quiet:
        _tell(desk, applied, pushed)
    if pushed is not None and pushed.failure:
        click.echo(f"{click.style('not pushed:', fg='red', bold=True)} {pushed.failure}", err=True)
        return 1
    return 0


def _confirm(desk: Desk, plan: Plan) -> None:
    terms = desk.terms
    # Whoever is asked must see what about, wherever the output goes.
    is_aside = desk.is_asked and (terms.is_json or not sys.stdout.isatty())
    if desk.is_asked or not (terms.is_json or terms.is_quiet):
        with redirect_stdout(sys.stderr) if is_aside else nullcontext():
            showing.show(desk, plan)
    if desk.is_asked and plan.change.files and not terms.is_dry_run:
        asking.agreed("Go ahead?")


def _tell(desk: Desk, applied: Applied, pushed: Pushed | None) -> None:
    change = applied.plan.change
    if not change.files:
        click.echo(f"Nothing to do: {change.subject}")
    elif desk.terms.is_dry_run:
        click.echo(f"Nothing was written, this was a dry run: {change.subject}")
    elif applied.commit is None:
        click.echo(f"Written, not committed: {change.subject}")
    else:
        click.echo(f"Committed {applied.commit[:_SHORT]}: {change.subject}")
        click.echo(_whereabouts(desk, pushed))
    for remark in (*applied.remarks, *(pushed.remarks if pushed else ())):
        click.echo(remark, err=True)


def _whereabouts(desk: Desk, pushed: Pushed | None) -> str:
    if pushed is not None and not pushed.failure:
        again = ", carried out anew on what others pushed" if pushed.replayed else ""
        return f"Pushed{f' {pushed.commits} commits' if pushed.commits > 1 else ''}{again}."
    if pushed is not None:
        return "It is safe here, and the next push takes it along." if pushed.error else "It is kept aside."
    if Git(desk.terms.directory, os.environ).run("remote").out.strip():
        return "Not pushed yet: `git push` publishes it, and --push does so at once."
    return "There is no remote to push it to."


def _facts(desk: Desk, applied: Applied, pushed: Pushed | None) -> dict[str, Any]:
    return {
        "version": 1,
        **showing.facts(desk, applied.plan),
        "is_dry_run": desk.terms.is_dry_run,
        "commit": applied.commit,
        "pushed": pushed,
        "remarks": list(applied.remarks),
    }
