"""Better Stack (Better Uptime): its outgoing webhook for incidents, in the form of JSON:API.

https://betterstack.com/docs/uptime/webhooks/
"""

from __future__ import annotations

from typing import Final

from stashgen.intents import Signal
from stashgen.model import Automation
from stashgen.webhooks.payload import Fields, json_fields
from stashgen.webhooks.source import PayloadError, Post

_RUNNING: Final = frozenset({"started", "acknowledged", "created", "reopened"})


def read(post: Post, automation: Automation) -> list[Signal]:  # noqa: ARG001 - the shelf's signature
    """Return the signal of an incident, nothing for changes of settings and of who is on call; raise PayloadError."""
    fields = json_fields(post)
    data = fields.below("data")
    # A monitor's webhook tells of its settings: it may say `down`, but nobody would ever say that it is up again.
    return [_incident(fields.line("event"), data)] if data.needed("type") == "incident" else []


def _incident(event: str, data: Fields) -> Signal:
    attributes = data.below("attributes")
    status, resolved_at = attributes.line("status").casefold(), attributes.at("resolved_at")
    word = (event or status).casefold().rpartition(".")[2]
    is_resolved = word == "resolved" or (resolved_at is not None and word != "reopened")
    if not is_resolved and word not in _RUNNING and attributes.at("started_at") is None:
        raise PayloadError("event", "must be `started`, `acknowledged` or `resolved`")
    name = attributes.line("name")
    monitor = data.below("relationships").below("monitor").below("data").line("id")
    return Signal(
        source="betterstack",
        key=data.needed("id"),
        services=(name,) if name else (),
        title=name,
        text=attributes.text("cause"),
        is_resolved=is_resolved,
        # Nothing says when it was reopened, and its first beginning is older than its end.
        at=None if word == "reopened" else (resolved_at or attributes.at("started_at")),
        labels=_given({"monitor": name, "monitor_id": monitor, "team": attributes.line("team_name")}),
        url=attributes.line("url"),
    )


def _given(labels: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in labels.items() if value}
