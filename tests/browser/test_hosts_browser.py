"""Pages in Chromium as nginx serves them with the settings of the site: under the real headers, not a test's own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from foreign import Reply, Station
from foreign import running as foreign_station
from playwright.sync_api import Browser, Page, expect
from rich_site import RichSite
from webservers import Place, free_port, running

BASE: Final = "/live/"  # the path of the rich site's own address
PAGES: Final = (
    "", "services/api/", "services/search/2026/11/", "groups/core/", "events/2026-11-18-lights-out/",
    "events/2026-11-23-api-errors/", "history/", "history/2026/11/", "nothing/here",
    "embed/", "embed/compact/",
)  # fmt: skip


@pytest.fixture(scope="module")
def host(rich: RichSite) -> Iterator[str]:
    """Yield the address at which nginx serves the rich site."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        site = scratch / "site"
        shutil.copytree(rich("en", "default"), site)
        port = free_port()
        with running("nginx", Place(site, scratch, BASE, port)):
            yield f"http://127.0.0.1:{port}{BASE}"


@pytest.fixture
def elsewhere() -> Iterator[Station]:
    """Yield a page of another origin."""
    with foreign_station(lambda _: intranet("")) as station:
        yield station


def intranet(frames: str) -> Reply:
    """Return a page of somebody else."""
    html = f"<!doctype html><title>Intranet</title>{frames}"
    return Reply(200, html.encode(), {"Content-Type": "text/html; charset=utf-8"})


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Yield a page of its own."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def test_pages_work_under_the_policy_that_is_sent_with_them(page: Page, host: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in PAGES:
        answer = page.goto(host + path)
        assert answer is not None
        assert "default-src 'none'" in (answer.header_value("content-security-policy") or "")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        # The style sheet was let in: without it the body has the browser's own margin.
        assert page.evaluate("getComputedStyle(document.body).margin") != "8px"
        assert page.evaluate("document.styleSheets.length") == 1
    assert [text for text in said if "404" not in text] == []


def test_scripts_of_other_sites_read_the_data(page: Page, host: str, elsewhere: Station) -> None:
    page.goto(elsewhere.url)
    title = page.evaluate(
        "url => fetch(url).then(r => r.json()).then(status => status.page.title)", f"{host}status.json"
    )
    assert title
    asked = "url => fetch(url, {headers: {'If-None-Match': '\"x\"', 'X-Client': 'y'}}).then(r => r.headers.get('etag'))"
    assert page.evaluate(asked, f"{host}status.json")


def test_only_what_is_made_for_frames_stands_in_those_of_others(page: Page, host: str, elsewhere: Station) -> None:
    frames = f'<iframe id="made" src="{host}embed/"></iframe><iframe id="other" src="{host}"></iframe>'
    elsewhere.answer = lambda _: intranet(frames)
    page.goto(elsewhere.url)
    page.wait_for_load_state("networkidle")
    made, other = (page.query_selector(f"#{name}") for name in ("made", "other"))
    assert made is not None
    assert other is not None
    shown, refused = made.content_frame(), other.content_frame()
    assert shown is not None
    assert refused is not None
    assert shown.url == f"{host}embed/"
    assert refused.url.startswith("chrome-error:")
