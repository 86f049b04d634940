"""Scripts of the theme that are called with facts: the words and addresses that they cannot know by themselves.

Policies forbid inline scripts, so the facts come in the same file. Nothing in them moves with the state of the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stashgen.errors import ThemeError
from stashgen.model import Family, Settings
from stashgen.squeeze import squeezed_js
from stashgen.theme import Theme


def called(theme: Theme, name: str, family: Family, facts: Mapping[str, Any], *, is_ascii: bool = False) -> bytes:
    """Return the theme's script, as a function that is called with the facts.

    Pages of others may read it in any encoding: for them the facts are ASCII. Raises ThemeError, which names the
    family that does without it, when the theme has no such file.
    """
    source = theme.file(name)
    if source is None:
        remedy = f"`outputs: {{{family}: false}}` in site.yaml does without it"
        raise ThemeError(f"themes/{theme.name}: there is no `{name}`; {remedy}")
    told = json.dumps(facts, separators=(",", ":"), ensure_ascii=is_ascii)
    return f"((site) => {{\n{squeezed_js(source.decode())}}})({told});\n".encode()


def clock_language(language: str) -> str:
    """Return the language in which scripts write dates: English with the day first and 24 hours, as pages have it."""
    return "en-GB" if language == "en" else language


def places(settings: Settings) -> Iterator[str]:
    """Yield where a site is published, its own URL first, each with a slash at its end and each once."""
    yield from dict.fromkeys(f"{url.rstrip('/')}/" for url in (settings.url, *settings.mirrors) if url)
