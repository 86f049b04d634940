"""The table of what may be written: method, resource, scope, and the function that makes an order of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from stashgen.gateway.config import Scope
from stashgen.gateway.stashboard import posting, records, statuses
from stashgen.gateway.stashboard.orders import Order, Request
from stashgen.stashboard.questions import READABLE


class Deed(NamedTuple):
    """One kind of writing."""

    method: str
    resource: re.Pattern[str]
    scope: Scope
    order: Callable[[Request], Order]


_SERVICES: Final = re.compile(r"services")
_SERVICE: Final = re.compile(r"services/([^/]+)")
_EVENTS: Final = re.compile(r"services/([^/]+)/events")
_EVENT: Final = re.compile(r"services/([^/]+)/events/(?!current$)([^/]+)")
_STATUSES: Final = re.compile(r"statuses")
_STATUS: Final = re.compile(r"statuses/([^/]+)")
_LISTS: Final = re.compile(r"service-lists")
_LIST: Final = re.compile(r"service-lists/([^/]+)")
_READ_ONLY: Final = re.compile(r"services/[^/]+/events/current|status-images|levels")

DEEDS: Final = (
    Deed("POST", _SERVICES, "services", records.add_service),
    Deed("POST", _SERVICE, "services", records.edit_service),
    Deed("DELETE", _SERVICE, "services", records.delete_service),
    Deed("POST", _EVENTS, "events", posting.post_event),
    Deed("DELETE", _EVENT, "events", posting.delete_event),
    Deed("POST", _STATUSES, "services", statuses.add_status),
    Deed("POST", _STATUS, "services", statuses.edit_status),
    Deed("DELETE", _STATUS, "services", statuses.delete_status),
    Deed("POST", _LISTS, "services", records.add_list),
    Deed("POST", _LIST, "services", records.edit_list),
    Deed("DELETE", _LIST, "services", records.delete_list),
)


def find(method: str, resource: str) -> tuple[Deed, tuple[str, ...]] | None:
    """Return what a request wants done, and the names in its path."""
    for deed in DEEDS:
        match = deed.resource.fullmatch(resource)
        if match and deed.method == method:
            return deed, match.groups()
    return None


def allowed(resource: str) -> tuple[str, ...]:
    """Return the methods that a resource knows; none for a path that leads nowhere."""
    known = tuple(deed.method for deed in DEEDS if deed.resource.fullmatch(resource))
    return (*READABLE, *known) if known or _READ_ONLY.fullmatch(resource) else ()
