"""The files by which GitLab publishes the page, for each host.

`.gitlab-ci.yml` is the same for all of them and takes in a second file, which alone knows the host.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_HOST_FILES: Final[Mapping[str, str]] = {
    "gitlab-pages": "gitlab/pages.yml",
    "netlify": "gitlab/netlify.yml",
    "cloudflare-pages": "gitlab/cloudflare-pages.yml",
    "vercel": "gitlab/vercel.yml",
    "s3": "gitlab/s3.yml",
    "rsync": "gitlab/rsync.yml",
}
HOSTS: Final = tuple(_HOST_FILES)


def files(host: str) -> dict[str, str]:
    """Return the template of each file, below this folder, by its path in the project; none where GitLab cannot go."""
    if host not in _HOST_FILES:
        return {}
    return {".gitlab-ci.yml": "gitlab/gitlab-ci.yml", ".gitlab/status-page.yml": _HOST_FILES[host]}


def parts(host: str) -> dict[str, str]:
    """Return the templates of the parts that differ from host to host, by the word that stands for each."""
    return {"setup": f"gitlab/setup-{host}.md", "once": "gitlab/once.md"}
