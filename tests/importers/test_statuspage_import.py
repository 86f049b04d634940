"""Statuspage JSON becomes the records that a reader of the old page would recognise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from door import MakeProject, Result, Run
from statuspage_json import PAGE, component, dump, incident, row, update

Import = Callable[..., Path]

API, SHOP, MAIL = (("c0000000000a", "API"), ("c0000000000b", "Shop"), ("c0000000000c", "Mail"))
UP, SLOW, PARTIAL, DOWN, WORK = (
    "operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance",
)  # fmt: skip


@pytest.fixture
def imported(project: MakeProject, invoke: Run) -> Import:
    """Return a function that imports documents by file name and returns site-data, checked without a problem."""

    def run(*options: str, **documents: object) -> Path:
        files = {f"{name}.json": dump(document) for name, document in documents.items()}
        source = project(files, name="source")
        site = project({}, name="site")
        result = invoke("import", "statuspage", source, *options, cwd=site)
        assert result.code == 0, result.err
        checked = invoke("check", "--strict", cwd=site)
        assert checked.code == 0, checked.out
        return site / "site-data"

    return run


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)


def only_event(site_data: Path) -> Any:
    (path,) = site_data.glob("events/*/*.yaml")
    return read(path)


def page_with(*incidents: Mapping[str, Any]) -> dict[str, Any]:
    return {"page": PAGE, "incidents": list(incidents)}


def chain(*statuses: tuple[str, str] | None) -> list[dict[str, Any]]:
    """Return updates an hour apart whose rows for API say these (old, new) statuses; the last one resolves."""
    states = ["investigating"] * (len(statuses) - 1) + ["resolved"]
    return [
        update(state, f"2024-05-01T{10 + hour}:00:00.000Z", "Text.", [row(*API, *said)] if said else None)
        for hour, (state, said) in enumerate(zip(states, statuses, strict=True))
    ]


def statuses(event: Any) -> list[Any]:
    """Return what the event and then each of its updates say of services."""
    return [event.get("services", {}), *(entry.get("services", {}) for entry in event["updates"][1:])]


def test_an_incident_is_a_file_that_people_can_review(imported: Import) -> None:
    site_data = imported(
        components={"page": PAGE, "components": [component(*API, position=2), component(*SHOP, position=1)]},
        incidents=page_with(
            incident(
                "i00000000001",
                "Checkout is slow: card payments",
                [
                    update("investigating", "2024-05-01T22:30:00.125Z", "We look into it.", [row(*SHOP, UP, SLOW)]),
                    update("monitoring", "2024-05-01T23:00:00.000Z", "A fix<br />is <strong>live</strong>.", None),
                    update("resolved", "2024-05-02T00:10:00.007Z", "", [row(*SHOP, SLOW, UP)]),
                ],
            )
        ),
    )
    # The day in the name is the page's own: 22:30 UTC is past midnight in Vienna.
    path = site_data / "events" / "2024" / "2024-05-02-checkout-is-slow-card-payments.yaml"
    mark, _, body = path.read_text().partition("\n")
    assert mark.startswith("# Imported from Statuspage.")
    assert body == (
        'title: "Checkout is slow: card payments"\n'
        "services: {shop: warning}\n"
        "external_id: i00000000001\n"
        "source: statuspage\n"
        "updates:\n"
        "  - at: 2024-05-01T22:30:00.125Z\n"
        "    state: investigating\n"
        "    message: |\n"
        "      We look into it.\n"
        "  - at: 2024-05-01T23:00:00Z\n"
        "    state: monitoring\n"
        "    message: |\n"
        "      A fix<br>\n"
        "      is **live**.\n"
        "  - at: 2024-05-02T00:10:00.007Z\n"
        "    state: resolved\n"
        "    message: |\n"
        "      This incident has been resolved.\n"
    )
    assert read(site_data / "site.yaml") == {
        "title": "Brennweite Status",
        "url": "https://status.brennweite.example",
        "timezone": "Europe/Vienna",
        "external_id": "p4g3p4g3p4g3",
    }
    assert read(site_data / "services" / "api.yaml") == {"name": "API", "order": "2", "external_id": API[0]}


@pytest.mark.parametrize(
    ("impact", "said", "expected"),
    [
        ("minor", [(UP, PARTIAL), (PARTIAL, DOWN), (DOWN, UP)], [{"api": "partial"}, {"api": "down"}, {}]),
        ("minor", [(UP, SLOW), (SLOW, UP), (UP, UP)], [{"api": "warning"}, {"api": "up"}, {}]),
        # The impact speaks where every row says operational, from the first update that names the service.
        ("minor", [(UP, UP), (UP, UP)], [{"api": "warning"}, {}]),
        ("major", [None, (UP, UP), (UP, UP)], [{}, {"api": "partial"}, {}]),
        ("critical", [(UP, UP), None], [{"api": "down"}, {}]),
        ("none", [(UP, UP), (UP, UP)], [{}, {}]),
        # What rows say wins over the impact.
        ("critical", [(UP, SLOW), (SLOW, UP)], [{"api": "warning"}, {}]),
        # Pages that record the old status on both sides: a change belongs to the update before the row that shows it.
        ("minor", [(UP, UP), (PARTIAL, PARTIAL), None], [{"api": "partial"}, {}, {}]),
        ("minor", [(UP, UP), (PARTIAL, PARTIAL), (DOWN, DOWN), None], [{"api": "partial"}, {"api": "down"}, {}, {}]),
        # Resolved ends it all, whatever its row says.
        ("minor", [(UP, PARTIAL), (PARTIAL, PARTIAL)], [{"api": "partial"}, {}]),
        # Told only once it was over.
        ("minor", [(DOWN, UP)], [{"api": "down"}]),
        ("major", [(UP, UP)], [{"api": "partial"}]),
        ("major", [None, (UP, UP)], [{"api": "partial"}, {}]),
        ("minor", [(UP, "on_fire"), (UP, UP)], [{"api": "warning"}, {}]),
    ],
)
def test_a_status_that_a_reader_would_believe(
    imported: Import, impact: str, said: list[tuple[str, str] | None], expected: list[dict[str, str]]
) -> None:
    told = incident("i00000000001", "Trouble", chain(*said), impact=impact, components=[component(*API)])
    assert statuses(only_event(imported(incidents=page_with(told)))) == expected


def test_a_listed_component_without_rows_takes_the_impact(imported: Import) -> None:
    told = incident("i00000000001", "Trouble", chain(None, None), impact="major", components=[component(*API)])
    assert statuses(only_event(imported(incidents=page_with(told)))) == [{"api": "partial"}, {}]


def test_a_component_that_stays_operational_beside_one_that_does_not_is_left_alone(imported: Import) -> None:
    updates = [
        update("investigating", "2024-05-01T10:00:00.000Z", "A", [row(*API, UP, DOWN), row(*SHOP, UP, UP)]),
        update("resolved", "2024-05-01T11:00:00.000Z", "B", [row(*API, DOWN, UP), row(*SHOP, UP, UP)]),
    ]
    assert statuses(only_event(imported(incidents=page_with(incident("i00000000001", "T", updates))))) == [
        {"api": "down"},
        {},
    ]


def maintenance(statuses_said: list[tuple[str, tuple[str, str]]], **more: Any) -> dict[str, Any]:
    updates = [
        update(state, f"2024-05-0{1 + day}T10:00:00.000Z", f"Text {day}.", [row(*API, *said)])
        for day, (state, said) in enumerate(statuses_said)
    ]
    times = {"scheduled_for": "2024-05-02T09:00:00.000Z", "scheduled_until": "2024-05-02T12:00:00.000Z"}
    fields = {**times, "impact": "maintenance", "components": [component(*API), component(*SHOP)], **more}
    return incident("m00000000001", "New disks", updates, **fields)


def test_a_maintenance_keeps_its_window_and_its_states(imported: Import) -> None:
    said = [
        ("scheduled", (UP, UP)),
        ("in_progress", (UP, WORK)),
        ("verifying", (WORK, WORK)),
        ("completed", (WORK, UP)),
    ]
    event = only_event(imported(maintenances={"page": PAGE, "scheduled_maintenances": [maintenance(said)]}))
    assert event["kind"] == "maintenance"
    assert event["planned"] == {"start": "2024-05-02T09:00:00Z", "end": "2024-05-02T12:00:00Z"}
    assert event["services"] == ["api", "shop"]
    assert [entry["state"] for entry in event["updates"]] == ["scheduled", "in-progress", "verifying", "completed"]
    assert not any("services" in entry for entry in event["updates"])


def test_a_maintenance_that_takes_a_service_down_says_so(imported: Import) -> None:
    said = [("scheduled", (UP, UP)), ("in_progress", (UP, DOWN)), ("verifying", (DOWN, UP)), ("completed", (UP, UP))]
    event = only_event(imported(one={"page": PAGE, "scheduled_maintenance": maintenance(said)}))
    assert [entry.get("services") for entry in event["updates"]] == [None, {"api": "down"}, {"api": "up"}, None]


def test_a_maintenance_without_a_usable_end_gets_one_and_it_is_told(
    imported: Import, invoke: Run, tmp_path: Path
) -> None:
    told = maintenance([("scheduled", (UP, UP))], scheduled_until="2024-05-02T08:00:00.000Z", resolved_at=None)
    event = only_event(imported(one={"page": PAGE, "scheduled_maintenance": told}))
    assert event["planned"] == {"start": "2024-05-02T09:00:00Z", "end": "2024-05-02T10:00:00Z"}
    result = invoke("import", "statuspage", tmp_path / "source", cwd=tmp_path / "site")
    assert "'New disks': it has no planned end after its start: 2024-05-02 10:00 UTC is taken for it" in result.err


def test_a_postmortem_is_an_article_and_no_update(imported: Import) -> None:
    updates = [
        *chain((UP, DOWN), (DOWN, UP)),
        update("postmortem", "2024-05-09T10:00:00.000Z", "## Why\n\n*Two* disks failed.\n\n- one\n- another"),
    ]
    event = only_event(imported(incidents=page_with(incident("i00000000001", "Disks", updates))))
    assert event["postmortem"] == "## Why\n\n*Two* disks failed.\n\n- one\n- another\n"
    assert [entry["state"] for entry in event["updates"]] == ["investigating", "resolved"]


def test_an_incident_that_ended_without_a_word_gets_one(imported: Import) -> None:
    updates = [
        update("investigating", "2024-05-01T10:00:00.000Z", "A", [row(*API, UP, DOWN)]),
        update("postmortem", "2024-05-09T10:00:00.000Z", "Why."),
    ]
    told = incident("i00000000001", "Disks", updates, resolved_at="2024-05-01T10:45:00.000Z")
    event = only_event(imported(incidents=page_with(told)))
    assert event["updates"][-1]["at"] == "2024-05-01T10:45:00Z"
    assert event["updates"][-1]["state"] == "resolved"


def test_updates_stand_in_the_order_of_display_at(imported: Import) -> None:
    updates = [
        update("investigating", "2024-05-01T10:00:00.000Z", "First.", [row(*API, UP, DOWN)]),
        update("identified", "2024-05-01T12:00:00.000Z", "Told later.", display_at="2024-05-01T10:30:00.000Z"),
        update("monitoring", "2024-05-01T11:00:00.000+00:00", "Third."),
        update("resolved", "2024-05-01T14:00:00.000+02:00", "Last."),
    ]
    event = only_event(imported(incidents=page_with(incident("i00000000001", "T", [updates[i] for i in (0, 2, 1, 3)]))))
    assert [entry["message"] for entry in event["updates"]] == ["First.\n", "Told later.\n", "Third.\n", "Last.\n"]
    assert [entry["at"][11:16] for entry in event["updates"]] == ["10:00", "10:30", "11:00", "12:00"]


@pytest.mark.parametrize(
    "shape",
    [
        lambda told: {"page": PAGE, "incident": told},
        lambda told: {"page": PAGE, "incidents": [told]},
        lambda told: {"page": PAGE, "status": {}, "components": [], "incidents": [told], "scheduled_maintenances": []},
        lambda told: told,
        lambda told: [told],
    ],
)
def test_every_shape_is_read(imported: Import, shape: Callable[[dict[str, Any]], object]) -> None:
    told = incident("i00000000001", "Trouble", chain((UP, DOWN), (DOWN, UP)))
    assert only_event(imported(file=shape(told)))["external_id"] == "i00000000001"


def test_components_and_groups_of_the_management_api_are_read(imported: Import) -> None:
    site_data = imported(
        components=[component(*API, position=3, group_id="g1"), component(*SHOP, description="Where one buys.")],
        groups=[{"id": "g1", "name": "Machines", "description": None, "position": 2, "components": [API[0]]}],
    )
    assert read(site_data / "groups" / "machines.yaml") == {"name": "Machines", "order": "2", "external_id": "g1"}
    assert read(site_data / "services" / "api.yaml")["group"] == "machines"
    assert read(site_data / "services" / "shop.yaml")["description"] == "Where one buys."


def test_the_newest_copy_of_an_incident_and_the_newest_name_of_a_component_win(imported: Import) -> None:
    early = incident("i00000000001", "Early title", chain((UP, DOWN), None)[:1])
    late = incident(
        "i00000000001", "Late title", chain((UP, DOWN), (DOWN, UP)), components=[component(API[0], "API v2")]
    )
    old_page = {**PAGE, "updated_at": "2020-01-01T00:00:00.000Z"}
    site_data = imported(
        a={"page": PAGE, "incident": late},
        b={"page": old_page, "incident": {**early, "components": [component(API[0], "Interface")]}},
    )
    assert only_event(site_data)["title"] == "Late title"
    assert read(site_data / "services" / "api-v2.yaml")["name"] == "API v2"


def test_a_group_that_only_shows_in_names_becomes_one(imported: Import) -> None:
    updates = [
        update("investigating", "2024-05-01T10:00:00.000Z", "A", [row(API[0], "Platform - API", UP, DOWN)]),
        update("resolved", "2024-05-01T11:00:00.000Z", "B", [row(MAIL[0], "Platform - Mail", DOWN, UP)]),
    ]
    told = incident("i00000000001", "T", updates, components=[component(*API, group_id="g1")])
    site_data = imported(incidents=page_with(told))
    assert read(site_data / "groups" / "platform.yaml")["name"] == "Platform"
    assert read(site_data / "services" / "api.yaml")["group"] == "platform"
    # Mail is gone from the page; updates still name it.
    assert read(site_data / "services" / "mail.yaml")["group"] == "platform"


def test_components_of_one_name_are_told_apart(imported: Import) -> None:
    site_data = imported(
        components={
            "page": PAGE,
            "components": [
                component("g1", "Europe", group=True),
                component("g2", "Asia", position=2, group=True),
                component("a", "API", group_id="g1"),
                component("b", "API", group_id="g2"),
                component("c", "Mail"),
                component("d", "Mail"),
            ],
        }
    )
    names = {path.stem: read(path)["name"] for path in site_data.glob("services/*.yaml")}
    assert names == {
        "europe-api": "Europe - API",
        "asia-api": "Asia - API",
        "mail-c": "Mail (c)",
        "mail-d": "Mail (d)",
    }


def test_a_hint_among_the_components_is_no_service(imported: Import, invoke: Run, tmp_path: Path) -> None:
    hint = component("h", "Visit www.brennweite.example for more information", 9)
    told = incident("i00000000001", "T", chain((UP, UP), None), components=[hint])
    host = component("x", "www.brennweite.example", 2)
    site_data = imported(components={"page": PAGE, "components": [hint, host]}, incidents=page_with(told))
    assert {path.stem for path in site_data.glob("services/*")} == {"www-brennweite-example", "api"}
    result = invoke("import", "statuspage", tmp_path / "source", cwd=tmp_path / "site")
    assert "reads like a hint, not a service, and is left out" in result.err


def test_components_can_be_skipped_by_name_or_id(imported: Import, invoke: Run, tmp_path: Path) -> None:
    components = [component(*API), component(*SHOP), component(*MAIL)]
    options = ["--skip-component", "shop", "--skip-component", MAIL[0]]
    site_data = imported(*options, components={"page": PAGE, "components": components})
    assert [path.stem for path in site_data.glob("services/*")] == ["api"]
    again = invoke(
        "import", "statuspage", tmp_path / "source", *options, "--skip-component", "Sh0p", cwd=tmp_path / "site"
    )
    assert "there is no component 'sh0p'" in again.err
    assert again.err.count("\n") == 1


def test_titles_of_all_kinds_get_file_names(imported: Import) -> None:
    titles = ["Outage", "Outage", "Störung im Süden", "系统维护", "x" * 300, " \t\n ", "Line\nbreak\x07 & <b>"]
    told = [
        incident(f"i0000000000{number}", title, chain((UP, DOWN), (DOWN, UP))) for number, title in enumerate(titles)
    ]
    site_data = imported(incidents=page_with(*told))
    events = {path.stem: read(path)["title"] for path in site_data.glob("events/2024/*")}
    assert events["2024-05-01-outage"] == events["2024-05-01-outage-2"] == "Outage"
    assert events["2024-05-01-storung-im-suden"] == "Störung im Süden"
    assert events["2024-05-01-i00000000003"] == "系统维护"
    assert "x" * 300 in events.values()
    assert "Incident of 2024-05-01" in events.values()
    assert "Line break & <b>" in events.values()
    assert all(len(stem) <= 80 for stem in events)


def test_a_service_of_yours_with_the_same_name_is_taken(imported: Import, project: MakeProject) -> None:
    project({"site-data/site.yaml": "title: Ours\n", "site-data/services/interface.yaml": "name: Api\n"}, name="site")
    site_data = imported(incidents=page_with(incident("i00000000001", "T", chain((UP, DOWN), (DOWN, UP)))))
    assert only_event(site_data)["services"] == {"interface": "down"}
    assert (site_data / "site.yaml").read_text() == "title: Ours\n"
    assert (site_data / "services" / "interface.yaml").read_text() == "name: Api\n"


def test_a_start_before_the_first_word_is_told(imported: Import, invoke: Run, tmp_path: Path) -> None:
    told = incident("i1", "T", chain((UP, DOWN), (DOWN, UP)), started_at="2024-05-01T09:20:00.000Z")
    imported(incidents=page_with(told))
    result = invoke("import", "statuspage", tmp_path / "source", cwd=tmp_path / "site")
    assert "'T': its `started_at` lies 40 min before its first update, with which it begins here" in result.err


LISTED = (
    "<ul><li><strong>2014-10-02 18:27:15</strong> - Some issues with our help site.</li>"
    "<li><strong>2014-10-02 18:33:35</strong> - Everything operating normally.</li></ul>"
)


def listed_incident() -> dict[str, Any]:
    return incident("i1", "T", [update("resolved", "2014-10-02T18:27:15.000Z", LISTED, [row(*API, UP, UP)])])


def test_a_timeline_in_a_list_stays_one_update(imported: Import, invoke: Run, tmp_path: Path) -> None:
    event = only_event(imported(incidents=page_with(listed_incident())))
    (entry,) = event["updates"]
    assert entry["message"] == (
        "- **2014-10-02 18:27:15** - Some issues with our help site.\n"
        "- **2014-10-02 18:33:35** - Everything operating normally.\n"
    )
    result = invoke("import", "statuspage", tmp_path / "source", cwd=tmp_path / "site")
    assert "1 incident" in result.out
    assert "--split-timelines makes updates of it" in result.out


def test_a_timeline_in_a_list_can_become_updates(imported: Import) -> None:
    event = only_event(imported("--split-timelines", incidents=page_with(listed_incident())))
    assert event["services"] == {"api": "warning"}
    assert [(entry["at"], entry["state"], entry["message"]) for entry in event["updates"]] == [
        ("2014-10-02T18:27:15Z", "investigating", "Some issues with our help site.\n"),
        ("2014-10-02T18:33:35Z", "resolved", "Everything operating normally.\n"),
    ]


def test_a_page_without_a_zone_of_iana_gets_utc(project: MakeProject, invoke: Run) -> None:
    page = {**PAGE, "time_zone": "Vienna", "url": "not an address"}
    source = project({"page.json": dump({"page": page, "components": [component(*API)]})}, name="source")
    result: Result = invoke("import", "statuspage", source)
    assert result.code == 0
    assert "`Vienna` is no time zone by IANA's names: the site gets UTC" in result.err
    assert read(source.parent / "site-data" / "site.yaml") == {
        "title": "Brennweite Status",
        "external_id": "p4g3p4g3p4g3",
    }


def test_a_component_that_was_made_anew_is_one_service(imported: Import, invoke: Run, tmp_path: Path) -> None:
    old, new = ("c00000000old", "API"), ("c00000000new", "API")
    updates = [
        update("investigating", "2024-05-01T10:00:00.000Z", "A", [row(*old, UP, DOWN)]),
        update("resolved", "2024-05-01T11:00:00.000Z", "B", [row(*old, DOWN, UP)]),
    ]
    site_data = imported(
        incidents=page_with(incident("i1", "T", updates)), components={"page": PAGE, "components": [component(*new)]}
    )
    assert [path.stem for path in site_data.glob("services/*")] == ["api"]
    assert only_event(site_data)["services"] == {"api": "down"}
    result = invoke("import", "statuspage", tmp_path / "source", cwd=tmp_path / "site")
    assert "component 'API' (c00000000old) is taken for the service `api`, which has its name" in result.err


def test_a_component_counts_from_its_start_date(imported: Import) -> None:
    components = [component(*API, start_date="2021-08-11"), component(*SHOP, start_date="soon", group=None)]
    site_data = imported(components={"page": PAGE, "components": components})
    assert read(site_data / "services" / "api.yaml")["since"] == "2021-08-11"
    assert "since" not in read(site_data / "services" / "shop.yaml")
