"""stashgen init: a working site in one step."""

from __future__ import annotations

import datetime as dt
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from stashgen import files, scaffold, schema
from stashgen.check import read
from stashgen.commands import options
from stashgen.errors import DataError, StashgenError
from stashgen.git.remotes import remotes
from stashgen.load import SITE_DATA
from stashgen.memo import Memo, cache_file
from stashgen.scaffold import choices, hosts
from stashgen.scaffold.hosts import HOSTS, CodeHost, Host

_CODE_HOSTS: Final[tuple[CodeHost, ...]] = ("github", "gitlab", "none")


@click.command
@click.argument("directory", metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option(
    "--host",
    type=click.Choice(list(HOSTS)),
    help="Where the page will be published.  [default: on the Pages of the code host]",
)
@click.option(
    "--ci",
    type=click.Choice(_CODE_HOSTS),
    help="The code host to write CI files for.  [default: the host's own, or where a git remote leads, or github]",
)
@click.option("--only-ci", is_flag=True, help="Write the CI files only, beside a site that is there.")
@click.option(
    "--refresh", "is_refresh", is_flag=True, help="Only write the lists of services and statuses in CI files again."
)
@options.now
def init(  # noqa: PLR0913 -- one parameter an option
    directory: Path, host: Host | None, ci: CodeHost | None, now: dt.datetime, *, only_ci: bool, is_refresh: bool
) -> None:
    """Start a site: settings, services, a first incident, CI.

    DIR is the project folder, new, empty or a git repository; by default it is this folder. site-data/ gets
    settings, three services and one past incident; the CI files check, build and publish the page, and change it
    from a form or by the code host's API; .stashgen/schemas/ is what editors complete and check the YAML with.

    Nothing is overwritten: with a file in the way nothing is written at all, but a README.md, .gitignore,
    .github/dependabot.yml or .stashgen/requirements.txt that is there is simply kept.
    """
    if is_refresh:
        _refresh(directory)
        return
    code_host, host = hosts.chosen(host, ci, scaffold.host_of(remotes(directory)))
    _refuse_contradiction(code_host, host)
    if only_ci:
        _write(directory, scaffold.ci_files(code_host, host, _choices(directory)), "CI files")
    else:
        _write(directory, scaffold.files(now, schema.documents(), code_host, host), "a status page")
    if setup := scaffold.setup(code_host, host):
        click.echo(f"\n{setup}")


def _refuse_contradiction(code_host: CodeHost, host: Host | None) -> None:
    only = HOSTS[host].only_from if host else None
    if host and only and only != code_host:
        own = hosts.OWN_HOST.get(code_host)
        ways = [
            f"leave out --ci {code_host}",
            f"take --host {own}" if own else "",
            "choose a host that any CI can reach",
        ]
        raise click.UsageError(
            f"{HOSTS[host].name} takes pages from {only} alone, so --ci {code_host} does not go with it: "
            f"{', '.join(filter(None, ways[:-1]))} or {ways[-1]}"
        )


def _write(directory: Path, wanted: Mapping[str, bytes], what: str) -> None:
    kept = sorted(path for path in scaffold.OPTIONAL & wanted.keys() if (directory / path).exists())
    fresh = {path: data for path, data in wanted.items() if path not in kept}
    _refuse_to_overwrite(directory, fresh)
    for path, data in fresh.items():
        files.write_atomic(directory / path, data)
    click.echo(f"Wrote {what} into {directory}: {_counted(len(fresh))}.")
    for path in kept:
        hint = "; add the line /build/ to it" if path == ".gitignore" else ""
        click.echo(f"Kept your own {path}{hint}.")
    if f"{SITE_DATA}/site.yaml" in fresh:
        _tell_next(directory)


def _refresh(directory: Path) -> None:
    lists = _choices(directory)
    there = [path for path in sorted(scaffold.ci_paths()) if (directory / path).is_file()]
    texts = {path: (directory / path).read_bytes().decode("utf-8", "surrogateescape") for path in there}
    changed = {path: new for path, old in texts.items() if (new := choices.refreshed(old, lists)) != old}
    for path, text in changed.items():
        files.write_atomic(directory / path, text.encode("utf-8", "surrogateescape"))
        click.echo(f"Wrote {path}.")
    if not changed:
        click.echo("The lists are as they should be: nothing was written.")


def _choices(directory: Path) -> choices.Choices:
    site, problems = read(directory, Memo(cache_file(directory, os.environ)))
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise DataError(errors)
    return choices.of(site)


def _refuse_to_overwrite(directory: Path, fresh: Mapping[str, bytes]) -> None:
    taken = {_in_the_way(directory, path) for path in fresh} - {""}
    site_data = directory / SITE_DATA
    if f"{SITE_DATA}/site.yaml" in fresh and site_data.is_dir() and any(site_data.iterdir()):
        taken = {path for path in taken if not path.startswith(f"{SITE_DATA}/")} | {f"{SITE_DATA}/"}
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


def _counted(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"


def _tell_next(directory: Path) -> None:
    click.echo("Next:")
    if directory != Path():
        click.echo(f"  cd {shlex.quote(str(directory))}")
    click.echo("  stashgen serve    # shows the page and follows your edits in site-data/")
    click.echo("  stashgen build    # writes the page into build/")
