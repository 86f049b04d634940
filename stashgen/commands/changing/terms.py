"""The options that every command which changes something takes, gathered into two values.

`Terms` say how the change is carried out, `Words` what readers are told.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import msgspec

from stashgen.commands import options
from stashgen.commands.changing import completing

_Command = TypeVar("_Command", bound=Callable[..., Any])
Option = Callable[[Callable[..., Any]], Callable[..., Any]]


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How a change is carried out and told."""

    directory: Path
    now: dt.datetime | None = None  # None: the clock's
    is_dry_run: bool = False
    has_commit: bool | None = None  # None: where git is
    has_push: bool = False
    is_json: bool = False
    is_quiet: bool = False


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What readers are told, as the options give it."""

    messages: tuple[str, ...]
    file: str | None
    template: str | None = None
    own: tuple[str, ...] = ()
    at: str | None = None


is_json: Final = click.option("--json", "is_json", is_flag=True, help="Print what happened as one JSON object.")

_TERMS: Final[Sequence[Option]] = (
    options.directory,
    options.fixed_now,
    click.option("--dry-run", "is_dry_run", is_flag=True, help="Show what would change and change nothing."),
    click.option(
        "--commit/--no-commit",
        "has_commit",
        default=None,
        help="Commit the change to git, or only write the files.  [default: commit, where git is]",
    ),
    click.option(
        "--push/--no-push", "has_push", default=False, help="Push after the commit, or not.  [default: no-push]"
    ),
    is_json,
    click.option("-q", "--quiet", "is_quiet", is_flag=True, help="Print nothing but errors."),
)
message: Final = click.option(
    "-m",
    "--message",
    "messages",
    multiple=True,
    metavar="TEXT",
    help="What readers are told, in Markdown. More than one: paragraphs. `-` reads it from stdin.",
)
file: Final = click.option("-F", "--file", "file", metavar="FILE", help="Read the message from a file; `-` is stdin.")
at: Final = click.option(
    "--at",
    metavar="TIME",
    help="When it was, if not now: 10:02, 15m ago, -15m, `2026-11-23 10:02` (in the site's zone), or with a zone.",
)
_WORDS: Final[Sequence[Option]] = (
    message,
    file,
    click.option(
        "--template",
        metavar="NAME",
        shell_complete=completing.templates,
        help="Take the words from site-data/templates/NAME.yaml; a message is added to them.",
    ),
    click.option(
        "--set",
        "own",
        multiple=True,
        metavar="NAME=VALUE",
        help="Give the template a value, which it calls `set.NAME`.",
    ),
    at,
)


def gathered(record: type[msgspec.Struct], name: str, given: Sequence[Option]) -> Callable[[_Command], _Command]:
    """Return a decorator that adds options and passes their values as one record."""

    def decorate(command: _Command) -> _Command:
        @functools.wraps(command)
        def run(**values: Any) -> Any:
            known = [field for field in record.__struct_fields__ if field in values]
            value = record(**{field: values.pop(field) for field in known})
            return command(**values, **{name: value})

        for option in reversed(given):
            option(run)
        return run  # type: ignore[return-value] # the same command, called by Click alone

    return decorate


terms: Final = gathered(Terms, "terms", _TERMS)
words: Final = gathered(Words, "words", _WORDS)
