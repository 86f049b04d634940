"""Stashboard's API as files: its keys, dates and links, what counts as an event, and which status it tells."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

import feedparser
import pytest
from door import NOW, MakeProject, Run, write_files
from jsonschema import Draft202012Validator

from stashgen.documents.stashboard import DOCUMENTS

BASES: Final = ("api/v1", "admin/api/v1")
ROOT: Final = "https://example.com/status"
SERVICE_KEYS: Final = {"name", "id", "description", "url", "current-event", "list"}
EVENT_KEYS: Final = {"sid", "timestamp", "message", "url", "status", "informational"}
STATUS_KEYS: Final = {"name", "id", "description", "url", "image", "level", "default"}
LIST_KEYS: Final = {"name", "id", "description", "url"}

OUTAGE: Final = (
    "title: Queues stand still\nservices: {api: down}\nupdates:\n"
    "  - at: 2026-11-16T08:00:00Z\n    message: |\n      We see **5xx** & more.\n\n"
    "      - in `a < b`\n      - in *two* places\n"
    "  - at: 2026-11-17T08:00:00.500Z\n    message: Still looking.\n"
    "  - at: 2026-11-19T09:07:00Z\n    state: resolved\n    message: Fixed.\n"
)
SITE: Final[Mapping[str, str]] = {
    "site-data/site.yaml": f"title: Exämple & Co\nurl: {ROOT}/\ntimezone: Europe/Berlin\n",
    "site-data/groups/core.yaml": "name: Core <1>\ndescription: What counts.\norder: 2\n",
    "site-data/groups/all.yaml": "name: All else\norder: 1\n",
    "site-data/groups/unseen.yaml": "name: Unseen\n",
    "site-data/statuses/slow.yaml": "name: Slow\nlevel: WARNING\nicon: snail.svg\ncolor: '#a06000'\n",
    "site-data/static/snail.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
    "site-data/services/api.yaml": "name: Zebra & API\ngroup: core\ndescription: For programs.\n",
    "site-data/services/web.yaml": "name: واجهة الويب 𝄞\ngroup: all\n",
    "site-data/services/docs.yaml": "name: Docs\n",
    "site-data/services/quiet.yaml": "name: Quiet\n",
    "site-data/services/secret.yaml": "name: Secret\ngroup: unseen\nhidden: true\n",
    "site-data/events/2026/outage.yaml": OUTAGE,
    "site-data/events/2026/overlap.yaml": (
        "title: Slow too\nservices: {api: slow, secret: down}\nupdates:\n"
        "  - {at: 2026-11-18T12:00:00Z, message: Slow as well.}\n"
        "  - {at: 2026-11-20T12:00:00Z, services: {web: partial}, message: The web too.}\n"
        "  - {at: 2026-11-21T12:00:00Z, state: resolved, message: 'مرحبا & وداعا'}\n"
    ),
    "site-data/events/2026/done.yaml": (
        "title: New disks\nkind: maintenance\nservices: [docs]\n"
        "planned: {start: 2026-11-20T22:00:00Z, end: 2026-11-20T23:30:00Z}\nupdates:\n"
        "  - {at: 2026-10-30T10:00:00Z, message: We put in new disks.}\n"
    ),
    "site-data/events/2026/running.yaml": (
        "title: Upgrade\nkind: maintenance\nservices: [docs]\n"
        "planned: {start: 2026-11-23T10:00:00Z, end: 2026-11-23T12:00:00Z}\nupdates:\n"
        "  - {at: 2026-11-20T10:00:00Z, message: We upgrade.}\n"
    ),
    "site-data/events/2026/coming.yaml": (
        "title: Move\nkind: maintenance\nservices: [web]\n"
        "planned: {start: 2026-12-23T10:00:00Z, end: 2026-12-23T12:00:00Z}\nupdates:\n"
        "  - {at: 2026-11-22T10:00:00Z, message: We move.}\n"
    ),
    "site-data/events/2026/hello.yaml": (
        "title: Hello\nkind: notice\nservices: [web]\nupdates:\n  - {at: 2026-11-01T10:00:00Z, message: Hello.}\n"
    ),
    "site-data/events/2026/nobody.yaml": (
        "title: Nobody\nupdates:\n  - {at: 2026-11-02T10:00:00Z, message: Touches nothing.}\n"
    ),
}


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stashboard")


@pytest.fixture
def build(builds: Path, invoke: Run) -> Path:
    """The site built once for all tests that only look."""
    out = builds / "site" / "build"
    if not out.exists():
        result = invoke("build", "-C", write_files(builds / "site", SITE), "--now", NOW)
        assert result.code == 0, result.err
    return out


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


def built(invoke: Run, site: Path, now: str = NOW, out: str = "build") -> Path:
    result = invoke("build", "-C", site, "-o", site / out, "--now", now)
    assert result.code == 0, result.err
    return site / out


def facts(build: Path, service: str) -> list[tuple[str, str, bool]]:
    """Return when, which status, and whether it is informational of a service's events, the oldest first."""
    events = read(build / f"api/v1/services/{service}/events.json")["events"]
    told = [(parsedate_to_datetime(one["timestamp"]), one["status"]["id"], one["informational"]) for one in events]
    assert told == sorted(told, key=lambda one: one[0], reverse=True)
    return [(f"{at:%m-%dT%H:%M}", status, note) for at, status, note in reversed(told)]


def values(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name == key:
                yield one
            yield from values(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from values(one, key)


def documents(build: Path) -> Iterator[tuple[Path, str]]:
    """Yield every file of the API with the name of its schema; the more exact of two paths wins."""
    patterns = sorted((document.path, document.schema) for document in DOCUMENTS)
    patterns.sort(key=lambda one: one[0].count("{"))
    for base in BASES:
        for path in sorted((build / base).rglob("*.json")):
            name = path.relative_to(build).as_posix()
            yield path, next(schema for template, schema in patterns if matches(template, name))


def matches(template: str, name: str) -> bool:
    holes = {"{year}": "[0-9]{4}", "{month}": "[0-9]{2}", "{sid}": "[a-z0-9]{24}"}
    parts = re.split(r"(\{[a-z]+\})", template)
    pattern = "".join(holes.get(part, "[a-z0-9-]+") if part[:1] == "{" else re.escape(part) for part in parts)
    return re.fullmatch(pattern, name) is not None


def test_every_file_is_valid_by_its_schema(build: Path) -> None:
    seen = set()
    for path, name in documents(build):
        schema = read(build / f"schemas/{name}.schema.json")
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(read(path))
        assert path.read_bytes().isascii()
        seen.add(name)
    assert seen == {document.schema for document in DOCUMENTS}


def test_objects_have_exactly_the_keys_of_the_original(build: Path) -> None:
    services = read(build / "api/v1/services.json")["services"]
    assert all(set(service) == SERVICE_KEYS for service in services)
    events = [service["current-event"] for service in services if service["current-event"]]
    assert events
    assert all(set(event) == EVENT_KEYS and set(event["status"]) == STATUS_KEYS for event in events)
    assert {None if service["list"] is None else frozenset(service["list"]) for service in services} == {
        None,
        frozenset(LIST_KEYS),
    }
    assert set(read(build / "api/v1/services/quiet/events.json")) == {"events"}
    assert read(build / "api/v1/levels.json") == {"levels": ["NORMAL", "WARNING", "ERROR", "CRITICAL"]}


def test_both_bases_say_the_same_and_link_to_themselves(build: Path) -> None:
    public, admin = (
        {path.relative_to(build / base).as_posix(): path.read_text() for path in (build / base).rglob("*.json")}
        for base in BASES
    )
    months = {name for name in public if re.search(r"/events/(index|[0-9]{4}-[0-9]{2})\.json$", name)}
    assert public.keys() - admin.keys() == months
    for name, text in admin.items():
        assert text.replace(f"{ROOT}/admin/api/v1/", f"{ROOT}/api/v1/") == public[name], name
        links = [link for link in values(json.loads(text), "url") if "/images/" not in link and "/static/" not in link]
        assert all(link.startswith(f"{ROOT}/admin/api/v1/") for link in links)


def test_every_link_leads_to_a_file(build: Path) -> None:
    count = 0
    for base in BASES:
        for path in (build / base).rglob("*.json"):
            document = read(path)
            for link in values(document, "image"):
                assert (build / link.removeprefix(f"{ROOT}/")).is_file(), link
            for link in values(document, "url"):
                target = build / link.removeprefix(f"{ROOT}/")
                assert target.is_file() or target.with_name(f"{target.name}.json").is_file(), link
                count += 1
    assert count > 100


def test_lists_are_in_the_order_of_names(build: Path) -> None:
    names = [service["name"] for service in read(build / "api/v1/services.json")["services"]]
    assert names == ["Docs", "Quiet", "Zebra & API", "واجهة الويب 𝄞"]
    assert [one["name"] for one in read(build / "api/v1/service-lists.json")["lists"]] == ["All else", "Core <1>"]
    statuses = read(build / "api/v1/statuses.json")["statuses"]
    assert [one["name"] for one in statuses] == sorted(one["name"] for one in statuses)


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


def test_levels_and_the_default_are_real(build: Path) -> None:
    statuses = {one["id"]: one for one in read(build / "api/v1/statuses.json")["statuses"]}
    assert {name: (one["level"], one["default"]) for name, one in statuses.items()} == {
        "up": ("NORMAL", True),
        "maintenance": ("WARNING", False),
        "warning": ("WARNING", False),
        "slow": ("WARNING", False),
        "partial": ("ERROR", False),
        "down": ("CRITICAL", False),
    }
    assert statuses["slow"]["image"] == f"{ROOT}/static/snail.svg"
    assert statuses["up"]["image"] == f"{ROOT}/images/icons/statuses/up.svg"
    for path in (build / "images/icons").rglob("*.svg"):
        assert ET.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    images = read(build / "api/v1/status-images.json")["images"]
    assert {"name": "snail", "icon_set": "static", "url": f"{ROOT}/static/snail.svg"} in images
    assert len({(one["icon_set"], one["name"]) for one in images}) == len(images)


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


def test_hidden_services_are_nowhere(build: Path) -> None:
    for base in (*BASES, "images"):
        for path in (build / base).rglob("*"):
            assert "secret" not in path.name
            assert path.is_dir() or b"ecret" not in path.read_bytes()
    assert not (build / "api/v1/service-lists/unseen.json").exists()
    assert "Secret" not in (build / "rss.xml").read_text(encoding="utf-8")


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


def events_of(build: Path, service: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = read(build / f"api/v1/services/{service}/events.json")["events"]
    return events


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


def tree(build: Path) -> dict[str, bytes]:
    paths = [path for path in build.rglob("*") if path.is_file() and path.suffix in {".json", ".xml", ".svg"}]
    return {path.relative_to(build).as_posix(): path.read_bytes() for path in paths if path.name[0] != "."}


def test_time_alone_changes_only_what_it_changes(project: MakeProject, invoke: Run) -> None:
    site = project(SITE)
    first = tree(built(invoke, site))
    second = tree(built(invoke, site, "2026-11-23T10:31:00Z"))
    changed = {name for name in first if first[name] != second.get(name)}
    assert {name for name in changed if name.startswith((*BASES, "images")) or name.endswith("rss.xml")} == set()


@pytest.mark.parametrize("url", ["", f"url: {ROOT}\n", "url: https://status.example.com\n"])
def test_an_empty_site_has_an_api_too(project: MakeProject, invoke: Run, url: str) -> None:
    build = built(invoke, project({"site-data/site.yaml": f"title: New\n{url}"}))
    for base in BASES:
        assert read(build / base / "services.json") == {"services": []}
        assert read(build / base / "service-lists.json") == {"lists": []}
    feed = feedparser.parse((build / "rss.xml").read_bytes())
    assert (feed.bozo, feed.entries) == (False, [])
    for path, name in documents(build):
        Draft202012Validator(read(build / f"schemas/{name}.schema.json")).validate(read(path))


def test_without_a_url_links_are_paths(project: MakeProject, invoke: Run) -> None:
    files = {**SITE, "site-data/site.yaml": "title: T\n"}
    build = built(invoke, project(files))
    service = read(build / "admin/api/v1/services/api.json")
    assert service["url"] == "/admin/api/v1/services/api"
    assert service["current-event"]["status"]["image"] == "/images/icons/statuses/up.svg"


def test_the_family_can_be_switched_off(project: MakeProject, invoke: Run) -> None:
    files = {**SITE, "site-data/site.yaml": "title: T\noutputs: {stashboard-api: false}\n"}
    build = built(invoke, project(files))
    assert not [path for path in tree(build) if path.startswith((*BASES, "images/")) or path.endswith("rss.xml")]


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


def test_the_feed_is_that_of_stashboard(build: Path) -> None:
    data = (build / "rss.xml").read_bytes()
    feed = feedparser.parse(data)
    assert (feed.bozo, feed.version) == (False, "rss20")
    assert feed.feed.title == "Exämple & Co Service Events"
    assert feed.feed.link == f"{ROOT}/"
    assert "15" in feed.feed.subtitle
    assert [link.href for link in feed.feed.links if link.rel == "self"] == [f"{ROOT}/rss.xml"]
    assert len(feed.entries) == 15
    entry = next(one for one in feed.entries if one.published == "Thu, 19 Nov 2026 09:07:00 GMT")
    assert entry.title == "[Zebra & API - Slow] Fixed."
    assert entry.summary == "Fixed."
    assert entry.link == f"{ROOT}/services/api/"
    assert [tag.term for tag in entry.tags] == ["Zebra & API"]
    assert entry.guidislink is False
    assert entry.id.removeprefix(f"{ROOT}/") + ".json" in tree(build)
    times = [entry.published_parsed for entry in feed.entries]
    assert times == sorted(times, reverse=True)
    assert len({entry.id for entry in feed.entries}) == 15


def test_a_description_is_html_that_shows_the_message(build: Path) -> None:
    root = ET.fromstring((build / "services/api/rss.xml").read_bytes())
    oldest = root.findall("channel/item")[-1]
    assert oldest.findtext("description") == "We see 5xx &amp; more.\n- in a &lt; b\n- in two places"
    assert oldest.findtext("title") == "[Zebra & API - Major outage] We see 5xx & more. - in a < b - in two places"


def test_each_service_has_its_own_feed(build: Path) -> None:
    feed = feedparser.parse((build / "services/web/rss.xml").read_bytes())
    assert feed.bozo is False
    assert {tag.term for entry in feed.entries for tag in entry.tags} == {"واجهة الويب 𝄞"}
    assert len(feed.entries) == 4
    assert feedparser.parse((build / "services/quiet/rss.xml").read_bytes()).entries == []
