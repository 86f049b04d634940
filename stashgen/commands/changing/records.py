"""`add`, `edit`, `remove` and `list` of services, groups and statuses: an option for each field of the record.

Which fields there are, and what they mean, stands in the model alone.
"""

from __future__ import annotations

import datetime as dt
import enum
import types
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import click
import msgspec

from stashgen import terminal
from stashgen.columns import cells, cut, fit
from stashgen.commands import options
from stashgen.commands.changing import asking, completing, moments, naming, terms, verbs, wording
from stashgen.commands.changing.carrying import carry
from stashgen.commands.changing.completing import Complete
from stashgen.commands.changing.desk import Desk
from stashgen.commands.changing.looking import echo_json
from stashgen.commands.changing.showing import width
from stashgen.commands.changing.terms import Option, Terms
from stashgen.edit import EditError
from stashgen.errors import StashgenError
from stashgen.intents import AddRecord, EditRecord, RecordKind, RemoveRecord
from stashgen.model import Group, Level, Record, Service, Site, Status
from stashgen.text import slug

_WIDEST_ID: Final = 30


class Shelf(NamedTuple):
    """One kind of record: its struct, its command, where its records are in a site, and what completes an id."""

    kind: RecordKind
    record: type[Record]
    command: str
    field: Literal["services", "groups", "statuses"]
    complete: Complete

    def of(self, site: Site) -> Mapping[str, Any]:
        """Return the records of a site by id."""
        records: Mapping[str, Any] = getattr(site, self.field)
        return records


SERVICES: Final = Shelf("service", Service, "service", "services", completing.services)
GROUPS: Final = Shelf("group", Group, "group", "groups", completing.groups)
STATUSES: Final = Shelf("status", Status, "statuses", "statuses", completing.statuses)


def group(shelf: Shelf, text: str) -> click.Command:
    """Return the command of a shelf with its verbs."""
    return verbs.group(shelf.command, text, _add(shelf), _edit(shelf), _remove(shelf), _list(shelf))


def _add(shelf: Shelf) -> click.Command:
    @click.command("add", help=f"Add a {shelf.kind} with the id ID, which is made of its name if left out.")
    @click.argument("record_id", metavar="[ID]", required=False)
    @_with_fields(shelf)
    @terms.terms
    def command(record_id: str | None, terms: Terms, **given: Any) -> int:
        with Desk(terms) as desk:
            fields = _fields(desk, shelf, given)
            if "name" not in fields:
                asking.require("--name", "say how readers know it")
                fields = {"name": wording.line(desk.ask("Name"), "--name"), **fields}
            if shelf is STATUSES and "level" not in fields:
                fields["level"] = _level(desk)
            return carry(desk, AddRecord(kind=shelf.kind, id=record_id or slug(str(fields["name"])), fields=fields))

    return command


def _edit(shelf: Shelf) -> click.Command:
    removable = [field.name for field in msgspec.structs.fields(shelf.record) if not field.required]

    @click.command(
        "edit", help=f"Edit the {shelf.kind} ID: other fields, or another id, which all that refers to it follows."
    )
    @click.argument("record_id", metavar="ID", required=False, shell_complete=shelf.complete)
    @click.option(
        "--id", "new_id", metavar="ID", help="Another id; what refers to it follows, and old addresses lead on."
    )
    @_with_fields(shelf)
    @click.option("--unset", multiple=True, type=click.Choice(removable), help="Take a field away.")
    @terms.terms
    def command(record_id: str | None, new_id: str | None, unset: tuple[str, ...], terms: Terms, **given: Any) -> int:
        with Desk(terms) as desk:
            known = _known(desk, shelf, record_id)
            fields = {**dict.fromkeys(unset), **_fields(desk, shelf, given)}
            if not fields and new_id is None:
                asking.require("what to edit", "give an option, such as --name")
                fields = _asked(desk, shelf, known)
            return carry(desk, EditRecord(kind=shelf.kind, id=known, fields=fields, new_id=new_id))

    return command


def _remove(shelf: Shelf) -> click.Command:
    @click.command("remove", help=f"Remove the {shelf.kind} ID. Git keeps it: `git revert` brings it back.")
    @click.argument("record_id", metavar="ID", required=False, shell_complete=shelf.complete)
    @click.option(
        "--with-references/--no-with-references",
        default=False,
        help="Take it out of all that refers to it, too.  [default: refuse while something does]",
    )
    @terms.terms
    def command(record_id: str | None, terms: Terms, *, with_references: bool) -> int:
        with Desk(terms) as desk:
            known = _known(desk, shelf, record_id)
            desk.ask_before()
            try:
                return carry(desk, RemoveRecord(kind=shelf.kind, id=known, with_references=with_references))
            except EditError as error:
                remedy = "; --with-references takes it out of them" if error.reason == "conflict" else ""
                raise StashgenError(f"{error}{remedy}") from error

    return command


def _list(shelf: Shelf) -> click.Command:
    @click.command("list", help=f"List the {shelf.field}.")
    @options.directory
    @options.now
    @click.option("--json", "is_json", is_flag=True, help="Print them as JSON, with all their fields.")
    def command(directory: Path, now: dt.datetime, *, is_json: bool) -> None:
        with Desk(Terms(directory=directory, now=now)) as desk:
            records = shelf.of(desk.site)
            if is_json:
                told = [{"id": name, **msgspec.to_builtins(record)} for name, record in records.items()]
                echo_json({"version": 1, shelf.field: told})
                return
            for line in _rows(desk, shelf, records):
                click.echo(line)

    return command


def _with_fields(shelf: Shelf) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    made = [_option(name, hint) for name, hint in _hints(shelf.record).items()]

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(made):
            command = option(command)
        return command

    return decorate


def _hints(record: type[Record]) -> dict[str, Any]:
    hints = get_type_hints(record, include_extras=True)
    return {field.name: hints[field.name] for field in msgspec.structs.fields(record)}


def _option(name: str, hint: Any) -> Option:
    description = next(meta.description for meta in hint.__metadata__ if meta.description)
    option, kind = f"--{name.replace('_', '-')}", _kind(hint)
    if kind is bool:
        return click.option(f"{option}/--no-{option[2:]}", name, default=None, help=description)
    if get_origin(kind) is tuple:
        return click.option(
            option, name, multiple=True, metavar="TEXT", help=f"{description} May be given more than once."
        )
    complete = completing.groups if name == "group" else None
    return click.option(
        option, name, type=_click_type(kind), metavar=_metavar(kind), shell_complete=complete, help=description
    )


def _kind(hint: Any) -> Any:
    """Return the plain type of a field, without its annotations and without None."""
    if get_origin(hint) is Annotated:
        return _kind(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        return _kind(next(part for part in get_args(hint) if part is not type(None)))
    return hint


def _click_type(kind: Any) -> Any:
    if get_origin(kind) is Literal:
        return click.Choice(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return click.Choice([member.value for member in kind], case_sensitive=False)
    return {int: int, float: float}.get(kind, str)


def _metavar(kind: Any) -> str | None:
    return {int: "NUMBER", float: "SHARE", dt.datetime: "DAY", str: "TEXT"}.get(kind)


def _fields(desk: Desk, shelf: Shelf, given: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {name: _kind(hint) for name, hint in _hints(shelf.record).items()}
    return {name: _value(desk, name, kinds[name], given[name]) for name in kinds if given.get(name) not in (None, ())}


def _value(desk: Desk, name: str, kind: Any, given: Any) -> Any:
    option = f"--{name.replace('_', '-')}"
    if isinstance(given, tuple):
        return [wording.line(text, option) for text in given]
    if kind is dt.datetime:
        return moments.day(given, desk.moment(), option)
    if name == "group":
        return naming.record("group", given, desk.site.groups)
    return wording.line(given, option) if isinstance(given, str) and not isinstance(given, enum.Enum) else given


def _known(desk: Desk, shelf: Shelf, name: str | None) -> str:
    records = shelf.of(desk.site)
    if name is None:
        asking.require("ID", f"name the {shelf.kind} that you mean")
        return desk.choose(shelf.kind.capitalize(), [asking.Choice(one, records[one].name) for one in records])
    return naming.record(shelf.kind, name, records)


def _level(desk: Desk) -> str:
    asking.require("--level", f"name one of {', '.join(level.value for level in Level)}")
    return desk.choose("Level", [asking.Choice(level.value) for level in Level])


def _asked(desk: Desk, shelf: Shelf, name: str) -> dict[str, Any]:
    hints = _hints(shelf.record)
    record = shelf.of(desk.site)[name]
    now = {field: getattr(record, field) for field in hints}
    field = desk.choose("Field", [asking.Choice(one, "" if now[one] is None else str(now[one])) for one in hints])
    text = desk.ask(f"{field} (empty: take it away)", is_needed=False).strip()
    if not text:
        return {field: None}
    kind = _kind(hints[field])
    value = (text.casefold() in ("true", "yes", "y")) if kind is bool else _converted(kind, text)
    return {field: _value(desk, field, kind, value)}


def _converted(kind: Any, text: str) -> Any:
    if get_origin(kind) is tuple:
        return tuple(text.split())
    return click.types.convert_type(_click_type(kind)).convert(text, None, None)


def _rows(desk: Desk, shelf: Shelf, records: Mapping[str, Any]) -> Iterable[str]:
    columns = width()
    ids = min(_WIDEST_ID, max(map(cells, records), default=0))
    for name, record in records.items():
        text = f"{name}{' ' * (ids - cells(name))}  {fit(_told(desk, shelf, name, record))}"
        level = _level_of(desk, shelf, name)
        yield terminal.marked(level, cut(text, columns - 2)) if level else f"  {cut(text, columns - 2)}"


def _told(desk: Desk, shelf: Shelf, name: str, record: Any) -> str:
    if shelf is STATUSES:
        return " · ".join([desk.translator.status_name(name, record), record.level.value])
    facts = [record.name]
    if shelf is SERVICES:
        view = desk.board.services.get(name)
        facts.append(desk.translator.status_name(view.status, desk.board.statuses[view.status]) if view else "hidden")
        facts += [record.group] if record.group else []
    return " · ".join(facts)


def _level_of(desk: Desk, shelf: Shelf, name: str) -> Level | None:
    if shelf is STATUSES:
        return desk.site.statuses[name].level
    view = desk.board.services.get(name) if shelf is SERVICES else None
    return desk.board.statuses[view.status].level if view else None
