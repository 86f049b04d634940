"""What a shell may complete: ids of site-data, without a word about anything that is wrong there.

Names of files are enough for most, so that the answer is there before the next key; only what is open has to be
derived. https://click.palletsprojects.com/en/stable/shell-completion/
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click.shell_completion import CompletionItem

from stashgen.model import BUILT_IN_STATUSES

if TYPE_CHECKING:
    from stashgen.commands.changing.naming import Stands
    from stashgen.model import Kind

_SUFFIX: Final = ".yaml"
_MOST: Final = 200
Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _project(context: click.Context) -> Path:
    directory = context.params.get("directory")
    return directory if isinstance(directory, Path) else Path()


def _stems(context: click.Context, folder: str) -> list[str]:
    try:
        names = os.listdir(_project(context) / "site-data" / folder)  # noqa: PTH208 - names are enough
    except OSError:
        return []
    return sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX) and name[0] != ".")


def _items(names: Iterator[str] | list[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)][:_MOST]


def services(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the id of a service."""
    return _items(_stems(context, "services"), incomplete)


def groups(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the id of a group."""
    return _items(_stems(context, "groups"), incomplete)


def statuses(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the id of a status, built-in ones too."""
    return [
        CompletionItem(name, help=BUILT_IN_STATUSES[name].name if name in BUILT_IN_STATUSES else None)
        for name in dict.fromkeys([*BUILT_IN_STATUSES, *_stems(context, "statuses")])
        if name.startswith(incomplete)
    ]


def held(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete `service=status`."""
    service, separator, status = incomplete.partition("=")
    if not separator:
        names = [item.value for item in services(context, parameter, service)]
        if len(names) != 1:
            return [CompletionItem(f"{name}=") for name in names]
        service = names[0]
    return [CompletionItem(f"{service}={item.value}") for item in statuses(context, parameter, status)]


def templates(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a template."""
    return _items(_stems(context, "templates"), incomplete)


def events(kind: Kind | None, stands: Stands) -> Complete:
    """Return what completes the id of an event that stands so."""

    def complete(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        try:
            titles = _titles(context, kind, stands)
        except Exception:  # noqa: BLE001 - whatever is wrong, a half-typed line is no place to say it
            return []
        fitting = [name for name in titles if name.startswith(incomplete)]
        fitting = fitting or [name for name in titles if incomplete and incomplete in name]
        return [CompletionItem(name, help=titles[name]) for name in fitting[:_MOST]]

    return complete


def _titles(context: click.Context, kind: Kind | None, stands: Stands) -> Mapping[str, str]:
    # Only an event needs them, and a completion has to be quick.
    from stashgen import clock, load  # noqa: PLC0415
    from stashgen.commands.changing import naming  # noqa: PLC0415
    from stashgen.derive import derive  # noqa: PLC0415
    from stashgen.memo import Memo, cache_file  # noqa: PLC0415

    project = _project(context)
    memo = Memo(cache_file(project, os.environ))
    now = context.params.get("now") or clock.current(os.environ)
    board = derive(load.load(project / "site-data", memo).site, now, memo)
    names = naming.standing(board, naming.Wanted(kind, stands))
    return {name: board.events[name].title for name in names}
