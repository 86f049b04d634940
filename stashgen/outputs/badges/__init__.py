"""Badges/: the state as small pictures, and as shields.io endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import msgspec

from stashgen import urls
from stashgen.documents import compact
from stashgen.documents.badge import Badge
from stashgen.memo import digest, edition
from stashgen.outputs.badges.drawing import FLAT, FOR_THE_BADGE, draw
from stashgen.outputs.badges.wording import Wording
from stashgen.outputs.context import Context, Output

_MAKERS: Final[dict[str, Callable[[Badge], bytes]]] = {
    "svg": partial(draw, style=FLAT),
    "for-the-badge.svg": partial(draw, style=FOR_THE_BADGE),
    "json": compact,
}


def render(context: Context) -> Iterator[Output]:
    """Yield each badge of the site and of every service in all its forms."""
    wording = Wording(context)
    for name, badge in wording.of_site():
        yield from _forms(None, name, badge)
    for service in context.board.services.values():
        for name, badge in wording.of_service(service):
            yield from _forms(service.id, name, badge)


def _forms(scope: str | None, name: str, badge: Badge) -> Iterator[Output]:
    said = msgspec.msgpack.encode(badge)
    for suffix, make in _MAKERS.items():
        yield Output(urls.badge(scope, name, suffix), digest(edition(), suffix.encode(), said), partial(make, badge))
