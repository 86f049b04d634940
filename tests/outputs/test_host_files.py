"""`_headers`, `_redirects` and the settings for web servers, as hosts read them; nothing is asked of a host here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from door import NOW, MakeProject, Run
from jsonschema import Draft202012Validator
from published import Published

SITE: Final = {
    "site-data/site.yaml": "title: T\nurl: https://status.example.com\n",
    "site-data/services/api.yaml": "name: API\nsince: 2026-01-01\n",
}
# https://developers.cloudflare.com/pages/configuration/redirects/ and .../headers/
STATIC_REDIRECTS: Final = 2_000
DYNAMIC_REDIRECTS: Final = 100
REDIRECT_CHARACTERS: Final = 1_000
HEADER_RULES: Final = 100
HEADER_CHARACTERS: Final = 2_000


class Redirect(NamedTuple):
    """One line of `_redirects`."""

    source: str
    target: str
    status: int

    def match(self, path: str) -> str | None:
        """Return where Cloudflare sends a path by this line, or None."""
        found = pattern(self.source).fullmatch(path)
        if found is None:
            return None
        return re.sub(r":([A-Za-z]\w*)", lambda hole: found[hole[1]], self.target)


def pattern(source: str) -> re.Pattern[str]:
    """Return what Cloudflare makes of a path in either file: `*` is anything, `:name` one part."""
    parts = re.split(r"(\*|:[A-Za-z]\w*)", source)
    return re.compile("".join(_part(part) for part in parts))


def _part(part: str) -> str:
    if part == "*":
        return "(?P<splat>.*)"
    return f"(?P<{part[1:]}>[^/]+)" if part.startswith(":") else re.escape(part)


def redirects(build: Path) -> list[Redirect]:
    """Return the lines of `_redirects`."""
    lines = (build / "_redirects").read_text().splitlines()
    return [Redirect(source, target, int(status)) for source, target, status in map(str.split, lines)]


def headers(build: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each path of `_headers` with the lines below it."""
    for block in re.split(r"^(?=/)", (build / "_headers").read_text(), flags=re.MULTILINE)[1:]:
        path, *lines = block.splitlines()
        yield path, [line.strip() for line in lines]


def on_cloudflare(rules: Sequence[tuple[str, list[str]]], path: str) -> dict[str, str]:
    """Return the headers of a path: all rules that fit, joined by commas unless one takes back what came before."""
    said: dict[str, str] = {}
    for source, lines in rules:
        if pattern(source).fullmatch(path):
            for line in lines:
                name, _, value = line.partition(": ")
                if line.startswith("! "):
                    said.pop(line.removeprefix("! "), None)
                else:
                    said[name] = f"{said[name]}, {value}" if name in said else value
    return said


def on_netlify(rules: Sequence[tuple[str, list[str]]], path: str) -> dict[str, str]:
    """Return the headers of a path: the last rule that fits counts."""
    fitting = [line for source, lines in rules if pattern(source).fullmatch(path) for line in lines if ": " in line]
    return dict(line.split(": ", 1) for line in fitting)


def urls(build: Path) -> list[str]:
    """Return every URL that a host answers from the files alone."""
    paths = [f"/{path.relative_to(build).as_posix()}" for path in sorted(build.rglob("*")) if path.is_file()]
    assert len(paths) > 300
    return [*paths, *(path.removesuffix("index.html") for path in paths if path.endswith("/index.html"))]


def test_no_rule_comes_between_a_reader_and_a_file(demo: Path) -> None:
    # Cloudflare asks the rules before it looks for a file.
    lines = [line for line in redirects(demo) if line.status != 404]
    for url in [
        *urls(demo), "/api/v1/services.json", "/api/v1/services/api.json", "/api/v1/services/api/events.json",
        "/admin/api/v1/services/api/events/current.json", "/admin/api/v1/statuses/up.json", "/services/api/rss.xml",
        "/services/api/updates/2026.atom", "/services/api/updates.json", "/services/api/2026/11/index.html",
        "/services/api/calendar.ics", "/groups/platform/updates/2026-11.atom", "/api/api/uptime-day.json",
    ]:  # fmt: skip
        target = next((target for line in lines if (target := line.match(url))), url)
        assert target == url


def test_the_rules_fit_into_the_limits_of_cloudflare(demo: Path) -> None:
    lines = redirects(demo)
    dynamic = [line for line in lines if re.search(r"\*|:[A-Za-z]", line.source)]
    assert 0 < len(dynamic) <= DYNAMIC_REDIRECTS
    assert 0 < len(lines) - len(dynamic) <= STATIC_REDIRECTS
    assert lines[: -len(dynamic)] == [line for line in lines if line not in dynamic], "static rules come first"
    assert len({line.source for line in lines}) == len(lines)
    assert max(map(len, (demo / "_redirects").read_text().splitlines())) <= REDIRECT_CHARACTERS
    rules = list(headers(demo))
    assert 0 < len(rules) <= HEADER_RULES
    assert len({path for path, _ in rules}) == len(rules)
    assert max(map(len, (demo / "_headers").read_text().splitlines())) <= HEADER_CHARACTERS


def test_more_services_need_no_rule_more(project: MakeProject, invoke: Run) -> None:
    few = project(SITE)
    many = project({**SITE, **{f"site-data/services/s{n}.yaml": f"name: S{n}\n" for n in range(60)}}, name="many")
    for site in (few, many):
        assert invoke("build", "-C", site, "--now", NOW).code == 0
    for name in ("_headers", "_redirects", "hosts/nginx.conf", "hosts/Caddyfile", "hosts/apache.conf"):
        assert (few / "build" / name).read_bytes() == (many / "build" / name).read_bytes()


@pytest.mark.parametrize("host", [on_cloudflare, on_netlify])
def test_every_file_has_one_set_of_headers(demo: Path, host: object) -> None:
    rules = list(headers(demo))
    assert callable(host)
    for url in urls(demo):
        said: Mapping[str, str] = host(rules, url)
        assert said["Access-Control-Allow-Origin"] == "*"
        assert said["X-Content-Type-Options"] == "nosniff"
        assert said["Cache-Control"].count("max-age=") == (url != "/sw.js")
        assert ("immutable" in said["Cache-Control"]) == url.startswith("/assets/")
        assert ", " not in said.get("Content-Type", "")
        top = ("/", "/index.html", "/404.html", "/offline.html")
        if url.startswith(("/services/", "/events/", "/history/")) or url in top:
            assert said["Content-Security-Policy"].count("default-src 'none'") == 1
    assert host(rules, "/embed/")["Content-Security-Policy"].endswith("frame-ancestors *")
    assert host(rules, "/embed/compact/")["X-Robots-Tag"] == "noindex"
    assert host(rules, "/feeds/updates.json")["Content-Type"] == "application/feed+json; charset=utf-8"
    assert host(rules, "/api/v1/services/api")["Content-Type"] == "application/json"
    assert host(rules, "/services/api/rss")["Content-Type"] == "application/rss+xml; charset=utf-8"


def test_files_are_sent_with_the_type_that_the_index_says(demo: Path) -> None:
    rules, published = list(headers(demo)), Published(demo)
    said_by_path = {path: on_cloudflare(rules, f"/{path}").get("Content-Type", "") for path in published.files}
    told_by_path = {
        path: {kind.entry["type"].partition(";")[0] for kind in published.kinds_of(path)} for path in published.files
    }
    both = {path: said.partition(";")[0] for path, said in said_by_path.items() if said and told_by_path[path]}
    assert {path for path, said in both.items() if told_by_path[path] != {said}} == set()
    assert {"index.md", "feeds/updates.json", "rss.xml", "calendar.ics", "api/index.json"} <= both.keys()


def test_what_is_kept_for_ever_never_changes_under_its_name(demo: Path) -> None:
    paths = [path.relative_to(demo).as_posix() for path in (demo / "assets").rglob("*") if path.is_file()]
    assert paths
    assert [path for path in paths if not re.search(r"[./][0-9a-f]{10}[./]", path)] == []


def test_programs_are_told_of_missing_files_by_a_documented_record(demo: Path) -> None:
    schema = json.loads((demo / "schemas/missing.schema.json").read_text())
    told = json.loads((demo / "api/404.json").read_text())
    Draft202012Validator(schema).validate(told)
    assert told == {"error": True, "code": 404, "message": told["message"]}
    # Cloudflare Pages sends the nearest file of this name.
    for folder in ("api", "admin/api"):
        assert (demo / folder / "404.html").read_bytes() == (demo / "api/404.json").read_bytes()


def test_families_that_are_off_have_no_rules(project: MakeProject, invoke: Run) -> None:
    settings = SITE["site-data/site.yaml"] + "outputs: {stashboard-api: false, pages: false}\n"
    site = project({**SITE, "site-data/site.yaml": settings})
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    assert [line for line in redirects(site / "build") if line.status != 404] == []
    for name in ("nginx.conf", "Caddyfile", "apache.conf"):
        text = (site / "build/hosts" / name).read_text()
        assert [word for word in ("/v1", "day-", "summary", "|rss") if word in text] == []


def test_all_of_them_can_be_switched_off(project: MakeProject, invoke: Run) -> None:
    site = project({**SITE, "site-data/site.yaml": SITE["site-data/site.yaml"] + "outputs: {host-files: false}\n"})
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    for name in ("_headers", "_redirects", "hosts", ".nojekyll", "CNAME", "robots.txt", "api/404.json"):
        assert not (site / "build" / name).exists()


@pytest.mark.parametrize(
    "path",
    ['a"b', "a;b", "a{b}", "$a", "%22", "a%20b", "ü", "../x", "a//b", "a'b", "a\\b", "a<b", "(a|b)", "a`b", "*"],
)
def test_an_address_that_settings_cannot_hold_gets_none(project: MakeProject, invoke: Run, path: str) -> None:
    address = json.dumps(f"https://example.com/{path}", ensure_ascii=False)
    site = project({**SITE, "site-data/site.yaml": f"title: T\nurl: {address}\n"})
    result = invoke("build", "-C", site, "--now", NOW)
    assert result.code == 0, result.err
    assert not (site / "build/hosts").exists()
    assert (site / "build/_headers").exists()


def test_names_and_titles_stand_in_no_settings(project: MakeProject, invoke: Run) -> None:
    site = project(
        {
            "site-data/site.yaml": f"title: {json.dumps('T;}{$x')}\nurl: https://example.com/a.b~c_d/\n",
            "site-data/services/api.yaml": f"name: {json.dumps('A;}{$x')}\n",
        }
    )
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    for name in ("_headers", "_redirects", "hosts/nginx.conf", "hosts/Caddyfile", "hosts/apache.conf"):
        assert "$x" not in (site / "build" / name).read_text()
    for name in ("nginx.conf", "Caddyfile", "apache.conf"):
        assert "/a.b~c_d/" in (site / "build/hosts" / name).read_text()
