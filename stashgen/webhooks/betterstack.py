"""Better Stack (Better Uptime): its outgoing webhooks for incidents and monitors, in the form of JSON:API.

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
    """Return the signal of an incident or a monitor, nothing for changes of its settings; raise PayloadError."""
    fields = json_fields(post)
    data = fields.below("data")
    kind = data.needed("type")
    if kind == "incident":
        return [_incident(fields.line("event"), data)]
    if kind == "monitor":
        return _monitor(data)
    return []


def _incident(event: str, data: Fields) -> Signal:
    attributes = data.below("attributes")
    status, resolved_at = attributes.line("status").casefold(), attributes.at("resolved_at")
    word = (event or status).casefold().rpartition(".")[2]
    is_resolved = word == "resolved" or resolved_at is not None
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
        at=(resolved_at or attributes.at("started_at")) if is_resolved else attributes.at("started_at"),
        labels=_given({"monitor": name, "monitor_id": monitor, "team": attributes.line("team_name")}),
        url=attributes.line("url"),
    )


def _monitor(data: Fields) -> list[Signal]:
    attributes = data.below("attributes")
    status = attributes.line("status").casefold()
    if status not in ("up", "down"):
        return []
    name = attributes.line("pronounceable_name") or attributes.line("url")
    signal = Signal(
        source="betterstack",
        key=f"monitor/{data.needed('id')}",
        services=(name,) if name else (),
        title=name,
        is_resolved=status == "up",
        at=attributes.at("last_checked_at") or attributes.at("updated_at"),
        labels=_given({"monitor": name, "type": attributes.line("monitor_type")}),
        url=attributes.line("url"),
    )
    return [signal]


def _given(labels: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in labels.items() if value}
