"""What readers are told: from options, a file, stdin, a template, a question or an editor."""

from __future__ import annotations

import datetime as dt
import re
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import click
import msgspec

from stashgen import templates
from stashgen.commands.changing import asking, moments, naming
from stashgen.commands.changing.desk import Desk
from stashgen.commands.changing.terms import Words
from stashgen.errors import StashgenError
from stashgen.model import Kind, Template
from stashgen.text import did_you_mean, listed, quoted

_STDIN: Final = "-"
_HINT: Final = (
    "<!-- What readers are told, in Markdown. This line is left out; nothing below it: nothing happens. -->\n"
)
_OWN: Final = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)


class Facts(NamedTuple):
    """What a template may be filled with, beside the time and values of one's own."""

    kind: Kind
    services: Mapping[str, str] = {}
    title: str = ""


def of_event(desk: Desk, event: str) -> Facts:
    """Return the facts of an event that is there."""
    record = desk.site.events[event]
    services = record.services if isinstance(record.services, dict) else dict.fromkeys(record.services, "")
    return Facts(record.kind, services, record.title)


def template(desk: Desk, words: Words, facts: Facts) -> Template | None:
    """Return the template that was asked for, filled in; raise StashgenError where that cannot be."""
    if words.template is None:
        if words.own:
            raise click.UsageError("--set gives a template its values: name one with --template")
        return None
    known = desk.site.templates
    found = known.get(words.template)
    if found is None:
        meant = did_you_mean(words.template, known) or (f": there are {listed(known)}" if known else "")
        raise StashgenError(f"there is no template {quoted(words.template)}{meant}")
    if found.kind != facts.kind:
        raise StashgenError(
            f"template {quoted(words.template)} is of kind {found.kind}, and this is of kind {facts.kind}"
        )
    services = {**found.services, **facts.services}
    given = spoken(words)
    names = [record.name for name, record in desk.site.services.items() if name in services]
    status = naming.worst(desk.site, services.values())
    values = templates.Values(
        service=names[0] if names else "",
        services=desk.translator.names(names),
        status=desk.translator.status_name(status, desk.site.statuses[status]) if status else "",
        title=facts.title,
        text=templates.Markdown(given),
        at=desk.translator.instant(desk.now),
        set=_own(words.own),
    )
    filled = templates.fill(found, values)
    if given and "text" not in templates.names(found):
        filled = msgspec.structs.replace(filled, message=_joined(filled.message, given))
        if filled.resolved:
            filled = msgspec.structs.replace(filled, resolved=_joined(filled.resolved, given))
    return filled


def message(desk: Desk, words: Words, filled: str = "") -> str:
    """Return what is to be said: from a filled template, given, or asked for; a text that says nothing is refused."""
    text = filled or spoken(words)
    if not text:
        if words.messages or words.file:
            raise click.UsageError("the message says nothing: tell readers something")
        asking.require("the message", "give it with -m TEXT, or -F FILE")
        text = asked(desk)
    return said(text)


def prepared(template: Template | None, *, is_end: bool = False) -> str:
    """Return the message of a filled template: that for the end, if it has one; "" without a template."""
    if template is None:
        return ""
    return template.resolved if is_end and template.resolved.strip() else template.message


def at(desk: Desk, words: Words) -> dt.datetime | None:
    """Return when it was, None for now."""
    return None if words.at is None else moments.past(words.at, desk.moment(), "--at")


def asked(desk: Desk) -> str:
    """Ask for a message: one line, or the editor after an empty one."""
    text = desk.ask("Message (empty: open your editor)", is_needed=False)
    if text.strip():
        desk.remember("message", text)
    else:
        text = desk.draft("message", _HINT).replace(_HINT, "", 1)
    if not text.strip():
        raise StashgenError("nothing was said: nothing has changed")
    return text


def spoken(words: Words) -> str:
    """Return the text of `-m` and `-F`, "" for none; several `-m` make paragraphs."""
    if words.file is not None and words.messages:
        raise click.UsageError("-m and -F exclude each other")
    if words.file is not None:
        return said(_file(words.file))
    return said("\n\n".join(_stdin() if text == _STDIN else text for text in words.messages))


def said(text: str) -> str:
    """Return a text without empty lines around it; control characters are refused."""
    text = text.replace("\r\n", "\n")
    wrong = next((char for char in text if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t"), None)
    if wrong is not None:
        what = "bytes that are not UTF-8" if unicodedata.category(wrong) == "Cs" else f"the control character {wrong!r}"
        raise click.UsageError(f"the text holds {what}: readers could not see it")
    return re.sub(r"^(?:[ \t]*\n)+|\s+$", "", text)


def line(text: str, option: str) -> str:
    """Return a text that is one line, such as a title."""
    shown = said(text).strip()
    if not shown or "\n" in shown:
        raise click.BadParameter("is empty" if not shown else "is more than one line", param_hint=f"'{option}'")
    return shown


def title(desk: Desk, text: str | None, prepared: Template | None = None) -> str:
    """Return the headline of something new: given, prepared, or asked for."""
    if text is None and prepared is not None:
        return prepared.title
    if text is None:
        asking.require("TITLE", "say in one line what it is about")
        text = desk.ask("Title")
    return line(text, "TITLE")


def _own(values: tuple[str, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for value in values:
        match = _OWN.fullmatch(value)
        if match is None:
            raise click.BadParameter(f"{value!r} is not NAME=VALUE, such as ticket=42", param_hint="'--set'")
        found[match[1]] = said(match[2])
    return found


def _joined(prepared: str, given: str) -> str:
    return f"{prepared.rstrip()}\n\n{given}"


def _file(name: str) -> str:
    if name == _STDIN:
        return _stdin()
    path = Path(name)
    try:
        return _decoded(path.read_bytes(), str(path))
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", param_hint="'-F'") from error


def _stdin() -> str:
    return _decoded(sys.stdin.buffer.read(), "stdin")


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StashgenError(f"{name}: is not UTF-8") from error
