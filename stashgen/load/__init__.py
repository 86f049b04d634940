"""site-data/ -> records: every file is read once, and never again while it stays as it is."""

from stashgen.load.site import SITE_FILE, Loaded, load, read_event

__all__ = ["SITE_FILE", "Loaded", "load", "read_event"]
