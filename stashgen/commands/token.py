"""stashgen token: keys for the gateway."""

from __future__ import annotations

import json
import re
from typing import Final, get_args

import click

from stashgen.gateway import tokens
from stashgen.gateway.config import NAME_PATTERN, Scope

_SCOPES: Final = get_args(Scope)


@click.group
def token() -> None:
    """Make keys for the gateway."""


@token.command
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(_SCOPES),
    multiple=True,
    required=True,
    help="What it may do; give it several times for several.",
)
@click.option("--service", "services", multiple=True, metavar="ID", help="The only service it may speak of; likewise.")
def new(name: str, scopes: tuple[str, ...], services: tuple[str, ...]) -> None:
    """Make a token and print it once, with the lines for the config, which hold only its hash.

    NAME says who uses it, such as `nagios`: commits tell it. The token goes to standard output, the rest to standard
    error.
    """
    if re.search(NAME_PATTERN, name) is None:
        raise click.BadParameter(f"{name!r} is not a name: letters, digits and `._@-`", param_hint="NAME")
    made = tokens.new()
    click.echo("The token, which nobody can show again:", err=True)
    click.echo(made)
    click.echo(f"\nLines for the gateway's config:\n\n{_lines(name, made, scopes, services)}", err=True)


def _lines(name: str, made: str, scopes: tuple[str, ...], services: tuple[str, ...]) -> str:
    lines = [
        "tokens:",
        f"  {json.dumps(name)}:",
        f"    sha256: {json.dumps(tokens.digest(made))}",
        f"    scopes: {json.dumps(list(dict.fromkeys(scopes)))}",
    ]
    if services:
        lines.append(f"    services: {json.dumps(list(dict.fromkeys(services)))}")
    return "\n".join(lines)
