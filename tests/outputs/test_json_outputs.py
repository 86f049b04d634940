"""status.json and the files of events: valid by their own schemas, and saying what the files of the site say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from door import NOW, BuildOnce, MakeProject, Run
from jsonschema import Draft202012Validator, FormatChecker

from stashgen.model import Family
from stashgen.outputs import SHELF

SITE = {
    "site-data/site.yaml": "title: Exämple & Co\nurl: https://example.com/status\ntimezone: Europe/Berlin\n",
    "site-data/groups/core.yaml": "name: Core\n",
    "site-data/services/api.yaml": "name: API\ngroup: core\nsince: 2026-01-01\n",
    "site-data/services/web.yaml": "name: Web\nsince: 2026-01-01\n",
    "site-data/services/secret.yaml": "name: Secret\nhidden: true\n",
    "site-data/events/2026/2026-11-23-errors.yaml": (
        "title: Errors on the API\nservices: {api: down, secret: down}\ntags: [database]\nupdates:\n"
        "  - at: 2026-11-23T10:00:00Z\n    message: We see **5xx**.\n"
        "  - at: 2026-11-23T10:20:00Z\n    state: identified\n    services: {api: partial}\n"
        "    message: A bad deploy.\n"
    ),
    "site-data/events/2026/2026-11-30-upgrade.yaml": (
        "title: Upgrade\nkind: maintenance\nservices: [web]\n"
        "planned: {start: 2026-11-30T08:00:00Z, end: 2026-11-30T09:00:00Z}\nupdates:\n"
        "  - at: 2026-11-20T10:00:00Z\n    message: We upgrade the database.\n"
    ),
    "site-data/events/2026/2026-11-01-hello.yaml": (
        "title: New page\nkind: notice\npinned: true\nupdates:\n  - at: 2026-11-01T10:00:00Z\n    message: Hello.\n"
    ),
}


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def validator(build: Path, name: str) -> Draft202012Validator:
    schema = read(build / "schemas" / f"{name}.schema.json")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


@pytest.fixture(scope="module")
def build(build_once: BuildOnce) -> Path:
    return build_once(SITE)


def test_the_state_of_the_page_is_all_there(build: Path) -> None:
    status = read(build / "status.json")
    validator(build, "status").validate(status)
    assert status["page"]["title"] == "Exämple & Co"
    assert status["built_at"] == NOW
    assert status["next_change_at"] == "2026-11-23T23:00:00Z"  # midnight in Berlin
    assert status["overall"]["sentence"] == "Partial outage: API"
    assert status["overall"]["since_at"] == "2026-11-23T10:20:00Z"
    assert {service["id"]: service["status"] for service in status["services"]} == {"web": "up", "api": "partial"}
    (incident,) = status["incidents"]
    assert incident["services"] == {"api": "partial"}
    assert incident["message"] == "A bad deploy."
    assert [(event["id"], event["services"]) for event in status["upcoming"]] == [
        ("2026-11-30-upgrade", {"web": "maintenance"})
    ]
    assert [notice["title"] for notice in status["notices"]] == ["New page"]
    assert "secret" not in json.dumps(status).lower()


def test_uptime_is_the_figure_of_the_page(build: Path) -> None:
    (api,) = [service for service in read(build / "status.json")["services"] if service["id"] == "api"]
    down_seconds = 20 * 60 + 10 * 60 * 0.3
    assert api["uptime"]["24h"] == pytest.approx(1 - down_seconds / 86400, abs=1e-6)


def test_an_event_has_its_whole_timeline(build: Path) -> None:
    event = read(build / "events/2026-11-23-errors.json")
    validator(build, "event").validate(event)
    assert [update["html"] for update in event["updates"]] == [
        "<p>A bad deploy.</p>",
        "<p>We see <strong>5xx</strong>.</p>",
    ]
    (api,) = event["services"]
    assert [(held["status"], held["end_at"]) for held in api["stretches"]] == [
        ("down", "2026-11-23T10:20:00Z"),
        ("partial", None),
    ]
    assert event["tags"] == ["database"]
    for update in event["updates"]:
        path, _, anchor = update["path"].partition("#")
        assert f'id="{anchor}"' in (build / path).read_text(encoding="utf-8")


def test_every_file_is_valid_by_its_schema(build: Path) -> None:
    events = validator(build, "event")
    files = sorted((build / "events").glob("*.json"))
    assert len(files) == 3
    for path in files:
        events.validate(read(path))


def test_the_revision_tells_news_from_a_mere_rebuild(project: MakeProject, invoke: Run) -> None:
    build = project(SITE) / "build"
    assert invoke("build", "-C", build.parent, "--now", NOW).code == 0
    first = read(build / "status.json")
    later = invoke("build", "-C", build.parent, "--now", "2026-11-23T10:31:00Z")
    assert later.code == 0
    second = read(build / "status.json")
    assert second["built_at"] > first["built_at"]
    assert second["revision"] == first["revision"]
    event = build.parent / "site-data/events/2026/2026-11-23-errors.yaml"
    event.write_text(event.read_text() + "  - at: 2026-11-23T10:32:00Z\n    message: Rolling back.\n")
    assert invoke("build", "-C", build.parent, "--now", "2026-11-23T10:33:00Z").code == 0
    assert read(build / "status.json")["revision"] != first["revision"]


def test_a_site_without_events_or_url_has_a_state_too(project: MakeProject, invoke: Run) -> None:
    site = project({"site-data/site.yaml": "title: New\n", "site-data/services/api.yaml": "name: API\n"})
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    status = read(site / "build/status.json")
    validator(site / "build", "status").validate(status)
    assert status["page"]["url"] is None
    assert status["services"][0]["uptime"] == dict.fromkeys(["24h", "7d", "30d", "90d", "365d"])
    assert not (site / "build/CNAME").exists()


@pytest.mark.parametrize(
    ("url", "cname"),
    [
        ("https://status.example.com", "status.example.com\n"),
        ("https://status.example.com:8443/", "status.example.com\n"),
        ("https://example.com/status", None),
        ("http://192.0.2.7", None),
        ("http://localhost", None),
    ],
)
def test_the_domain_is_named_where_the_page_has_one_of_its_own(
    project: MakeProject, invoke: Run, url: str, cname: str | None
) -> None:
    site = project({"site-data/site.yaml": f"title: T\nurl: {url}\n", "site-data/services/api.yaml": "name: API\n"})
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    path = site / "build/CNAME"
    assert (path.read_text() if path.exists() else None) == cname
    assert (site / "build/.nojekyll").read_bytes() == b""
    assert f"Sitemap: {url.rstrip('/')}/sitemap.xml" in (site / "build/robots.txt").read_text()


def test_the_families_that_settings_know_are_those_on_the_shelf() -> None:
    assert set(get_args(Family)) == SHELF.keys()


def test_an_unknown_family_is_said(project: MakeProject, invoke: Run) -> None:
    files = {**SITE, "site-data/site.yaml": SITE["site-data/site.yaml"] + "outputs:\n  event-jason: false\n"}
    result = invoke("check", "-C", project(files))
    assert result.code == 1
    assert "site-data/site.yaml:5: outputs" in result.out + result.err
    assert "event-json" in result.out + result.err


def test_families_can_be_switched_off(project: MakeProject, invoke: Run) -> None:
    files = {**SITE, "site-data/site.yaml": SITE["site-data/site.yaml"] + "outputs: {event-json: false}\n"}
    site = project(files)
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    assert not list((site / "build/events").glob("*.json"))
    assert (site / "build/status.json").exists()


def test_without_status_json_no_page_links_to_it_or_asks_for_it(project: MakeProject, invoke: Run) -> None:
    site = project({**SITE, "site-data/site.yaml": SITE["site-data/site.yaml"] + "outputs: {status-json: false}\n"})
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    pages = [path.read_text(encoding="utf-8") for path in (site / "build").rglob("*.html")]
    assert len(pages) > 1
    assert [page for page in pages if "status.json" in page] == []
