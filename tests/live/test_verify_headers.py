"""`stashgen verify`: what is said beside the bytes, and how much it matters."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from door import MakeProject, Run
from live_host import Change, LiveHost, Reply, live, only, verified
from webservers import SERVERS, Place, free_port, running

PAGE = "services/api/index.html"
EVERY_FILE_FOR_TEN_MINUTES = "max-age=600"  # what a well-known free host says of everything


def said(name: str, value: str | None) -> Change:
    """Return a change that sets a header of every reply, or takes it away."""

    def change(_: str, reply: Reply) -> Reply:
        headers = {key: one for key, one in reply.headers.items() if key != name}
        return reply._replace(headers=headers if value is None else {**headers, name: value})

    return change


def said_of(path: str, name: str, value: str) -> Change:
    """Return a change that sets a header of one file."""
    return only(path, lambda reply: said(name, value)(path, reply))


@pytest.mark.parametrize("name", SERVERS)
def test_real_servers_with_the_settings_of_a_build_leave_nothing_to_say(invoke: Run, built: Path, name: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o755)
        site = shutil.copytree(built, Path(scratch) / "site")
        (Path(scratch) / "own").mkdir()
        with running(name, Place(site, Path(scratch) / "own", "/", free_port())) as server:
            found = verified(invoke, f"http://127.0.0.1:{server.port}", "--against", built)
    assert (found.code, found.errors, found.warnings) == (0, [], []), found.messages


@pytest.mark.parametrize(
    ("path", "content_type", "severity"),
    [
        ("index.html", "text/plain", "error"),
        ("status.json", "text/html; charset=utf-8", "error"),
        (PAGE, "text/html; charset=iso-8859-1", "error"),
        ("embed.js", "application/octet-stream", "error"),
        ("badges/status.svg", "text/plain", "error"),
        ("history.csv", "text/csv", "warning"),
        ("calendar.ics", "application/octet-stream", "warning"),
        ("feeds/updates.atom", "application/octet-stream", "warning"),
        ("embed.js", "application/javascript; charset=utf-8", None),
        ("sitemap.xml", "text/xml; charset=utf-8", None),
        ("feeds/updates.json", "application/json", None),
        ("feeds/updates.atom", "application/xml", None),
        ("index.html", "text/html", None),
        ("_headers", "application/octet-stream", None),
    ],
)
def test_a_type_matters_as_far_as_browsers_and_programs_mind(
    invoke: Run, host: LiveHost, path: str, content_type: str, severity: str | None
) -> None:
    host.change = said_of(path, "Content-Type", content_type)
    found = verified(invoke, host.url)
    assert found.of("error") == ([("type", path)] if severity == "error" else [])
    assert found.of("warning") == ([("type", path)] if severity == "warning" else [])


@pytest.mark.parametrize(
    ("path", "cache", "severity"),
    [
        ("status.json", EVERY_FILE_FOR_TEN_MINUTES, None),
        ("status.json", "max-age=601", "warning"),
        ("status.json", "max-age=86400", "error"),
        ("status.json", "public, s-maxage=7200, max-age=0", "error"),
        ("status.json", "no-store, max-age=86400", None),
        ("index.html", "max-age=7200", "error"),
        ("index.html", "max-age=60, immutable", "error"),
        (PAGE, "max-age=3600", None),
        (PAGE, "max-age=7200", "warning"),
        (PAGE, "max-age=31536000", "error"),
        ("stashgen-manifest.json", "max-age=86400", "error"),
    ],
)
def test_a_copy_that_is_kept_too_long_hides_the_news(
    invoke: Run, host: LiveHost, path: str, cache: str, severity: str | None
) -> None:
    host.change = said_of(path, "Cache-Control", cache)
    found = verified(invoke, host.url)
    assert (found.code, found.of("error")) == ((1, [("header", path)]) if severity == "error" else (0, []))
    assert found.of("warning") == ([("header", path)] if severity == "warning" else [])


def test_a_host_that_cannot_be_told_headers_is_warned_of_in_a_few_lines(invoke: Run, host: LiveHost) -> None:
    kept = ("Content-Type", "Access-Control-Allow-Origin")
    host.change = lambda _, reply: reply._replace(
        headers={name: value for name, value in reply.headers.items() if name in kept}
        | {"Cache-Control": EVERY_FILE_FOR_TEN_MINUTES}
    )
    found = verified(invoke, host.url)
    assert (found.code, found.errors) == (0, [])
    text = invoke("verify", host.url, "--now", "2026-11-23T10:30:00Z")
    assert text.code == 0
    assert 2 <= len(text.out.splitlines()) <= 8
    assert "more: sends no X-Content-Type-Options: nosniff" in text.out
    strict = invoke("verify", host.url, "--now", "2026-11-23T10:30:00Z", "--strict")
    assert strict.code == 1


def test_scripts_of_mirrors_must_be_able_to_read_the_status(invoke: Run, run: Run, project: MakeProject) -> None:
    settings = "title: T\nurl: https://a.example/\nmirrors: [https://b.example/]\n"
    folder = project({"site-data/site.yaml": settings})
    assert run("build", "-C", folder, "--now", "2026-11-23T10:30:00Z").code == 0
    with live(folder / "build") as host:
        with_policies = verified(invoke, host.url)
        host.change = said("Access-Control-Allow-Origin", None)
        found = verified(invoke, host.url, "--quick")
    assert with_policies.errors == []
    assert "keeps pages from asking" in with_policies.messages  # the host was told of no mirrors
    assert found.errors == [("header", "status.json")]


def test_an_echo_of_who_asks_is_as_good(invoke: Run, host: LiveHost) -> None:
    host.change = said("Access-Control-Allow-Origin", "https://reader.invalid")
    assert verified(invoke, host.url).warnings == []
    host.change = said("Access-Control-Allow-Origin", "https://status.example.com")
    assert ("header", "status.json") in verified(invoke, host.url, "--quick").warnings


def test_frames_and_search_engines(invoke: Run, host: LiveHost) -> None:
    host.change = said("X-Frame-Options", "DENY")
    found = verified(invoke, host.url)
    assert found.errors == [("header", "embed/compact/index.html"), ("header", "embed/index.html")]
    host.change = said("X-Robots-Tag", "noindex")
    found = verified(invoke, host.url, "--quick")
    assert (found.errors, found.warnings) == ([], [("header", "index.html")])
