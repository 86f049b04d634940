"""Upptime's ten files: exactly its keys, labels, windows and colours, so that a README changes only a host's name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from door import NOW, MakeProject, Run
from jsonschema import Draft202012Validator

LABELS: Final = {
    "uptime": "uptime",
    "uptime-day": "uptime 24h",
    "uptime-week": "uptime 7d",
    "uptime-month": "uptime 30d",
    "uptime-year": "uptime 1y",
    "response-time": "response time",
    "response-time-day": "response time 24h",
    "response-time-week": "response time 7d",
    "response-time-month": "response time 30d",
    "response-time-year": "response time 1y",
}
HOURS: Final = {"uptime-day": 24, "uptime-week": 7 * 24, "uptime-month": 30 * 24, "uptime-year": 365 * 24}


def files(*events: str, since: str = "2024-11-23T10:30:00Z") -> dict[str, str]:
    return {
        "site-data/site.yaml": f"title: Acme\nlanguage: de\nsince: {since}\n",
        "site-data/services/my-api.yaml": "name: API\n",
        "site-data/services/hidden.yaml": "name: Hidden\nhidden: true\n",
        **{f"site-data/events/e{number}.yaml": event for number, event in enumerate(events)},
    }


def outage(start: str, end: str, status: str = "down") -> str:
    return (
        f"title: Outage\nservices: {{my-api: {status}}}\nupdates:\n"
        f"  - {{at: {start}, message: Down.}}\n  - {{at: {end}, state: resolved, message: Up.}}\n"
    )


def built(site: Path, invoke: Run) -> Path:
    done = invoke("build", "-C", site, "--now", NOW)
    assert done.code == 0, done.err
    return site / "build"


def read(build: Path, name: str) -> dict[str, Any]:
    badge: dict[str, Any] = json.loads((build / f"api/my-api/{name}.json").read_text(encoding="utf-8"))
    return badge


def test_there_are_ten_files_with_upptimes_keys_and_labels(project: MakeProject, invoke: Run) -> None:
    build = built(project(files()), invoke)
    assert {path.stem: json.loads(path.read_text())["label"] for path in (build / "api/my-api").iterdir()} == LABELS
    assert not (build / "api/hidden").exists()
    for name in LABELS:
        badge = read(build, name)
        assert list(badge) == ["schemaVersion", "label", "message", "color"]
        assert badge["schemaVersion"] == 1
        schema = "upptime-response-time" if name.startswith("response") else "upptime-uptime"
        Draft202012Validator(json.loads((build / f"schemas/{schema}.schema.json").read_text())).validate(badge)


def test_the_windows_are_upptimes(project: MakeProject, invoke: Run) -> None:
    build = built(project(files(outage("2026-11-23T02:30:00Z", "2026-11-23T05:30:00Z"))), invoke)
    for name, hours in HOURS.items():
        percent = int((1 - 3 / hours) * 10_000) / 100
        assert read(build, name)["message"] == f"{percent:.2f}%"
    hours_of_two_years = 730 * 24
    assert read(build, "uptime")["message"] == f"{int((1 - 3 / hours_of_two_years) * 10_000) / 100:.2f}%"


def test_the_window_of_all_time_begins_with_the_data(project: MakeProject, invoke: Run) -> None:
    event = outage("2026-11-13T10:30:00Z", "2026-11-14T10:30:00Z")
    build = built(project(files(event, since="2026-11-13T10:30:00Z")), invoke)
    assert read(build, "uptime")["message"] == "90.00%"
    assert read(build, "uptime-year")["message"] == "90.00%"  # the window is cut there too
    assert read(build, "uptime-day")["message"] == "100.00%"


@pytest.mark.parametrize(
    ("minutes", "message", "color"),
    [
        (0, "100.00%", "brightgreen"),
        (71, "95.06%", "brightgreen"),
        (72, "95.00%", "green"),
        (143, "90.06%", "green"),
        (144, "90.00%", "yellowgreen"),
        (216, "85.00%", "yellow"),
        (288, "80.00%", "orange"),
        (360, "75.00%", "red"),
        (1440, "0.00%", "red"),
    ],
)
def test_the_colours_are_upptimes(project: MakeProject, invoke: Run, minutes: int, message: str, color: str) -> None:
    start, end = "2026-11-22T10:30:00Z", f"2026-11-{22 + (630 + minutes) // 1440}T"
    end += f"{(630 + minutes) % 1440 // 60:02}:{(630 + minutes) % 60:02}:00Z"
    events = [outage(start, end)] if minutes else []
    badge = read(built(project(files(*events)), invoke), "uptime-day")
    assert (badge["message"], badge["color"]) == (message, color)


def test_a_share_of_downtime_counts_as_on_the_page(project: MakeProject, invoke: Run) -> None:
    events = [outage("2026-11-22T22:30:00Z", "2026-11-23T08:30:00Z", status) for status in ("partial", "warning")]
    # Of ten hours of partial outage three count; degraded performance counts as up.
    assert read(built(project(files(events[0]), name="partial"), invoke), "uptime-day")["message"] == "87.50%"
    assert read(built(project(files(events[1]), name="warning"), invoke), "uptime-day")["message"] == "100.00%"


def test_what_is_not_known_leaves_a_badge_that_says_so(project: MakeProject, invoke: Run) -> None:
    build = built(project(files(since="2026-12-01")), invoke)
    for name in LABELS:
        message = "n/a" if name.startswith("response") else "no data"
        assert read(build, name) == {
            "schemaVersion": 1, "label": LABELS[name], "message": message, "color": "lightgrey",
        }  # fmt: skip
