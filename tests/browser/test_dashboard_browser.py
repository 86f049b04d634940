"""The dashboard in Chromium: without script, under a strict policy, and what the script adds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from rich_site import NOW, RichSite, Serve, build_at, copy_rich

POLICY: Final = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'"
KINDS: Final = (
    "index.html", "services/api/index.html", "services/search/2026/11/index.html", "groups/core/index.html",
    "events/2026-11-18-lights-out/index.html", "events/2026-11-23-api-errors/index.html",
    "history/index.html", "history/2026/11/index.html", "404.html",
)  # fmt: skip
POLL_MILLISECONDS: Final = 61_000
SUMMARY: Final = ".service[data-name=Search] summary"
FRAME: Final = ".service[data-name=Search] .frame"


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page in a context of its own, at the time the site was built at."""
    contexts: list[BrowserContext] = []

    def page(**options: object) -> Page:
        settings = {"timezone_id": "UTC", "locale": "en-GB", **options}
        context = chromium.new_context(**settings)  # type: ignore[arg-type] # any of its options
        contexts.append(context)
        made = context.new_page()
        if options.get("java_script_enabled", True):
            made.clock.install(time=NOW)
        return made

    yield page
    for context in contexts:
        context.close()


def test_without_script_nothing_is_missing(opened: Callable[..., Page], rich: RichSite, serve: Serve) -> None:
    page = opened(java_script_enabled=False)
    page.goto(f"{serve(rich('en', 'default'))}/index.html")
    for text in (
        "Partial outage: API", "Rolled back in two of three zones", "Storage nodes move to new disks", "99.96 %",
        "23 Nov 2026, 10:55 CET", "No incidents", "Works as it should.", "Next expected change",
    ):  # fmt: skip
        expect(page.get_by_text(text).first).to_be_visible()
    expect(page.get_by_text("may be out of date")).to_be_hidden()
    day = page.locator(".service[data-name=Search] li").filter(has_text="18 Nov")
    expect(day).to_be_hidden()
    page.locator(SUMMARY).click()
    expect(day).to_be_visible()
    day.get_by_role("link", name="18 Nov").click()
    expect(page.get_by_role("heading", name="Wednesday, 18 November")).to_be_visible()


def test_a_strict_policy_is_kept(opened: Callable[..., Page], rich: RichSite, serve: Serve) -> None:
    page = opened()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/*", strict)
    address = serve(rich("en", "default"))
    for path in KINDS:
        page.goto(f"{address}/{path}")
        page.wait_for_load_state("networkidle")
    page.goto(f"{address}/index.html")
    expect(page.locator("time[title]").first).to_be_visible()
    page.locator(FRAME).hover()
    expect(page.locator(".pop")).to_be_visible()
    assert complaints == []
    assert [url for url in asked if not url.startswith(address)] == []


def strict(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": POLICY})


def test_times_move_to_the_readers_zone(opened: Callable[..., Page], rich: RichSite, serve: Serve) -> None:
    page = opened(timezone_id="America/New_York")
    page.goto(f"{serve(rich('en', 'default'))}/events/2026-11-21-two-minutes/index.html")
    span = page.locator(".facts .span")
    expect(span).to_have_text(re.compile(r"21\sNov\s2026,\s06:00.06:02\s(GMT-5|EST|ET)"))
    assert span.get_attribute("title") == "21 Nov 2026, 12:00 \N{EN DASH} 12:02 CET"
    expect(page.locator(".timeline .ago").first).to_have_text(re.compile(r"1\sday\sago$"))


def test_what_was_said_this_minute_is_past(opened: Callable[..., Page], rich: RichSite, serve: Serve) -> None:
    page = opened()
    page.goto(f"{serve(rich('en', 'default'))}/index.html")
    expect(page.locator("footer .ago").first).to_have_text(re.compile(r"0\smin\sago$"))


def test_a_bar_answers_to_the_pointer(opened: Callable[..., Page], rich: RichSite, serve: Serve) -> None:
    page = opened(viewport={"width": 1280, "height": 900})
    page.goto(f"{serve(rich('en', 'default'))}/index.html")
    frame = page.locator(FRAME)
    frame.hover(position={"x": 8 * 84 + 3, "y": 16})
    pop = page.locator(".pop")
    expect(pop).to_have_text(re.compile(r"18 Nov\s*Partial outage 1 h 50 min\s*Data centre lost power"))
    frame.hover(position={"x": 8 * 83 + 3, "y": 16})
    expect(pop).to_have_text(re.compile(r"17 Nov\s*No incidents"))
    frame.hover(position={"x": 40, "y": 16})
    expect(pop).to_have_count(0)
    frame.click(position={"x": 8 * 84 + 3, "y": 16})
    page.mouse.move(5, 5)
    pop.get_by_role("link", name="Data centre lost power").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Data centre lost power")


def test_a_bar_answers_to_the_keyboard(opened: Callable[..., Page], rich: RichSite, serve: Serve) -> None:
    page = opened()
    page.goto(f"{serve(rich('en', 'default'))}/index.html")
    page.get_by_role("link", name="Search", exact=True).first.focus()
    page.keyboard.press("Tab")
    pop = page.locator(".pop")
    expect(pop).to_contain_text("18 Nov")
    page.keyboard.press("ArrowLeft")
    expect(pop).to_contain_text("26 Oct")
    page.keyboard.press("ArrowRight")
    expect(pop).to_contain_text("18 Nov")
    page.keyboard.press("Escape")
    expect(pop).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".service[data-name=Search] li")).to_have_count(4)
    expect(page.locator(".service[data-name=Search] li").first).to_be_visible()


def test_on_a_phone_a_bar_has_thirty_days_and_answers_to_a_tap(
    opened: Callable[..., Page], rich: RichSite, serve: Serve
) -> None:
    page = opened(viewport={"width": 375, "height": 740}, has_touch=True)
    page.goto(f"{serve(rich('ar', 'default'))}/index.html")
    frame, bar = page.locator(FRAME).bounding_box(), page.locator(f"{FRAME} svg").bounding_box()
    assert frame
    assert bar
    assert bar["width"] == pytest.approx(3 * frame["width"], abs=1)
    assert bar["x"] == pytest.approx(frame["x"], abs=1), "in Arabic today is at the left"
    page.locator(FRAME).tap(position={"x": frame["width"] * 5.5 / 30, "y": 16})
    expect(page.locator(".pop")).to_contain_text("18")
    expect(page.locator(".pop a")).to_have_count(2)


def test_the_page_follows_what_happens(opened: Callable[..., Page], serve: Serve, tmp_path: Path) -> None:
    project = copy_rich(tmp_path / "site")
    page = opened()
    page.goto(f"{serve(build_at(project))}/index.html")
    page.locator(SUMMARY).press("Enter")
    page.evaluate("document.getElementById('recent').isSame = document.querySelector('#group-core ul').isSame = true")
    event = project / "site-data/events/2026/2026-11-23-api-errors.yaml"
    later = NOW + dt.timedelta(minutes=2)
    said = f"  - at: {later.isoformat()}\n    state: resolved\n    message: It is over.\n"
    event.write_text(event.read_text(encoding="utf-8").rstrip() + "\n" + said, encoding="utf-8")
    build_at(project, later + dt.timedelta(minutes=1))
    page.clock.run_for(POLL_MILLISECONDS)
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Partial outage")
    expect(page.locator("#news")).to_have_text(re.compile(r"^Updated: "))
    assert "Partial outage" not in page.title()
    expect(page.locator(f"{SUMMARY} + ol")).to_be_visible()
    expect(page.locator("#recent")).to_contain_text("Resolved")


def test_only_what_changed_is_touched(opened: Callable[..., Page], serve: Serve, tmp_path: Path) -> None:
    project = copy_rich(tmp_path / "site")
    page = opened()
    page.goto(f"{serve(build_at(project))}/index.html")
    page.evaluate("document.querySelectorAll('[data-live] > *').forEach((child) => { child.isSame = true; })")
    page.get_by_role("link", name="Search", exact=True).first.focus()
    notice = project / "site-data/events/2026/2026-11-22-notice.yaml"
    notice.write_text(notice.read_text(encoding="utf-8").replace("e-mail only", "phone"), encoding="utf-8")
    build_at(project)
    page.clock.run_for(POLL_MILLISECONDS)
    expect(page.get_by_text("Support answers by phone")).to_be_visible()
    untouched = page.evaluate(
        "() => Object.fromEntries([...document.querySelectorAll('[data-live]')].map((region) =>"
        " [region.id, [...region.children].every((child) => child.isSame === true)]))"
    )
    assert [region for region, is_same in untouched.items() if not is_same] == ["present"]
    assert page.evaluate("document.activeElement.textContent") == "Search"


def test_a_page_older_than_its_promise_says_so(opened: Callable[..., Page], rich: RichSite, serve: Serve) -> None:
    page = opened()
    page.goto(f"{serve(rich('en', 'default'))}/index.html")
    note = page.get_by_text("may be out of date")
    expect(note).to_be_hidden()
    page.clock.set_fixed_time(dt.datetime(2026, 11, 23, 13, 14, tzinfo=dt.UTC))
    page.reload()
    expect(note).to_be_hidden()
    page.clock.set_fixed_time(dt.datetime(2026, 11, 23, 13, 16, tzinfo=dt.UTC))
    page.reload()
    expect(note).to_have_text(
        "This page was last built at 23 Nov 2026, 10:30 UTC \N{MIDDLE DOT} 2 hr ago and may be out of date."
    )


def test_a_page_that_cannot_ask_for_news_says_so(opened: Callable[..., Page], rich: RichSite, serve: Serve) -> None:
    page = opened()
    page.goto(f"{serve(rich('en', 'default'))}/index.html")
    page.route("**/status.json", lambda route: route.abort())
    note = page.get_by_text("may be out of date")
    for minutes, is_stale in ((2, False), (30, True)):
        with page.expect_event("requestfailed"):
            page.clock.fast_forward(minutes * 60_000)
        expect(note).to_be_visible() if is_stale else expect(note).to_be_hidden()
    page.unroute("**/status.json")
    with page.expect_response("**/status.json"):
        page.clock.fast_forward(30 * 60_000)
    expect(note).to_be_hidden()


def test_a_reader_who_saves_data_is_left_alone(opened: Callable[..., Page], rich: RichSite, serve: Serve) -> None:
    page = opened()
    page.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    page.goto(f"{serve(rich('en', 'default'))}/index.html")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(5 * POLL_MILLISECONDS)
    page.evaluate("fetch('404.html')")  # whatever was asked before has been heard of when this has
    assert [url.rpartition("/")[2] for url in asked if not url.endswith(".svg")] == ["404.html"]


def test_among_many_services_one_is_found(opened: Callable[..., Page], serve: Serve, tmp_path: Path) -> None:
    data = tmp_path / "site" / "site-data"
    for folder in ("services", "groups"):
        (data / folder).mkdir(parents=True)
    (data / "site.yaml").write_text("title: Many\n", encoding="utf-8")
    for number in range(4):
        (data / f"groups/g{number}.yaml").write_text(f"name: Group {number}\n", encoding="utf-8")
    for number in range(32):
        text = f"name: Service {number}\ngroup: g{number % 4}\n"
        (data / f"services/s{number}.yaml").write_text(text, encoding="utf-8")
    page = opened()
    page.goto(f"{serve(build_at(tmp_path / 'site'))}/index.html")
    rows = page.locator(".service:visible")
    expect(rows).to_have_count(0)
    box = page.get_by_role("searchbox", name="Filter services")
    box.fill("vice 17")
    expect(rows).to_have_count(1)
    box.fill("nothing")
    expect(rows).to_have_count(0)
    expect(page.get_by_text("No service has this in its name.")).to_be_visible()
    box.fill("")
    expect(rows).to_have_count(0)
    expect(page.locator("details.group:visible")).to_have_count(4)


def test_the_site_works_from_a_folder(opened: Callable[..., Page], rich: RichSite) -> None:
    page = opened()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((rich("en", "default") / "index.html").as_uri())
    page.get_by_role("link", name="Search", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Search")
    page.get_by_role("link", name="Nordlicht Status").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Partial outage: API")
    page.clock.run_for(2 * POLL_MILLISECONDS)
    expect(page.get_by_text("may be out of date")).to_be_hidden()
    assert complaints == []
