"""Which files publish a page from GitLab, by the host it is published on."""

from __future__ import annotations


def files(host: str) -> dict[str, str]:  # noqa: ARG001 -- one pipeline for all, until there is one for each
    """Return the template of each file, by the file's path in the project."""
    return {".gitlab-ci.yml": "gitlab/gitlab-ci.yml"}


def parts(host: str) -> dict[str, str]:  # noqa: ARG001 -- as above
    """Return the templates of the parts that differ from host to host, by the word that stands for each."""
    return {}
