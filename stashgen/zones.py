"""Time zones by name, and the bytes of their rules."""

from __future__ import annotations

import zoneinfo
from contextlib import suppress
from pathlib import Path
from typing import Final

UTC: Final = "UTC"


def find(name: str) -> zoneinfo.ZoneInfo | None:
    """Return the IANA zone of that name, or None."""
    # The name of a folder of zones, such as `Europe`, fails as the folder that it is.
    with suppress(zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo(name)
    return None


def names() -> set[str]:
    """Return the names of all zones this machine knows."""
    return zoneinfo.available_timezones()


def rules(name: str) -> bytes:
    """Return the compiled rules of a zone as the system has them; empty where they come with Python's own package."""
    for folder in zoneinfo.TZPATH:
        with suppress(OSError):
            return Path(folder, name).read_bytes()
    return b""
