"""site-data/ -> records: every file is read once, and never again while it stays as it is."""

from stashgen.load.index import rules_digest
from stashgen.load.site import (
    AUTOMATION_FILE,
    SITE_DATA,
    SITE_FILE,
    Events,
    Loaded,
    load,
    place,
    read_event,
    without,
)

__all__ = [
    "AUTOMATION_FILE", "SITE_DATA", "SITE_FILE", "Events", "Loaded",
    "load", "place", "read_event", "rules_digest", "without",
]  # fmt: skip
