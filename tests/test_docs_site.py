"""The manual as a site: it builds without a warning, every link leads somewhere, and it asks nobody else."""

from __future__ import annotations

import functools
import html.parser
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import pytest
from door import child_environ
from playwright.sync_api import Browser

REPOSITORY: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = "https://code.example.com/owner/stashgen/blob/main"
LOADING: Final = {"img": "src", "script": "src", "source": "srcset", "link": "href", "iframe": "src"}
LOOSE: Final = frozenset({"canonical", "alternate", "index", "search", "next", "prev", "author"})


class Links(html.parser.HTMLParser):
    """What a page leads to, what it loads, and the ids in it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.leads: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag."""
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given["id"]} if "id" in given else set()
        if tag == "a" and "href" in given:
            self.leads.append(given["href"])
        elif tag in LOADING and given.get(LOADING[tag]) and given.get("rel") not in LOOSE:
            self.loads.append(given[LOADING[tag]])


@pytest.fixture(scope="module")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site as `make docs-site` builds it, and as it is published."""
    out = tmp_path_factory.mktemp("manual") / "the manual"
    done = subprocess.run(
        [sys.executable, REPOSITORY / "docs" / "manual.py", out, "--source", f"{SOURCE}/"],
        cwd=REPOSITORY,
        env=child_environ({"PYTHONWARNINGS": ""}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return out


@pytest.fixture(scope="module")
def pages(manual: Path) -> dict[Path, Links]:
    """Return every page, read."""
    return {path: Links(path) for path in sorted(manual.rglob("*.html"))}


@pytest.fixture(scope="module")
def address(manual: Path) -> Iterator[str]:
    """Yield the address of the site, served below a path as it is published."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            pass

    serve = functools.partial(Quiet, directory=str(manual.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/the%20manual/"
        server.shutdown()


def test_every_page_of_the_manual_is_in_the_site(manual: Path) -> None:
    wanted = {path.with_suffix(".html").name for path in (REPOSITORY / "docs").glob("*.md")}
    elsewhere = {"about.html", "action.html", "benchmarks.html", "changelog.html", "contributing.html"}
    assert wanted | elsewhere <= {path.name for path in manual.glob("*.html")}


def test_every_link_leads_to_a_page_and_a_heading(manual: Path, pages: dict[Path, Links]) -> None:
    missing = []
    for page, links in pages.items():
        for link in [*links.leads, *links.loads]:
            parts = urlsplit(link)
            if parts.scheme or link == "#":
                continue
            there = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not there.is_file() or (there in pages and parts.fragment and parts.fragment not in pages[there].ids):
                missing.append(f"{page.name}: {link}")
    assert missing == []


def test_links_to_files_that_are_no_pages_show_them_at_the_code_host(pages: dict[Path, Links]) -> None:
    sources = {link for links in pages.values() for link in links.leads if link.startswith(SOURCE)}
    assert f"{SOURCE}/LICENSE" in sources
    assert [
        link for link in sources if not (REPOSITORY / urlsplit(link.removeprefix(f"{SOURCE}/")).path).exists()
    ] == []
    assert [link for links in pages.values() for link in links.leads if urlsplit(link).path.endswith(".md")] == []


def test_the_site_names_no_other_host_to_load_from(manual: Path, pages: dict[Path, Links]) -> None:
    assert [link for links in pages.values() for link in links.loads if urlsplit(link).netloc] == []
    for style in manual.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert re.findall(r"@import|url\(\s*[\"']?(?:https?:)?//", text) == [], style.name


def test_a_browser_asks_nobody_else_and_finds_what_is_searched(chromium: Browser, address: str) -> None:
    page = chromium.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    page.get_by_role("link", name="Derivation", exact=True).first.click()
    assert page.locator("h1").inner_text().startswith("Derivation")
    page.goto(f"{address}search.html?q=maintenance")
    page.locator("#search-results a").first.wait_for()
    page.close()
    assert errors == []
    assert [url for url in asked if not url.startswith(address)] == []
