"""What every importer is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

import msgspec

from stashgen.errors import Problem
from stashgen.model import Event, Group, Service, Settings


class Source(NamedTuple):
    """One file of the other status page: its name as the user knows it, and its bytes."""

    name: str
    data: bytes


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the site already calls things, so that a second run finds them again.

    Maps lead from the id in the other system to ours; `taken` holds every id of that kind that is in use.
    """

    groups: Mapping[str, str] = {}
    services: Mapping[str, str] = {}
    events: Mapping[str, str] = {}
    taken_groups: frozenset[str] = frozenset()
    taken_services: frozenset[str] = frozenset()
    taken_events: frozenset[str] = frozenset()
    service_by_name: Mapping[str, str] = {}  # all services, by name in lower case
    timezone: str | None = None  # of the site; None: there is no site yet


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What the user asked for."""

    skipped: frozenset[str] = frozenset()  # components by name or id, in lower case
    has_split_timelines: bool = False  # a timeline written as a list inside one update becomes updates


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """Records by our ids, ready to be written, and what could not be mapped.

    A problem of severity "error" is a file or a part of one that was left out; a warning is a decision that the
    user should know of. Its `path` is the name of the source.
    """

    settings: Settings
    groups: Mapping[str, Group]
    services: Mapping[str, Service]
    events: Mapping[str, Event]
    problems: tuple[Problem, ...]
    remarks: tuple[str, ...]  # one sentence for what concerns many events


class Book(Protocol):
    """What each module on the shelf offers."""

    def read(self, sources: Iterable[Source], known: Known, wishes: Wishes) -> Imported:
        """Return the records that these sources make."""
        ...
