"""Monitors as tests use them: `stashgen ingest` on a real clone, with the time that it is told."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from door import Run, git, write_files

from stashgen.load import record
from stashgen.model import Event

SITE: Final = {
    "site-data/site.yaml": "title: Acme\n",
    "site-data/services/api.yaml": "name: Public API\n",
    "site-data/services/web.yaml": "name: Website\n",
    "site-data/services/mail.yaml": "name: Mail\n",
}
DAY: Final = "2026-11-23"


def at(time: str) -> str:
    """Return an instant of the day that tests play on."""
    return f"{DAY}T{time}{':00' * (time.count(':') == 1)}Z"


def alert(key: str, service: str, since: str, until: str = "", **labels: str) -> dict[str, Any]:
    """Return an alert as Alertmanager tells it, `critical` unless a label says else."""
    own = {"alertname": key.title(), "service": service, "severity": "critical", **labels}
    return {
        "status": "resolved" if until else "firing",
        "labels": {name: value for name, value in own.items() if value},
        "annotations": {"summary": f"Trouble {key}", "description": "db-1.internal is full"},
        "startsAt": at(since),
        "endsAt": at(until) if until else "0001-01-01T00:00:00Z",
        "fingerprint": key,
    }


def payload(*alerts: Mapping[str, Any]) -> str:
    """Return Alertmanager's notification of some alerts."""
    return json.dumps({"version": "4", "status": "firing", "alerts": alerts})


class Page:
    """A status page in a git repository."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.folder, self._run = folder, run

    def write(self, files: Mapping[str, str]) -> None:
        """Write and commit files, as a person does."""
        write_files(self.folder, files)
        self.git("add", "-A")
        self.git("commit", "--quiet", "-m", "Change something")

    def git(self, *arguments: str) -> str:
        """Run git and return what it printed."""
        return git(self.folder, *arguments)

    def do(self, *arguments: str, now: str = "") -> str:
        """Run a command that must succeed and return what it printed."""
        times = ("--now", at(now)) if now else ()
        result = self._run(*arguments, "-C", self.folder, *times)
        assert result.code == 0, result
        return result.out

    def tell(self, now: str, *alerts: Mapping[str, Any], source: str = "alertmanager") -> dict[str, str]:
        """Let Alertmanager tell of alerts at a time; return what became of each, by key."""
        return {key: told["what"] for key, told in self.told(now, payload(*alerts), source).items()}

    def do_at(self, instant: str, *alerts: Mapping[str, Any]) -> dict[str, str]:
        """Let Alertmanager tell of alerts at an instant of another day."""
        where = ("-C", self.folder, "--now", instant, "--json")
        result = self._run("ingest", "alertmanager", *where, stdin=payload(*alerts))
        return {one["key"]: one["what"] for one in json.loads(result.out)["outcomes"]}

    def told(self, now: str, body: str, source: str = "alertmanager") -> dict[str, dict[str, str]]:
        """Send a body at a time; return the outcomes by key."""
        result = self._run("ingest", source, "-C", self.folder, "--now", at(now), "--json", stdin=body)
        assert result.code in (0, 1), result
        assert self.git("status", "--porcelain") == ""
        return {one["key"]: one for one in json.loads(result.out)["outcomes"]}

    def events(self) -> dict[str, Event]:
        """Return all events with their texts."""
        found = {}
        for path in sorted((self.folder / "site-data" / "events").rglob("*.yaml")):
            reading = record.read(path.read_bytes(), f"events/{path.name}", path.name, dt.UTC)
            assert reading.data is not None, reading.problems
            found[path.stem] = msgspec.convert(reading.data, Event, builtin_types=(dt.datetime,))
        return found

    def event(self) -> Event:
        """Return the only event."""
        (event,) = self.events().values()
        return event

    def statuses(self, now: str) -> dict[str, str]:
        """Return the status of each service that is not well."""
        board = json.loads(self.do("status", "--json", now=now))
        return {one["id"]: one["status"] for one in board["services"] if one["status"] != "up"}

    def subjects(self) -> list[str]:
        """Return the subjects of all commits but the first, the oldest first."""
        return self.git("log", "--reverse", "--format=%s").splitlines()[1:]
