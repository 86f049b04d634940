"""Live reload and the overlay of problems in a real Chromium, also under a policy that forbids inline code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from door import MakeProject, write_files
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect
from serving import PATIENCE_SECONDS, Served, serving

API: Final = "site-data/services/api.yaml"
SITE: Final = {
    "site-data/site.yaml": "title: Acme Status\n",
    API: "name: API\n",
    "site-data/services/web.yaml": "name: Web shop\n",
}
POLICY: Final = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
OVERLAY: Final = "stashgen-problems"

expect.set_options(timeout=PATIENCE_SECONDS * 1000)


@pytest.fixture
def folder(project: MakeProject) -> Path:
    return project(SITE)


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    with serving(folder) as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    yield page
    context.close()


def test_an_edit_reloads_the_page(served: Served, folder: Path, page: Page) -> None:
    page.goto(served.url)
    expect(page.locator("body")).to_contain_text("Web shop")
    (folder / API).write_text("name: Public API\n", encoding="utf-8")
    expect(page.locator("body")).to_contain_text("Public API")
    write_files(folder, {"site-data/services/mail.yaml": "name: Mail delivery\n"})
    expect(page.locator("body")).to_contain_text("Mail delivery")
    (folder / "site-data/services/mail.yaml").unlink()
    expect(page.locator("body")).not_to_contain_text("Mail delivery")


def test_problems_lie_over_the_last_good_page_until_they_are_mended(served: Served, folder: Path, page: Page) -> None:
    page.goto(served.url)
    page.evaluate("window.isTheSamePage = true")
    (folder / API).write_text("name: API\nnmae: <img src=x>\n", encoding="utf-8")
    overlay = page.locator(OVERLAY)
    expect(overlay).to_contain_text("A problem keeps your last change off the page")
    expect(overlay).to_contain_text("site-data/services/api.yaml:2: nmae: ")
    expect(page.locator("body")).to_contain_text("Web shop")
    assert page.evaluate("window.isTheSamePage") is True

    (folder / "site-data/services/web.yaml").write_text("name: ''\n", encoding="utf-8")
    expect(overlay).to_contain_text("problems keep your last change off the page")
    expect(overlay.locator("li")).to_have_count(2)
    assert overlay.locator("img").count() == 0

    # The file becomes what it was: the page need not be loaded again, and the overlay goes.
    (folder / API).write_text(SITE[API], encoding="utf-8")
    (folder / "site-data/services/web.yaml").write_text(SITE["site-data/services/web.yaml"], encoding="utf-8")
    expect(overlay).to_have_count(0)
    expect(page.locator("body")).to_contain_text("Web shop")


def test_a_page_opened_while_a_file_is_broken_shows_the_overlay(served: Served, folder: Path, page: Page) -> None:
    epoch = served.news()["epoch"]
    (folder / API).write_text("name: [API\n", encoding="utf-8")
    served.settled(epoch)
    page.goto(f"{served.url}services/web/")
    expect(page.locator(OVERLAY)).to_contain_text("site-data/services/api.yaml:")
    expect(page.locator("body")).to_contain_text("Web shop")


def test_a_theme_edit_reloads_the_page(project: MakeProject, page: Page) -> None:
    folder = project({
        **SITE,
        "site-data/site.yaml": "title: Acme Status\ntheme: mine\n",
        "themes/mine/theme.yaml": "extends: default\n",
        "themes/mine/translations/en.yaml": "overall.operational: It all hums\n",
    })  # fmt: skip
    with serving(folder) as served:
        page.goto(served.url)
        expect(page.locator("body")).to_contain_text("It all hums")
        write_files(folder, {"themes/mine/translations/en.yaml": "overall.operational: It all sings\n"})
        expect(page.locator("body")).to_contain_text("It all sings")


def test_it_works_under_a_strict_policy(served: Served, folder: Path, page: Page) -> None:
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        said.append(message.text)

    def under_policy(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, headers={**response.headers, "content-security-policy": POLICY})

    page.on("console", note)
    page.route(served.url, under_policy)
    page.goto(served.url)
    (folder / API).write_text("nmae: API\n", encoding="utf-8")
    section = page.locator(f"{OVERLAY} section")
    expect(section).to_be_visible()
    assert section.evaluate("element => getComputedStyle(element).position") == "fixed"
    (folder / API).write_text("name: Mended API\n", encoding="utf-8")
    expect(page.locator("body")).to_contain_text("Mended API")
    assert [text for text in said if "Content Security Policy" in text] == []


def test_the_page_comes_back_after_a_restart_of_the_server(folder: Path, page: Page) -> None:
    with serving(folder) as first:
        page.goto(first.url)
        expect(page.locator("body")).to_contain_text("Web shop")
        port = first.port
    (folder / API).write_text("name: Renamed meanwhile\n", encoding="utf-8")
    with serving(folder, port=port):
        expect(page.locator("body")).to_contain_text("Renamed meanwhile")
