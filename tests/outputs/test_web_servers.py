"""nginx, Caddy and Apache with the settings that a site brings along: one table of expectations for all of them."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from door import NOW, run_stashgen, write_files
from webservers import SERVERS, Answer, Place, Server, free_port, program, running

BASES: Final = ("/", "/team/status/")
SITE: Final = {
    "site-data/groups/core.yaml": "name: Core\n",
    "site-data/services/api.yaml": "name: API\ngroup: core\nsince: 2026-01-01\n",
    "site-data/events/2026/2026-11-03-errors.yaml": (
        "title: Errors on the API\nservices: {api: down}\nupdates:\n"
        "  - at: 2026-11-03T10:00:00Z\n    message: We see **5xx**.\n"
        "  - at: 2026-11-03T10:20:00Z\n    state: resolved\n    message: Over.\n"
    ),
    "site-data/static/note.txt": "Grüße\n",
    "site-data/static/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
}
# What may lie in the folder besides, and is nobody's to read.
SECRETS: Final = {".git/config": "[core]\n", "services/.secret": "secret"}

HTML: Final = "text/html; charset=utf-8"
JSON: Final = "application/json"
FEED_JSON: Final = "application/feed+json; charset=utf-8"
RSS: Final = "application/rss+xml; charset=utf-8"
SHORT: Final = "public, max-age=60, stale-while-revalidate=60, stale-if-error=86400"


class Site(NamedTuple):
    """A site that a server serves."""

    server: Server
    base: str
    folder: Path

    def ask(self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a path below the site's own."""
        return self.server.ask(self.base + path, method, headers)

    def file(self, path: str) -> bytes:
        """Return the bytes of a file of the site."""
        return (self.folder / path).read_bytes()


@pytest.fixture(scope="session")
def built(_session_environ: None) -> Iterator[Mapping[str, Path]]:
    """Yield the folder of the built site for each base; a server that gives up root's rights can read it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield {base: _build(folder / f"site-{number}", base) for number, base in enumerate(BASES)}


def _build(folder: Path, base: str) -> Path:
    settings = f"title: Status\nurl: https://example.com{base}\n"
    project = write_files(folder, {**SITE, "site-data/site.yaml": settings})
    result = run_stashgen("build", "-C", project, "--now", NOW, cwd=folder)
    assert result.code == 0, result.err
    return write_files(folder / "build", SECRETS)


@pytest.fixture(scope="session", params=[(name, base) for name in SERVERS for base in BASES], ids="".join)
def site(request: pytest.FixtureRequest, built: Mapping[str, Path]) -> Iterator[Site]:
    """Yield the site on each server, at the root of its host and below a path."""
    name, base = request.param
    scratch = Path(tempfile.mkdtemp())
    try:
        with running(name, Place(built[base], scratch, base, free_port())) as server:
            yield Site(server, base, built[base])
    finally:
        shutil.rmtree(scratch)


@pytest.mark.parametrize(
    ("path", "file", "content_type"),
    [
        ("", "index.html", HTML),
        ("index.html", "index.html", HTML),
        ("services/api/", "services/api/index.html", HTML),
        ("services/api/2026/11/", "services/api/2026/11/index.html", HTML),
        ("services/api/2026/11/index.html", "services/api/2026/11/index.html", HTML),
        ("status.json", "status.json", JSON),
        ("status.json?t=1", "status.json", JSON),
        ("api/v2/summary.json", "api/v2/summary.json", JSON),
        ("api/v1/services.json", "api/v1/services.json", JSON),
        ("api/v1/services/api.json", "api/v1/services/api.json", JSON),
        ("api/v1/services/api/events/current.json", "api/v1/services/api/events/current.json", JSON),
        ("feeds/updates.json", "feeds/updates.json", FEED_JSON),
        ("services/api/events.json", "services/api/events.json", FEED_JSON),
        ("feeds/updates.atom", "feeds/updates.atom", "application/atom+xml; charset=utf-8"),
        ("services/api/updates/2026.atom", "services/api/updates/2026.atom", "application/atom+xml; charset=utf-8"),
        ("feeds/updates.rss", "feeds/updates.rss", RSS),
        ("history.rss", "history.rss", RSS),
        ("rss", "rss.xml", RSS),
        ("rss.xml", "rss.xml", RSS),
        ("services/api/rss", "services/api/rss.xml", RSS),
        ("sitemap.xml", "sitemap.xml", "application/xml; charset=utf-8"),
        ("calendar.ics", "calendar.ics", "text/calendar; charset=utf-8"),
        ("history.csv", "history.csv", "text/csv; charset=utf-8"),
        ("robots.txt", "robots.txt", "text/plain; charset=utf-8"),
        ("index.md", "index.md", "text/plain; charset=utf-8"),
        ("static/note.txt", "static/note.txt", "text/plain; charset=utf-8"),
        ("static/logo.svg", "static/logo.svg", "image/svg+xml; charset=utf-8"),
        ("badges/status.svg", "badges/status.svg", "image/svg+xml; charset=utf-8"),
        ("embed.js", "embed.js", "text/javascript; charset=utf-8"),
        ("embed/", "embed/index.html", HTML),
        ("hosts/nginx.conf", "hosts/nginx.conf", "text/plain; charset=utf-8"),
        ("stashgen-manifest.json", "stashgen-manifest.json", JSON),
    ],
)
def test_files_are_served_with_their_types_for_everybody(site: Site, path: str, file: str, content_type: str) -> None:
    answer = site.ask(path)
    assert (answer.status, answer.headers["content-type"]) == (200, content_type)
    assert answer.body == site.file(file)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-expose-headers"] == "ETag"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "x-frame-options" not in answer.headers


TREES: Final = ("api/v1", "admin/api/v1")
RESOURCES: Final = [
    f"{base}/{resource}.json"
    for base in TREES
    for resource in (
        "services", "services/api", "services/api/events", "services/api/events/current", "statuses", "statuses/up",
        "service-lists", "service-lists/core", "status-images", "levels",
    )
]  # fmt: skip


@pytest.mark.parametrize("path", [*RESOURCES, *(f"{base}/services/api/events/{{sid}}.json" for base in TREES)])
def test_the_urls_of_stashboard_are_answered_at_once(site: Site, path: str) -> None:
    newest = json.loads(site.file("api/v1/services/api/events/current.json"))
    path = path.format(sid=newest["sid"])
    answer = site.ask(path.removesuffix(".json") + "?start=2026-11-01")
    assert (answer.status, answer.headers["content-type"]) == (200, JSON)
    assert answer.body == site.file(path)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == SHORT
    assert site.ask(path.removesuffix(".json"), "HEAD").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "api/v1/services/", "api/v1/services/api/", "api/v1/services/api/events/", "api/v1/services/nothing",
        "api/v1/services/nothing/events/current", "api/v1/services/api/events/none", "api/v1/nothing", "api/v1",
        "api/v1/",
        "api/v3/services", "admin/api/v1/statuses/nothing", "admin/api/v1/nothing", "api/v2/nothing.json",
    ],
)  # fmt: skip
def test_programs_are_told_in_json_what_is_not_there(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert (answer.status, answer.headers["content-type"]) == (404, JSON)
    told = json.loads(answer.body)
    assert (told["error"], told["code"], type(told["message"])) == (True, 404, str)
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "path",
    [
        "nothing", "nothing/", "services/nothing/", "services/nothing", "assets/gone.0123456789.css", "feeds/none.atom",
        "feeds/none.json", "hosts/", "hosts", "assets/", ".git/config", ".git/", "services/.secret", ".nojekyll",
        "x%0d%0aX-Evil:%201", "services/api/2026/11/3%0d%0aX-Evil:%201", "services/api/2026/11/%0a3", "%0a",
    ],
)  # fmt: skip
def test_people_are_shown_the_sites_own_page_for_what_is_not_there(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert (answer.status, answer.headers["content-type"]) == (404, HTML)
    assert answer.body == site.file("404.html")
    assert answer.headers["cache-control"] == SHORT
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("services/api/2026/11/3", "services/api/2026/11/#day-03"),
        ("services/api/2026/11/03", "services/api/2026/11/#day-03"),
        ("services/api/2026/11/30", "services/api/2026/11/#day-30"),
        ("services/api/2026/4/9", "services/api/2026/04/9"),
        ("services/api/2026/04/9", "services/api/2026/04/#day-09"),
        ("services/api/2026/4", "services/api/2026/04/"),
        ("service-lists/core", "groups/core/"),
        ("summary", ""),
    ],
)
def test_stashboards_pages_have_moved_for_good(site: Site, path: str, target: str) -> None:
    answer = site.ask(path)
    assert answer.status == 301
    assert re.sub(r"^http://127\.0\.0\.1:\d+", "", answer.headers["location"]) == site.base + target


def test_a_folder_is_named_with_a_slash(site: Site) -> None:
    for path in ("services/api", "services/api/2026/11", "embed"):
        answer = site.ask(path)
        assert answer.status in (301, 308)
        assert re.sub(r"^http://127\.0\.0\.1:\d+", "", answer.headers["location"]) == f"{site.base}{path}/"
    if site.base != "/":
        answer = site.server.ask(site.base.rstrip("/"))
        assert re.sub(r"^http://127\.0\.0\.1:\d+", "", answer.headers["location"]) == site.base


def test_each_kind_of_file_is_kept_as_long_as_it_holds(site: Site) -> None:
    style = next(path for path in (site.folder / "assets").iterdir() if path.suffix == ".css")
    assert site.ask(f"assets/{style.name}").headers["cache-control"] == "public, max-age=31536000, immutable"
    assert site.ask("").headers["cache-control"] == SHORT
    assert site.ask("feeds/updates.atom").headers["cache-control"] == SHORT
    assert "max-age=600," in site.ask("static/logo.svg").headers["cache-control"]
    assert "max-age=15," in site.ask("status.json").headers["cache-control"]


@pytest.mark.parametrize("path", ["status.json", "", "api/v1/services", "feeds/updates.atom", "rss", "embed.js"])
def test_who_has_the_file_is_not_sent_it_again(site: Site, path: str) -> None:
    first = site.ask(path)
    again = site.ask(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["cache-control"] == first.headers["cache-control"]
    assert again.headers["access-control-allow-origin"] == "*"
    assert site.ask(path, headers={"If-None-Match": '"other"'}).status == 200
    since = site.ask(path, headers={"If-Modified-Since": first.headers["last-modified"]})
    assert (since.status, since.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["status.json", "api/v1/services", "api/v1/services/api", "rss", "feeds/updates.json", "", "badges/status.svg"],
)
def test_scripts_of_other_sites_may_ask_first(site: Site, path: str) -> None:
    asked = {
        "Origin": "https://intranet.example", "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }  # fmt: skip
    answer = site.ask(path, "OPTIONS", asked)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert answer.headers["access-control-allow-headers"] == "*"
    assert "access-control-allow-methods" not in site.ask(path).headers


@pytest.mark.parametrize("path", ["api/v1/services", "admin/api/v1/services/api/events", "status.json", ""])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nobody_is_made_to_believe_that_something_was_written(site: Site, path: str, method: str) -> None:
    assert site.ask(path, method).status == 405


def test_pages_stand_in_frames_of_others_only_where_they_are_made_for_it(site: Site) -> None:
    for path in ("", "services/api/", "services/api/2026/11/", "groups/core/", "history/", "404.html"):
        policy = site.ask(path).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';")
        assert policy.endswith("frame-ancestors 'self'")
        assert "x-robots-tag" not in site.ask(path).headers
    for path in ("embed/", "embed/compact/"):
        assert site.ask(path).headers["content-security-policy"].endswith("frame-ancestors *")
        assert site.ask(path).headers["x-robots-tag"] == "noindex"


def test_a_machine_without_a_server_fails_and_is_told_what_to_do() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"no lighttpd-of-nobody found: run `make programs`"):
        program("lighttpd-of-nobody")


def test_beside_the_site_the_host_is_left_alone(site: Site) -> None:
    is_alone = site.base == "/"
    for path in ("/elsewhere", "/team/status-of-others", "/team/"):
        answer = site.server.ask(path)
        assert (answer.body == site.file("404.html")) == is_alone
        assert ("access-control-allow-origin" in answer.headers) == is_alone
