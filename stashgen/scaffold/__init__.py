"""The files that `init` writes: a small site that works at once, what publishes it, and what changes it.

They lie beside this module as they will lie in the project, but for `@@words@@` that are filled in. Times are relative
to `now`, so that the first page shows a past incident on its bars.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from stashgen import __version__
from stashgen.scaffold import choices, github_files, gitlab_files
from stashgen.scaffold.hosts import CODE_HOSTS, HOSTS, CodeHost, Host
from stashgen.scaffold.pins import ACTIONS, PROGRAMS

SCHEMAS: Final = ".stashgen/schemas"
_PIN: Final = ".stashgen/requirements.txt"
# What a repository may have already: it is left as it is.
OPTIONAL: Final = frozenset({"README.md", ".gitignore", ".github/dependabot.yml", _PIN})

_SITE_FILES: Final[Mapping[str, str]] = {
    "site-data/site.yaml": "site/site.yaml",
    "site-data/groups/platform.yaml": "site/group.yaml",
    "site-data/services/website.yaml": "site/website.yaml",
    "site-data/services/api.yaml": "site/api.yaml",
    "site-data/services/sign-in.yaml": "site/sign-in.yaml",
    "site-data/events/@@event_year@@/@@event_day@@-slow-responses-from-the-api.yaml": "site/event.yaml",
    "site-data/static/logo.svg": "site/logo.svg",
    ".gitignore": "site/gitignore",
    _PIN: "requirements.txt",
    "README.md": "site/README.md",
}
_FIRST_SERVICES: Final = ("website", "api", "sign-in")
_RECORD_DAYS: Final = 30
_INCIDENT_DAYS: Final = 6


def files(
    now: dt.datetime, schemas: Mapping[str, bytes], code_host: CodeHost, host: Host | None = None
) -> dict[str, bytes]:
    """Return the files of a new site by path; `schemas` are JSON Schemas by record name."""
    event_day = (now - dt.timedelta(days=_INCIDENT_DAYS)).date()
    words = _words(code_host, host) | {
        "schemas": SCHEMAS,
        "since": (now - dt.timedelta(days=_RECORD_DAYS)).date().isoformat(),
        "event_year": str(event_day.year),
        "event_day": event_day.isoformat(),
    }
    words["publishing"] = _filled(_text(_publishing(code_host, host)), words).rstrip()
    site = {_filled(path, words): _filled(_text(name), words).encode() for path, name in _SITE_FILES.items()}
    written = {f"{SCHEMAS}/{name}.schema.json": data for name, data in schemas.items()}
    lists = choices.Choices(services=_FIRST_SERVICES, statuses=choices.BUILT_IN)
    return site | ci_files(code_host, host, lists) | written


def ci_files(code_host: CodeHost, host: Host | None, lists: choices.Choices) -> dict[str, bytes]:
    """Return the files by which a code host publishes and changes the page, with these choices in their forms."""
    words = _words(code_host, host)
    texts = {path: _filled(_text(name), words) for path, name in _ci_templates(code_host, host).items()}
    return {path: choices.refreshed(text, lists).encode() for path, text in texts.items()}


def setup(code_host: CodeHost, host: Host | None) -> str:
    """Return what has to be done once at the code host and the host, as Markdown; nothing where there is no CI."""
    words = _words(code_host, host)
    if not host or "setup" not in words:
        return ""
    lead = f"Pushed to {CODE_HOSTS[code_host]}, the page publishes itself on {HOSTS[host].name}."
    return "\n\n".join([lead, words["setup"], *filter(None, [words.get("once")])])


def ci_paths() -> frozenset[str]:
    """Return every path that a file of CI may have, whatever the host."""
    from_gitlab = [host for host, place in HOSTS.items() if place.only_from != "github"]
    return frozenset({*github_files.files(), *(path for host in from_gitlab for path in gitlab_files.files(host))})


def _ci_templates(code_host: CodeHost, host: Host | None) -> dict[str, str]:
    if code_host == "github":
        return github_files.files() | {_PIN: "requirements.txt"}
    return gitlab_files.files(host) | {_PIN: "requirements.txt"} if code_host == "gitlab" and host else {}


def _publishing(code_host: CodeHost, host: Host | None) -> str:
    """Return the template of what a README says of publishing: one for the host, or else one for all."""
    name = f"{code_host}/publishing-{host}.md"
    return name if _path(name).is_file() else f"{code_host}/publishing.md"


def _words(code_host: CodeHost, host: Host | None) -> dict[str, str]:
    names = {"version": __version__, "host": host or "", "host_name": HOSTS[host].name if host else ""}
    words = {**ACTIONS, **PROGRAMS, **names, "also_upload": ""}
    parts = {"github": github_files.parts, "gitlab": gitlab_files.parts}.get(code_host)
    if parts and host:
        for word, name in parts(host).items():
            words[word] = _filled(_text(name), words).rstrip()
        words["also_upload"] += "\n" if words["also_upload"] else ""
    return words


def host_of(remotes: Mapping[str, str]) -> CodeHost | None:
    """Return the code host that git remotes (URL by name) lead to, `origin` before others, None if nothing tells."""
    urls = [remotes[name] for name in sorted(remotes, key=lambda name: (name != "origin", name))]
    names = [re.sub(r"^([a-z+]+://)?([^@/]*@)?", "", url.lower()) for url in urls]
    hosts = [re.split(r"[:/]", name, maxsplit=1)[0] for name in names]
    known: tuple[CodeHost, ...] = ("github", "gitlab")
    return next((one for host in hosts for one in known if one in host), None)


def _text(name: str) -> str:
    return _path(name).read_text(encoding="utf-8")


def _path(name: str) -> Path:
    return Path(__file__).parent / name


def _filled(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"@@(\w+)@@", lambda match: words[match[1]], text)
