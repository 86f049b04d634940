"""stashgen compare: what the working files change on the page."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Literal

import click
import msgspec

from stashgen.commands import options
from stashgen.news import Ground, showing
from stashgen.news.comparing import compare as compare_states


@click.command
@options.directory
@click.argument("ref", default="HEAD")
@options.now
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="Lines for people, Markdown that is safe to post as a comment, or JSON for programs.",
)
def compare(directory: Path, ref: str, now: dt.datetime, form: Literal["text", "markdown", "json"]) -> None:
    """Say what the working files change on the page of a commit.

    REF is a commit, by default HEAD. Both pages are taken as of now, so that only the files make a difference: the
    sentence at the top, services whose status is another, news that subscribers would be told, records added,
    changed and removed, and problems. Neither work tree nor index is touched.
    """
    comparison = compare_states(Ground(directory, os.environ, now), ref)
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(comparison), indent=2))
    else:
        click.echo(showing.as_markdown(comparison) if form == "markdown" else showing.as_text(comparison))
