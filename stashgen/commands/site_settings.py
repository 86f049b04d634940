"""The settings of a page for commands that need no more of site-data: what is wrong elsewhere does not stop them."""

from __future__ import annotations

from pathlib import Path

from stashgen import signing
from stashgen.errors import DataError
from stashgen.load import SITE_DATA, SITE_FILE, file, record
from stashgen.model import Settings
from stashgen.signing import Key


def read(project: Path) -> Settings | None:
    """Read site-data/site.yaml; None for a folder without; raise DataError where it has errors."""
    root = project / SITE_DATA
    if not (root / SITE_FILE).exists():
        return None
    settings, problems = record.settings(file.read(root, SITE_FILE), SITE_FILE, f"{SITE_DATA}/{SITE_FILE}")
    if any(problem.severity == "error" for problem in problems):
        raise DataError(problems)
    return settings


def keys(settings: Settings | None) -> tuple[Key, ...]:
    """Return the keys that may sign; raise SigningError for a line that is none."""
    lines = settings.signing_keys if settings else ()
    source = f"{SITE_DATA}/{SITE_FILE}: signing_keys"
    return tuple(key for line in lines for key in signing.keys(line, source))
