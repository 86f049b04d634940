"""services/<id>.json says what the service's page says, figure by figure, and keeps its bytes while nothing happens."""

from __future__ import annotations

import json
import math
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any, Final

import html5lib
import pytest
from door import NOW, BuildOnce, MakeProject, Run
from pagecheck import words

# A day of 25 hours: 25 October in Berlin.
SITE: Final = {
    "site-data/site.yaml": "title: T\nurl: https://example.com/status\ntimezone: Europe/Berlin\n",
    "site-data/groups/core.yaml": "name: Core & more\n",
    "site-data/services/api.yaml": (
        "name: API\ndescription: The API.\ngroup: core\nurl: https://api.example.com\nsince: 2025-01-01\n"
    ),
    "site-data/services/young.yaml": "name: Young\nsince: 2026-11-10\n",
    "site-data/services/blank.yaml": "name: Blank\nsince: 2026-11-23T10:30:00Z\n",
    "site-data/services/secret.yaml": "name: Secret\nhidden: true\n",
    "site-data/events/long.yaml": (
        'title: "A long ``night`` & < 🚧"\nservices: {api: down, secret: down}\nupdates:\n'
        "  - {at: 2026-10-24T21:00:00Z, message: Gone.}\n"
        "  - {at: 2026-10-25T02:00:00Z, services: {api: partial}, message: Some of it is back.}\n"
        "  - {at: 2026-10-25T12:00:00Z, state: resolved, message: Back.}\n"
    ),
    "site-data/events/work.yaml": (
        "title: Work\nkind: maintenance\nservices: [api]\n"
        "planned: {start: 2026-10-31T22:30:00Z, end: 2026-10-31T23:30:00Z}\nupdates:\n"
        "  - {at: 2026-10-20T08:00:00Z, message: We work.}\n"
    ),
    "site-data/events/later.yaml": (
        "title: Later\nkind: maintenance\nservices: [api]\n"
        "planned: {start: 2026-12-24T08:00:00Z, end: 2026-12-24T09:00:00Z}\nupdates:\n"
        "  - {at: 2026-11-20T08:00:00Z, message: We will work.}\n"
    ),
}
OPEN: Final = (
    "title: Open\nservices: {young: down}\nupdates:\n  - {at: 2026-11-23T10:00:00Z, message: Gone.}\n"
)  # fmt: skip


def build(site: Path, invoke: Run, now: str = NOW) -> Path:
    result = invoke("build", "-C", site, "--now", now)
    assert result.code == 0, result.err
    return site / "build"


def service(output: Path, name: str) -> Any:
    return json.loads((output / "services" / f"{name}.json").read_text(encoding="utf-8"))


def named(spans: list[Any], name: str) -> Any:
    (found,) = [span for span in spans if span["name"] == name]
    return found


@pytest.fixture(scope="module")
def api(build_once: BuildOnce) -> Any:
    return service(build_once(SITE), "api")


def test_it_says_what_it_is(api: Any) -> None:
    assert (api["version"], api["id"], api["name"], api["description"]) == (1, "api", "API", "The API.")
    assert api["group"] == {"id": "core", "name": "Core & more"}
    assert (api["status"], api["level"], api["event"]) == ("up", "NORMAL", None)
    assert (api["since_at"], api["status_since_at"]) == ("2024-12-31T23:00:00Z", "2026-10-31T23:30:00Z")
    assert api["url"] == "https://api.example.com"
    assert api["path"] == "services/api/index.html"


def test_a_window_has_the_downtime_and_the_events_behind_it(api: Any) -> None:
    down = 5 * 3600 + 0.3 * 10 * 3600
    window = named(api["windows"], "30d")
    # It begins on 24 October at 10:30 UTC, before the outage.
    assert window == {
        "name": "30d",
        "start_at": None,
        "end_at": None,
        "covered_seconds": 30 * 86400,
        "down_seconds": down,
        "ratio": math.floor((1 - down / (30 * 86400)) * 1_000_000) / 1_000_000,
        "events": [{"event": "long", "seconds": down}],
    }
    assert [span["name"] for span in api["windows"]] == ["24h", "7d", "30d", "90d", "365d"]
    assert (named(api["windows"], "7d")["ratio"], named(api["windows"], "7d")["events"]) == (1, [])


def test_months_are_those_of_the_zone(api: Any) -> None:
    assert len(api["months"]) == 23
    october = named(api["months"], "2026-10")
    assert (october["start_at"], october["end_at"]) == ("2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z")
    assert october["covered_seconds"] == 31 * 86400 + 3600
    assert october["events"] == [{"event": "long", "seconds": 28800}]
    november = api["months"][0]
    assert (november["name"], november["start_at"]) == ("2026-11", "2026-10-31T23:00:00Z")
    assert (november["end_at"], november["covered_seconds"], november["ratio"]) == (None, None, 1)


def test_days_have_their_length(api: Any) -> None:
    assert (api["bar"]["first_day"], api["bar"]["last_day"], api["bar"]["data_day"]) == (
        "2026-08-26", "2026-11-23", "2026-08-26",
    )  # fmt: skip
    assert api["bar"]["days"] == [
        {"day": "2026-10-24", "status": "down", "seconds_by_status": {"down": 3600}, "share": 0.041666,
         "events": ["long"]},
        {"day": "2026-10-25", "status": "down", "seconds_by_status": {"down": 4 * 3600, "partial": 10 * 3600},
         "share": 0.56, "events": ["long"]},
        {"day": "2026-10-31", "status": "maintenance", "seconds_by_status": {"maintenance": 1800}, "share": 0.020833,
         "events": ["work"]},
        {"day": "2026-11-01", "status": "maintenance", "seconds_by_status": {"maintenance": 1800}, "share": 0.020833,
         "events": ["work"]},
    ]  # fmt: skip


def test_its_events_are_all_there_and_lead_to_their_pages(project: MakeProject, invoke: Run) -> None:
    output = build(project(SITE), invoke)
    api = service(output, "api")
    assert [(one["id"], one["kind"], one["started_at"]) for one in api["events"]] == [
        ("work", "maintenance", "2026-10-31T22:30:00Z"),
        ("long", "incident", "2026-10-24T21:00:00Z"),
    ]
    assert api["events"][1]["title"] == "A long ``night`` & < 🚧"
    assert all((output / one["path"]).is_file() for one in api["events"])


def test_hidden_services_have_no_file(project: MakeProject, invoke: Run) -> None:
    output = build(project(SITE), invoke)
    names = {path.name for path in (output / "services").glob("*.json")}
    assert names == {"api.json", "blank.json", "young.json"}
    assert "ecret" not in "".join((output / "services" / name).read_text(encoding="utf-8") for name in names)


def test_what_is_younger_than_a_window_begins_with_its_data(project: MakeProject, invoke: Run) -> None:
    young = service(build(project(SITE), invoke), "young")
    begins = "2026-11-09T23:00:00Z"
    assert [span["start_at"] for span in young["windows"]] == [None, None, begins, begins, begins]
    assert [span["covered_seconds"] for span in young["windows"]] == [86400, 7 * 86400, None, None, None]
    assert [(month["name"], month["start_at"]) for month in young["months"]] == [("2026-11", begins)]
    assert young["bar"]["data_day"] == "2026-11-10"


def test_without_data_there_are_no_figures(project: MakeProject, invoke: Run) -> None:
    files = {name: text for name, text in SITE.items() if "events" not in name}
    output = build(project({**files, "site-data/services/new.yaml": "name: New\n"}), invoke)
    new, blank = service(output, "new"), service(output, "blank")
    assert (new["since_at"], new["months"], new["events"]) == (None, [], [])
    assert (new["bar"]["data_day"], new["bar"]["days"]) == (None, [])
    for span in (*new["windows"], *blank["windows"]):
        assert (span["ratio"], span["down_seconds"], span["events"]) == (None, 0, [])


def test_a_month_is_over_when_the_next_begins(project: MakeProject, invoke: Run) -> None:
    api = service(build(project(SITE), invoke, "2026-10-31T23:00:00Z"), "api")
    november, october = api["months"][:2]
    assert (november["name"], november["ratio"], november["end_at"]) == ("2026-11", None, None)
    assert (october["name"], october["end_at"]) == ("2026-10", "2026-10-31T23:00:00Z")


def test_time_alone_changes_nothing(project: MakeProject, invoke: Run) -> None:
    site = project({**SITE, "site-data/events/open.yaml": OPEN})
    before = {path.name: path.read_bytes() for path in (build(site, invoke) / "services").glob("*.json")}
    inodes = {path.name: path.stat().st_ino for path in (site / "build/services").glob("*.json")}
    later = build(site, invoke, "2026-11-23T11:31:00Z") / "services"
    after = {path.name: path.read_bytes() for path in later.glob("*.json")}
    assert {name for name in before if before[name] != after[name]} == {"young.json", "blank.json"}
    assert (site / "build/services/api.json").stat().st_ino == inodes["api.json"], "it was not even made"
    assert service(build(site, invoke, "2026-11-24T00:00:00Z"), "api")["bar"]["last_day"] == "2026-11-24"


def test_a_file_says_at_once_what_has_changed(project: MakeProject, invoke: Run) -> None:
    site = project(SITE)
    build(site, invoke)
    for name, old, new in [
        ("groups/core.yaml", "Core & more", "Kern"),
        ("services/api.yaml", "The API.", "The only API."),
        ("events/long.yaml", "A long", "The long"),
    ]:
        path = site / "site-data" / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        assert new in json.dumps(service(build(site, invoke), "api"))


def rows(page: Path) -> list[tuple[str, list[str]]]:
    """Return the percentage and the events of each row of both tables of uptime."""
    root = html5lib.parse(page.read_text(encoding="utf-8"), namespaceHTMLElements=False)
    tables = [table for table in root.iter("table") if table.get("class") == "uptimes"]
    return [
        (words(row.findall("td")[0]), [link.get("href", "") for link in row.findall("td")[2].iter("a")])
        for table in tables
        for row in table.iter("tr")
        if row.findall("td")
    ]


def percent(ratio: float | None) -> str | None:
    """Return a ratio as the page prints it."""
    if ratio is None:
        return None
    floored = (Decimal(str(ratio)) * 100).quantize(Decimal("0.01"), rounding=ROUND_FLOOR)
    return "100 %" if floored == 100 else f"{floored} %"


def test_the_figures_are_those_of_the_page_and_of_status_json(demo: Path) -> None:
    status = json.loads((demo / "status.json").read_text(encoding="utf-8"))
    assert len(status["services"]) == 12
    for said in status["services"]:
        told = service(demo, said["id"])
        assert {span["name"]: span["ratio"] for span in told["windows"]} == said["uptime"]
        assert (told["status"], told["event"]) == (said["status"], said["event"])
        assert told["status_since_at"] == said["since_at"]
        spans = [*told["windows"], *told["months"]]
        shown = rows(demo / said["path"])
        assert [percent(span["ratio"]) for span in spans] == [figure for figure, _ in shown]
        known = {one["id"]: one["path"] for one in told["events"]}
        for span, (_, links) in zip(spans, shown, strict=True):
            paths = [known[one["event"]] for one in span["events"]]
            assert [link.removeprefix("../../") for link in links if "/events/" in link] == paths[:5]
            assert sum(one["seconds"] for one in span["events"]) == pytest.approx(span["down_seconds"], abs=0.01)
        assert {event for day in told["bar"]["days"] for event in day["events"]} <= known.keys()
