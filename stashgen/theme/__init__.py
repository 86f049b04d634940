"""Themes: a name and a project go in, templates, styles, words and colours come out.

A theme is a folder `themes/<name>/` of the project or of this package; the project's lies over the packaged one of
the same name, and both over the theme that `extends:` in theme.yaml names. Of each file the first found counts,
except `style.css`, `embed.css`, `app.js` and translations, which add to those of the themes below.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stashgen.i18n import Catalog
from stashgen.memo import digest
from stashgen.model import Level
from stashgen.theme.catalogs import Catalogs
from stashgen.theme.folders import Layer, Palettes, chain

if TYPE_CHECKING:
    from jinja2 import Environment

ICONS: Final = "icons/"
SHAPE_BY_LEVEL: Final[Mapping[Level, str]] = {  # names of icons
    Level.NORMAL: "tick",
    Level.MAINTENANCE: "wrench",
    Level.WARNING: "triangle",
    Level.ERROR: "half",
    Level.CRITICAL: "cross",
}
ASSETS: Final = "assets/"


class Theme(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A theme with everything below it, the most specific folder first."""

    name: str
    layers: tuple[Layer, ...]
    palettes: Palettes
    digest: bytes  # of every file of every layer

    @cached_property
    def environment(self) -> Environment:
        """Jinja over the layers; made when first asked for, so that a build that renders nothing goes without."""
        from stashgen.theme import engine  # noqa: PLC0415  # see above

        return engine.environment(self.layers)

    @property
    def catalogs(self) -> Mapping[str, Catalog]:
        """Language -> words of all layers; a language is read when first asked for."""
        return Catalogs(self.layers)

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        """Return a page; raises ThemeError with file and line."""
        from stashgen.theme import engine  # noqa: PLC0415  # as above

        return engine.render(self.environment, template, values)

    def file(self, name: str) -> bytes | None:
        """Return a file's bytes from the first layer that has it."""
        return next((layer.files[name] for layer in self.layers if name in layer.files), None)

    def added(self, name: str) -> str:
        """Return a text file of all layers one after the other, the lowest first."""
        return "\n".join(layer.files[name].decode() for layer in reversed(self.layers) if name in layer.files)

    def names(self, folder: str) -> list[str]:
        """Return the names of all files below a folder such as `assets/`, without the folder, sorted."""
        return sorted(
            {name.removeprefix(folder) for layer in self.layers for name in layer.files if name.startswith(folder)}
        )


def load_theme(name: str, project: Path) -> Theme:
    """Return the theme of that name; raises ThemeError when it or one below it is not there or not right."""
    layers, palettes = chain(name, project)
    parts = [part for layer in layers for part in _parts(layer)]
    return Theme(name=name, layers=layers, palettes=palettes, digest=digest(*parts))


def _parts(layer: Layer) -> list[bytes]:
    # The border between layers counts, where they lie does not: a build is the same from a checkout and a wheel.
    return [b"", *(part for name, data in layer.files.items() for part in (name.encode(), data))]
