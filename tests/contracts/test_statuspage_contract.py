"""Statuspage's API, every field of every file: types, order, null rules, dates, ids, chains, orders, limits, rollup.

Read by a strict client of our own making (statuspage_client.py) on four sites: the demo, one with everything, an empty
one, and real incidents that were imported from a Statuspage.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from door import run_stashgen, write_files
from jsonschema import Draft202012Validator, FormatChecker
from statuspage_client import (
    EIGHT,
    ID,
    Client,
    Component,
    ComponentList,
    Event,
    Incident,
    IncidentList,
    IncidentUpdate,
    Maintenance,
    MaintenanceList,
    MaintenanceUpdate,
    MonthIndex,
    StatusFile,
    Summary,
    instant,
    pairs,
    rolled_up,
)
from statuspage_site import NOW, crowd, files

REPOSITORY = Path(__file__).resolve().parents[2]
OPEN = {"investigating", "identified", "monitoring"}
CLOSED = {"resolved", "postmortem", "completed"}
SITES = ("demo", "all", "crowded", "empty", "real")
EMPTY = {"site-data/site.yaml": "title: Status\n"}


@pytest.fixture(scope="module", params=SITES)
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """Return a client of one of the sites."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "real":
        real = request.getfixturevalue("real_incidents")
        result = run_stashgen("import", "statuspage", real, cwd=folder)
        assert result.code == 0, result.err
    elif request.param == "demo":
        folder = REPOSITORY
    else:
        chosen = {"all": files(), "crowded": files() | crowd(70), "empty": EMPTY}[request.param]
        write_files(folder, chosen)
    output = tmp_path_factory.mktemp("out") / request.param
    result = run_stashgen("build", "-C", folder, "-o", output, "--now", NOW, cwd=folder)
    assert result.code == 0, result.err
    return Client(output)


def lists(client: Client) -> Iterator[tuple[str, list[Event]]]:
    """Yield every list of events with its name."""
    summary = client.read("summary", Summary)
    yield "summary", [*summary.incidents]
    yield "summary", [*summary.scheduled_maintenances]
    months = [f"incidents/{month}" for month in client.months("incidents")]
    for name in ("incidents", "incidents/unresolved", *months):
        yield name, [*client.read(name, IncidentList).incidents]
    months = [f"scheduled-maintenances/{month}" for month in client.months("scheduled-maintenances")]
    for name in ("scheduled-maintenances", "scheduled-maintenances/upcoming", "scheduled-maintenances/active", *months):
        yield name, [*client.read(name, MaintenanceList).scheduled_maintenances]


def events(client: Client) -> Iterator[Event]:
    """Yield every event of every file."""
    for _, listed in lists(client):
        yield from listed
    yield from client.events("incidents")
    yield from client.events("scheduled-maintenances")


def updates_of(event: Event) -> list[IncidentUpdate | MaintenanceUpdate]:
    return [*event.incident_updates]


def document(client: Client, name: str) -> Any:
    return json.loads((client.folder / f"{name}.json").read_bytes())


def test_the_eight_files_have_their_keys_in_order_and_one_page(client: Client) -> None:
    keys = {name: list(document(client, name)) for name in EIGHT}
    incidents, maintenances = ["page", "incidents"], ["page", "scheduled_maintenances"]
    assert keys == {
        "summary": ["page", "components", "incidents", "scheduled_maintenances", "status"],
        "status": ["page", "status"],
        "components": ["page", "components"],
        "incidents": incidents,
        "incidents/unresolved": incidents,
        "scheduled-maintenances": maintenances,
        "scheduled-maintenances/upcoming": maintenances,
        "scheduled-maintenances/active": maintenances,
    }
    pages = [document(client, name)["page"] for name in EIGHT]
    assert all(page == pages[0] for page in pages)
    assert list(pages[0]) == ["id", "name", "url", "time_zone", "updated_at"]


def test_every_file_is_valid_by_its_own_schema(client: Client) -> None:
    schema_by_shape = {
        tuple(keys): name
        for name, keys in {
            "summary": ["page", "components", "incidents", "scheduled_maintenances", "status"],
            "status": ["page", "status"],
            "components": ["page", "components"],
            "incidents": ["page", "incidents"],
            "maintenances": ["page", "scheduled_maintenances"],
            "incident": ["page", "incident"],
            "maintenance": ["page", "scheduled_maintenance"],
            "months": ["page", "count", "months"],
        }.items()
    }
    validators = {}
    for name in schema_by_shape.values():
        schema = json.loads((client.build / "schemas" / f"statuspage-{name}.schema.json").read_bytes())
        Draft202012Validator.check_schema(schema)
        validators[name] = Draft202012Validator(schema, format_checker=FormatChecker())
    paths = sorted(client.folder.rglob("*.json"))
    assert len(paths) >= 10
    for path in paths[:: max(1, len(paths) // 150)]:
        value = json.loads(path.read_bytes())
        validators[schema_by_shape[tuple(value)]].validate(value)


def test_every_date_and_every_id_has_the_one_form(client: Client) -> None:
    for path in sorted(client.folder.rglob("*.json")):
        value = json.loads(path.read_bytes())
        for key, part in pairs(value):
            if key.endswith("_at") or key in {"scheduled_for", "scheduled_until"}:
                assert part is None or instant(part).tzinfo == dt.UTC, (path, key)
            if key in {"id", "incident_id", "page_id", "group_id", "code"}:
                assert part is None or ID.fullmatch(part), (path, key)


def test_no_two_records_share_an_id(client: Client) -> None:
    summary = client.read("summary", Summary)
    every = [*client.events("incidents"), *client.events("scheduled-maintenances")]
    ids = [summary.page.id, *(one.id for one in summary.components), *(one.id for one in every)]
    ids += [update.id for one in every for update in one.incident_updates]
    assert len(ids) == len(set(ids))


def test_components_are_a_flat_list_of_groups_and_their_children(client: Client) -> None:
    components = client.read("components", ComponentList).components
    page = client.read("status", StatusFile).page
    assert components == client.read("summary", Summary).components
    by_id = {component.id: component for component in components}
    top = [component for component in components if component.group_id is None]
    assert [component.position for component in top] == [*range(1, len(top) + 1)]
    ranks = ["operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage"]
    for place, component in enumerate(components):
        raw = document(client, "components")["components"][place]
        assert ("components" in raw) == component.group
        assert (component.page_id, component.only_show_if_degraded) == (page.id, False)
        assert instant(component.created_at) <= instant(component.updated_at)
        assert component.showcase != component.group
        if not component.group:
            assert re.fullmatch(r"\d{4}-\d\d-\d\d", component.start_date or "2026-01-01")
            continue
        assert not isinstance(component.components, msgspec.UnsetType)
        children = [by_id[child] for child in component.components]
        assert children == components[place + 1 : place + 1 + len(children)]
        assert [child.position for child in children] == [*range(1, len(children) + 1)]
        assert all(child.group_id == component.id for child in children)
        assert component.status == max((child.status for child in children), key=ranks.index)
        assert (component.group_id, component.start_date) == (None, None)


def test_the_rollup_is_that_of_the_leaves(client: Client) -> None:
    summary = client.read("summary", Summary)
    leaves = [component.status for component in summary.components if not component.group]
    assert (summary.status.indicator, summary.status.description) == rolled_up(leaves)
    assert client.read("status", StatusFile).status == summary.status


def test_each_list_holds_what_its_name_says(client: Client) -> None:
    summary = client.read("summary", Summary)
    unresolved = client.read("incidents/unresolved", IncidentList).incidents
    upcoming = client.read("scheduled-maintenances/upcoming", MaintenanceList).scheduled_maintenances
    active = client.read("scheduled-maintenances/active", MaintenanceList).scheduled_maintenances
    assert summary.incidents == unresolved
    assert {one.id for one in summary.scheduled_maintenances} == {one.id for one in [*upcoming, *active]}
    every = client.events("incidents")
    assert {one.id for one in unresolved} == {one.id for one in every if one.status in OPEN}
    planned = client.events("scheduled-maintenances")
    assert {one.id for one in upcoming} == {one.id for one in planned if one.status == "scheduled"}
    assert {one.id for one in active} == {one.id for one in planned if one.status in {"in_progress", "verifying"}}


def test_the_lists_are_in_order_and_bounded(client: Client) -> None:
    for name, listed in lists(client):
        keys = [one.scheduled_for if isinstance(one, Maintenance) else one.created_at for one in listed]
        assert keys == sorted(keys, reverse=True), name
    incidents = client.read("incidents", IncidentList).incidents
    every = sorted((one.created_at for one in client.events("incidents")), reverse=True)
    assert [one.created_at for one in incidents] == every[:50]
    maintenances = client.read("scheduled-maintenances", MaintenanceList).scheduled_maintenances
    assert len(maintenances) == min(50, len(client.events("scheduled-maintenances")))


def test_events_say_what_their_updates_say(client: Client) -> None:
    page = client.read("status", StatusFile).page
    for event in events(client):
        updates = event.incident_updates
        assert event.status == updates[0].status, event.id
        assert 0 < len(event.name) <= 255
        assert [update.display_at for update in updates] == sorted((u.display_at for u in updates), reverse=True)
        assert event.created_at == updates[-1].created_at
        assert event.updated_at == max(update.updated_at for update in updates)
        assert event.page_id == page.id
        assert event.shortlink.startswith(f"{page.url}/events/")
        assert (event.resolved_at is not None) == (event.status in CLOSED), event.id
        for update in updates:
            assert update.incident_id == event.id
            assert update.body.strip(), event.id
            assert update.created_at == update.display_at <= update.updated_at
        if isinstance(event, Incident):
            watched = [update.display_at for update in updates if update.status == "monitoring"]
            assert event.monitoring_at == (watched[-1] if watched else None)
            assert event.started_at == event.created_at
        else:
            assert event.scheduled_for < event.scheduled_until
            assert event.started_at <= event.created_at


def test_every_update_names_every_component_and_the_chain_holds(client: Client) -> None:
    components = client.read("components", ComponentList).components
    by_id = {component.id: component for component in components}
    group_names = {component.id: component.name for component in components if component.group}
    for event in events(client):
        own = [component.id for component in event.components]
        assert own == [component.id for component in components if component.id in own]
        before = dict.fromkeys(own, "operational")
        for update in updates_of(event)[::-1]:
            if not own:
                assert update.affected_components is None
                continue
            assert update.affected_components is not None
            assert [one.code for one in update.affected_components] == own
            for one in update.affected_components:
                component = by_id[one.code]
                group = group_names.get(component.group_id or "")
                assert one.name == (f"{group} - {component.name}" if group else component.name)
                assert one.old_status == before[one.code]
                before[one.code] = one.new_status
        if event.status in CLOSED:
            assert set(before.values()) <= {"operational"}, event.id


def test_impact_is_the_worst_that_its_components_came_to(client: Client) -> None:
    ranks = ["none", "minor", "major", "critical"]
    for event in events(client):
        if isinstance(event, Incident) and len(event.incident_updates) > 1:
            moments = [
                rolled_up([one.new_status for one in update.affected_components or ()])[0]
                for update in event.incident_updates
            ]
            worst = max((one for one in moments if one != "maintenance"), key=ranks.index, default="none")
            assert event.impact == worst or event.incident_updates[-1].status == "resolved", event.id


def test_events_in_the_eight_have_components_as_they_are(client: Client) -> None:
    now = {component.id: component for component in client.read("components", ComponentList).components}
    for name in EIGHT[3:]:
        for key in ("incidents", "scheduled_maintenances"):
            for event in document(client, name).get(key, ()):
                assert all(msgspec.convert(one, Component) == now[one["id"]] for one in event["components"])


def test_events_of_the_past_have_components_as_they_left_them(client: Client) -> None:
    for event in [*client.events("incidents"), *client.events("scheduled-maintenances")]:
        last = {one.code: one.new_status for one in event.incident_updates[0].affected_components or ()}
        assert {component.id: component.status for component in event.components} == last
        assert [component.position for component in event.components] == [*range(1, len(last) + 1)]
        for component in event.components:
            changes = [
                update.display_at
                for update in event.incident_updates
                for one in update.affected_components or ()
                if one.code == component.id and one.old_status != one.new_status
            ]
            assert component.updated_at == (changes[0] if changes else event.created_at), event.id


@pytest.mark.parametrize("folder", ["incidents", "scheduled-maintenances"])
def test_the_months_hold_the_whole_history(client: Client, folder: str) -> None:
    index = client.read(f"{folder}/index", MonthIndex)
    assert [month.month for month in index.months] == client.months(folder)[::-1]
    one_by_one = {event.id: event for event in client.events(folder)}
    found: list[Event] = []
    for month in index.months:
        assert month.path == f"api/v2/{folder}/{month.month}.json"
        assert month.url == f"{index.page.url}/{month.path}"
        name = f"{folder}/{month.month}"
        listed: list[Event] = (
            [*client.read(name, IncidentList).incidents]
            if folder == "incidents"
            else [*client.read(name, MaintenanceList).scheduled_maintenances]
        )
        assert len(listed) == month.count > 0
        assert instant(month.first_started_at) <= instant(month.last_started_at)
        assert document(client, name)["page"]["updated_at"] == max(event.updated_at for event in listed)
        found += listed
    assert index.count == len(found) == len(one_by_one)
    assert all(one_by_one[event.id] == event for event in found)


def test_months_are_those_of_the_pages_zone(client: Client) -> None:
    zone = ZoneInfo(client.read("status", StatusFile).page.time_zone)
    for month in client.read("incidents/index", MonthIndex).months:
        for incident in client.read(f"incidents/{month.month}", IncidentList).incidents:
            assert f"{instant(incident.started_at).astimezone(zone):%Y-%m}" == month.month


def test_bodies_are_light_html(client: Client) -> None:
    for event in events(client):
        for update in event.incident_updates:
            tags = set(re.findall(r"<[^>]*>", update.body))
            assert {re.sub(r' href="[^"<>]*"', "", tag) for tag in tags} <= {"<br />", "<a>", "</a>", "<b>", "</b>"}
            assert not re.search(r"javascript:|<script", update.body, re.IGNORECASE)
            for target in re.findall(r'href="([^"]*)"', update.body):
                assert re.match(r"https?://|mailto:|/", target), target
