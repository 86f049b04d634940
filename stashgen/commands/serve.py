"""stashgen serve: the site in a browser, following the edits."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from stashgen import clock
from stashgen.build import Report
from stashgen.commands import options, problems
from stashgen.errors import DataError
from stashgen.memo import Memo, cache_file
from stashgen.serve import Outcome, Show
from stashgen.serve import serve as serve_site
from stashgen.serve.server import DEFAULT_PORT


@click.command
@options.directory
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help=f"Port to listen on; 0 takes a free one.  [default: {DEFAULT_PORT}, or a free one if that is taken]",
)
@click.option("--open/--no-open", "is_opened", default=False, show_default=True, help="Open the page in a browser.")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Build into this folder and keep it.  [default: a temporary folder; build/ is left alone]",
)
@options.fixed_now
def serve(  # noqa: PLR0913 - one parameter an option
    directory: Path, host: str, port: int | None, output: Path | None, now: dt.datetime | None, *, is_opened: bool
) -> None:
    """Show the site in a browser and follow your edits.

    Saving a file under site-data/ or themes/ builds the site again and reloads the page. A file that cannot be
    used leaves the last good page standing, with the problems over it, until it is mended. When time alone
    changes the page (a maintenance begins, a day ends), it is built again too.

    Stop it with ^C.
    """
    # An exception unwinds the server as ^C does, so that the temporary folder goes too.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    memo = Memo(cache_file(directory, os.environ))

    def moment() -> dt.datetime:
        return now or clock.current(os.environ)

    def ready(url: str) -> None:
        if port is None and f":{DEFAULT_PORT}/" not in url:
            click.echo(f"Port {DEFAULT_PORT} is taken: this is a free one.")
        click.echo(f"Serving {url} (stop with ^C)")
        if is_opened:
            webbrowser.open(url)

    with _folder(output) as folder:
        serve_site(Show(directory, folder, memo, host, port), moment, ready, _teller())


@contextmanager
def _folder(output: Path | None) -> Iterator[Path]:
    if output is not None:
        yield output
        return
    with tempfile.TemporaryDirectory(prefix="stashgen-serve-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "site"


def _teller() -> Callable[[Outcome], None]:
    """Return a function that prints how a build went, unless nothing is new."""
    last: list[str] = []

    def tell(outcome: Outcome) -> None:
        said = [*_said(outcome)]
        is_changed = isinstance(outcome, Report) and bool(outcome.written or outcome.removed)
        if is_changed or said != last:
            click.echo("\n".join([_headline(outcome), *said]))
        last[:] = said

    return tell


def _headline(outcome: Outcome) -> str:
    if isinstance(outcome, Report):
        return f"Built: {outcome.written} written, {outcome.removed} removed ({outcome.seconds:.2f} s)"
    return "Not built; the last good page stands."


def _said(outcome: Outcome) -> Iterator[str]:
    if isinstance(outcome, (Report, DataError)):
        yield from map(problems.line, outcome.problems)
    else:
        yield str(outcome)
