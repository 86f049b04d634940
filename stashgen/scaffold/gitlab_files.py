"""Which files publish a page from GitLab, by the host it is published on."""

from __future__ import annotations


def files(host: str) -> dict[str, str]:  # noqa: ARG001 -- one pipeline for all, until there is one for each
    """Return the template of each file, by the file's path in the project."""
    return {".gitlab-ci.yml": "gitlab/gitlab-ci.yml"}
