"""What site.yaml must keep to about where it is published and whose word counts: mirrors, hub, signing keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urlsplit

from stashgen import signing, urls
from stashgen.errors import Finding
from stashgen.model import Settings, Site
from stashgen.signing import Key, SigningError
from stashgen.text import quoted


def mirrors(settings: Settings) -> Iterator[Finding]:
    """A mirror is another place, named once, and the page knows its own."""
    seen = {_place(settings.url): "the page's own address, `url`"} if settings.url else {}
    for index, mirror in enumerate(settings.mirrors):
        field = ("mirrors", index)
        known = seen.setdefault(_place(mirror), f"mirrors[{index}]")
        if known != f"mirrors[{index}]":
            yield Finding(field, f"is the same place as {known}: take it away", severity="warning")
        yield from _unsafe(field, mirror)
    if settings.mirrors and settings.url is None:
        message = "lead away from a page that does not know its own address: give `url` as well"
        yield Finding(("mirrors",), message, severity="warning", is_key=True)


def hub(settings: Settings) -> Iterator[Finding]:
    """A hub is told of feeds by their addresses."""
    if settings.hub is None:
        return
    if settings.url is None:
        message = "is told of feeds by their addresses, and without `url` they have none: give `url` as well"
        yield Finding(("hub",), message, severity="warning", is_key=True)
    yield from _unsafe(("hub",), settings.hub)


def signing_keys(settings: Settings) -> Iterator[Finding]:
    """A key is whole, and named once."""
    seen: dict[Key, int] = {}
    for index, line in enumerate(settings.signing_keys):
        try:
            (key,) = signing.keys(line, "")
        except SigningError:
            message = "is damaged: copy the one line of the key's file `.pub` as a whole"
            yield Finding(("signing_keys", index), message)
            continue
        first = seen.setdefault(key, index)
        if first != index:
            message = f"is the same key as signing_keys[{first}]: take it away"
            yield Finding(("signing_keys", index), message, severity="warning")


RULES: Final[tuple[Callable[[Settings], Iterator[Finding]], ...]] = (mirrors, hub, signing_keys)


def findings(site: Site) -> Iterator[tuple[str, Finding]]:
    """Yield what all rules find, with the file it is in."""
    for rule in RULES:
        for finding in rule(site.settings):
            yield "site.yaml", finding


def _place(url: str) -> str:
    # A slash at the end, capital letters of a host and a port that goes without saying make no other place.
    parts = urlsplit(url)
    port = {"https": ":443", "http": ":80"}[parts.scheme.lower()]
    return urls.origin(url).removesuffix(port) + urls.base_path(url)


def _unsafe(field: tuple[str | int, ...], url: str) -> Iterator[Finding]:
    parts = urlsplit(url)
    if parts.scheme == "http" and not urls.is_loopback(parts.hostname or ""):
        message = f"{quoted(url)} is not safe from eavesdroppers, and a page with https may not ask it: use https"
        yield Finding(field, message, severity="warning")
