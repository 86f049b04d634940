"""stashgen service: add, edit, remove and list services."""

from __future__ import annotations

from stashgen.commands.changing import records

service = records.group(records.SERVICES, "Add, edit, remove and list services.")
