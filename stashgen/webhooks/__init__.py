"""The shelf of webhooks: each module reads what one monitor sends; one dict lists them all.

A book is a module with `read(post, automation) -> list[Signal]`; books never import one another. A source of the
user's own is read by the mapping that automation.yaml gives it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stashgen.intents import Signal
from stashgen.model import Automation
from stashgen.text import did_you_mean, listed, quoted
from stashgen.webhooks import (
    alertmanager,
    betterstack,
    datadog,
    generic,
    github,
    grafana,
    nagios,
    pagerduty,
    pingdom,
    uptime_kuma,
    uptimerobot,
)
from stashgen.webhooks.source import Book, PayloadError, Post

__all__ = ["BOOKS", "PayloadError", "Post", "UnknownSourceError", "read"]

BOOKS: Final[Mapping[str, Book]] = {
    "alertmanager": alertmanager,
    "grafana": grafana,
    "pagerduty": pagerduty,
    "nagios": nagios,
    "icinga": nagios,
    "uptime-kuma": uptime_kuma,
    "uptimerobot": uptimerobot,
    "pingdom": pingdom,
    "datadog": datadog,
    "betterstack": betterstack,
    "github": github,
}


class UnknownSourceError(PayloadError):
    """A source that there is no reader for."""


def read(source: str, post: Post, automation: Automation) -> list[Signal]:
    """Return what a monitor says; raise PayloadError, UnknownSourceError for a source that nobody knows."""
    if source in BOOKS:
        return BOOKS[source].read(post, automation)
    if source in automation.generic:
        return generic.read(source, automation.generic[source], post)
    known = [*BOOKS, *automation.generic]
    raise UnknownSourceError(
        "", f"there is no source {quoted(source)}{did_you_mean(source, known) or _there_are(known)}"
    )


def _there_are(known: list[str]) -> str:
    return f": there are {listed(known)}"
