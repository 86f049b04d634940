"""One more update of an event: text added at the end of its file."""

from __future__ import annotations

from typing import Any

from stashgen.edit.change import Change, EditError, Ground
from stashgen.edit.wording import held, subject
from stashgen.intents import AddUpdate
from stashgen.yamledit import appended


def update(ground: Ground, intent: AddUpdate) -> Change:
    """Add an update."""
    event = ground.site.events.get(intent.event)
    if event is None:
        raise EditError("unknown", "event", f"there is no event `{intent.event}`")
    state = intent.state or ("resolved" if intent.verb == "resolve" else None)
    fields: dict[str, Any] = {"at": intent.at or ground.now, "state": state, "services": intent.services}
    entry = {key: value for key, value in fields.items() if value} | {"message": intent.message}
    path = ground.site.path_by_event[intent.event]
    return Change(
        files={path: appended(ground.read(path), entry)},
        subject=subject(event.kind, intent.event, state or "update", held(intent.services)),
        record=intent.event,
    )
