"""stashgen init: a working site in one step."""

from __future__ import annotations

import datetime as dt
import os
import shlex
from collections.abc import Mapping
from pathlib import Path

import click

from stashgen import files, scaffold, schema
from stashgen.commands import options
from stashgen.errors import StashgenError


@click.command
@click.argument("directory", metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path), default=Path())
@options.now
def init(directory: Path, now: dt.datetime) -> None:
    """Start a site: settings, services, a first incident, CI.

    DIR is the project folder, new, empty or a git repository; by default it is this folder. site-data/ gets
    settings, three services and one past incident; .github/workflows/ gets a workflow that checks, builds and
    publishes the page; .stashgen/schemas/ is what editors complete and check the YAML with.

    Nothing is overwritten: with a file in the way nothing is written at all, but a README.md or .gitignore that is
    there is simply kept.
    """
    wanted = scaffold.files(now, schema.documents())
    kept = sorted(path for path in scaffold.OPTIONAL if (directory / path).exists())
    fresh = {path: data for path, data in wanted.items() if path not in kept}
    _refuse_to_overwrite(directory, fresh)
    for path, data in fresh.items():
        files.write_atomic(directory / path, data)
    _tell(directory, len(fresh), kept)


def _refuse_to_overwrite(directory: Path, fresh: Mapping[str, bytes]) -> None:
    taken = {_in_the_way(directory, path) for path in fresh} - {""}
    site_data = directory / "site-data"
    if site_data.is_dir() and any(site_data.iterdir()):
        taken = {path for path in taken if not path.startswith("site-data/")} | {"site-data/"}
    if taken:
        listed = "\n".join(f"  {path}" for path in sorted(taken))
        raise StashgenError(f"{directory}: nothing was written, because this is there already:\n{listed}")


def _in_the_way(directory: Path, path: str) -> str:
    """Return what stands where the file would go: the file itself, or a parent that is no folder."""
    parts = path.split("/")
    for depth in range(1, len(parts)):
        parent = directory.joinpath(*parts[:depth])
        if os.path.lexists(parent) and not parent.is_dir():
            return "/".join(parts[:depth])
    return path if os.path.lexists(directory / path) else ""


def _tell(directory: Path, count: int, kept: list[str]) -> None:
    click.echo(f"Wrote a status page into {directory}: {count} files.")
    for path in kept:
        hint = "; add the line /build/ to it" if path == ".gitignore" else ""
        click.echo(f"Kept your own {path}{hint}.")
    click.echo("Next:")
    if directory != Path():
        click.echo(f"  cd {shlex.quote(str(directory))}")
    click.echo("  stashgen serve    # shows the page and follows your edits in site-data/")
    click.echo("  stashgen build    # writes the page into build/")
