"""New events: the file of an incident."""

from __future__ import annotations

from typing import Any

from stashgen.edit.change import Change, EditError, Ground
from stashgen.edit.naming import event_id, event_path
from stashgen.edit.wording import held, subject
from stashgen.intents import OpenIncident
from stashgen.yamlwrite import document


def incident(ground: Ground, intent: OpenIncident) -> Change:
    """Open an incident."""
    unknown = next((service for service in intent.services if service not in ground.site.services), None)
    if unknown is not None:
        raise EditError("unknown", "services", f"there is no service `{unknown}`")
    at = intent.at or ground.now
    name = event_id(ground, intent.id, intent.title, at, intent.suffix)
    update: dict[str, Any] = {"at": at, "state": intent.state, "message": intent.message}
    fields: dict[str, Any] = {"title": intent.title, "services": intent.services}
    fields |= {"external_id": intent.external_id, "source": intent.source, "tags": intent.tags}
    kept = {key: value for key, value in fields.items() if value}
    return Change(
        files={event_path(name, at): document({**kept, "updates": [update]}).encode()},
        subject=subject("incident", name, intent.state, held(intent.services)),
        record=name,
    )
