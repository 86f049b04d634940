"""`stashgen next`: when the same files give another page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from door import NOW, MakeProject, Run

SITE: Final = {
    "site-data/site.yaml": "title: Acme Status\ntimezone: Europe/Berlin\n",
    "site-data/services/api.yaml": "name: API\n",
    "site-data/events/upgrade.yaml": (
        "title: Upgrade\nkind: maintenance\nservices: [api]\n"
        "planned: {start: 2026-11-23T11:00:00Z, end: 2026-11-23T12:00:00Z}\n"
        "updates: [{at: 2026-11-20T10:00:00Z, message: We upgrade.}]\n"
    ),
}


@pytest.fixture
def folder(project: MakeProject) -> Path:
    return project(SITE)


@pytest.mark.parametrize(
    ("now", "next_change_at"),
    [
        (NOW, "2026-11-23T11:00:00Z"),
        ("2026-11-23T11:00:00Z", "2026-11-23T12:00:00Z"),
        ("2026-11-23T12:00:00+00:00", "2026-11-23T23:00:00Z"),
        ("2026-11-24T00:30:00+01:00", "2026-11-24T23:00:00Z"),
    ],
)
def test_the_next_change_is_printed(run: Run, folder: Path, now: str, next_change_at: str) -> None:
    assert run("next", "-C", folder, "--now", now) == (0, f"{next_change_at}\n", "")


def test_seconds(run: Run, folder: Path) -> None:
    assert run("next", "-C", folder, "--now", NOW, "--seconds") == (0, "1800\n", "")


def test_json(run: Run, folder: Path) -> None:
    done = run("next", "-C", folder, "--now", NOW, "--json")
    assert json.loads(done.out) == {"now": NOW, "next_change_at": "2026-11-23T11:00:00Z", "seconds": 1800}


@pytest.mark.parametrize(
    ("within", "code"),
    [("30m", 0), ("1799", 1), ("1800s", 0), ("1h", 0), ("29min", 1), ("0d", 1), ("0h30m", 0), ("29m 59s", 1)],
)
def test_a_scheduler_can_ask_by_exit_code(run: Run, folder: Path, within: str, code: int) -> None:
    assert run("next", "-C", folder, "--now", NOW, "--within", within) == (code, "2026-11-23T11:00:00Z\n", "")


def test_the_present_is_the_default(run: Run, folder: Path) -> None:
    done = run("next", "-C", folder, env={"SOURCE_DATE_EPOCH": "1795429800"})
    assert done == (0, "2026-11-23T11:00:00Z\n", "")
    assert run("next", "-C", folder).out > "2026"


def test_nothing_is_written(run: Run, folder: Path) -> None:
    assert run("next", "-C", folder, "--now", NOW).code == 0
    assert [path.name for path in folder.iterdir()] == ["site-data"]
