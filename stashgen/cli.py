"""The command line: the group of commands and the one error boundary.

Exit codes: 0 fine; 1 the user's data or the outside world; 2 usage; 3 our bug; 130 ^C.
"""

from __future__ import annotations

import importlib
import io
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, NamedTuple, NoReturn

import click
from click.shell_completion import CompletionItem

from stashgen import __version__
from stashgen.commands import problems
from stashgen.errors import DataError, StashgenError
from stashgen.text import did_you_mean, quoted

_DATA, _BUG, _INTERRUPTED = 1, 3, 130
_COMPLETING: Final = "_STASHGEN_COMPLETE"  # Click's name for a shell's question


class Entry(NamedTuple):
    """Where a command is found, and its line in `stashgen --help`; it is imported only when it runs."""

    target: str
    summary: str


COMMANDS: Final[Mapping[str, Entry]] = {
    "init": Entry("stashgen.commands.init:init", "Start a site: settings, services, a first incident, CI."),
    "build": Entry("stashgen.commands.build:build", "Write the site into a folder of plain files."),
    "check": Entry("stashgen.commands.check:check", "Find every problem in site-data/, with line and remedy."),
    "serve": Entry("stashgen.commands.serve:serve", "Show the site in a browser and follow your edits."),
    "status": Entry("stashgen.commands.status:status", "Show the board in the terminal."),
    "next": Entry("stashgen.commands.next:next_change", "Tell when the same files will give another page."),
    "publish": Entry("stashgen.commands.publish:publish", "Send the built site where it is read."),
    "verify": Entry("stashgen.commands.verify:verify", "Look at published sites from outside: is it all there?"),
    "sign": Entry("stashgen.commands.sign:sign", "Sign what was built, so that readers can prove where it is from."),
    "notify": Entry("stashgen.commands.notify:notify", "Tell the channels of notifications.yaml what is new, once."),
    "compare": Entry("stashgen.commands.compare:compare", "Say what the working files change on the page."),
    "embed": Entry("stashgen.commands.embed:embed", "Print the lines that put the state on another page."),
    "schema": Entry("stashgen.commands.schema:schema", "Print the JSON Schema of a record."),
    "set": Entry("stashgen.commands.set:set_", "Set the status of a service, and tell readers why."),
    "incident": Entry("stashgen.commands.incident:incident", "Open, update, resolve, look at and mend incidents."),
    "maintenance": Entry("stashgen.commands.maintenance:maintenance", "Schedule planned work, and say how it goes."),
    "notice": Entry("stashgen.commands.notice:notice", "Post what is to be said and changes no status."),
    "postmortem": Entry("stashgen.commands.postmortem:postmortem", "Write what happened and what was learnt."),
    "service": Entry("stashgen.commands.service:service", "Add, edit, remove and list services."),
    "group": Entry("stashgen.commands.group:group", "Add, edit, remove and list groups of services."),
    "statuses": Entry("stashgen.commands.statuses:statuses", "Add, edit, remove and list what a service can be."),
    "ingest": Entry("stashgen.commands.ingest:ingest", "Do what a monitor's payload on stdin asks for."),
    "gateway": Entry("stashgen.commands.gateway:gateway", "Let programs change the page over HTTP."),
    "token": Entry("stashgen.commands.token:token", "Make a key for the gateway."),
    "import": Entry("stashgen.commands.import_:import_", "Bring incidents in from another status page."),
    "completion": Entry(
        "stashgen.commands.completion:completion", "Print what makes a shell complete commands and ids."
    ),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and turns what goes wrong into one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """Return the names in the order of the table: the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name, or say which one was probably meant."""
        if args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"there is no command {quoted(args[0])}{did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the name of a command from the table, so that a shell waits for the import of none of them."""
        own = click.Command.shell_complete(self, ctx, incomplete)
        named = [(name, entry.summary) for name, entry in COMMANDS.items() if name.startswith(incomplete)]
        return [*(CompletionItem(name, help=summary) for name, summary in named), *own]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """List the commands from the table, so that help imports none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> NoReturn:
        """Run the command; a command that returns a number has chosen its exit code."""
        try:
            outcome = super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
            raise
        except (KeyboardInterrupt, click.Abort):
            click.echo(err=True)
            ctx.exit(_INTERRUPTED)
        except Exception as error:  # noqa: BLE001 - the one boundary: nothing above it but Click
            ctx.exit(_report(error, is_debug=ctx.params["is_debug"]))
        ctx.exit(outcome if isinstance(outcome, int) else 0)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="stashgen")
@click.option("--debug", "is_debug", is_flag=True, help="Show the traceback when stashgen itself fails.")
@click.pass_context
def stashgen(ctx: click.Context, *, is_debug: bool) -> None:  # noqa: ARG001 - read by the boundary, from the context
    """Turn a folder of YAML files into a status page that survives the outage it reports on.

    A new site in three steps: `stashgen init my-status`, `cd my-status`, `stashgen serve`.
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        ctx.color = False  # https://no-color.org


def main() -> NoReturn:
    """Run the program with the arguments it was called with."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a letter that the terminal does not have is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    try:
        _complete() if _COMPLETING in os.environ else stashgen(prog_name="stashgen")
    finally:
        _settle_stdout()
    raise SystemExit(0)  # Click has exited by itself; this tells the type checker


def _complete() -> None:
    # A shell asks in the middle of a line: whatever is wrong, this is no place to say it.
    importlib.import_module("stashgen.commands.changing.shells").register()
    with suppress(Exception):
        stashgen(prog_name="stashgen")


def _report(error: Exception, *, is_debug: bool) -> int:
    if isinstance(error, DataError):
        problems.echo(error.problems, "text", is_stderr=True)
    if isinstance(error, (StashgenError, OSError)):
        click.echo(f"{click.style('error:', fg='red', bold=True)} {_line(error)}", err=True)
        return _DATA
    if is_debug:
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
        return _BUG
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    click.echo(f"stashgen failed: {what}. This is a bug; {_written(error)}", err=True)
    return _BUG


def _line(error: StashgenError | OSError) -> str:
    if isinstance(error, DataError):
        return problems.counted(error.problems)
    if isinstance(error, StashgenError):
        return str(error)
    place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, (str, bytes)) else ""
    return f"{place}{error.strerror or error}"


def _written(error: Exception) -> str:
    # No environment and no data: the reader can paste the file into a public issue.
    text = "\n".join([
        f"stashgen {__version__}",
        f"Python {platform.python_version()} on {platform.platform()}",
        f"arguments: {sys.argv[1:]}",
        "",
        "".join(traceback.format_exception(error)),
    ])  # fmt: skip
    with suppress(OSError):
        descriptor, path = tempfile.mkstemp(prefix="stashgen-report-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        return f"the report is in {path}"
    return "no report could be written; `stashgen --debug` shows the traceback"


def _settle_stdout() -> None:
    # Python flushes once more while it ends and would complain about a full disk or a reader that has gone.
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
