"""stashgen gateway: the write API over HTTP."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path

import click

from stashgen.commands import options, problems
from stashgen.errors import StashgenError


@click.command
@options.directory
@click.option(
    "--config",
    "config_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="Settings of the gateway: who may change the page; keep it outside the repository.",
)
@click.option(
    "--listen", metavar="HOST:PORT", help="Address to listen on, instead of the config's; port 0 takes a free one."
)
def gateway(directory: Path, config_file: Path, listen: str | None) -> None:
    """Let programs change the page over HTTP; every change is a commit.

    Needs the extra: `pip install 'stashgen[gateway]'`. Stop it with ^C or SIGTERM: what has begun is finished.
    """
    try:
        from stashgen.gateway import config, gate, serving  # noqa: PLC0415 - an optional dependency
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("flask", "werkzeug", "waitress", "oauthlib"):
            raise
        raise StashgenError(
            f"the gateway needs {error.name}, which is not installed: pip install 'stashgen[gateway]'"
        ) from error
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)

    def read() -> config.Setup:
        setup = config.read(config_file, os.environ)
        problems.echo(setup.problems, "text", is_stderr=True)
        return setup

    if listen is not None and re.search(config.LISTEN_PATTERN, listen) is None:
        raise click.BadParameter(f"{listen!r} is not HOST:PORT, such as {config.DEFAULT_LISTEN}", param_hint="--listen")
    setup = read()
    serving.serve(
        gate.Gate(directory, os.environ, setup),
        listen or setup.config.listen,
        read,
        lambda url: click.echo(f"Listening on {url} (stop with ^C)"),
    )
