"""The theme's icon of a level, taken apart, so that it can be drawn without any text being read as markup."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, fromstring

from stashgen.errors import ThemeError
from stashgen.model import Level
from stashgen.theme import ICONS, SHAPE_BY_LEVEL, Theme


def shape(theme: Theme, level: Level) -> Element:
    """Return the icon's elements, named without their namespace; raises ThemeError for one that is no SVG."""
    name = f"{ICONS}{SHAPE_BY_LEVEL[level]}.svg"
    try:
        root = fromstring(theme.file(name) or b"<svg viewBox='0 0 16 16'/>")  # noqa: S314  # a theme is trusted code
    except ParseError as error:
        raise ThemeError(f"themes/{theme.name}/{name}: {error}") from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root
