"""Pingdom: webhooks on the change of a check's state.

https://www.pingdom.com/resources/webhooks/
"""

from __future__ import annotations

from typing import Final

from stashgen.intents import Signal
from stashgen.model import Automation
from stashgen.webhooks.payload import json_fields
from stashgen.webhooks.source import PayloadError, Post

_BAD: Final = frozenset({"DOWN", "FAILING"})
_WELL: Final = frozenset({"UP", "SUCCESS"})
_SILENT: Final = frozenset({"UNCONFIRMED", "UNCONFIRMED_DOWN", "UNKNOWN", "PAUSED"})


def read(post: Post, automation: Automation) -> list[Signal]:  # noqa: ARG001 - the shelf's signature
    """Return the signal of a check, nothing while its state is not sure; raise PayloadError."""
    fields = json_fields(post)
    state = fields.needed("current_state").upper()
    if state in _SILENT:
        return []
    if state not in _BAD | _WELL:
        raise PayloadError("current_state", "must be UP, DOWN, SUCCESS or FAILING")
    name, tags = fields.line("check_name"), fields.words("tags")
    named = tuple(tag.removeprefix("service:") for tag in tags if tag.startswith("service:"))
    labels = {"check": name, "type": fields.line("check_type"), "importance": fields.line("importance_level")}
    signal = Signal(
        source="pingdom",
        key=fields.needed("check_id"),
        services=named or ((name,) if name else ()),
        title=name,
        text=fields.text("long_description") or fields.text("description"),
        is_resolved=state in _WELL,
        at=fields.at("state_changed_timestamp") or fields.at("state_changed_utc_time"),
        labels={**labels, "tags": ",".join(tags), "host": fields.below("check_params").line("hostname")},
        url=fields.below("check_params").line("full_url"),
    )
    return [signal]
