"""A command that has verbs: its group, and the options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click
import msgspec

from stashgen.commands.changing import completing
from stashgen.commands.changing.naming import Stands
from stashgen.commands.changing.terms import Option, gathered
from stashgen.model import Kind
from stashgen.text import did_you_mean

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Verbs(click.Group):
    """A group that lists its verbs in the order in which one meets them, and says which one was probably meant."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """Return the names in their order."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb that the arguments name."""
        if args[0] not in self.commands and not args[0].startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"there is no `{ctx.info_name} {args[0]}`{did_you_mean(args[0], self.commands)}")
        return super().resolve_command(ctx, args)


def group(command: str, text: str, *commands: click.Command) -> Verbs:
    """Return a command with these verbs."""
    return Verbs(command, commands=commands, help=text, no_args_is_help=True)


def held(text: str) -> Option:
    """Add `-s SERVICE=STATUS`, passed as `held: tuple[str, ...]`."""
    return click.option(
        "-s", "--service", "held", multiple=True, metavar="SERVICE=STATUS", shell_complete=completing.held, help=text
    )


class New(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of an event that is new."""

    title: str | None
    held: tuple[str, ...]
    tags: tuple[str, ...]
    name: str | None


_NEW: Final = (
    click.option("--tag", "tags", multiple=True, metavar="TAG", help="A free label; may be given more than once."),
    click.option("--id", "name", metavar="ID", help="Id of the event.  [default: made of the day and the title]"),
)


def new(services: Option) -> Callable[[_Command], _Command]:
    """Add the argument TITLE and the options of a new event, passed as `new: New`; `services` is its `-s`."""
    return gathered(New, "new", [click.argument("title", required=False), services, *_NEW])


def event(kind: Kind | None, stands: Stands) -> Callable[[_Command], _Command]:
    """Add the argument EVENT, passed as `event: str | None`."""
    return click.argument("event", required=False, shell_complete=completing.events(kind, stands))
