"""Known XSS strings go through every text field of every record; in a browser nothing of them runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from door import Run, write_files
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, Route
from rich_site import Serve, build_at
from xss_strings import VECTORS, armed, armed_line

PROBE: Final = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")
NUMBERS: Final = range(len(VECTORS))
EVERYTHING: Final = " ".join(armed_line(number) for number in NUMBERS)
HOSTILE_TARGETS: Final = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "\tjavascript:alert(1)",
    "\x01javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\u00a0javascript:alert(1)",
    "\ufeffjavascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://x.example/1",
    "view-source:javascript:alert(1)",
    "feed:javascript:alert(1)",
)


def yaml_of(record: Mapping[str, object]) -> str:
    """Return a record as YAML: JSON is YAML, with every character that is not ASCII escaped."""
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in record.items())


def hostile_files() -> Iterator[tuple[str, str]]:
    """Yield files in which every field that takes text holds a vector: one record of each kind a vector."""
    links = [{"title": armed_line(number), "url": hostile_url(number)} for number in NUMBERS]
    yield "site.yaml", yaml_of({
        "title": EVERYTHING, "description": EVERYTHING, "url": "https://x.example/a\"onmouseover='x'/<b>/",
        "repository": hostile_url(22), "mirrors": [hostile_url(number) for number in NUMBERS], "links": links,
        "recent_days": 3,
    })  # fmt: skip
    for number in NUMBERS:
        line, text = armed_line(number), armed(number)
        yield f"statuses/s{number}.yaml", yaml_of({"name": line, "description": line, "level": "ERROR", "icon": line})
        yield f"groups/g{number}.yaml", yaml_of({"name": line, "description": line, "external_id": line})
        yield f"services/v{number}.yaml", yaml_of({
            "name": f"{number} {line}", "description": line, "group": f"g{number}", "url": hostile_url(number),
            "external_id": line,
        })  # fmt: skip
        yield f"events/e{number}.yaml", yaml_of({
            "title": line, "services": {f"v{number}": f"s{number}"}, "external_id": line, "source": line,
            "tags": [line], "postmortem": text,
            "updates": [{"at": "2026-11-23T08:00:00Z", "state": "investigating", "message": text}],
        })  # fmt: skip
    yield "events/notice.yaml", yaml_of({
        "title": EVERYTHING, "kind": "notice", "pinned": True,
        "updates": [{"at": "2026-11-22T08:00:00Z", "message": EVERYTHING}],
    })  # fmt: skip
    yield "events/works.yaml", yaml_of({
        "title": EVERYTHING, "kind": "maintenance", "services": ["v1"],
        "planned": {"start": "2026-11-28T08:00:00Z", "end": "2026-11-28T09:00:00Z"},
        "updates": [{"at": "2026-11-22T08:00:00Z", "message": EVERYTHING}],
    })  # fmt: skip


def hostile_url(number: int) -> str:
    return "https://x.example/" + "".join(armed_line(number).split())


class Site(NamedTuple):
    output: Path
    address: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> Site:
    project = tmp_path_factory.mktemp("hostile")
    write_files(project / "site-data", dict(hostile_files()))
    output = build_at(project)
    return Site(output, serve(output))


class Watch:
    """Notes whatever a page does that it should not: dialogs, marks of scripts, requests to elsewhere, errors."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.seen: list[str] = []
        self._address = address
        context.add_init_script(PROBE)
        context.route(lambda url: not url.startswith(address), self._refuse)
        self.page: Page = context.new_page()
        self.page.on("dialog", self._dismiss)
        self.page.on("pageerror", lambda error: self.seen.append(f"error {error}"))
        self.page.on("framenavigated", lambda frame: self._note(frame.url))
        context.on("request", self._noted)

    def visit(self, path: str) -> list[str]:
        """Open a page, touch everything on it, and return what it did."""
        self.seen.clear()
        self.page.goto(f"{self._address}/{path}", wait_until="load")
        traps: list[str] = self.page.evaluate("probe.traps()")
        self.page.evaluate("probe.touch()")
        marks: Any = self.page.evaluate("window.__xss ?? null")
        return [*self.seen, *traps, *([f"ran {marks}"] if marks else [])]

    def _dismiss(self, dialog: Dialog) -> None:
        self.seen.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _refuse(self, route: Route) -> None:
        self._note(route.request.url)
        route.abort()

    def _noted(self, request: Request) -> None:
        self._note(request.url)

    def _note(self, url: str) -> None:
        if not url.startswith((self._address, "about:blank")):
            self.seen.append(f"request {url}")


@pytest.fixture
def watch(chromium: Browser, site: Site) -> Iterator[Watch]:
    context = chromium.new_context()
    yield Watch(context, site.address)
    context.close()


def plain(text: str) -> str:
    """Return text as a reader sees it: without marks of direction, and any space one space."""
    return " ".join(text.translate(dict.fromkeys(map(ord, "\u2068\u2069"))).split())


def test_nothing_runs_on_any_page(site: Site, watch: Watch) -> None:
    paths = sorted(path.relative_to(site.output).as_posix() for path in site.output.rglob("*.html"))
    assert len(paths) > 4 * len(VECTORS)
    caught = {path: found for path in paths if (found := watch.visit(path))}
    assert caught == {}


def test_the_watch_would_see_it(watch: Watch, site: Site) -> None:
    (site.output / "planted.html").write_text(
        f"<!DOCTYPE html><title>x</title>{armed(0)}<img src=//evil.example/1.png onload=x><script>alert(1)</script>",
        encoding="utf-8",
    )
    found = "\n".join(watch.visit("planted.html"))
    (site.output / "planted.html").unlink()
    for sign in ("ran [0]", "dialog 1", "request http://evil.example/1.png", "IMG onload=x"):
        assert sign in found


def test_every_string_can_still_be_read(site: Site, watch: Watch) -> None:
    for number in NUMBERS:
        watch.page.goto(f"{site.address}/events/e{number}/index.html")
        heading = watch.page.locator("h1").text_content() or ""
        assert plain(armed_line(number)) in plain(heading)


@pytest.mark.parametrize("target", HOSTILE_TARGETS)
def test_a_link_that_would_run_is_refused(project: Any, invoke: Run, target: str) -> None:
    for record in ({"links": [{"title": "x", "url": target}]}, {"url": target}, {"repository": target}):
        folder = project({
            "site-data/site.yaml": yaml_of({"title": "x", **record}),
            "site-data/services/a.yaml": "name: A\n",
        })  # fmt: skip
        result = invoke("check", folder)
        assert result.code == 1
        assert "site.yaml:2" in result.out + result.err
    folder = project({
        "site-data/site.yaml": "title: x\n",
        "site-data/services/a.yaml": yaml_of({"name": "A", "url": target}),
    })  # fmt: skip
    assert invoke("check", folder).code == 1
