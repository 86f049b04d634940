"""What readers are told of what monitors found: by a template, or in words of our own.

What a monitor says is plain text: nothing in it becomes markup. Its longer text is only told where a template asks for
it, since it may speak of machines and addresses that are nobody's business.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from contextlib import suppress

from stashgen.automation.cases import Case
from stashgen.automation.judging import worst
from stashgen.model import Site, Template
from stashgen.templates import TemplateError, Values, escaped, fill

_MOST_NAMES = 5


def opening(site: Site, case: Case, services: Mapping[str, str], at: dt.datetime) -> tuple[str, str]:
    """Return the title and the first message of a new incident."""
    names = named(site, services)
    status = _status(site, services)
    title = case.signal.title or (f"{names}: {status}" if names else f"Alert of {case.signal.source}")
    about = f" with {escaped(names)}" if names else ""
    message = case.signal.says or f"Our monitoring has found a problem{about}. We are looking into it."
    filled = _filled(site, case, services, at)
    return (filled.title, case.signal.says or filled.message) if filled else (title, message)


def state(site: Site, case: Case) -> str:
    """Return the state in which a new incident begins."""
    template = site.templates.get(case.template or "")
    return (template.state if template else None) or "investigating"


def resolved(site: Site, case: Case, services: Mapping[str, str], at: dt.datetime) -> str:
    """Return the words with which an incident ends."""
    filled = _filled(site, case, services, at)
    return (filled.resolved if filled else "") or "Our monitoring sees that all is well again."


def ended() -> str:
    """Return the words for an incident that a person has to close."""
    return "Our monitoring sees no problem any more."


def changed(site: Site, services: Mapping[str, str]) -> str:
    """Return the words for statuses that change."""
    names = [
        f"{escaped(site.services[service].name)}: {escaped(site.statuses[status].name)}."
        for service, status in services.items()
        if _is_shown(site, service) and status in site.statuses
    ]
    more = f" And {len(names) - _MOST_NAMES} more." if len(names) > _MOST_NAMES else ""
    return " ".join(names[:_MOST_NAMES]) + more or "The situation has changed."


def named(site: Site, services: Iterable[str]) -> str:
    """Return the names of services, the first of many."""
    names = [site.services[service].name for service in services if _is_shown(site, service)]
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _is_shown(site: Site, service: str) -> bool:
    return service in site.services and not site.services[service].hidden


def _status(site: Site, services: Mapping[str, str]) -> str:
    status = worst(site, services.values())
    return site.statuses[status].name if status is not None and status in site.statuses else ""


def _filled(site: Site, case: Case, services: Mapping[str, str], at: dt.datetime) -> Template | None:
    template = site.templates.get(case.template or "")
    if template is None:
        return None
    signal = case.signal
    values = Values(
        service=named(site, list(services)[:1]), services=named(site, services), status=_status(site, services),
        title=signal.title, text=signal.text, url=signal.url, at=f"{at:%Y-%m-%d %H:%M} UTC", key=signal.key,
        source=signal.source, labels=signal.labels,
    )  # fmt: skip
    # A template whose words fail for this alert must not keep the news back.
    with suppress(TemplateError):
        return fill(template, values, is_lenient=True)
    return None
