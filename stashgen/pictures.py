"""Icons of a theme as picture files of their own, in colours that can be seen on light and dark paper alike."""

from __future__ import annotations

from stashgen import palette
from stashgen.model import Level, Status
from stashgen.theme import ICONS, SHAPE_BY_LEVEL, Theme


def shape(theme: Theme, status: Status) -> str:
    """Return the name of a status' icon; that of its level where the theme has none of that name."""
    return status.icon if theme.file(f"{ICONS}{status.icon}.svg") else SHAPE_BY_LEVEL[status.level]


def status_picture(theme: Theme, status: Status) -> bytes:
    """Return the SVG of a status' icon in its colour."""
    wished = status.color or theme.palettes.light[status.level.value.lower()]
    return _picture(theme, shape(theme, status), _seen(theme, wished))


def icon_picture(theme: Theme, name: str) -> bytes:
    """Return the SVG of an icon that stands for no status."""
    return _picture(theme, name, _seen(theme, theme.palettes.light["soft"]))


def level_picture(theme: Theme, level: Level) -> bytes:
    """Return the SVG of a level's shape in its colour."""
    return _picture(theme, SHAPE_BY_LEVEL[level], level_color(theme, level))


def level_color(theme: Theme, level: Level) -> str:
    """Return the colour of a level in pictures."""
    return _seen(theme, theme.palettes.light[level.value.lower()])


def _picture(theme: Theme, name: str, color: str) -> bytes:
    svg = (theme.file(f"{ICONS}{name}.svg") or b"<svg></svg>").decode()
    # An attribute, not a style: a policy may forbid inline styles in images too.
    return svg.replace("<svg", f'<svg color="{color}"', 1).encode()


def _seen(theme: Theme, color: str) -> str:
    """Return a colour near the wished one: a picture does not know which paper it lies on."""
    papers = [scheme["paper"] for scheme in (theme.palettes.light, theme.palettes.dark)]
    return palette.seen_on_all(color, papers, palette.MARK_CONTRAST)
