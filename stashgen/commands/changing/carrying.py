"""Carry an intent out: plan it, show it, write it, commit it, push it, and say so in a line each."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from stashgen.commands.changing import asking, showing
from stashgen.commands.changing.desk import Desk
from stashgen.intents import Author, Intent
from stashgen.repository import Applied, Plan, Pushed, Wishes

_AUTHOR = Author(via="cli")
_SHORT = 7


def carry(desk: Desk, intent: Intent) -> int:
    """Carry an intent out and return the exit code.

    Whoever was asked for something sees the change and is asked once more; whoever gave everything is not kept
    waiting.
    """
    terms = desk.terms
    is_shown = not (terms.is_json or terms.is_quiet)
    if desk.is_asked and not terms.is_dry_run:
        _agree(desk, intent)
        is_shown = False
    wishes = Wishes(has_commit=terms.has_commit, is_dry_run=terms.is_dry_run, now=terms.now)
    applied = desk.repository.apply(
        intent, _AUTHOR, wishes, confirm=(lambda plan: showing.show(desk, plan)) if is_shown else _silent
    )
    pushed = desk.repository.push() if terms.has_push and not terms.is_dry_run else None
    if terms.is_json:
        click.echo(msgspec.json.format(msgspec.json.encode(_facts(desk, applied, pushed)), indent=2))
    elif not terms.is_quiet:
        _tell(desk, applied, pushed)
    if pushed is not None and pushed.error:
        click.echo(f"{click.style('not pushed:', fg='red', bold=True)} {pushed.error}", err=True)
        return 1
    return 0


def _agree(desk: Desk, intent: Intent) -> None:
    plan = desk.repository.plan(intent, desk.now)
    if plan.change.files:
        showing.show(desk, plan)
        asking.agreed("Go ahead?")


def _silent(_: Plan) -> None:
    """Show nothing."""


def _tell(desk: Desk, applied: Applied, pushed: Pushed | None) -> None:
    change = applied.plan.change
    if not change.files:
        click.echo(f"Nothing to do: {change.subject}")
    elif desk.terms.is_dry_run:
        click.echo(f"Nothing was written, this was a dry run: {change.subject}")
    elif applied.commit is None:
        click.echo(f"Written, not committed: {change.subject}")
    else:
        pushed_word = "" if pushed is None else ", pushed" if not pushed.error else ""
        hint = " (`git push` publishes it)" if pushed is None else ""
        click.echo(f"Committed {applied.commit[:_SHORT]}{pushed_word}: {change.subject}{hint}")
    for remark in (*applied.remarks, *(pushed.remarks if pushed else ())):
        click.echo(remark, err=True)


def _facts(desk: Desk, applied: Applied, pushed: Pushed | None) -> dict[str, Any]:
    return {
        "version": 1,
        **showing.facts(desk, applied.plan),
        "is_dry_run": desk.terms.is_dry_run,
        "commit": applied.commit,
        "pushed": pushed,
        "remarks": list(applied.remarks),
    }
