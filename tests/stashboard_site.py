"""A site with everything that Stashboard tells: outages that overlap, plans without a word, notes, hidden services."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

from door import NOW, run_stashgen, write_files

BASES: Final = ("api/v1", "admin/api/v1")
ROOT: Final = "https://example.com/status"

OUTAGE: Final = (
    "title: Queues stand still\nservices: {api: down}\nupdates:\n"
    "  - at: 2026-11-16T08:00:00Z\n    message: |\n      We see **5xx** & more.\n\n"
    "      - in `a < b`\n      - in *two* places\n"
    "  - at: 2026-11-17T08:00:00.500Z\n    message: Still looking.\n"
    "  - at: 2026-11-19T09:07:00Z\n    state: resolved\n    message: Fixed.\n"
)
SITE: Final[Mapping[str, str]] = {
    "site-data/site.yaml": f"title: Exämple & Co\nurl: {ROOT}/\ntimezone: Europe/Berlin\n",
    "site-data/groups/core.yaml": "name: Core <1>\ndescription: What counts.\norder: 2\n",
    "site-data/groups/all.yaml": "name: All else\norder: 1\n",
    "site-data/groups/unseen.yaml": "name: Unseen\n",
    "site-data/statuses/slow.yaml": "name: Slow\nlevel: WARNING\nicon: snail.svg\ncolor: '#a06000'\n",
    "site-data/static/snail.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
    "site-data/services/api.yaml": "name: Zebra & API\ngroup: core\ndescription: For programs.\n",
    "site-data/services/web.yaml": "name: واجهة الويب 𝄞\ngroup: all\n",
    "site-data/services/docs.yaml": "name: Docs\n",
    "site-data/services/quiet.yaml": "name: Quiet\n",
    "site-data/services/secret.yaml": "name: Secret\ngroup: unseen\nhidden: true\n",
    "site-data/events/2026/outage.yaml": OUTAGE,
    "site-data/events/2026/overlap.yaml": (
        "title: Slow too\nservices: {api: slow, secret: down}\nupdates:\n"
        "  - {at: 2026-11-18T12:00:00Z, message: Slow as well.}\n"
        "  - {at: 2026-11-20T12:00:00Z, services: {web: partial}, message: The web too.}\n"
        "  - {at: 2026-11-21T12:00:00Z, state: resolved, message: 'مرحبا & وداعا'}\n"
    ),
    "site-data/events/2026/done.yaml": (
        "title: New disks\nkind: maintenance\nservices: [docs]\n"
        "planned: {start: 2026-11-20T22:00:00Z, end: 2026-11-20T23:30:00Z}\nupdates:\n"
        "  - {at: 2026-10-30T10:00:00Z, message: We put in new disks.}\n"
    ),
    "site-data/events/2026/running.yaml": (
        "title: Upgrade\nkind: maintenance\nservices: [docs]\n"
        "planned: {start: 2026-11-23T10:00:00Z, end: 2026-11-23T12:00:00Z}\nupdates:\n"
        "  - {at: 2026-11-20T10:00:00Z, message: We upgrade.}\n"
    ),
    "site-data/events/2026/coming.yaml": (
        "title: Move\nkind: maintenance\nservices: [web]\n"
        "planned: {start: 2026-12-23T10:00:00Z, end: 2026-12-23T12:00:00Z}\nupdates:\n"
        "  - {at: 2026-11-22T10:00:00Z, message: We move.}\n"
    ),
    "site-data/events/2026/hello.yaml": (
        "title: Hello\nkind: notice\nservices: [web]\nupdates:\n  - {at: 2026-11-01T10:00:00Z, message: Hello.}\n"
    ),
    "site-data/events/2026/nobody.yaml": (
        "title: Nobody\nupdates:\n  - {at: 2026-11-02T10:00:00Z, message: Touches nothing.}\n"
    ),
}


def built_site(folder: Path) -> Path:
    """Build the site below a folder and return where its files are."""
    project = write_files(folder, SITE)
    result = run_stashgen("build", "-C", project, "--now", NOW, cwd=project)
    assert result.code == 0, result.err
    return project / "build"


def read(path: Path) -> Any:
    """Return what a JSON file holds."""
    return json.loads(path.read_bytes())


def facts(build: Path, service: str) -> list[tuple[str, str, bool]]:
    """Return when, which status, and whether it is informational of a service's events, the oldest first."""
    events = read(build / f"api/v1/services/{service}/events.json")["events"]
    told = [(parsedate_to_datetime(one["timestamp"]), one["status"]["id"], one["informational"]) for one in events]
    assert told == sorted(told, key=lambda one: one[0], reverse=True)
    return [(f"{at:%m-%dT%H:%M}", status, note) for at, status, note in reversed(told)]


def events_of(build: Path, service: str) -> list[dict[str, Any]]:
    """Return the newest events of a service, the newest first."""
    events: list[dict[str, Any]] = read(build / f"api/v1/services/{service}/events.json")["events"]
    return events


def tree(build: Path) -> dict[str, bytes]:
    """Return the bytes of all data of a site by path."""
    paths = [path for path in build.rglob("*") if path.is_file() and path.suffix in {".json", ".xml", ".svg"}]
    return {path.relative_to(build).as_posix(): path.read_bytes() for path in paths if path.name[0] != "."}


def values(value: Any, key: str) -> Iterator[str]:
    """Yield every value that a key has anywhere in a document."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name == key:
                yield one
            yield from values(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from values(one, key)
