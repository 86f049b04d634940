"""Style sheet, script, icons of the browser tab and the theme's own files, under names with a hash of their bytes.

A name that changes with the bytes may be cached for ever; an old page and a new style never meet.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from stashgen import palette, urls
from stashgen.memo import digest
from stashgen.model import Level
from stashgen.outputs.context import Context, Output
from stashgen.outputs.pages.marks import colors
from stashgen.pictures import SHAPE_BY_LEVEL
from stashgen.theme import ASSETS, ICONS

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_SPACE: Final = re.compile(r"\s+")
_CSS_SIGNS: Final = re.compile(r"\s*([{};,>])\s*|(?<=:)\s+|;(?=\s*\})")
_JS_LINE_COMMENT: Final = re.compile(r"^\s*//.*$", re.MULTILINE)
_JS_INDENTATION: Final = re.compile(r"^[ \t]+|[ \t]+$", re.MULTILINE)
_BLANK_LINES: Final = re.compile(r"\n{2,}")


class Asset(msgspec.Struct, frozen=True):
    """A file with its path in the output."""

    path: str
    data: bytes


class Assets(msgspec.Struct, frozen=True, kw_only=True):
    """The theme's files as pages link to them: paths from the site's root."""

    style: Asset
    script: Asset
    favicon_by_level: Mapping[str, Asset]
    others: Mapping[str, Asset]  # name below assets/ of the theme -> file

    def outputs(self) -> Iterator[Output]:
        """Yield every file once."""
        files = [self.style, self.script, *self.favicon_by_level.values(), *self.others.values()]
        for file in {file.path: file for file in files}.values():
            yield Output(file.path, digest(file.data), lambda data=file.data: data)  # type: ignore[misc]  # binds now


def assets(context: Context) -> Assets:
    """Return the files that pages of this site link to."""
    theme = context.theme
    style = squeezed_css(colors(context) + _bar_rules(context) + theme.added("style.css"))
    script = squeezed_js(theme.added("app.js"))
    return Assets(
        style=_asset("style.css", style.encode()),
        script=_asset("app.js", script.encode()),
        favicon_by_level={level.value.lower(): _favicon(context, level) for level in Level},
        others={name: _asset(name, theme.file(f"{ASSETS}{name}") or b"") for name in theme.names(ASSETS)},
    )


def squeezed_css(css: str) -> str:
    """Return a style sheet without comments and needless space."""
    return _CSS_SIGNS.sub(r"\1", _CSS_SPACE.sub(" ", _COMMENT.sub("", css))).strip() + "\n"


def squeezed_js(script: str) -> str:
    """Return a script without comment lines and indentation; a line stays a line."""
    return _BLANK_LINES.sub("\n", _JS_INDENTATION.sub("", _JS_LINE_COMMENT.sub("", script))).strip() + "\n"


def _asset(name: str, data: bytes) -> Asset:
    stem, suffix = posixpath.splitext(name)
    return Asset(urls.asset(f"{stem}.{digest(data).hex()[:10]}{suffix}"), data)


def _bar_rules(context: Context) -> str:
    return f":root{{--days:{context.board.settings.history_days}}}"


def _favicon(context: Context, level: Level) -> Asset:
    """Return the level's shape in a colour that can be seen on light and dark tabs."""
    svg = (context.theme.file(f"{ICONS}{SHAPE_BY_LEVEL[level]}.svg") or b"<svg></svg>").decode()
    color = context.theme.palettes.light[level.value.lower()]
    for scheme in (context.theme.palettes.light, context.theme.palettes.dark):
        color = palette.adjusted(color, scheme["paper"], palette.MARK_CONTRAST)
    # An attribute, not a style: a policy may forbid inline styles in images too.
    colored = svg.replace("<svg", f'<svg color="{color}"', 1)
    return _asset(f"{level.value.lower()}.svg", colored.encode())
