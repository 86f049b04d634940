"""How a status is shown: its word, its icon and its colour, always together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Final

import msgspec
from markupsafe import Markup

from stashgen import palette
from stashgen.model import Level, Status
from stashgen.outputs.context import Context
from stashgen.pictures import SHAPE_BY_LEVEL
from stashgen.theme import ICONS, Theme
from stashgen.urls import static_file

SHEET_PLACE: Final = "<!--icons-->"
_ICON: Final = Markup('<svg class="%s" aria-hidden="true"><use href="#i-%s"/></svg>')
_IMAGE: Final = Markup('<img class="i" src="%s" alt="" width="16" height="16">')
_BADGE: Final = Markup('<span class="s %s">%s%s</span>')
_SVG: Final = re.compile(r"<svg([^>]*)>(.*)</svg>", re.DOTALL)
_NOT_FOR_SYMBOLS: Final = re.compile(r'\s(?:xmlns|width|height|id|class)="[^"]*"')
_USED: Final = re.compile(r'<use href="#i-([a-z0-9-]+)"')


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A status ready for print: `css` is its class, `badge` icon and word, `icon` the icon alone."""

    id: str
    name: str
    description: str
    level: str  # normal, maintenance, warning, error, critical
    css: str
    icon: Markup
    badge: Markup


class Icons(msgspec.Struct, frozen=True, dict=True):
    """The icons of a theme as symbols; a page carries those it uses."""

    theme: Theme

    @cached_property
    def symbols(self) -> Mapping[str, str]:
        """Icon name -> <symbol>."""
        names = [name.removesuffix(".svg") for name in self.theme.names(ICONS) if name.endswith(".svg")]
        return {name: _symbol(name, (self.theme.file(f"{ICONS}{name}.svg") or b"").decode()) for name in names}

    @cached_property
    def _icons(self) -> dict[tuple[str, str], Markup]:
        return {}

    def icon(self, name: str, css: str = "") -> Markup:
        """Return an icon; nothing for a name that the theme does not have."""
        if (name, css) not in self._icons:
            shown = _ICON % (f"i {css}".rstrip(), name) if name in self.symbols else Markup()
            self._icons[name, css] = shown
        return self._icons[name, css]

    def placed(self, html: str) -> str:
        """Return the page with the symbols that it uses."""
        used = sorted(set(_USED.findall(html)))
        symbols = "".join(self.symbols[name] for name in used if name in self.symbols)
        sheet = f'<svg class="sheet" width="0" height="0" aria-hidden="true">{symbols}</svg>' if symbols else ""
        return html.replace(SHEET_PLACE, sheet, 1)


def marks(context: Context, icons: Icons, root: str) -> dict[str, Mark]:
    """Return status id -> mark for pages whose way to the site's root is `root`."""
    return {status: _mark(context, icons, root, status) for status in context.board.statuses}


def _mark(context: Context, icons: Icons, root: str, status_id: str) -> Mark:
    status = context.board.statuses[status_id]
    name = context.translator.status_name(status_id, status)
    icon = _icon(context, icons, root, status)
    css = f"s-{status_id}"
    return Mark(
        id=status_id,
        name=name,
        description=context.translator.status_description(status_id, status),
        level=status.level.value.lower(),
        css=css,
        icon=icon,
        badge=_BADGE % (css, icon, name),
    )


def _icon(context: Context, icons: Icons, root: str, status: Status) -> Markup:
    if status.icon in context.static:
        return _IMAGE % (root + static_file(status.icon))
    return icons.icon(status.icon) or icons.icon(SHAPE_BY_LEVEL[status.level])


def _symbol(name: str, svg: str) -> str:
    match = _SVG.search(svg)
    if match is None:
        return ""
    attributes = _NOT_FOR_SYMBOLS.sub("", match[1])
    return f'<symbol id="i-{name}"{attributes}>{match[2].strip()}</symbol>'


def colors(context: Context) -> str:
    """Return the style rules of both schemes: the palette, and what each status and level is drawn with."""
    palettes = context.theme.palettes
    light, dark = _rules(context, palettes.light), _rules(context, palettes.dark)
    return f"{light}@media screen and (prefers-color-scheme:dark){{{dark}}}"


def _rules(context: Context, named: Mapping[str, str]) -> str:
    paper = named["paper"]
    root = ";".join(f"--{name}:{color}" for name, color in named.items())
    color_by_level = {level: named[level.value.lower()] for level in Level}
    rules = [f".l-{level.value.lower()}{{{_pair(level, color, paper)}}}" for level, color in color_by_level.items()]
    for name, status in sorted(context.board.statuses.items()):
        color = status.color or color_by_level[status.level]
        rules.append(f".s-{name}{{{_pair(status.level, color, paper)}}}")
    return f":root{{{root}}}" + "".join(rules)


def _pair(level: Level, color: str, paper: str) -> str:
    # What is fine is said in ink: colour is kept for what is not.
    text = "var(--ink)" if level is Level.NORMAL else palette.adjusted(color, paper, palette.TEXT_CONTRAST)
    return f"--t:{text};--m:{palette.adjusted(color, paper, palette.MARK_CONTRAST)}"
