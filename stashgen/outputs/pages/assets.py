"""Style sheet, script, icons of the browser tab and the theme's own files, under names with a hash of their bytes.

A name that changes with the bytes may be cached for ever; an old page and a new style never meet.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from stashgen import urls
from stashgen.memo import digest
from stashgen.model import Level
from stashgen.outputs.context import Context, Output
from stashgen.outputs.pages.marks import colors
from stashgen.outputs.scripts import called, places
from stashgen.pictures import level_picture
from stashgen.squeeze import squeezed_css, squeezed_js
from stashgen.theme import ASSETS

_AWAY: Final = "away.js"


class Asset(msgspec.Struct, frozen=True):
    """A file with its path in the output."""

    path: str
    data: bytes


class Assets(msgspec.Struct, frozen=True, kw_only=True):
    """The theme's files as pages link to them: paths from the site's root."""

    style: Asset
    frame_style: Asset | None  # of the pages for frames; None where site.yaml switches them off
    script: Asset
    away: Asset | None  # the script for when the host is away; None for a site without mirrors that keeps no pages
    favicon_by_level: Mapping[str, Asset]
    others: Mapping[str, Asset]  # name below assets/ of the theme -> file

    def outputs(self) -> Iterator[Output]:
        """Yield every file once."""
        wanted = [file for file in (self.frame_style, self.away) if file]
        files = [self.style, *wanted, self.script, *self.favicon_by_level.values(), *self.others.values()]
        for file in {file.path: file for file in files}.values():
            yield Output(file.path, digest(file.data), lambda data=file.data: data)  # type: ignore[misc]  # binds now


def assets(context: Context) -> Assets:
    """Return the files that pages of this site link to."""
    theme, rules = context.theme, colors(context)
    style = squeezed_css(rules + _bar_rules(context) + theme.added("style.css"))
    frame_style = squeezed_css(rules + theme.added("embed.css")) if context.has("embeds") else ""
    script = squeezed_js(theme.added("app.js"))
    return Assets(
        style=_asset("style.css", style.encode()),
        frame_style=_asset("embed.css", frame_style.encode()) if frame_style else None,
        script=_asset("app.js", script.encode()),
        away=_away(context),
        favicon_by_level={level.value.lower(): _favicon(context, level) for level in Level},
        others={name: _asset(name, theme.file(f"{ASSETS}{name}") or b"") for name in theme.names(ASSETS)},
    )


def _asset(name: str, data: bytes) -> Asset:
    stem, suffix = posixpath.splitext(name)
    return Asset(urls.asset(f"{stem}.{digest(data).hex()[:10]}{suffix}"), data)


def _away(context: Context) -> Asset | None:
    settings, translator = context.board.settings, context.translator
    is_wanted = settings.mirrors or context.has("offline")
    if not is_wanted or context.theme.file(_AWAY) is None:  # a theme of its own may do without
        return None
    facts = {
        # Without its own address a page cannot tell whether it is the original, a mirror or a preview.
        "places": [*places(settings)] if settings.url else [],
        **{word: translator.catalog[f"away.{word}"] for word in ("gone", "newer")},
        "status": urls.STATUS_JSON if context.has("status-json") else "",
        "worker": urls.SERVICE_WORKER if context.has("offline") else "",
    }
    return _asset(_AWAY, called(context.theme, _AWAY, "offline", facts))


def _bar_rules(context: Context) -> str:
    return f":root{{--days:{context.board.settings.history_days}}}"


def _favicon(context: Context, level: Level) -> Asset:
    return _asset(f"{level.value.lower()}.svg", level_picture(context.theme, level))
