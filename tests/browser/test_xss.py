"""Known XSS strings go through every text field of every record; in a browser nothing of them runs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple, TypedDict

import pytest
from door import Run, write_files
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, ProxySettings
from rich_site import Serve, build_at
from xss_strings import VECTORS, armed, armed_line

from stashgen.urls import API_NOT_FOUND_PAGES

PROBE: Final = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")
NUMBERS: Final = range(len(VECTORS))
EVERYTHING: Final = " ".join(armed_line(number) for number in NUMBERS)
PICTURE: Final = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
LOGO: Final = "\"onerror='alert(1)'><script>alert(1)<script>.svg"
KINDS: Final[Mapping[str, Mapping[str, object]]] = {
    "notice": {"pinned": True},
    "maintenance": {"services": ["v1"], "planned": {"start": "2026-11-28T08:00:00Z", "end": "2026-11-28T09:00:00Z"}},
}
HOSTILE_TARGETS: Final = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "\tjavascript:alert(1)",
    "\x01javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\u00a0javascript:alert(1)",
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


def hostile_settings() -> Iterator[tuple[str, str]]:
    """Yield a small site in whose settings, which every page shows, every field that takes text holds vectors."""
    links = [{"title": armed_line(number), "url": hostile_url(number)} for number in NUMBERS]
    yield "site.yaml", yaml_of({
        "title": EVERYTHING, "description": EVERYTHING, "url": "https://x.example/a\"onmouseover='x'/<b>/",
        "repository": hostile_url(22), "mirrors": [hostile_url(number) for number in NUMBERS], "links": links,
        "logo": LOGO, "favicon": LOGO,
    })  # fmt: skip
    yield f"static/{LOGO}", PICTURE
    yield "services/api.yaml", "name: API\n"
    yield "groups/all.yaml", "name: All\n"
    yield "events/outage.yaml", yaml_of({
        "title": "Outage", "services": {"api": "down"},
        "updates": [{"at": "2026-11-23T08:00:00Z", "message": "x"}],
    })  # fmt: skip


def hostile_records() -> Iterator[tuple[str, str]]:
    """Yield a site with one record of each kind a vector, which stands in every field that takes text."""
    yield "site.yaml", "title: Hostile\nrecent_days: 3\nurl: https://x.example/\n"
    for number in NUMBERS:
        line, text = armed_line(number), armed(number)
        icon = "" if "/" in line else f"{line}.svg"  # a file may be named almost anything
        yield f"statuses/s{number}.yaml", yaml_of({"name": line, "description": line, "level": "ERROR", "icon": icon})
        if icon:
            yield f"static/{icon}", PICTURE
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
    for kind, extra in KINDS.items():
        yield f"events/{kind}.yaml", yaml_of({
            "title": EVERYTHING, "kind": kind, "tags": [EVERYTHING], **extra,
            "updates": [{"at": "2026-11-22T08:00:00Z", "message": EVERYTHING}],
        })  # fmt: skip


def hostile_url(number: int) -> str:
    return "https://x.example/" + "".join(armed_line(number).split())


class Site(NamedTuple):
    output: Path
    address: str

    @property
    def pages(self) -> list[str]:
        found = (path.relative_to(self.output).as_posix() for path in self.output.rglob("*.html"))
        return sorted(path for path in found if path not in API_NOT_FOUND_PAGES)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> Site:
    return built(tmp_path_factory.mktemp("records"), hostile_records(), serve)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> Site:
    return built(tmp_path_factory.mktemp("settings"), hostile_settings(), serve)


def built(project: Path, files: Iterator[tuple[str, str]], serve: Serve) -> Site:
    write_files(project / "site-data", dict(files))
    output = build_at(project)
    return Site(output, serve(output))


class Seen(TypedDict):
    traps: list[str]
    text: str


class _Elsewhere(BaseHTTPRequestHandler):
    """The rest of the internet, as a proxy: it answers nothing and remembers what it was asked for."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        if not self.path.endswith(".googleapis.com:443"):  # Chromium's own, about the fields of a form
            self.asked.append(f"request {self.path}")
        self.send_error(404)

    do_CONNECT = do_POST = do_GET  # noqa: N815  # as above

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it
        pass


class Watch:
    """Notes whatever a page does that it should not: dialogs, marks of scripts, requests to elsewhere, errors."""

    def __init__(self, context: BrowserContext, asked: list[str]) -> None:
        self.seen = asked
        context.add_init_script(PROBE)
        self.page: Page = context.new_page()
        self.page.on("dialog", self._dismiss)
        self.page.on("pageerror", lambda error: self.seen.append(f"error {error}"))

    def visit(self, site: Site, path: str) -> list[str]:
        """Open a page and return what it did and what it holds that would."""
        del self.seen[:]
        self.page.goto(f"{site.address}/{path}", wait_until="load")
        found: list[str] = self.page.evaluate("probe.traps()")
        return [*self.seen, *found]

    def visit_all(self, site: Site, paths: list[str]) -> dict[str, Seen]:
        """Open pages in frames of the dashboard and return what they hold; `seen` has what they did."""
        self.visit(site, "index.html")
        found: dict[str, Seen] = self.page.evaluate("paths => probe.visitAll(paths)", paths)
        return found

    def _dismiss(self, dialog: Dialog) -> None:
        self.seen.append(f"dialog {dialog.message}")
        dialog.dismiss()


@pytest.fixture(scope="module")
def watch(chromium: Browser) -> Iterator[Watch]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    proxy: ProxySettings = {"server": f"http://127.0.0.1:{server.server_address[1]}", "bypass": "127.0.0.1"}
    context = chromium.new_context(proxy=proxy)
    yield Watch(context, _Elsewhere.asked)
    context.close()
    server.shutdown()
    server.server_close()


def number_of(path: str) -> int:
    return int("".join(filter(str.isdigit, path.split("/")[1])))


def plain(text: str) -> str:
    """Return text as a reader sees it: without marks of direction, and any space one space."""
    return " ".join(text.translate(dict.fromkeys(map(ord, "\u2068\u2069"))).split())


def test_nothing_of_the_settings_runs(settings: Site, watch: Watch) -> None:
    assert {path: found for path in settings.pages if (found := watch.visit(settings, path))} == {}
    title = watch.page.locator("header .brand").text_content() or ""
    assert plain(EVERYTHING) in plain(title)


def test_nothing_of_the_records_runs_and_all_of_it_can_be_read(records: Site, watch: Watch) -> None:
    assert watch.visit(records, "index.html") == []
    # The names that stand on the pages of groups and months stand on the dashboard and on those of services too.
    paths = [f"{page}{number}/index.html" for number in NUMBERS for page in ("events/e", "services/v")]
    paths += [f"groups/g{number}/index.html" for number in NUMBERS[::5]]
    paths += [f"services/v{number}/2026/11/index.html" for number in NUMBERS[::5]]
    pages = watch.visit_all(records, [*paths, "history/index.html", "history/2026/11/index.html", "404.html"])
    assert watch.seen == []
    assert {path: page["traps"] for path, page in pages.items() if page["traps"]} == {}
    unread = [path for path in paths if plain(armed_line(number_of(path))) not in plain(pages[path]["text"])]
    assert unread == []


def test_the_watch_would_see_it(records: Site, watch: Watch) -> None:
    planted = records.output / "planted.html"
    planted.write_text(
        f"<!DOCTYPE html><title>x</title>{armed(0)}<img src=//evil.example/1.png onload=x><script>alert(1)</script>",
        encoding="utf-8",
    )
    alone = "\n".join(watch.visit(records, "planted.html"))
    framed = "\n".join(watch.visit_all(records, ["planted.html"])["planted.html"]["traps"] + watch.seen)
    planted.unlink()
    for sign in ("ran 0", "dialog 1", "request http://evil.example/1.png", "IMG onload=x"):
        assert sign in alone
        assert sign in framed


@pytest.mark.parametrize("target", HOSTILE_TARGETS)
def test_a_link_that_would_run_is_refused(project: Any, invoke: Run, target: str) -> None:
    for record in ({"links": [{"title": "x", "url": target}]}, {"url": target}, {"repository": target}):
        folder = project({
            "site-data/site.yaml": yaml_of({"title": "x", **record}),
            "site-data/services/a.yaml": "name: A\n",
        })  # fmt: skip
        result = invoke("check", cwd=folder)
        assert result.code == 1
        assert "site.yaml:2" in result.out + result.err
    folder = project({
        "site-data/site.yaml": "title: x\n",
        "site-data/services/a.yaml": yaml_of({"name": "A", "url": target}),
    })  # fmt: skip
    assert invoke("check", cwd=folder).code == 1
