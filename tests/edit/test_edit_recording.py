"""Services, groups, statuses and templates: added, edited, renamed with all that refers to them, removed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from edit_desk import Desk, diff, error

from stashgen.intents import AddRecord, EditRecord, OpenIncident, RemoveRecord, SetStatus

FILES = {
    "groups/core.yaml": "name: Core   # first\norder: 1\n",
    "services/api.yaml": "# The API.\nname: API\ngroup: core  # in the middle\nsince: 2026-01-01\n",
    "statuses/slow.yaml": "name: Slow\nlevel: WARNING\n",
    "templates/outage.yaml": "title: Outage\nmessage: Down.\nservices: {api: slow}\n",
    "automation.yaml": (
        "statuses: {major: slow}\n"
        "rules:\n"
        "  - match: {team: a}\n"
        "    services: [api]  # only it\n"
        "    status: slow\n"
        "    template: outage\n"
        "  - source: nagios\n"
        "    services: [web, api]\n"
    ),
    "notifications.yaml": (
        "channels:\n"
        "  - name: ops  # on call\n"
        "    urls_from: OPS_URLS\n"
        "    services: [web, api]\n"
        "    groups: [core]\n"
        "  - {name: api-team, urls_from: API_URLS, services: [api]}\n"
    ),
    "events/2026/night.yaml": (
        "title: Night\n"
        "services:\n"
        "  api: slow  # a\n"
        "  # and\n"
        "  web: down\n"
        "signals:\n"
        "  nagios:1:\n"
        "    services: {api: slow}\n"
        "updates:\n"
        "  - at: 2026-11-23T09:00:00Z\n"
        "    message: About api.\n"
        "  - at: 2026-11-23T09:10:00Z\n"
        "    services: {web: up, api: slow}\n"
        "    message: More.\n"
    ),
    "events/work.yaml": (
        "title: Work\nkind: maintenance\nservices: [web, api]\n"
        "planned: {start: 2026-12-01T10:00:00Z, end: 2026-12-01T11:00:00Z}\n"
        "updates:\n- at: 2026-11-23T09:00:00Z\n  message: Soon.\n"
    ),
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path / "site", FILES)
    assert not desk.problems()
    return desk


def changes(desk: Desk) -> dict[str, list[str]]:
    """Return what has become of the files, without those that stayed."""
    found = {name: diff(text, desk.text(name)) for name, text in FILES.items() if (desk.data / name).exists()}
    return {name: lines for name, lines in found.items() if lines}


def test_a_service_is_added(desk: Desk) -> None:
    fields = {"name": "Search", "group": "core", "since": "2026-02-01", "order": 3, "description": None}
    change = desk.do(AddRecord(kind="service", id="search", fields=fields)).change
    assert change.subject == "service search: added"
    assert desk.text("services/search.yaml") == "name: Search\ngroup: core\nsince: 2026-02-01\norder: 3\n"
    assert not desk.problems()


@pytest.mark.parametrize(
    ("kind", "name", "fields"),
    [
        ("group", "edge", {"name": "Edge"}),
        ("status", "odd", {"name": "Odd", "level": "WARNING", "downtime": 0.5}),
        ("status", "down", {"name": "Broken"}),
        ("template", "disk", {"title": "Disk full", "message": "We\nclean.\n", "services": {"db": "down"}}),
    ],
)
def test_other_records_are_added(desk: Desk, kind: Any, name: str, fields: dict[str, Any]) -> None:
    desk.do(AddRecord(kind=kind, id=name, fields=fields))
    assert not desk.problems()


@pytest.mark.parametrize(
    ("name", "fields", "told"),
    [
        ("api", {"name": "X"}, ("conflict", "id", "there is a service `api` already")),
        ("A", {"name": "X"}, ("invalid", "id", "`A` is not an id: small letters, digits and dashes, such as `my-api`")),
        ("x", {}, ("invalid", "name", "is missing: Name shown to readers; no two services share one.")),
        ("x", {"nam": "X"}, ("invalid", "nam", "is not a field of it (did you mean `name`?)")),
        ("x", {"name": "X", "group": "cor"}, ("unknown", "group", "there is no group `cor` (did you mean `core`?)")),
        ("x", {"name": "X", "hidden": "no"}, ("invalid", "hidden", "must be true or false, not the text `no`")),
        ("../x", {"name": "X"}, ("invalid", "id", "`../x` is not an id: small letters, digits and dashes, such as `my-api`")),  # noqa: E501
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_field(desk: Desk, name: str, fields: Any, told: Any) -> None:
    assert error(desk, AddRecord(kind="service", id=name, fields=fields)) == told


def test_a_record_is_edited_line_by_line(desk: Desk) -> None:
    change = desk.do(EditRecord(kind="service", id="api", fields={"name": "Public API", "group": None})).change
    assert change.subject == "service api: edited (name, group)"
    assert changes(desk) == {"services/api.yaml": ["-name: API", "-group: core  # in the middle", "+name: Public API"]}
    same = EditRecord(kind="service", id="api", fields={"since": "2026-01-01"})
    assert desk.do(same).change.subject == "service api: nothing to change"


def test_a_built_in_status_is_edited_in_a_file_of_its_own(desk: Desk) -> None:
    desk.do(EditRecord(kind="status", id="down", fields={"name": "Broken"}))
    assert desk.text("statuses/down.yaml") == "name: Broken\n"
    assert error(desk, RemoveRecord(kind="status", id="up"))[2] == "`up` is built in: there is no file to remove"
    assert error(desk, EditRecord(kind="status", id="down", new_id="broken"))[:2] == ("conflict", "new_id")
    desk.do(RemoveRecord(kind="status", id="down"))
    assert not desk.problems()


def test_a_service_is_renamed_everywhere(desk: Desk) -> None:
    change = desk.do(EditRecord(kind="service", id="api", new_id="core-api")).change
    assert change.subject == "service api: renamed to core-api"
    assert (change.record, change.renamed) == ("core-api", {"api": "core-api"})
    assert changes(desk) == {
        "templates/outage.yaml": ["-services: {api: slow}", "+services: {core-api: slow}"],
        "automation.yaml": [
            "-    services: [api]  # only it", "+    services: [core-api]  # only it",
            "-    services: [web, api]", "+    services: [web, core-api]",
        ],
        "notifications.yaml": [
            "-    services: [web, api]", "+    services: [web, core-api]",
            "-  - {name: api-team, urls_from: API_URLS, services: [api]}",
            "+  - {name: api-team, urls_from: API_URLS, services: [core-api]}",
        ],
        "events/2026/night.yaml": [
            "-  api: slow  # a", "+  core-api: slow  # a",
            "-    services: {api: slow}", "+    services: {core-api: slow}",
            "-    services: {web: up, api: slow}", "+    services: {web: up, core-api: slow}",
        ],
        "events/work.yaml": ["-services: [web, api]", "+services: [web, core-api]"],
    }  # fmt: skip
    assert not (desk.data / "services/api.yaml").exists()
    assert desk.text("services/core-api.yaml") == FILES["services/api.yaml"] + "aliases: [api]\n"
    assert not desk.problems()
    assert desk.do(EditRecord(kind="service", id="core-api", new_id="api")).change.record == "api"
    assert desk.text("services/api.yaml").endswith("aliases: [api, core-api]\n")
    assert changes(desk).keys() == {"services/api.yaml"}


def test_a_former_id_still_works_and_is_not_given_away(desk: Desk) -> None:
    desk.do(EditRecord(kind="service", id="api", new_id="core-api"))
    desk.do(SetStatus(service="api", status="down", message="By an old script."))
    assert desk.status("core-api") == "down"
    desk.later()
    assert desk.do(OpenIncident(title="X", message="Y", services={"api": "down"})).change.files
    refusal = error(desk, AddRecord(kind="service", id="api", fields={"name": "Other"}))
    assert refusal == ("conflict", "id", "`api` was the id of `core-api`: its `aliases` say so")
    assert error(desk, EditRecord(kind="service", id="web", new_id="db"))[:2] == ("conflict", "new_id")


def test_other_records_are_renamed_everywhere(desk: Desk) -> None:
    desk.do(EditRecord(kind="group", id="core", new_id="middle", fields={"name": "Middle"}))
    assert changes(desk)["services/api.yaml"] == ["-group: core  # in the middle", "+group: middle  # in the middle"]
    assert "groups: [middle]\n" in desk.text("notifications.yaml")
    assert desk.text("groups/middle.yaml") == "name: Middle   # first\norder: 1\naliases: [core]\n"
    desk.do(EditRecord(kind="status", id="slow", new_id="slower"))
    assert "slow}" not in desk.text("events/2026/night.yaml") + desk.text("automation.yaml")
    assert "status: slower\n" in desk.text("automation.yaml")
    desk.do(EditRecord(kind="template", id="outage", new_id="down"))
    assert "template: down\n" in desk.text("automation.yaml")
    assert not desk.problems()


def test_what_is_named_is_not_removed(desk: Desk) -> None:
    told = "`api` is named in 5 files: automation.yaml, events/2026/night.yaml, events/work.yaml, 2 more"
    assert error(desk, RemoveRecord(kind="service", id="api")) == ("conflict", "id", told)
    assert (
        error(desk, RemoveRecord(kind="group", id="core"))[2]
        == "`core` is named in 2 files: notifications.yaml, services/api.yaml"
    )
    assert error(desk, RemoveRecord(kind="service", id="ap"))[:2] == ("unknown", "id")


def test_a_service_is_removed_with_what_names_it(desk: Desk) -> None:
    change = desk.do(RemoveRecord(kind="service", id="api", with_references=True)).change
    assert change.subject == "service api: removed"
    assert not desk.problems()
    assert "api" not in desk.text("events/2026/night.yaml").replace("About api", "")
    assert "# and" in desk.text("events/2026/night.yaml")
    assert desk.text("automation.yaml") == "statuses: {major: slow}\nrules:\n  - source: nagios\n    services: [web]\n"
    channels = desk.text("notifications.yaml")
    assert "services: [web]\n" in channels
    assert "api-team" not in channels, "a channel for services that are gone would be one for all"


@pytest.mark.parametrize(("kind", "name"), [("group", "core"), ("status", "slow"), ("template", "outage")])
def test_others_are_removed_with_what_names_them(desk: Desk, kind: Any, name: str) -> None:
    desk.do(RemoveRecord(kind=kind, id=name, with_references=True))
    assert not desk.problems()


def test_a_thousand_events_are_renamed(tmp_path: Path) -> None:
    event = "title: E\nservices: {api: down}\nupdates:\n- at: 2026-01-01T00:00:00Z\n  state: resolved\n  message: M\n"
    desk = Desk(tmp_path / "site", {f"events/e{number}.yaml": event for number in range(1000)})
    change = desk.do(EditRecord(kind="service", id="api", new_id="core")).change
    assert len(change.files) == 1002
    assert len(change.subject) + len(change.body) < 300


def test_what_two_people_did_at_once_is_carried_out(desk: Desk) -> None:
    desk.do(AddRecord(kind="service", id="search", fields={"name": "Search", "order": 1}))
    desk.replay(AddRecord(kind="service", id="search", fields={"name": "Search", "group": "core"}))
    assert desk.text("services/search.yaml") == "name: Search\norder: 1\ngroup: core\n"
    rename = EditRecord(kind="service", id="search", new_id="find", fields={"description": "Finds."})
    desk.do(rename)
    assert desk.replay(rename).files == {}
    desk.replay(EditRecord(kind="service", id="search", fields={"order": 2}))
    assert "order: 2\n" in desk.text("services/find.yaml")
    desk.do(RemoveRecord(kind="service", id="find"))
    assert desk.replay(RemoveRecord(kind="service", id="find")).files == {}
