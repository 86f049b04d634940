"""A project at a chosen time, into which intents are written as the commands write them."""

from __future__ import annotations

import datetime as dt
import difflib
import os
from collections.abc import Mapping
from pathlib import Path

from door import write_files

from stashgen.derive import derive
from stashgen.derive.board import Board
from stashgen.edit import Change, EditError, Ground, edit
from stashgen.intents import Intent, read, written
from stashgen.repository import Plan, Repository, Wishes

START = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
SITE = {
    "site.yaml": "title: Example\nurl: https://status.example.com\ntimezone: Europe/Berlin\n",
    "services/api.yaml": "name: API\n",
    "services/web.yaml": "name: Website\n",
    "services/db.yaml": "name: Database\n",
}


class Desk:
    """One project; `now` goes on when it is told to."""

    def __init__(self, folder: Path, files: Mapping[str, str | bytes] | None = None) -> None:
        self.now = START
        data = {**SITE, **(files or {})}
        self.project = write_files(folder, {f"site-data/{name}": one for name, one in data.items()})

    @property
    def data(self) -> Path:
        """The folder of its records."""
        return self.project / "site-data"

    def later(self, minutes: float = 1) -> dt.datetime:
        """Let time pass."""
        self.now += dt.timedelta(minutes=minutes)
        return self.now

    def do(self, intent: Intent) -> Plan:
        """Carry an intent out, by way of its JSON, and return the plan."""
        with Repository(self.project, dict(os.environ)) as repository:
            return repository.apply(read(written(intent)), wishes=Wishes(has_commit=False, now=self.now)).plan

    def replay(self, intent: Intent) -> Change:
        """Apply an intent once more to what others have made of the site, and keep what comes out."""
        with Repository(self.project, dict(os.environ)) as repository:
            site = repository.read().site
            change = edit(Ground(site=site, read=self.bytes, now=self.now, is_replay=True), intent)
        for path, data in change.files.items():
            assert data is not None
            (self.project / "site-data" / path).write_bytes(data)
        assert not self.problems()
        return change

    def bytes(self, path: str) -> bytes:
        """Return the bytes of a file below site-data."""
        return (self.project / "site-data" / path).read_bytes()

    def text(self, path: str) -> str:
        """Return the text of a file below site-data."""
        return self.bytes(path).decode()

    def problems(self) -> list[str]:
        """Return what is wrong with the site."""
        with Repository(self.project, dict(os.environ)) as repository:
            return [str(problem) for problem in repository.read().problems]

    def board(self) -> Board:
        """Return the board at its time."""
        with Repository(self.project, dict(os.environ)) as repository:
            return derive(repository.read().site, self.now)

    def status(self, service: str) -> str:
        """Return the status of a service at its time."""
        return self.board().services[service].status


def diff(old: str | bytes, new: str | bytes) -> list[str]:
    """Return the lines that were taken away and added."""
    one, other = (text.decode() if isinstance(text, bytes) else text for text in (old, new))
    lines = difflib.unified_diff(one.splitlines(), other.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def error(desk: Desk, intent: Intent) -> tuple[str, str, str]:
    """Return reason, field and message of the refusal of an intent."""

    before = {path: path.read_bytes() for path in desk.project.rglob("*.yaml")}
    try:
        desk.do(intent)
    except EditError as refusal:
        assert {path: path.read_bytes() for path in desk.project.rglob("*.yaml")} == before
        return refusal.reason, refusal.field, refusal.message
    raise AssertionError("nothing was refused")
