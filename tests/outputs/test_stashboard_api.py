"""Stashboard's API as files: its keys and links, orders, levels and pictures, and what is left out."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import feedparser
import pytest
from door import NOW, MakeProject, Run
from jsonschema import Draft202012Validator
from stashboard_site import BASES, ROOT, SITE, built_site, read, tree, values

from stashgen.documents.stashboard import DOCUMENTS

SERVICE_KEYS: Final = {"name", "id", "description", "url", "current-event", "list"}
EVENT_KEYS: Final = {"sid", "timestamp", "message", "url", "status", "informational"}
STATUS_KEYS: Final = {"name", "id", "description", "url", "image", "level", "default"}
LIST_KEYS: Final = {"name", "id", "description", "url"}


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_site(tmp_path_factory.mktemp("stashboard") / "site")


def built(invoke: Run, site: Path, now: str = NOW, out: str = "build") -> Path:
    result = invoke("build", "-C", site, "-o", site / out, "--now", now)
    assert result.code == 0, result.err
    return site / out


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


def test_hidden_services_are_nowhere(build: Path) -> None:
    for base in (*BASES, "images"):
        for path in (build / base).rglob("*"):
            assert "secret" not in path.name
            assert path.is_dir() or b"ecret" not in path.read_bytes()
    assert not (build / "api/v1/service-lists/unseen.json").exists()
    assert "Secret" not in (build / "rss.xml").read_text(encoding="utf-8")


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
