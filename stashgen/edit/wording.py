"""Subjects of commits, as a person would write them."""

from __future__ import annotations

from collections.abc import Mapping


def subject(kind: str, name: str, what: str, detail: str = "") -> str:
    """Return a line such as `incident api-errors: identified (api: warning)`."""
    return f"{kind} {name}: {what}" + (f" ({detail})" if detail else "")


def held(services: Mapping[str, str]) -> str:
    """Return statuses by service on one line."""
    return ", ".join(f"{service}: {status}" for service, status in services.items())
