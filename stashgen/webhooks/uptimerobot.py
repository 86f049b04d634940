"""UptimeRobot: its web-hook alert contact, which sends fields in the query, as a form or as JSON.

https://uptimerobot.com/help/web-hooks-alert-contacts/
"""

from __future__ import annotations

from stashgen.intents import Signal
from stashgen.model import Automation
from stashgen.webhooks.payload import any_fields
from stashgen.webhooks.source import PayloadError, Post

_DOWN, _UP, _CERTIFICATE = "1", "2", "3"


def read(post: Post, automation: Automation) -> list[Signal]:  # noqa: ARG001 - the shelf's signature
    """Return the signal of an alert, nothing for a certificate that will expire; raise PayloadError."""
    fields = any_fields(post)
    kind = fields.needed("alertType")
    if kind == _CERTIFICATE:
        return []
    if kind not in (_DOWN, _UP):
        raise PayloadError("alertType", "must be 1 (down), 2 (up) or 3 (certificate)")
    name = fields.line("monitorFriendlyName")
    signal = Signal(
        source="uptimerobot",
        key=fields.needed("monitorID"),
        services=fields.words("service") or ((name,) if name else ()),
        title=name,
        text=fields.text("alertDetails"),
        is_resolved=kind == _UP,
        at=fields.at("alertDateTime"),
        labels={"monitor": name, "type": fields.line("alertTypeFriendlyName")},
        url=fields.line("monitorURL"),
    )
    return [signal]
