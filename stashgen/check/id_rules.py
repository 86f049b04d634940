"""Ids that other programs know records by: no two records of a page share one.

An id is made of the record's own, or it is the one that the record had in the system it came from (identity.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from stashgen.errors import Finding
from stashgen.identity import COMPONENT, GROUP, first_id, statuspage_id, statuspage_page_id
from stashgen.model import Site
from stashgen.text import quoted

_FIELD: Final = "external_id"


class _Owner(NamedTuple):
    path: str  # relative to site-data
    has_own: bool  # it is not made of another id, but the record's own field


def shared_ids(site: Site, event_ids: Sequence[bytes]) -> Iterator[tuple[str, Finding]]:
    """Yield the records whose id in Statuspage's form another has too; `event_ids` are in the order of the events."""
    if not site.settings.outputs.get("statuspage-api", True):
        return
    others = [*_others(site)]
    # Ten thousand ids are compared in a millisecond; who shares one is looked for only if somebody does.
    if len({*event_ids, *(id_.encode() for id_, _ in others)}) == len(event_ids) + len(others):
        return
    events = zip(event_ids, site.path_by_event, strict=True)
    owners = [*others, *((id_.decode(), _event(site, id_, event)) for id_, event in events)]
    first_by_id: dict[str, _Owner] = {}
    for id_, owner in owners:
        first = first_by_id.setdefault(id_, owner)
        if first is not owner:
            # Of the two, the one that can be given back its own id is told.
            told, other = (owner, first) if owner.has_own or not first.has_own else (first, owner)
            yield told.path, Finding((_FIELD,), _message(id_, told, other))


def _others(site: Site) -> Iterator[tuple[str, _Owner]]:
    page_id = statuspage_page_id(site.settings)
    yield page_id, _Owner("site.yaml", site.settings.external_id == page_id)
    for name, group in site.groups.items():
        id_ = statuspage_id(GROUP, first_id(name, group.aliases), group.external_id)
        yield id_, _Owner(f"groups/{name}.yaml", group.external_id == id_)
    for name, service in site.services.items():
        id_ = statuspage_id(COMPONENT, first_id(name, service.aliases), service.external_id)
        yield id_, _Owner(f"services/{name}.yaml", service.external_id == id_)


def _event(site: Site, id_: bytes, event: str) -> _Owner:
    return _Owner(site.path_by_event[event], site.label_by_event[event].external_id == id_.decode())


def _message(id_: str, told: _Owner, other: _Owner) -> str:
    remedy = "delete it, or give another" if told.has_own else "give one, 12 small letters and digits"
    return f"{other.path} has the id {quoted(id_)} in the Statuspage API too: {remedy}"
