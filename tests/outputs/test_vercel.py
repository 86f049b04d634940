"""vercel.json as Vercel reads it: redirects first, then the file, then rewrites. Nothing is asked of a host here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from door import NOW, MakeProject, Run
from jsonschema import Draft202012Validator

SITE: Final = {
    "site-data/site.yaml": "title: T\nurl: https://status.example.com\nmirrors: [https://status.example.org]\n",
    "site-data/services/api.yaml": "name: API\nsince: 2026-01-01\naliases: [old-api]\n",
}
ROUTES: Final = 2_048
TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 4_096}
MEMBERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "headers": {
        "source": TEXT,
        "headers": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {"key": {"pattern": "^[A-Za-z-]{1,128}$"}, "value": TEXT},
                "required": ["key", "value"],
                "additionalProperties": False,
            },
        },
    },
    "redirects": {"source": TEXT, "destination": TEXT, "statusCode": {"enum": [301]}},
    "rewrites": {"source": TEXT, "destination": TEXT, "statusCode": {"enum": [404]}},
}
# What Vercel documents of the members that we use (https://openapi.vercel.sh/vercel.json).
SCHEMA: Final = {
    "type": "object",
    "properties": {
        "$schema": {"type": "string"},
        "framework": {"type": "null"},
        "installCommand": {"type": "string", "maxLength": 256},
        "buildCommand": {"type": "string", "maxLength": 256},
        "outputDirectory": {"type": "string", "maxLength": 256},
        "cleanUrls": {"type": "boolean"},
        **{
            name: {
                "type": "array",
                "maxItems": ROUTES,
                "items": {
                    "type": "object",
                    "properties": members,
                    "required": [member for member in members if member != "statusCode"],
                    "additionalProperties": False,
                },
            }
            for name, members in MEMBERS.items()
        },
    },
    "additionalProperties": False,
}


class Answer(NamedTuple):
    """What Vercel makes of a path: a file of the site, or another place."""

    status: int
    place: str


class Vercel:
    """The rules of a built site, asked as Vercel asks them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = json.loads((root / "vercel.json").read_bytes())

    def answer(self, path: str) -> Answer:
        for rule in self.config["redirects"]:
            target = led(rule, path)
            if target is not None:
                return Answer(rule["statusCode"], target)
        found = self.file(path)
        if found:
            return Answer(200, found)
        for rule in self.config["rewrites"]:
            target = led(rule, path)
            if target is not None and (found := self.file(target)):
                return Answer(rule.get("statusCode", 200), found)
        return Answer(404, "/404.html")

    def file(self, path: str) -> str | None:
        # The page of a folder is found with and without the slash.
        names = (path, f"{path.rstrip('/')}/index.html")
        return next((name for name in names if (self.root / name.removeprefix("/")).is_file()), None)

    def headers(self, path: str) -> dict[str, str]:
        said: dict[str, str] = {}
        for rule in self.config["headers"]:
            if pattern(rule["source"]).fullmatch(path):
                said |= {pair["key"]: pair["value"] for pair in rule["headers"]}
        return said


def pattern(source: str) -> re.Pattern[str]:
    """Return what path-to-regexp makes of a source of ours: each parameter brings its own expression."""
    return re.compile(re.sub(r":([a-z_]+)\(", r"(?P<\1>", source))


def led(rule: Mapping[str, str], path: str) -> str | None:
    """Return where a rule leads, or None where it does not fit."""
    found = pattern(rule["source"]).fullmatch(path)
    if found is None:
        return None
    return re.sub(r":([a-z_]+)", lambda hole: found[hole[1]], rule["destination"])


@pytest.fixture(scope="module")
def vercel(demo: Path) -> Vercel:
    """Return the demo page on Vercel."""
    return Vercel(demo)


def paths(root: Path) -> list[str]:
    """Return the path of every file."""
    found = [f"/{path.relative_to(root).as_posix()}" for path in sorted(root.rglob("*")) if path.is_file()]
    assert len(found) > 300
    return found


def test_it_is_what_vercel_documents(vercel: Vercel) -> None:
    Draft202012Validator(SCHEMA).validate(vercel.config)
    rules: Sequence[Mapping[str, str]] = [rule for name in MEMBERS for rule in vercel.config[name]]
    assert 30 < len(rules) < 120
    # Values with a colon, such as a policy, would be filled in if their source had names.
    assert [rule for rule in vercel.config["headers"] if ":" in rule["source"]] == []


def test_every_file_and_every_page_is_reached(vercel: Vercel) -> None:
    for path in paths(vercel.root):
        assert vercel.answer(path) == (200, path)
        if path.endswith("/index.html"):
            assert vercel.answer(path.removesuffix("index.html")) == (200, path)


def test_a_page_without_its_slash_leads_to_the_one_with_it(vercel: Vercel) -> None:
    pages = [path.removesuffix("/index.html") for path in paths(vercel.root) if path.endswith("/index.html")]
    assert [page for page in pages if page and vercel.answer(page) != (301, f"{page}/")] == []


@pytest.mark.parametrize(
    ("path", "status", "place"),
    [
        ("/services/api/2026/11/3", 301, "/services/api/2026/11/#day-03"),
        ("/services/api/2026/11/23", 301, "/services/api/2026/11/#day-23"),
        ("/services/api/2026/1", 301, "/services/api/2026/01/"),
        ("/services/api/2026/1/3", 301, "/services/api/2026/01/3"),
        ("/service-lists/core", 301, "/groups/core/"),
        ("/summary", 301, "/"),
        ("/api/v1/services", 200, "/api/v1/services.json"),
        ("/api/v1/services/api/events/current", 200, "/api/v1/services/api/events/current.json"),
        ("/admin/api/v1/levels", 200, "/admin/api/v1/levels.json"),
        ("/rss", 200, "/rss.xml"),
        ("/services/api/rss", 200, "/services/api/rss.xml"),
        ("/api/v1/services/nope", 404, "/api/404.json"),
        ("/api/v9", 404, "/api/404.json"),
        ("/admin/api/x/y", 404, "/api/404.json"),
        ("/services/nope/", 404, "/404.html"),
        ("/nothing", 404, "/404.html"),
    ],
)
def test_addresses_without_a_file(vercel: Vercel, path: str, status: int, place: str) -> None:
    assert vercel.answer(path) == (status, place)


def test_headers_are_those_of_every_host(vercel: Vercel) -> None:
    for path in paths(vercel.root):
        said = vercel.headers(path)
        assert (said["Access-Control-Allow-Origin"], said["X-Content-Type-Options"]) == ("*", "nosniff")
        assert ("immutable" in said["Cache-Control"]) == path.startswith("/assets/")
    assert "max-age=15," in vercel.headers("/status.json")["Cache-Control"]
    assert vercel.headers("/sw.js")["Cache-Control"] == "no-cache"
    assert vercel.headers("/metrics.prom")["Content-Type"].startswith("text/plain; version=0.0.4")
    assert vercel.headers("/feeds/updates.json")["Content-Type"] == "application/feed+json; charset=utf-8"
    assert vercel.headers("/feeds/updates.atom")["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert vercel.headers("/api/v1/services/api")["Content-Type"] == "application/json"
    assert vercel.headers("/services/api/rss")["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert vercel.headers("/embed/")["Content-Security-Policy"].endswith("frame-ancestors *")
    for page in ("/", "/services/api/", "/events/x/", "/history/2026/11/"):
        assert vercel.headers(page)["Content-Security-Policy"].endswith("frame-ancestors 'self'")


def test_mirrors_may_be_asked_and_renamed_pages_lead_on(project: MakeProject, invoke: Run) -> None:
    site = project(SITE)
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    vercel = Vercel(site / "build")
    assert "https://status.example.org" in vercel.headers("/")["Content-Security-Policy"]
    assert vercel.answer("/services/old-api") == (301, "/services/old-api/")
    assert vercel.answer("/services/old-api/") == (301, "/services/api/")


def test_a_thousand_renames_stay_within_the_limit(project: MakeProject, invoke: Run) -> None:
    aliases = ", ".join(f"old-{number}" for number in range(1_100))
    switches = (
        "outputs: {badges: false, calendars: false, embeds: false, feeds: false, service-json: false, "
        "stashboard-api: false, upptime-badges: false}\n"
    )
    site = project(
        {
            "site-data/site.yaml": f"title: T\n{switches}",
            "site-data/services/api.yaml": f"name: API\naliases: [{aliases}]\n",
        }
    )
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    vercel = Vercel(site / "build")
    Draft202012Validator(SCHEMA).validate(vercel.config)
    assert sum(len(vercel.config[name]) for name in MEMBERS) == ROUTES
    # A page that leads on lies there too.
    assert vercel.answer("/services/old-1099/") == (200, "/services/old-1099/index.html")
    assert vercel.answer("/services/api/2026/1") == (301, "/services/api/2026/01/")


def test_families_that_are_off_have_no_rules(project: MakeProject, invoke: Run) -> None:
    off = "outputs: {stashboard-api: false, pages: false, embeds: false}\n"
    site = project({**SITE, "site-data/site.yaml": f"title: T\n{off}"})
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    vercel = Vercel(site / "build")
    assert vercel.config["redirects"] == []
    assert {rule["destination"] for rule in vercel.config["rewrites"]} == {"/api/404.json"}
    gone = project({**SITE, "site-data/site.yaml": "title: T\noutputs: {host-files: false}\n"}, name="gone")
    assert invoke("build", "-C", gone, "--now", NOW).code == 0
    assert not (gone / "build/vercel.json").exists()
