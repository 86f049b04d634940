"""embed.js: the theme's script, called with the words, colours and shapes that it draws with.

Nothing in it moves with the state of the page: that is what the script asks status.json for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element

from stashgen import bidi, palette, urls
from stashgen.memo import digest
from stashgen.model import Level
from stashgen.outputs.context import Context, Output
from stashgen.outputs.embeds.shapes import shape
from stashgen.outputs.scripts import called, places

_SOURCE: Final = "embed.js"
_OWN_WORDS: Final = ("label", "dismiss", "link")
_SENTENCES: Final = ("overall.trouble", "list.pair", "list.three", "list.more")


def output(context: Context) -> Output:
    """Return the script."""
    return Output(urls.EMBED_SCRIPT, digest(context.layout, b"embed.js"), lambda: _script(context))


def _script(context: Context) -> bytes:
    return called(context.theme, _SOURCE, "embeds", _facts(context), is_ascii=True)


def _facts(context: Context) -> dict[str, Any]:
    translator, palettes = context.translator, context.theme.palettes
    return {
        "language": translator.language,
        "places": [*places(context.board.settings)] if context.board.settings.mirrors else [],
        "words": {language: _words(context, language) for language in context.theme.catalogs},
        "sentences": {key.partition(".")[2]: translator.catalog[key] for key in _SENTENCES},
        "levels": [level.value for level in Level],
        "shapes": [_tree(shape(context.theme, level)) for level in Level],
        "light": _colors(palettes.light),
        "dark": _colors(palettes.dark),
    }


def _words(context: Context, language: str) -> dict[str, Any]:
    catalog = context.theme.catalogs[language]
    words = {word: catalog.get(f"embed.{word}") or context.translator.text(f"embed.{word}") for word in _OWN_WORDS}
    return {**words, "dir": bidi.direction(language)}


def _tree(part: Element) -> list[Any]:
    return [part.tag, part.attrib, *map(_tree, part)]


def _colors(named: Mapping[str, str]) -> str:
    """Return the colours of a scheme as declarations: --t0 to --t4 for texts, --m0 to --m4 for marks."""
    paper = named["paper"]
    plain = [f"--{name}:{named[name]}" for name in ("paper", "ink", "soft", "line")]
    marks = [
        f"--{sign}{level.rank}:{palette.adjusted(named[level.value.lower()], paper, ratio)}"
        for level in Level
        for sign, ratio in (("t", palette.TEXT_CONTRAST), ("m", palette.MARK_CONTRAST))
    ]
    return ";".join([*plain, *marks])
