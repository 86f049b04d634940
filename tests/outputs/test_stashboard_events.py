"""Stashboard's events: what counts as one, in which status it leaves a service, which id it has, and the months."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from door import NOW, MakeProject, Run, write_files
from stashboard_site import BASES, OUTAGE, ROOT, SITE, built_site, events_of, facts, read, tree


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_site(tmp_path_factory.mktemp("stashboard") / "site")


def built(invoke: Run, site: Path, now: str = NOW, out: str = "build") -> Path:
    result = invoke("build", "-C", site, "-o", site / out, "--now", now)
    assert result.code == 0, result.err
    return site / out


def test_an_outage_carries_over_until_it_ends_and_dates_are_those_of_the_files(build: Path) -> None:
    assert facts(build, "api") == [
        ("11-16T08:00", "down", False),
        ("11-17T08:00", "down", True),
        ("11-18T12:00", "down", True),  # slow beside the outage is shown as the outage
        ("11-19T09:07", "slow", False),  # and when that ends, slow is what is left
        ("11-20T12:00", "slow", True),
        ("11-21T12:00", "up", False),
    ]
    first = read(build / "api/v1/services/api/events.json")["events"][-1]
    assert first["timestamp"] == "Mon, 16 Nov 2026 08:00:00 GMT"


def test_a_service_that_joins_later_is_not_told_what_was_said_before(build: Path) -> None:
    assert facts(build, "web") == [
        ("11-01T10:00", "up", True),
        ("11-20T12:00", "partial", False),
        ("11-21T12:00", "up", False),
        ("11-22T10:00", "up", True),
    ]


def test_a_maintenance_that_begins_and_ends_without_a_word_shows(build: Path) -> None:
    assert facts(build, "docs") == [
        ("10-30T10:00", "up", True),
        ("11-20T10:00", "up", True),
        ("11-20T22:00", "maintenance", False),
        ("11-20T23:30", "up", False),
        ("11-23T10:00", "maintenance", False),
    ]
    current = read(build / "api/v1/services/docs.json")["current-event"]
    assert current["message"] == "The planned maintenance has begun: Upgrade"
    assert (current["status"]["level"], current["status"]["default"]) == ("WARNING", False)


def test_messages_are_plain_text_with_lines(build: Path) -> None:
    messages = [one["message"] for one in read(build / "api/v1/services/api/events.json")["events"]]
    assert messages[-1] == "We see 5xx & more.\n- in a < b\n- in two places"
    assert messages[0] == "مرحبا & وداعا"


def test_a_service_without_events_has_no_current_one(build: Path) -> None:
    assert read(build / "api/v1/services/quiet.json")["current-event"] is None
    assert read(build / "api/v1/services/quiet/events.json") == {"events": []}
    for base in BASES:
        assert not (build / base / "services/quiet/events/current.json").exists()
        assert (build / base / "services/api/events/current.json").exists()


def test_months_hold_everything_once(build: Path) -> None:
    folder = build / "api/v1/services/docs/events"
    index = read(folder / "index.json")["months"]
    assert [(month["month"], month["count"]) for month in index] == [("2026-11", 4), ("2026-10", 1)]
    assert [month["url"] for month in index] == [
        f"{ROOT}/api/v1/services/docs/events/{month}.json" for month in ("2026-11", "2026-10")
    ]
    sliced = [one for month in index for one in read(folder / f"{month['month']}.json")["events"]]
    assert sliced == read(build / "api/v1/services/docs/events.json")["events"]
    assert len(list(folder.glob("20*.json"))) == 2


@pytest.mark.parametrize(
    "now",
    [
        "2026-11-16T08:00:00Z",
        "2026-11-19T09:06:59Z",
        "2026-11-20T22:00:00Z",
        "2026-11-20T23:30:00Z",
        "2026-11-23T12:00:00Z",
        "2026-12-23T11:00:00Z",
    ],
)
def test_the_newest_event_tells_the_status_of_the_page(project: MakeProject, invoke: Run, now: str) -> None:
    build = built(invoke, project(SITE), now)
    status = {one["id"]: one["status"] for one in read(build / "status.json")["services"]}
    default = next(one["id"] for one in read(build / "api/v1/statuses.json")["statuses"] if one["default"])
    for service in read(build / "api/v1/services.json")["services"]:
        current = service["current-event"]
        assert (current["status"]["id"] if current else default) == status[service["id"]], service["id"]
        newest = read(build / f"api/v1/services/{service['id']}/events.json")["events"][:1]
        assert newest == ([current] if current else [])


def test_ids_outlive_edits_of_everything_else(project: MakeProject, invoke: Run) -> None:
    site = project(SITE)
    before = {one["timestamp"]: one["sid"] for one in events_of(built(invoke, site), "api")}
    assert before["Mon, 16 Nov 2026 08:00:00 GMT"] == "3mwequxt6ljps7ssf7wu2lg3"
    path = site / "site-data/events/2026/outage.yaml"
    text = OUTAGE.replace("Still looking.", "Other words.").replace("title: Queues", "title: All queues")
    words = "updates:\n  - {at: 2026-11-15T08:00:00Z, message: Said before all.}\n"
    path.write_text(text.replace("updates:\n", words), encoding="utf-8")
    after = {one["timestamp"]: one["sid"] for one in events_of(built(invoke, site), "api")}
    assert len(after) == len(before) + 1
    assert {at: after[at] for at in before} == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("events/2026/outage.yaml", "2026-11-19T09:07:00Z", "2026-11-18T09:07:00Z"),
        ("events/2026/outage.yaml", "{api: down}", "{api: partial, docs: down}"),
        ("events/2026/running.yaml", "2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z"),
        ("events/2026/overlap.yaml", "Slow as well", "Slow as ever"),
        ("services/api.yaml", "name: Zebra", "name: Gnu"),
        ("services/api.yaml", "group: core", "group: all"),
        ("services/secret.yaml", "hidden: true", "hidden: false"),
        ("groups/core.yaml", "What counts", "What matters"),
        ("statuses/slow.yaml", "name: Slow", "name: Sluggish"),
        ("site.yaml", "title: Ex", "title: An ex"),
    ],
)
def test_what_is_built_on_top_is_what_is_built_anew(
    project: MakeProject, invoke: Run, name: str, old: str, new: str
) -> None:
    site = project(SITE)
    built(invoke, site)
    path = site / "site-data" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    again = tree(built(invoke, site))
    assert again == tree(built(invoke, site, out="anew"))
    shutil.rmtree(site / "build")


def test_time_alone_changes_only_what_it_changes(project: MakeProject, invoke: Run) -> None:
    site = project(SITE)
    first = tree(built(invoke, site))
    second = tree(built(invoke, site, "2026-11-23T10:31:00Z"))
    changed = {name for name in first if first[name] != second.get(name)}
    assert "status.json" in changed
    assert {name for name in changed if name.startswith((*BASES, "images/")) or name.endswith("rss.xml")} == set()


def test_long_lists_end_and_months_do_not(project: MakeProject, invoke: Run) -> None:
    updates = "".join(
        f"  - {{at: 2026-{month:02}-{day:02}T{hour:02}:00:00Z, message: Word.}}\n"
        for month in range(1, 8)
        for day in range(1, 29)
        for hour in (1, 2)
    )
    event = f"title: Long\nservices: {{api: down}}\nupdates:\n{updates}"
    site = project({"site-data/site.yaml": "title: T\n", "site-data/services/api.yaml": "name: API\n"})
    build = built(invoke, write_files(site, {"site-data/events/long.yaml": event}))
    listed = events_of(build, "api")
    folder = build / "api/v1/services/api/events"
    index = read(folder / "index.json")["months"]
    sliced = [one for month in index for one in read(folder / f"{month['month']}.json")["events"]]
    assert (len(listed), len(sliced)) == (300, 7 * 28 * 2)
    assert sum(month["count"] for month in index) == len(sliced)
    assert sliced[:300] == listed
    assert all((folder / f"{one['sid']}.json").is_file() for one in listed)
