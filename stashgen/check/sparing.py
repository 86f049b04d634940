"""Which problems a page can be published in spite of, and which files it is then built without."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from stashgen.errors import Problem
from stashgen.model import Site
from stashgen.text import nearest

# Without what these say the page is plainer, and still the same page at the same address.
_SPARED_SETTINGS: Final = frozenset(
    {
        "description", "logo", "favicon", "links", "history_days", "recent_days", "repository", "mirrors", "hub",
        "calendar_alarm_minutes",
    }
)  # fmt: skip
_FOLDERS: Final = ("statuses", "groups", "services", "events")
_FOLDER: Final = re.compile(r"[^/]+/([^/.]+)")
# They tell machines what to do. No reader misses them.
_BEHIND_THE_PAGE: Final = re.compile(r"[^/]+/(?:automation\.yaml|notifications\.yaml|templates(?:/.*)?)")


def obstacle(site: Site, problems: Iterable[Problem]) -> str:
    """Return why the sound part of a site cannot stand for the whole; "" when it can."""
    errors = [problem for problem in problems if problem.severity == "error"]
    for problem in errors:
        if problem.path.endswith("/site.yaml") and re.split(r"[.\[]", problem.field)[0] not in _SPARED_SETTINGS:
            return f"{problem.path} says which page this is and where it is published, and none of that is guessed"
        folder = _FOLDER.fullmatch(problem.path)
        if folder and nearest(folder[1], _FOLDERS):
            return f"nothing below {problem.path} can be read, and a page without all of it would say something else"
    if errors and not site.services:
        return "no service is left to be shown"
    return ""


def faulty(problems: Iterable[Problem]) -> int:
    """Return how many files with errors readers may miss something of."""
    paths = {problem.path for problem in problems if problem.severity == "error"}
    return sum(not _BEHIND_THE_PAGE.fullmatch(path) for path in paths)
