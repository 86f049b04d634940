"""A folder of real Statuspage incidents, compared with its JSON one by one."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import html5lib
import pytest
import yaml
from door import run_stashgen

from stashgen.markup import to_html

LEVELS = ["up", "maintenance", "warning", "partial", "down"]
STATUSES = {
    "operational": "up",
    "under_maintenance": "maintenance",
    "degraded_performance": "warning",
    "partial_outage": "partial",
    "major_outage": "down",
}
Pair = tuple[Mapping[str, Any], Mapping[str, Any]]


@pytest.fixture(scope="module")
def site(real_incidents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project folder with everything imported."""
    folder = tmp_path_factory.mktemp("real")
    result = run_stashgen("import", "statuspage", real_incidents, cwd=folder)
    assert result.code == 0, result.err
    return folder


@pytest.fixture(scope="module")
def pairs(site: Path, real_incidents: Path) -> list[Pair]:
    """Return every incident beside the event it became."""
    events = {}
    for path in (site / "site-data" / "events").glob("*/*.yaml"):
        event = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
        events[event["external_id"]] = event
    files = sorted(real_incidents.glob("*.json"))
    told = [json.loads(path.read_text(encoding="utf-8"))["incident"] for path in files]
    assert len(events) == len(told) == len(files)
    return [(incident, events[incident["id"]]) for incident in told]


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@cache
def words(markup: str) -> str:
    tree = html5lib.parseFragment(markup, namespaceHTMLElements=False)
    return re.sub(r"\s", "", "".join(tree.itertext()))


def oldest_first(incident: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    updates = incident["incident_updates"][::-1]
    return sorted(updates, key=lambda update: at(update["display_at"]))


def test_it_has_no_errors_and_a_second_run_changes_nothing(site: Path, real_incidents: Path) -> None:
    checked = run_stashgen("check", cwd=site)
    assert checked.code == 0, checked.out
    before = {path: path.read_bytes() for path in (site / "site-data").rglob("*.yaml")}
    result = run_stashgen("import", "statuspage", real_incidents, cwd=site)
    assert "Nothing was written: site-data is up to date." in result.out
    assert {path: path.read_bytes() for path in (site / "site-data").rglob("*.yaml")} == before


def test_titles_times_and_states_are_the_same(pairs: list[Pair]) -> None:
    for incident, event in pairs:
        updates = oldest_first(incident)
        assert event["title"] == " ".join(incident["name"].split())
        assert [at(update["at"]) for update in event["updates"]] == [at(update["display_at"]) for update in updates]
        assert [update["state"] for update in event["updates"]] == [update["status"] for update in updates]
        assert at(event["updates"][-1]["at"]) == at(incident["resolved_at"])


def test_texts_say_the_same(pairs: list[Pair]) -> None:
    for incident, event in pairs:
        for update, entry in zip(oldest_first(incident), event["updates"], strict=True):
            assert words(to_html(entry["message"])) == words(update["body"]), incident["id"]


def test_no_service_is_worse_than_anything_the_source_says(pairs: list[Pair]) -> None:
    impacts = {"none": "up", "minor": "warning", "major": "partial", "critical": "down"}
    for incident, event in pairs:
        rows = [row for update in incident["incident_updates"] for row in update["affected_components"] or []]
        told = {STATUSES[row[key]] for row in rows for key in ("old_status", "new_status")}
        worst = max(told | {impacts[incident["impact"]]}, key=LEVELS.index)
        held = {status for entry in (event, *event["updates"]) for status in entry.get("services", {}).values()}
        assert all(LEVELS.index(status) <= LEVELS.index(worst) for status in held), incident["id"]
        assert "services" not in event["updates"][-1]


def test_every_incident_with_an_impact_and_a_component_holds_a_service(pairs: list[Pair]) -> None:
    hints = re.compile("Visit www", re.IGNORECASE)
    for incident, event in pairs:
        rows = [row for update in incident["incident_updates"] for row in update["affected_components"] or []]
        named = [
            component["name"] for component in [*rows, *incident["components"]] if not hints.match(component["name"])
        ]
        held = any(entry.get("services") for entry in (event, *event["updates"]))
        assert held == bool(named and incident["impact"] != "none"), incident["id"]
