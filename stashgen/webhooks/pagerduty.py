"""PagerDuty: webhooks of version 3, one event of an incident each.

https://developer.pagerduty.com/docs/webhooks-overview
"""

from __future__ import annotations

from typing import Final

from stashgen.intents import Signal
from stashgen.model import Automation
from stashgen.webhooks.payload import Fields, json_fields
from stashgen.webhooks.source import PayloadError, Post

# What else PagerDuty tells of an incident (notes, responders, workflows) is for those who mend it.
_FIRING: Final = frozenset({
    "incident.triggered", "incident.acknowledged", "incident.unacknowledged", "incident.reopened",
    "incident.escalated", "incident.delegated", "incident.reassigned", "incident.priority_updated",
    "incident.service_updated",
})  # fmt: skip


def read(post: Post, automation: Automation) -> list[Signal]:  # noqa: ARG001 - the shelf's signature
    """Return the signal of an event; raise PayloadError."""
    event = json_fields(post).below("event")
    kind = event.needed("event_type")
    if kind == "incident.status_update_published":
        return [_spoken(event)]
    if kind == "incident.resolved" or (kind in _FIRING and not _is_over(event)):
        return [_signal(event, is_resolved=kind == "incident.resolved")]
    return []


def _is_over(event: Fields) -> bool:
    # A change of priority or service is told of incidents that are resolved too.
    return event.below("data").line("status").casefold() == "resolved"


def _signal(event: Fields, *, is_resolved: bool) -> Signal:
    data = event.below("data")
    service, priority = data.below("service"), data.below("priority")
    name = service.line("summary", "name") or service.line("id")
    labels = {
        "service": name, "urgency": data.line("urgency"), "priority": priority.line("summary", "name"),
        "event": event.line("event_type"), "service_id": service.line("id"),
    }  # fmt: skip
    return Signal(
        source="pagerduty",
        key=data.needed("id"),
        services=(name,) if name else (),
        status=labels["priority"] or labels["urgency"],
        title=data.line("title", "summary"),
        is_resolved=is_resolved,
        # An incident that was reopened began anew: its creation is older than its first end.
        at=event.at("occurred_at") or data.at("created_at"),
        labels={label: value for label, value in labels.items() if value},
        url=data.line("html_url"),
    )


def _spoken(event: Fields) -> Signal:
    """Return the words that somebody wrote in PagerDuty for stakeholders."""
    data = event.below("data")
    incident = data.below("incident").line("id")
    if not incident:
        raise PayloadError("event.data.incident.id", "is missing")
    return Signal(
        source="pagerduty", key=incident, says=data.text("message"), is_only_said=True, at=event.at("occurred_at")
    )
