"""Badges as files: the words and figures of the page, valid XML that loads nothing, readable colours."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from door import NOW, MakeProject, Run
from jsonschema import Draft202012Validator

from stashgen.palette import contrast

SVG: Final = "{http://www.w3.org/2000/svg}"
NAMES: Final = ("status", "uptime-24h", "uptime-7d", "uptime-30d", "uptime-90d", "uptime-1y")
SITE: Final = {
    "site-data/site.yaml": "title: Acme Status\nurl: https://status.example.com\nsince: 2026-01-01\n",
    "site-data/statuses/frozen.yaml": 'name: "Frozen & <cold>"\nlevel: WARNING\ncolor: "#aaf0ff"\ndowntime: 0.5\n',
    "site-data/services/api.yaml": "name: API\n",
    "site-data/services/web.yaml": "name: Web\n",
    "site-data/services/new.yaml": "name: New\nsince: 2026-11-24\n",
    "site-data/services/ice.yaml": "name: Ice\n",
    "site-data/services/secret.yaml": "name: Secret\nhidden: true\n",
    "site-data/events/outage.yaml": (
        "title: Outage\nservices: {api: down, secret: down}\nupdates:\n  - {at: 2026-11-23T10:00:00Z, message: Down.}\n"
    ),
    "site-data/events/cold.yaml": (
        "title: Cold\nservices: {ice: frozen}\nupdates:\n"
        "  - {at: 2026-11-20T00:00:00Z, message: Cold.}\n"
        "  - {at: 2026-11-20T00:00:02Z, state: resolved, message: Warm.}\n"
        "  - {at: 2026-11-20T00:00:02Z, message: Warm indeed.}\n"
    ),
    "site-data/events/upgrade.yaml": (
        "title: Upgrade\nkind: maintenance\nservices: [web]\n"
        "planned: {start: 2026-11-23T09:00:00Z, end: 2026-11-23T12:00:00Z}\n"
        "updates: [{at: 2026-11-20T10:00:00Z, message: We upgrade.}]\n"
    ),
}


@pytest.fixture
def build(project: MakeProject, invoke: Run) -> Path:
    return built(project(SITE), invoke)


def built(site: Path, invoke: Run) -> Path:
    done = invoke("build", "-C", site, "--now", NOW)
    assert done.code == 0, done.err
    return site / "build"


def said(build: Path, name: str, service: str | None = None) -> tuple[str, str]:
    badge = read(build, name, service)
    return badge["label"], badge["message"]


def read(build: Path, name: str, service: str | None = None) -> dict[str, Any]:
    folder = build / "badges" / (f"services/{service}" if service else "")
    badge: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return badge


def test_the_site_and_each_visible_service_have_every_badge_in_every_form(build: Path) -> None:
    folder = build / "badges"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    scopes = ("", "services/api/", "services/web/", "services/new/", "services/ice/")
    forms = ("svg", "for-the-badge.svg", "json")
    assert found == {f"{scope}{name}.{form}" for scope in scopes for name in NAMES for form in forms}


def test_a_status_is_said_by_its_name(build: Path) -> None:
    assert said(build, "status") == ("Acme Status", "Major outage")
    assert said(build, "status", "api") == ("API", "Major outage")
    assert said(build, "status", "web") == ("Web", "Under maintenance")
    assert said(build, "status", "ice") == ("Ice", "Operational")


def test_a_status_of_the_sites_own_has_its_colour_made_readable(project: MakeProject, invoke: Run) -> None:
    event = "title: Cold\nservices: {ice: frozen}\nupdates: [{at: 2026-11-23T10:00:00Z, message: Cold.}]\n"
    build = built(project({**SITE, "site-data/events/cold.yaml": event}), invoke)
    badge = read(build, "status", "ice")
    assert badge["message"] == "Frozen & <cold>"
    red, green, blue = (int(badge["color"][place : place + 2], 16) for place in (1, 3, 5))
    assert red < green <= blue  # still an icy blue
    assert contrast(badge["color"], "#ffffff") >= 4.5


def test_uptime_is_the_figure_of_the_page(build: Path) -> None:
    page = (build / "services/api/index.html").read_text(encoding="utf-8")
    table = re.sub(r"<[^>]+>", "", page)
    for name, label in (("uptime-24h", "uptime 24h"), ("uptime-90d", "uptime 90d"), ("uptime-1y", "uptime 1y")):
        assert said(build, name, "api")[0] == label
        assert said(build, name, "api")[1] in table
    assert said(build, "uptime-24h", "api")[1].startswith("97.91")  # half an hour of a day: 97.9167 %
    assert said(build, "uptime-24h", "web")[1].startswith("100")  # maintenance is no downtime


def test_a_hundred_percent_is_said_only_without_any_downtime(build: Path) -> None:
    year = json.loads((build / "status.json").read_text())["services"]
    (ice,) = [service for service in year if service["id"] == "ice"]
    assert ice["uptime"]["365d"] > 0.99999  # one second of 327 days
    assert said(build, "uptime-1y", "ice")[1].startswith("99.99")


def test_without_data_there_is_no_figure(build: Path) -> None:
    assert said(build, "uptime-30d", "new") == ("uptime 30d", "no data")
    assert read(build, "uptime-30d", "new")["color"] != read(build, "uptime-30d", "web")["color"]


def test_the_sites_uptime_is_the_mean_of_the_services_with_data(build: Path) -> None:
    status = json.loads((build / "status.json").read_text(encoding="utf-8"))
    ratios = [service["uptime"]["24h"] for service in status["services"] if service["uptime"]["24h"] is not None]
    assert len(ratios) == 3
    mean = int(sum(ratios) / 3 * 10_000) / 100
    assert Decimal(re.sub(r"[^0-9.]", "", said(build, "uptime-24h")[1])) == pytest.approx(Decimal(str(mean)))


def test_colours_of_uptime_are_strict(project: MakeProject, invoke: Run) -> None:
    def event(minutes: int) -> str:
        return (
            "title: E\nservices: {api: down}\nupdates:\n  - {at: 2026-11-22T12:00:00Z, message: Down.}\n"
            f"  - {{at: 2026-11-22T{12 + minutes // 60}:{minutes % 60:02}:00Z, state: resolved, message: Up.}}\n"
        )

    colors = []
    for minutes in (1, 10, 60, 120):  # 99.93, 99.30, 95.83 and 91.66 % of a day
        files = {"site-data/site.yaml": "title: T\nsince: 2026-01-01\n", "site-data/services/api.yaml": "name: API\n"}
        site = project({**files, "site-data/events/e.yaml": event(minutes)}, name=f"m{minutes}")
        build = built(site, invoke)
        colors.append(read(build, "uptime-24h", "api")["color"])
    assert len(set(colors)) == 4
    assert colors[0] == read(build, "status", "api")["color"]  # the green of what works


def test_an_open_incident_that_holds_no_service_is_not_kept_back(project: MakeProject, invoke: Run) -> None:
    site = project({
        "site-data/site.yaml": "title: T\n",
        "site-data/services/api.yaml": "name: API\n",
        "site-data/events/late.yaml": "title: Late\nupdates: [{at: 2026-11-23T10:00:00Z, message: We look.}]\n",
    })  # fmt: skip
    assert said(built(site, invoke), "status") == ("T", "Operational · 1 open incident")


def test_badges_speak_the_language_of_the_page(project: MakeProject, invoke: Run) -> None:
    german = {**SITE, "site-data/site.yaml": "title: Acme\nlanguage: de\nsince: 2026-01-01\n"}
    build = built(project(german, name="de"), invoke)
    assert said(build, "status") == ("Acme", "Ausfall")
    assert said(build, "uptime-30d", "web") == ("Verfügbarkeit 30 Tage", "100\N{NO-BREAK SPACE}%")
    arabic = {**SITE, "site-data/site.yaml": "title: Acme\nlanguage: ar\n"}
    build = built(project(arabic, name="ar"), invoke)
    assert said(build, "status", "web")[1] == "قيد الصيانة"
    svg = ET.parse(build / "badges/services/web/status.svg").getroot()
    assert [text.get("direction") for text in svg.iter(f"{SVG}text")] == [None, "rtl"]


def test_a_page_without_services_has_badges(project: MakeProject, invoke: Run) -> None:
    build = built(project({"site-data/site.yaml": "title: Empty\n"}), invoke)
    assert said(build, "status") == ("Empty", "no data")
    assert said(build, "uptime-1y") == ("uptime 1y", "no data")


def test_every_json_is_valid_by_its_schema(build: Path) -> None:
    schema = json.loads((build / "schemas/badge.schema.json").read_text(encoding="utf-8"))
    for path in (build / "badges").rglob("*.json"):
        badge = json.loads(path.read_text(encoding="utf-8"))
        Draft202012Validator(schema).validate(badge)
        assert list(badge) == ["schemaVersion", "label", "message", "color"]
        assert badge["schemaVersion"] == 1


def test_every_svg_is_sound_and_says_what_its_json_says(build: Path) -> None:
    files = sorted((build / "badges").rglob("*.svg"))
    assert len(files) == 2 * 6 * 5
    for path in files:
        root = ET.parse(path).getroot()
        badge = json.loads((path.parent / f"{path.name.split('.')[0]}.json").read_text(encoding="utf-8"))
        name = f"{badge['label']}: {badge['message']}"
        assert (root.get("role"), root.get("aria-label"), root.findtext(f"{SVG}title")) == ("img", name, name)
        texts = [text.text for text in root.iter(f"{SVG}text")]
        shown = [badge["label"], badge["message"]]
        assert texts == ([text.upper() for text in shown] if ".for-the-badge." in path.name else shown)
        assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "path", "g", "text"}
        assert "http" not in path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        for field in root.iter(f"{SVG}path"):
            assert contrast(field.get("fill", ""), "#ffffff") >= 4.5


def test_a_badge_that_says_the_same_is_left_alone(build: Path, invoke: Run) -> None:
    before = {path: path.stat().st_mtime_ns for path in (build / "badges").rglob("*.*")}
    done = invoke("build", "-C", build.parent, "--now", "2026-11-23T10:30:05Z")
    assert done.code == 0
    touched = {path for path, time in before.items() if path.stat().st_mtime_ns != time}
    assert touched == set()
    invoke("build", "-C", build.parent, "--now", "2026-11-23T13:00:00Z")
    names = {path.parent.name for path, time in before.items() if path.stat().st_mtime_ns != time}
    assert names == {"badges", "api", "web"}


def test_badges_can_be_switched_off(project: MakeProject, invoke: Run) -> None:
    off = "outputs: {badges: false, upptime-badges: false}\n"
    build = built(project({**SITE, "site-data/site.yaml": f"title: T\n{off}"}), invoke)
    assert not (build / "badges").exists()
    assert not list((build / "api").glob("*/uptime.json"))


def test_odd_characters_leave_the_xml_whole(project: MakeProject, invoke: Run) -> None:
    name = "]]> \u202eB &amp; \U0001f600 <![CDATA[ ' \" \u200d"
    site = project({
        "site-data/site.yaml": f"title: {json.dumps(name, ensure_ascii=False)}\n",
        "site-data/services/api.yaml": "name: API\n",
    })  # fmt: skip
    root = ET.parse(built(site, invoke) / "badges/status.svg").getroot()
    assert next(root.iter(f"{SVG}text")).text == " ".join(name.split())
