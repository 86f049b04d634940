"""Uptime Kuma: the JSON of its webhook notification.

https://github.com/louislam/uptime-kuma/wiki/Notification-Methods
"""

from __future__ import annotations

from typing import Final

from stashgen.intents import Signal
from stashgen.model import Automation
from stashgen.webhooks.payload import Fields, form_fields, json_fields
from stashgen.webhooks.source import PayloadError, Post

_DOWN, _UP, _PENDING, _MAINTENANCE = "0", "1", "2", "3"
_KNOWN: Final = frozenset({_DOWN, _UP, _PENDING, _MAINTENANCE})


def read(post: Post, automation: Automation) -> list[Signal]:  # noqa: ARG001 - the shelf's signature
    """Return the signal of a heartbeat, nothing for a test or a word on a certificate; raise PayloadError."""
    fields = _fields(post)
    heartbeat, monitor = fields.below("heartbeat"), fields.below("monitor")
    if not heartbeat.values and (not monitor.values or "msg" in fields.values):
        if "msg" not in fields.values:
            raise PayloadError("heartbeat", "is missing")
        return []
    status = heartbeat.needed("status")
    if status not in _KNOWN:
        raise PayloadError("heartbeat.status", "must be 0 (down), 1 (up), 2 (pending) or 3 (maintenance)")
    if status in (_PENDING, _MAINTENANCE):
        return []
    labels, named = _tags(monitor)
    name = monitor.line("name", "friendly_name")
    signal = Signal(
        source="uptime-kuma",
        key=monitor.line("id") or heartbeat.line("monitorID") or monitor.needed("name"),
        services=named or ((name,) if name else ()),
        title=name,
        text=heartbeat.text("msg") or fields.text("msg"),
        is_resolved=status == _UP,
        at=heartbeat.at("time"),
        labels={**labels, "monitor": name, "type": monitor.line("type")},
        url=monitor.line("url"),
    )
    return [signal]


def _fields(post: Post) -> Fields:
    if post.body.lstrip()[:1] == b"{":
        return json_fields(post)
    # The other of its two encodings is a form, whose field `data` holds the JSON.
    data = form_fields(post).values.get("data")
    if not isinstance(data, str):
        raise PayloadError("data", "is missing")
    return json_fields(Post(body=data.encode()))


def _tags(monitor: Fields) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return tags as labels, and the services that a tag `service` names."""
    tags = monitor.values.get("tags")
    if not isinstance(tags, list):
        return {}, ()
    pairs = [Fields(tag) if isinstance(tag, dict) else Fields({"name": tag}) for tag in tags]
    labels = {tag.line("name"): tag.line("value") for tag in pairs if tag.line("name")}
    return labels, tuple(tag.line("value") for tag in pairs if tag.line("name") == "service" and tag.line("value"))
