"""Datadog: its webhooks integration, with the payload that docs/monitors.md gives (the variables in lower case).

https://docs.datadoghq.com/integrations/webhooks/
"""

from __future__ import annotations

import re
from typing import Final

from stashgen.intents import Signal
from stashgen.model import Automation
from stashgen.webhooks.payload import Fields, any_fields
from stashgen.webhooks.source import PayloadError, Post

_SEVERITY_BY_TRANSITION: Final = {
    "triggered": "error", "retriggered": "error", "warn": "warning", "rewarn": "warning", "nodata": "no data",
    "renodata": "no data", "renotify": "",
}  # fmt: skip
_OVER: Final = frozenset({"recovered", "resolved"})


def read(post: Post, automation: Automation) -> list[Signal]:  # noqa: ARG001 - the shelf's signature
    """Return the signal of a monitor; raise PayloadError."""
    fields = any_fields(post)
    transition = _transition(fields)
    severity = _SEVERITY_BY_TRANSITION.get(transition) or fields.line("alert_type")
    if transition == "renotify" and not severity:
        return []  # a reminder that does not say of what
    tags = fields.words("tags") + fields.words("alert_scope")
    labels = dict(tag.split(":", 1) for tag in tags if ":" in tag)
    named = fields.words("service") or tuple(tag.split(":", 1)[1] for tag in tags if tag.startswith("service:"))
    signal = Signal(
        source="datadog",
        key=_key(fields),
        services=tuple(dict.fromkeys(filter(None, named))),
        status="" if transition in _OVER else severity,
        title=_title(fields),
        text=fields.text("text_only_msg") or fields.text("event_msg") or fields.text("body"),
        is_resolved=transition in _OVER,
        at=fields.at("date") or fields.at("last_updated"),
        labels={**labels, "priority": fields.line("alert_priority"), "monitor": fields.line("alert_id")},
        url=fields.line("link"),
    )
    return [signal]


def _transition(fields: Fields) -> str:
    said = fields.line("alert_transition", "transition")
    if not said:
        # The payload that Datadog sends by itself says it in the title alone: `[Triggered on {host:a}] ...`.
        match = re.match(r"\[\s*((?:Re-)?(?:Triggered|Warn|No Data)|Recovered)\b", fields.line("title", "event_title"))
        said = match[1] if match else ""
    word = re.sub(r"[^a-z]", "", said.casefold())
    if word not in _OVER and word not in _SEVERITY_BY_TRANSITION:
        raise PayloadError(
            "alert_transition", "must be one of Datadog's transitions, such as `Triggered` or `Recovered`"
        )
    return word


def _key(fields: Fields) -> str:
    key = fields.key("alert_cycle_key", "aggreg_key")
    if key:
        return key
    alert, scope = fields.key("alert_id", "id"), fields.key("alert_scope")
    if not alert:
        raise PayloadError("alert_cycle_key", "is missing: it links a monitor's trigger with its recovery")
    return f"{alert}/{scope}" if scope else alert


def _title(fields: Fields) -> str:
    return re.sub(r"^(\[[^\]]*\]\s*)+", "", fields.line("alert_title", "event_title", "title"))
