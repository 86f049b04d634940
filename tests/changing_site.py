"""A small site in a git repository of its own, for tests of the commands that change it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from door import git, write_files

NOW: Final = "2026-11-23T10:30:00Z"
SITE: Final = {
    "site-data/site.yaml": "# ours\ntitle: Acme Status\ntimezone: Europe/Berlin\n",
    "site-data/services/api.yaml": "name: API  # the big one\ngroup: core\n",
    "site-data/services/web.yaml": "name: Web site\n",
    "site-data/groups/core.yaml": "name: Core\n",
}
INCIDENT: Final = {
    "site-data/events/2026/2026-11-23-api-errors.yaml": (
        "# found by hand\n"
        "title: 'API errors'   # keep the quotes\n"
        "services: {api: down}\n"
        "updates:\n"
        "  - at: 2026-11-23T10:02:00Z\n"
        "    state: investigating\n"
        "    message: |\n"
        "      We see **5xx**.\n"
    )
}
Make = Callable[..., Path]


def repository(folder: Path, files: dict[str, str]) -> Path:
    """Write a project, and commit it."""
    write_files(folder, dict(files))
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "Test Author")
    git(folder, "config", "user.email", "author@example.com")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "Begin")
    return folder


def subject(folder: Path) -> str:
    """Return the subject of the newest commit."""
    return git(folder, "log", "-1", "--format=%s").strip()


def count(folder: Path) -> int:
    """Return how many commits there are after the first."""
    return int(git(folder, "rev-list", "--count", "HEAD")) - 1


def event_text(folder: Path) -> str:
    """Return the file of the only event."""
    (path,) = (folder / "site-data" / "events").rglob("*.yaml")
    return path.read_text(encoding="utf-8")
