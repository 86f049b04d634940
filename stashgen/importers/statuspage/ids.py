"""Ids for what comes from elsewhere: made of names, the same in every run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from stashgen import text

_LONGEST: Final = 80


def assigned(names: Mapping[str, str], known: Mapping[str, str], taken: Collection[str]) -> dict[str, str]:
    """Return an id for each key: the known one, else one made of its name that is not taken."""
    used = set(taken)
    ids: dict[str, str] = {}
    for key, name in names.items():
        ids[key] = known.get(key) or _free(slug(name, key), used)
        used.add(ids[key])
    return ids


def slug(name: str, key: str) -> str:
    """Return a slug of the name, or of the key for a name without Latin letters."""
    words = text.slug(name)
    return text.slug(key) if words == text.slug("") else words


def _free(stem: str, used: Collection[str]) -> str:
    candidate, number = stem[:_LONGEST].rstrip("-"), 1
    while candidate in used:
        number += 1
        tail = f"-{number}"
        candidate = stem[: _LONGEST - len(tail)].rstrip("-") + tail
    return candidate
