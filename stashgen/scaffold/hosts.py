"""Where a page can be published, and by whose CI: one line a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

CodeHost = Literal["github", "gitlab", "none"]
Host = Literal["github-pages", "gitlab-pages", "netlify", "cloudflare-pages", "vercel", "s3", "rsync"]


class Place(NamedTuple):
    """A host of pages."""

    name: str
    only_from: CodeHost | None  # the one code host whose CI can publish there; None: any


HOSTS: Final[Mapping[Host, Place]] = {
    "github-pages": Place("GitHub Pages", "github"),
    "gitlab-pages": Place("GitLab Pages", "gitlab"),
    "netlify": Place("Netlify", None),
    "cloudflare-pages": Place("Cloudflare Pages", None),
    "vercel": Place("Vercel", None),
    "s3": Place("S3", None),
    "rsync": Place("a server of your own", None),
}
CODE_HOSTS: Final[Mapping[CodeHost, str]] = {"github": "GitHub", "gitlab": "GitLab"}
OWN_HOST: Final[Mapping[CodeHost, Host]] = {"github": "github-pages", "gitlab": "gitlab-pages"}


def chosen(host: Host | None, ci: CodeHost | None, remote: CodeHost | None) -> tuple[CodeHost, Host | None]:
    """Return whose CI publishes where; what was not said follows from the rest, and last from the git remote.

    Without CI there need be no host. What contradicts itself is for the caller to find, by `only_from`.
    """
    only = HOSTS[host].only_from if host else None
    code_host = ci or only or remote or "github"
    return code_host, host or OWN_HOST.get(code_host)
