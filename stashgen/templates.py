"""Words prepared in `site-data/templates/`: a template and the facts of the hour -> a title and messages.

    title: "{{ service }} is {{ status }}"
    message: We are looking into it. {{ text }}

The template is Markdown that its author means; what is filled in may come from a machine or a stranger, so it can
be read and is never markup. Jinja is imported only when there is something to fill.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stashgen.errors import Finding, StashgenError
from stashgen.model import Template
from stashgen.text import did_you_mean, printable, quoted

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

_FIELDS: Final = ("title", "message", "resolved")
_LIVE: Final = re.compile(
    r"[\\`*\[\]{}!|>#&<]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # one inside a word is only a letter
    r"|://"  # an address would become a link
    r"|^[+=~-]|^\d{1,9}[.)]"
)
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", "=": "&#61;", "~": "&#126;", "://": "&#58;//"}  # no backslash does it
_ADDRESS: Final = re.compile(r"https?://[^\s<>]+")
_NOT_IN_A_LINK: Final = re.compile(r"[\\`*\[\]{}()!|\"'_]")


class Values(msgspec.Struct, frozen=True, kw_only=True):
    """What a template can name; all texts are plain, whatever stands in them, but for one of type Markdown."""

    service: str = ""  # name of the first service
    services: str = ""  # names of all, joined by commas
    status: str = ""  # name of the worst status
    title: str = ""
    text: str = ""
    url: str = ""  # of http or https, else it is left out; it may become a link
    at: str = ""
    key: str = ""
    source: str = ""
    labels: Mapping[str, str] = {}
    set: Mapping[str, str] = {}  # values given by hand, with `--set name=value`


class Markdown(str):
    """A value that a person wrote, and means as Markdown."""

    __slots__ = ()


class TemplateError(StashgenError):
    """A template that cannot be filled; `field` is the one that is to blame."""

    def __init__(self, field: str, message: str) -> None:
        self.field, self.message = field, message
        super().__init__(f"{field} of the template: {message}")


class _Labels(dict[str, str]):
    """What an alert may lack."""


class _Own(dict[str, str]):
    """What the caller was to give."""


def fill(template: Template, values: Values, *, is_lenient: bool = False) -> Template:
    """Return a template with its holes filled; raise TemplateError for a value that is missing, or for empty words.

    A label that an alert lacks is an empty text. So is a missing `set.name` for a lenient caller: a machine has nobody
    to ask.
    """
    given: dict[str, Any] = {name: getattr(values, name) for name in Values.__struct_fields__}
    given |= {"labels": _Labels(values.labels), "set": _Own(values.set), "url": _address(values.url)}
    filled = {field: _filled(getattr(template, field), field, given, is_lenient=is_lenient) for field in _FIELDS}
    for field in ("title", "message"):
        if not filled[field].strip():
            raise TemplateError(field, "says nothing once it is filled in")
    return msgspec.structs.replace(template, **filled)


def findings(template: Template) -> Iterator[Finding]:
    """Yield what is wrong with the holes of a template: names that nothing is known by, and broken syntax."""
    for field in _FIELDS:
        text = getattr(template, field)
        if "{" not in text:
            continue
        try:
            found = _names(text)
        except TemplateError as error:
            yield Finding((field,), error.message)
            continue
        for name in sorted(found - {*Values.__struct_fields__}):
            meant = did_you_mean(name, Values.__struct_fields__)
            remedy = f"{meant}; a value of your own is `set.{name}`"
            yield Finding((field,), f"{quoted(name)} is nothing that a template can name{remedy}")


def names(template: Template) -> frozenset[str]:
    """Return the names in a template's message; raise TemplateError for broken syntax."""
    return frozenset(_names(template.message)) if "{" in template.message else frozenset()


def escaped(text: str) -> str:
    """Return Markdown that shows this text as it is, line by line."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(_LIVE.sub(_disarmed, printable(line.replace("\t", " ").strip())) for line in lines)


def _disarmed(match: re.Match[str]) -> str:
    sign = match[0]
    return _ENTITIES.get(sign) or f"{sign[:-1]}\\{sign[-1]}"


def _address(url: str) -> str:
    if not _ADDRESS.fullmatch(url):
        return ""
    return Markdown(_NOT_IN_A_LINK.sub(lambda match: f"%{ord(match[0]):02X}", printable(url)))


def _filled(text: str, field: str, given: Mapping[str, Any], *, is_lenient: bool) -> str:
    if "{" not in text:
        return text
    from jinja2 import TemplateError as JinjaError  # noqa: PLC0415 - see the head of the module

    environment = _environment(is_markdown=field != "title", is_lenient=is_lenient)
    try:
        filled = environment.from_string(text).render(given)
    except (JinjaError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise TemplateError(field, f"cannot be filled in: {' '.join(str(error).split())}") from error
    return " ".join(filled.split()) if field == "title" else filled


def _names(text: str) -> set[str]:
    from jinja2 import TemplateError as JinjaError  # noqa: PLC0415 - as above
    from jinja2 import meta  # noqa: PLC0415 - as above

    environment = _environment(is_markdown=True, is_lenient=False)
    try:
        environment.from_string(text)
        return meta.find_undeclared_variables(environment.parse(text))
    except JinjaError as error:
        raise TemplateError("", f"cannot be filled in: {' '.join(str(error).split())}") from error


@cache
def _environment(*, is_markdown: bool, is_lenient: bool) -> SandboxedEnvironment:
    from jinja2 import StrictUndefined, Undefined  # noqa: PLC0415 - as above
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415 - as above

    class _Environment(ImmutableSandboxedEnvironment):
        def getattr(self, obj: Any, attribute: str) -> Any:
            if not isinstance(obj, (_Labels, _Own)):
                return super().getattr(obj, attribute)
            if attribute in obj:
                return obj[attribute]
            if isinstance(obj, _Labels) or is_lenient:
                return Undefined(obj=obj, name=attribute)
            return StrictUndefined(f"`set.{attribute}` has no value: give it with --set {attribute}=...")

        def getitem(self, obj: Any, argument: Any) -> Any:
            is_name = isinstance(obj, (_Labels, _Own)) and isinstance(argument, str)
            return self.getattr(obj, argument) if is_name else super().getitem(obj, argument)

    def shown(value: object) -> object:
        if isinstance(value, Markdown) and is_markdown:
            return value
        return escaped(str(value)) if is_markdown else printable(" ".join(str(value).split()))

    made = _Environment(undefined=StrictUndefined, finalize=shown, keep_trailing_newline=True)
    made.globals.clear()
    return made
