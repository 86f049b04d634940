"""The files that `init` writes: a small site that works at once, what publishes it, and what changes it.

They lie beside this module as they will lie in the project, but for `@@words@@` that are filled in. Times are relative
to `now`, so that the first page shows a past incident on its bars.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from stashgen import __version__
from stashgen.scaffold import choices

Host = Literal["github", "gitlab", "none"]

SCHEMAS: Final = ".stashgen/schemas"
# What a repository may have already: it is left as it is.
OPTIONAL: Final = frozenset({"README.md", ".gitignore"})
CI_FILES: Final[Mapping[Host, Mapping[str, str]]] = {
    "github": {
        ".github/workflows/status-page.yml": "github/status-page.yml",
        ".github/workflows/status-change.yml": "github/status-change.yml",
        ".github/workflows/status-issue.yml": "github/status-issue.yml",
        ".github/ISSUE_TEMPLATE/incident.yml": "github/incident.yml",
    },
    "gitlab": {".gitlab-ci.yml": "gitlab/gitlab-ci.yml"},
    "none": {},
}

_SITE_FILES: Final[Mapping[str, str]] = {
    "site-data/site.yaml": "site/site.yaml",
    "site-data/groups/platform.yaml": "site/group.yaml",
    "site-data/services/website.yaml": "site/website.yaml",
    "site-data/services/api.yaml": "site/api.yaml",
    "site-data/services/sign-in.yaml": "site/sign-in.yaml",
    "site-data/events/@@event_year@@/@@event_day@@-slow-responses-from-the-api.yaml": "site/event.yaml",
    "site-data/static/logo.svg": "site/logo.svg",
    ".gitignore": "site/gitignore",
    "README.md": "site/README.md",
}
_FIRST_SERVICES: Final = ("website", "api", "sign-in")
_RECORD_DAYS: Final = 30
_INCIDENT_DAYS: Final = 6


def files(now: dt.datetime, schemas: Mapping[str, bytes], host: Host) -> dict[str, bytes]:
    """Return the files of a new site by path; `schemas` are JSON Schemas by record name."""
    event_day = (now - dt.timedelta(days=_INCIDENT_DAYS)).date()
    words = {
        "version": __version__,
        "schemas": SCHEMAS,
        "since": (now - dt.timedelta(days=_RECORD_DAYS)).date().isoformat(),
        "event_year": str(event_day.year),
        "event_day": event_day.isoformat(),
        "publishing": _text(f"{host}/publishing.md").rstrip(),
    }
    site = {_filled(path, words): _filled(_text(name), words).encode() for path, name in _SITE_FILES.items()}
    written = {f"{SCHEMAS}/{name}.schema.json": data for name, data in schemas.items()}
    return site | ci_files(host, choices.Choices(services=_FIRST_SERVICES, statuses=choices.BUILT_IN)) | written


def ci_files(host: Host, lists: choices.Choices) -> dict[str, bytes]:
    """Return the files by which a code host publishes and changes the page, with these choices in their forms."""
    texts = {path: _filled(_text(name), {"version": __version__}) for path, name in CI_FILES[host].items()}
    return {path: choices.refreshed(text, lists).encode() for path, text in texts.items()}


def host_of(remotes: Mapping[str, str]) -> Host | None:
    """Return the code host that git remotes (URL by name) lead to, `origin` before others, None if nothing tells."""
    urls = [remotes[name] for name in sorted(remotes, key=lambda name: (name != "origin", name))]
    names = [re.sub(r"^([a-z+]+://)?([^@/]*@)?", "", url.lower()) for url in urls]
    hosts = [re.split(r"[:/]", name, maxsplit=1)[0] for name in names]
    known: tuple[Host, ...] = ("github", "gitlab")
    return next((one for host in hosts for one in known if one in host), None)


def _text(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _filled(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"@@(\w+)@@", lambda match: words[match[1]], text)
