"""What the rules need of a site apart from its events: statuses by severity, visible services in page order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from stashgen.memo import digest
from stashgen.model import BUILT_IN_STATUSES, Group, Level, Service, Site, Status

Section = tuple[str | None, tuple[str, ...]]  # group, its visible services; None: services without a group


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The constants of one derivation."""

    statuses: Mapping[str, Status]
    default_status: str
    rank_by_status: Mapping[str, int]
    sections: tuple[Section, ...]
    order_by_service: Mapping[str, int]  # visible services only, in page order
    digest: bytes  # of all the above

    def is_held(self, status: str) -> bool:
        """Return whether a status is one of the site's and not the default one."""
        return status in self.rank_by_status and status != self.default_status

    def worst(self, statuses: Iterable[str]) -> str:
        """Return the status of the highest level, the first of equals; the default one comes last."""
        best, best_rank = self.default_status, -1
        for status in statuses:
            rank = self.rank_by_status[status]
            if rank > best_rank and status != self.default_status:
                best, best_rank = status, rank
        return best

    def level(self, status: str) -> Level:
        """Return the level of a status."""
        return self.statuses[status].level


def rules(site: Site) -> Rules:
    """Return the rules of a site."""
    statuses = {**BUILT_IN_STATUSES, **site.statuses}
    sections = _sections(site)
    services = [service for _, members in sections for service in members]
    default_status = _default(statuses)
    facts = (default_status, services, [(name, status.level, status.downtime) for name, status in statuses.items()])
    return Rules(
        statuses=statuses,
        default_status=default_status,
        rank_by_status={name: status.level.rank for name, status in statuses.items()},
        sections=sections,
        order_by_service={service: place for place, service in enumerate(services)},
        digest=digest(msgspec.msgpack.encode(facts)),
    )


def _default(statuses: Mapping[str, Status]) -> str:
    defaults = [name for name, status in statuses.items() if status.default]
    # A site that makes another status the default one need not rewrite the built-in one.
    own = [name for name in defaults if statuses[name] != BUILT_IN_STATUSES.get(name)]
    return [*own, *defaults, "up"][0]


def _sections(site: Site) -> tuple[Section, ...]:
    members: dict[str | None, list[str]] = {None: []}
    members.update((group, []) for group in _in_order(site.groups))
    for service in _in_order(site.services):
        record = site.services[service]
        if not record.hidden:
            members[record.group if record.group in members else None].append(service)
    return tuple((group, tuple(services)) for group, services in members.items() if services)


def _in_order(records: Mapping[str, Group] | Mapping[str, Service]) -> list[str]:
    return sorted(records, key=lambda key: (records[key].order, records[key].name.casefold(), key))
