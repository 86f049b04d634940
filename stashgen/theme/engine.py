"""The template engine over a theme's layers. Only this module imports Jinja.

`{% extends "parent/dashboard.html" %}` means the template of that name in the layers below the one that says so:
a theme changes one block of a page without copying it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from traceback import walk_tb
from types import CodeType
from typing import Any, Final

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError, nodes

from stashgen.errors import ThemeError
from stashgen.theme.folders import Layer

_PARENT: Final = "parent/"
_GLOBALS: Final = ("namespace", "range")
_FORMATS: Final = frozenset({"format", "format_map"})
_INDENTATION: Final = re.compile(r"^[ \t]+", re.MULTILINE)


class _Layers(BaseLoader):
    """Finds `name` in the first layer that has it, `2/name` in the first from the third layer on."""

    def __init__(self, layers: tuple[Layer, ...]) -> None:
        self._layers = layers

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002  # Jinja's signature
        depth = self.depth(template)
        if depth is None:
            raise TemplateNotFound(template)
        layer, name = self._layers[depth], _plain(template)
        # Indentation is for the author of the theme; readers need not download it.
        source = _INDENTATION.sub("", layer.files[name].decode())
        return source, f"{layer.label}/{name}", lambda: True

    def depth(self, template: str) -> int | None:
        """Return the index of the layer that has the template."""
        start, name = _start(template), _plain(template)
        depths = range(start, len(self._layers))
        return next((depth for depth in depths if name in self._layers[depth].files), None)


class _Environment(Environment):
    """Templates reach what they are given and nothing behind it: no name with a leading underscore.

    Names are looked at once, when a template is compiled; Jinja's sandbox looks at each use and doubles the time
    of a page.
    """

    def compile(self, source: Any, name: Any = None, filename: Any = None, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs or not isinstance(source, str):
            return super().compile(source, name, filename, *args, **kwargs)
        return _compiled(source, name, filename)

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        for node in source.find_all((nodes.Getattr, nodes.Getitem)):
            name = node.attr if isinstance(node, nodes.Getattr) else _constant(node)
            if _is_barred(name):
                raise TemplateSyntaxError(f"`{name}` is not for templates", node.lineno, *args[:2])
        return super()._generate(source, *args, **kwargs)

    def getitem(self, obj: Any, argument: Any) -> Any:
        # Filters such as map(attribute=...) and computed names come this way.
        if isinstance(argument, str) and _is_barred(argument):
            return self.undefined(obj=obj, name=argument)
        return super().getitem(obj, argument)

    def join_path(self, template: str, parent: str) -> str:
        if not template.startswith(_PARENT) or not isinstance(self.loader, _Layers):
            return template
        depth = self.loader.depth(parent)
        return f"{0 if depth is None else depth + 1}/{template.removeprefix(_PARENT)}"


def environment(layers: tuple[Layer, ...]) -> Environment:
    """Return the environment of a theme: everything is escaped, an unknown name is an error."""
    made = _Environment(
        loader=_Layers(layers),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    del made.filters["attr"]  # asks for a name that no one has looked at
    made.globals = {name: made.globals[name] for name in _GLOBALS}
    return made


@lru_cache(maxsize=256)
def _compiled(source: str, name: str | None, filename: str | None) -> CodeType:
    # Environments of ours differ in where they find templates only. To compile all of them takes as long as a build of
    # a small site, and a server builds again and again.
    return Environment.compile(environment(()), source, name, filename)


def render(environment: Environment, template: str, values: Mapping[str, Any]) -> str:
    """Return a template filled with values; raises ThemeError with file and line."""
    try:
        return environment.get_template(template).render(values)
    except TemplateSyntaxError as error:
        raise ThemeError(f"{error.filename or error.name or template}:{error.lineno}: {error.message}") from error
    except TemplateNotFound as error:
        raise ThemeError(f"{_place(error, template)}: there is no template `{error.name}`") from error
    except RecursionError as error:
        remedy = 'a theme reaches the page below its own as "parent/..."'
        raise ThemeError(f"{template}: a template extends or includes itself: {remedy}") from error
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ThemeError(f"{_place(error, template)}: {error}") from error


def _constant(node: nodes.Node) -> str:
    name = node.arg.value if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) else ""
    return name if isinstance(name, str) else ""


def _is_barred(name: str) -> bool:
    """Tell whether a name leads behind what templates are given; a format text can hold such names itself."""
    return name.startswith("_") or name in _FORMATS


def _place(error: Exception, template: str) -> str:
    """Return where in the theme it went wrong: Jinja gives the frames of templates their own names and lines."""
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    places = [f"{name}:{line}" for name, line in frames if name.startswith(("themes/", "stashgen/themes/"))]
    return places[-1] if places else template


def _start(template: str) -> int:
    head, _, rest = template.partition("/")
    return int(head) if rest and head.isdecimal() else 0


def _plain(template: str) -> str:
    head, _, rest = template.partition("/")
    return rest if rest and head.isdecimal() else template
