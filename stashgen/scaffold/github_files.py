"""Which files publish a page from GitHub, by the host it is published on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_FILES: Final[Mapping[str, str]] = {
    ".github/workflows/status-check.yml": "github/status-check.yml",
    ".github/workflows/status-comment.yml": "github/status-comment.yml",
    ".github/workflows/status-page.yml": "github/status-page.yml",
    ".github/workflows/status-change.yml": "github/status-change.yml",
    ".github/workflows/status-issue.yml": "github/status-issue.yml",
    ".github/ISSUE_TEMPLATE/incident.yml": "github/incident.yml",
    ".github/dependabot.yml": "github/dependabot.yml",
}


def files() -> dict[str, str]:
    """Return the template of each file, by the file's path in the project."""
    return dict(_FILES)


def parts(host: str) -> dict[str, str]:
    """Return the templates of the parts that differ from host to host, by the word that stands for each.

    A part may hold those before it.
    """
    own = {"guard": "github/guard.yml", "deploy": f"github/deploy-{host}.yml", "setup": f"github/setup-{host}.md"}
    return own | ({"also_upload": "github/also-upload-github-pages.yml"} if host == "github-pages" else {})
