"""stashgen group: add, edit, remove and list groups of services."""

from __future__ import annotations

from stashgen.commands.changing import records

group = records.group(records.GROUPS, "Add, edit, remove and list groups of services.")
