"""stashgen next: when the same files give another page."""

from __future__ import annotations

import datetime as dt
import math
import os
from pathlib import Path

import click
import msgspec

from stashgen import check
from stashgen.commands import options
from stashgen.derive import derive
from stashgen.errors import DataError
from stashgen.memo import Memo, cache_file


@click.command("next")
@options.directory
@options.now
@click.option("--seconds", "is_seconds", is_flag=True, help="Print the seconds until then instead of the instant.")
@click.option("--json", "is_json", is_flag=True, help="Print now, the instant and the seconds as JSON.")
@click.option(
    "--within",
    type=options.duration,
    metavar="DURATION",
    help="Exit with 1 when it is further off than this, such as 90s, 15m, 2h or 1d.",
)
def next_change(directory: Path, now: dt.datetime, within: int | None, *, is_seconds: bool, is_json: bool) -> int:
    """Tell when the same files will give another page.

    That is when a maintenance begins or ends, a notice expires, or the day rolls over. A scheduler that runs
    every quarter of an hour can build at the right moment:

    \b
        stashgen next --within 15m >/dev/null &&
          sleep "$(stashgen next --seconds)" && stashgen build
    """  # noqa: D301 - Click's mark for lines that it must not fill
    if is_seconds and is_json:
        raise click.UsageError("--seconds and --json exclude each other: the JSON holds the seconds too")
    memo = Memo(cache_file(directory, os.environ))
    reading = check.read(directory, memo)
    if any(problem.severity == "error" for problem in reading.problems):
        raise DataError(reading.problems)
    next_change_at = derive(reading.site, now, memo).next_change_at
    seconds = max(0, math.ceil((next_change_at - now).total_seconds()))
    if is_json:
        facts = {"now": now, "next_change_at": next_change_at, "seconds": seconds}
        click.echo(msgspec.json.encode(facts))
    else:
        click.echo(str(seconds) if is_seconds else next_change_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return int(within is not None and seconds > within)
