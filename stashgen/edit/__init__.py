"""(site, intent) -> Change: the one writer of site-data.

Nothing is written here: the bytes of the files to be come out, checked by whoever asked before they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from stashgen.edit import mending, opening, recording, reporting, setting, updating
from stashgen.edit.change import Change, EditError, Ground
from stashgen.intents import (
    AddRecord,
    AddUpdate,
    EditEvent,
    EditRecord,
    Intent,
    OpenIncident,
    PostNotice,
    RemoveEvent,
    RemoveRecord,
    Report,
    RetractUpdate,
    ScheduleMaintenance,
    SetStatus,
)

__all__ = ["Change", "EditError", "Ground", "edit"]

_EDITS: Final[Mapping[type[Any], Callable[[Ground, Any], Change]]] = {
    OpenIncident: opening.incident,
    ScheduleMaintenance: opening.maintenance,
    PostNotice: opening.notice,
    AddUpdate: updating.update,
    SetStatus: setting.status,
    EditEvent: mending.edit,
    RetractUpdate: mending.retract,
    RemoveEvent: mending.remove,
    AddRecord: recording.add,
    EditRecord: recording.edit,
    RemoveRecord: recording.remove,
    Report: reporting.report,
}


def edit(ground: Ground, intent: Intent) -> Change:
    """Return the change that an intent makes; raise EditError when it cannot be carried out."""
    return _EDITS[type(intent)](ground, intent)
