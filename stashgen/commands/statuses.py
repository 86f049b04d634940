"""stashgen statuses: the statuses that a service can have."""

from __future__ import annotations

from stashgen.commands.changing import records

statuses = records.group(records.STATUSES, "Add, edit, remove and list what a service can be.")
