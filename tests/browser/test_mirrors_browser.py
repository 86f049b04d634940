"""A page whose host is killed, hung, broken or left behind while a reader looks, and its mirrors: in Chromium."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from door import write_files
from foreign import Reply
from foreign import running as foreign_station
from loopback_hosts import Host, Mode, hosts
from playwright.sync_api import Browser, BrowserContext, Page, expect
from rich_site import NOW, build_at

AXE: Final = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
PROBE: Final = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")
LATER: Final = NOW + dt.timedelta(minutes=10)
MINUTE: Final = 60_000
ROUND: Final = 61_000  # until the page has asked once more
PATH: Final = "/a b/حالة/"
QUOTED: Final = "/a%20b/%D8%AD%D8%A7%D9%84%D8%A9/"
OUTAGE: Final = (
    "title: Nothing works\nservices: {api: down}\n"
    "updates: [{at: 2026-11-23T10:35:00Z, message: 'We look into it, see [the plan](https://plan.example/).'}]\n"
)


class Places(NamedTuple):
    """A page's own host and two mirrors, and what they may serve: the calm page, and a later one with an outage."""

    own: Host
    first: Host
    second: Host
    calm: Path
    outage: Path

    @property
    def all(self) -> tuple[Host, Host, Host]:
        """All hosts in the order of the settings."""
        return self.own, self.first, self.second


def site(places: list[Host], language: str = "en") -> dict[str, str]:
    """Return the files of a site that is published at these hosts, the first its own."""
    own, *mirrors = [place.url for place in places]
    return {
        "site-data/site.yaml": f"title: Acme Status\nlanguage: {language}\nurl: {own}\nmirrors: {mirrors}\n",
        "site-data/services/api.yaml": "name: API\nsince: 2026-01-01\n",
        "site-data/services/web.yaml": "name: Web\n",
    }


def built(folder: Path, files_of_site: dict[str, str], at: dt.datetime) -> Path:
    """Build a site at a time of its own."""
    return build_at(write_files(folder, files_of_site), at)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    folder = tmp_path_factory.mktemp("places")
    with hosts(3, PATH) as made:
        for host in made:
            host.url = host.url.replace(PATH, QUOTED)
        calm = built(folder / "calm", site(made), NOW)
        outage = built(folder / "outage", {**site(made), "site-data/events/outage.yaml": OUTAGE}, LATER)
        own, first, second = made
        yield Places(own, first, second, calm, outage)


@pytest.fixture
def places(published: Places) -> Places:
    """Return the hosts, all well and with the calm page."""
    for host in published.all:
        host.reset(published.calm)
        host.origins = [one.url.removesuffix(QUOTED) for one in published.all]
    return published


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens an address in a context of its own, at the time of the calm page."""
    contexts: list[BrowserContext] = []

    def page(address: str, **options: Any) -> Page:
        settings = {"timezone_id": "UTC", "locale": "en-GB", "service_workers": "block", **options}
        contexts.append(chromium.new_context(**settings))
        made = contexts[-1].new_page()
        if options.get("java_script_enabled", True):
            made.clock.install(time=NOW)
        made.goto(address)
        return made

    yield page
    for context in contexts:
        context.close()


def heading(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def note(page: Page) -> Any:
    return page.locator("#away")


def pass_time(page: Page, until: Callable[[], bool]) -> None:
    """Let time pass until something has come to be, in steps that are shorter than a page's patience with a host."""
    for _ in range(1000):
        if until():
            return
        page.clock.run_for(4_000)
        page.wait_for_timeout(10)
    raise AssertionError("it never came to be")


def await_home(page: Page) -> None:
    """Let time pass until the page is its own host's again."""
    pass_time(page, lambda: not note(page).text_content())


def await_note(page: Page, words: str) -> None:
    """Let time pass until the note says this."""
    pass_time(page, lambda: words in (note(page).text_content() or ""))


def await_round(page: Page, host: Host) -> None:
    """Let time pass until a host was asked twice: once at least from the start to what came of it."""
    before = host.asked("status.json")
    pass_time(page, lambda: host.asked("status.json") >= before + 2)


def test_the_mirrors_are_listed_for_readers_without_script(places: Places, opened: Callable[..., Page]) -> None:
    page = opened(f"{places.own.url}services/api/", java_script_enabled=False)
    line = page.get_by_text("Published at")
    expect(line).to_be_visible()
    assert [link.get_attribute("href") for link in line.get_by_role("link").all()] == [
        f"{host.url}services/api/" for host in places.all
    ]
    line.get_by_role("link").nth(1).click()
    expect(heading(page)).to_have_text("API")
    assert page.url == f"{places.first.url}services/api/"
    expect(note(page)).to_be_hidden()


@pytest.mark.parametrize("mode", ["down", "hung", "failing"])
def test_the_next_place_is_asked_when_the_own_host_is_away(
    mode: Mode, places: Places, opened: Callable[..., Page]
) -> None:
    page = opened(places.own.url)
    wrongs: list[str] = []
    page.on("pageerror", lambda error: wrongs.append(str(error)))
    page.on("console", lambda message: wrongs.append(message.text) if "Policy" in message.text else None)
    expect(heading(page)).to_have_text("All services operational")
    places.own.turn(mode)
    places.first.folder = places.outage
    page.clock.run_for(ROUND)
    page.clock.run_for(16_000 if mode == "hung" else 0)
    expect(heading(page)).to_have_text("Major outage: API")
    expect(page.locator(".service[data-name=API]")).to_contain_text("Major outage")
    expect(page.locator("#present")).to_contain_text("Nothing works")
    name = f"127.0.0.1:{places.first.port}{QUOTED.rstrip('/')}"
    own = f"127.0.0.1:{places.own.port}{QUOTED.rstrip('/')}"
    expect(note(page)).to_have_text(
        re.compile(rf"^{own} does not answer\. This is the state as {name} has it, built 23.Nov.2026, 10:40.UTC.*\.$")
    )
    assert page.title() == "Major outage: API · Acme Status"
    expect(page.get_by_role("link", name="Nothing works").first).to_have_attribute(
        "href", f"{places.first.url}events/outage/index.html"
    )
    expect(page.get_by_role("link", name="the plan")).to_have_attribute("href", "https://plan.example/")
    # Nothing new: nothing is touched and nothing is spoken a second time.
    event = page.get_by_role("link", name="Nothing works").first
    event.focus()
    page.evaluate(
        "document.querySelector('#present').isSame = document.querySelector('#away').firstChild.isSame = true"
    )
    page.clock.fast_forward(3 * ROUND)
    assert page.evaluate(
        "document.querySelector('#present').isSame && document.querySelector('#away').firstChild.isSame"
    )
    expect(page.get_by_text("may be out of date")).to_be_hidden()
    places.own.reset(places.outage)
    await_home(page)
    expect(page.get_by_role("link", name="Nothing works").first).to_have_attribute("href", "events/outage/index.html")
    expect(event).to_be_focused()
    expect(heading(page)).to_have_text("Major outage: API")
    assert wrongs == []


def test_a_host_that_was_left_behind_is_passed_over(places: Places, opened: Callable[..., Page]) -> None:
    places.second.folder = places.first.folder = places.outage
    page = opened(places.own.url)
    expect(heading(page)).to_have_text("Major outage: API")
    expect(note(page)).to_contain_text("is behind. This is the state as")
    for _ in range(3):
        with page.expect_response(f"{places.first.url}status.json"):
            page.clock.run_for(ROUND)
        page.wait_for_timeout(200)  # what was heard is dealt with before the clock jumps again
        expect(heading(page)).to_have_text("Major outage: API")
    assert places.second.asked("status.json") == 0
    places.own.folder = places.outage
    await_home(page)
    expect(page.get_by_role("link", name="Nothing works").first).to_have_attribute("href", "events/outage/index.html")


def test_an_open_page_hears_within_minutes_that_its_host_is_behind(places: Places, opened: Callable[..., Page]) -> None:
    page = opened(places.own.url)
    expect(heading(page)).to_have_text("All services operational")
    for _ in range(3):
        with page.expect_response(f"{places.own.url}status.json"):
            page.clock.run_for(ROUND)
        page.wait_for_timeout(200)
    assert places.first.asked("status.json") == 1, "as long as all is well a mirror is asked once in a while"
    places.first.folder = places.outage
    page.clock.fast_forward(8 * ROUND)
    expect(heading(page)).to_have_text("Major outage: API")


def test_places_are_asked_in_their_order_and_the_dead_skipped(places: Places, opened: Callable[..., Page]) -> None:
    page = opened(f"{places.own.url}services/api/")
    expect(page.locator("main")).to_contain_text("Operational")
    places.own.turn("down")
    places.first.turn("down")
    places.second.folder = places.outage
    page.clock.run_for(ROUND)
    expect(page.locator("main")).to_contain_text("Major outage")
    expect(note(page)).to_contain_text(f":{places.second.port}")
    expect(note(page).get_by_role("link")).to_have_attribute("href", f"{places.second.url}services/api/")
    assert page.evaluate("document.querySelector('main use') && [...document.querySelectorAll('main use')].every("
                         "(use) => document.querySelector(use.getAttribute('href')))")  # fmt: skip


def test_an_older_mirror_is_never_shown(places: Places, opened: Callable[..., Page]) -> None:
    places.own.folder = places.outage
    page = opened(places.own.url)
    places.own.turn("down")
    page.clock.run_for(2 * ROUND)
    expect(heading(page)).to_have_text("Major outage: API")
    with page.expect_response(f"{places.second.url}status.json"):
        page.clock.fast_forward(5 * ROUND)
    expect(note(page)).to_be_empty()
    # Nobody has anything better: what the page shows is old by now, and it says so.
    page.clock.fast_forward(15 * MINUTE)
    expect(page.get_by_text("may be out of date")).to_be_visible()


def test_when_the_mirror_that_is_shown_dies_too_nobody_goes_back_in_time(
    places: Places, opened: Callable[..., Page]
) -> None:
    page = opened(places.own.url)
    places.own.turn("down")
    places.first.folder = places.outage
    await_note(page, f":{places.first.port}")
    places.first.turn("failing")
    await_round(page, places.second)
    expect(heading(page)).to_have_text("Major outage: API")
    expect(note(page)).to_contain_text(f":{places.first.port}")
    # The own host is back, and knows less than the page does.
    places.own.turn("up")
    await_note(page, "is behind. This is the state as")
    expect(heading(page)).to_have_text("Major outage: API")
    # The second is as new as what is shown, and its links lead somewhere.
    places.second.folder = places.outage
    await_note(page, f":{places.second.port}")
    expect(note(page).get_by_role("link")).to_have_attribute("href", places.second.url)
    expect(page.get_by_role("link", name="Nothing works").first).to_have_attribute(
        "href", f"{places.second.url}events/outage/index.html"
    )


@pytest.mark.parametrize("path", ["history/2026/11/", "events/outage/"])
def test_pages_of_the_past_and_pages_that_are_not_there_yet_ask_too(
    path: str, places: Places, opened: Callable[..., Page]
) -> None:
    places.first.folder = places.outage
    page = opened(places.own.url + path)
    expect(page.locator("main").get_by_text("Nothing works").first).to_be_visible()
    expect(note(page)).to_contain_text("is behind. This is the state as")
    expect(note(page).get_by_role("link")).to_have_attribute("href", places.first.url + path)
    places.own.folder = places.outage
    page.clock.fast_forward(ROUND)
    expect(note(page)).to_be_empty()
    expect(page.locator("main").get_by_text("Nothing works").first).to_be_visible()


def test_a_page_out_of_the_browsers_cache_is_not_shown_as_the_present(
    places: Places, chromium: Browser, tmp_path: Path
) -> None:
    alone = {**site([places.own]), "site-data/site.yaml": f"title: Acme Status\nurl: {places.own.url}\n"}
    places.own.folder = built(tmp_path / "alone", alone, NOW)
    context = chromium.new_context(service_workers="block", locale="en-GB")
    page = context.new_page()
    # Not by the browser's clock of tests, which hides where a page came from.
    page.add_init_script(f"Date.now = () => {int(NOW.timestamp() * 1000)}")
    page.goto(places.own.url)
    page.goto(f"{places.own.url}history/")
    places.own.turn("down")
    page.go_back()
    expect(page.locator("#stale")).to_be_visible()
    places.own.turn("up")
    page.go_forward()
    page.go_back()
    expect(heading(page)).to_have_text("All services operational")
    expect(page.locator("#stale")).to_be_hidden()
    context.close()


def test_from_a_mirror_the_original_is_asked_first(places: Places, opened: Callable[..., Page]) -> None:
    page = opened("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(places.first.url)
    places.first.turn("down")
    places.own.folder = places.outage
    await_note(page, f":{places.own.port}")
    expect(heading(page)).to_have_text("Major outage: API")
    expect(note(page).get_by_role("link")).to_have_attribute("href", places.own.url)
    questions = {f"{place.url}status.json" for place in (places.own, places.second)}
    assert next(url for url in asked if url in questions) == f"{places.own.url}status.json"


def test_a_page_that_is_late_everywhere_says_so_with_the_time_it_shows(
    places: Places, opened: Callable[..., Page]
) -> None:
    page = opened(places.own.url)
    places.own.turn("down")
    places.first.folder = places.outage
    page.clock.run_for(ROUND)
    expect(heading(page)).to_have_text("Major outage: API")
    page.clock.fast_forward(30 * 60 * MINUTE)
    stale = page.locator("#stale")
    expect(stale).to_be_visible()
    expect(stale).to_contain_text("10:40")
    page.emulate_media(media="print")
    expect(stale).to_be_visible()
    expect(note(page)).to_contain_text("10:40")


def test_a_preview_asks_nobody(places: Places, opened: Callable[..., Page]) -> None:
    places.first.folder = places.outage
    with hosts(1) as (preview,):
        preview.reset(places.calm)
        page = opened("about:blank")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(preview.url)
        await_round(page, preview)
        expect(heading(page)).to_have_text("All services operational")
        assert [url for url in asked if not url.startswith(preview.url)] == []


def test_who_saves_data_is_asked_for_nothing_while_all_is_well(places: Places, opened: Callable[..., Page]) -> None:
    places.first.folder = places.outage
    saving = "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"
    page = opened("about:blank")
    page.add_init_script(saving)
    page.goto(places.own.url)
    page.clock.run_for(12 * ROUND)
    page.evaluate("fetch('404.html')")
    assert places.first.log == []
    page.clock.set_fixed_time(NOW + dt.timedelta(days=2))
    page.reload()
    expect(heading(page)).to_have_text("Major outage: API")
    expect(note(page)).to_be_visible()


def test_what_a_mirror_brings_does_not_run(places: Places, opened: Callable[..., Page], tmp_path: Path) -> None:
    hostile = shutil.copytree(places.outage, tmp_path / "hostile")
    index = hostile / "index.html"
    stranger = "http://127.0.0.1:9/"
    bad = (
        "<main id=main><h1>Bad</h1><script>window.bad = 1</script><img src=x onerror='window.bad = 2'>"
        "<a id=run href=' jav&#9;ascript:window.bad=3'>x</a><a id=none href='http://['>y</a><a id=way href='x/'>z</a>"
        "<iframe srcdoc='<script>parent.bad = 4</script>'></iframe><svg onload='window.bad = 5'><a xlink:href="
        "'javascript:window.bad=6'><text>t</text></a></svg><p style='position:fixed'>p</p>"
        f"<meta http-equiv=refresh content='0;url={stranger}'><link rel=stylesheet href='{stranger}style'>"
        f"<img src='{stranger}img'><img src=' {stranger[5:]}'><img srcset='{stranger}srcset'>"
        f"<video poster='{stranger}poster' src='{stranger}video'></video><table background='{stranger}'></table>"
        f"<svg><image href='{stranger}image'/></svg></main>"
    )
    text = re.sub(r"<main.*</main>", lambda _: bad, index.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r'(<link rel="icon" href=")', rf"\1{stranger}", text)
    index.write_text(text, encoding="utf-8")
    places.first.folder = hostile
    for host in places.all:
        host.origins = None  # as where no policy is sent
    page = opened("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(places.own.url)
    expect(heading(page)).to_have_text("Bad")
    page.wait_for_timeout(200)
    assert [url for url in asked if not url.startswith(tuple(host.url for host in places.all))] == []
    for name in ("run", "none"):
        page.locator(f"#{name}").evaluate("(link) => link.click()")
    assert page.evaluate("[window.bad, document.querySelectorAll('main iframe, main [style]').length]") == [None, 0]
    assert page.locator("#run").get_attribute("href") is None
    assert page.locator("#way").get_attribute("href") == f"{places.first.url}x/"
    assert page.locator("main svg a").evaluate("(link) => link.attributes.length") == 0


def test_frames_of_others_ask_the_mirrors_too(places: Places, opened: Callable[..., Page]) -> None:
    # As tall as the docs say.
    frames = "".join(
        f'<iframe src="{places.own.url}embed/{size}" width="600" height="{height}"></iframe>'
        for size, height in {"": 220, "compact/": 40}.items()
    )
    html = f"<!doctype html><title>Intranet</title>{frames}".encode()
    with foreign_station(lambda _: Reply(200, html, {"Content-Type": "text/html; charset=utf-8"})) as station:
        page = opened(station.url)
        card, line = page.frame_locator("iframe").first, page.frame_locator("iframe").last
        for frame in (card, line):
            expect(frame.get_by_role("heading", level=1)).to_have_text("All services operational")
        places.own.turn("down")
        places.first.folder = places.outage
        page.clock.run_for(ROUND)
        for frame in (card, line):
            expect(frame.get_by_role("heading", level=1)).to_have_text("Major outage: API")
            expect(frame.locator("#away")).to_contain_text(f":{places.first.port}")
        for frame in (card, line):
            expect(frame.locator("#away")).to_be_in_viewport(ratio=0.9)


def test_the_banner_on_other_pages_asks_the_mirrors_too(
    places: Places, opened: Callable[..., Page], tmp_path: Path
) -> None:
    html = f'<!doctype html><title>Intranet</title><h1>x</h1><script src="{places.own.url}embed.js" defer></script>'
    with foreign_station(lambda _: Reply(200, html.encode(), {"Content-Type": "text/html"})) as station:
        page = opened(station.url)
        await_round(page, places.own)
        places.own.turn("failing")
        places.first.turn("down")
        places.second.folder = places.outage
        banner = page.locator("stashgen-status section")
        pass_time(page, lambda: banner.count() > 0)
        expect(banner).to_contain_text("Major outage: API")
        expect(banner.get_by_role("link", name="Nothing works")).to_have_attribute(
            "href", f"{places.second.url}events/outage/"
        )
        places.own.reset(built(tmp_path / "over", site([*places.all]), LATER + dt.timedelta(minutes=10)))
        pass_time(page, lambda: not banner.count())


def test_the_banner_on_other_pages_shows_the_newest_and_never_goes_back(
    places: Places, opened: Callable[..., Page]
) -> None:
    html = f'<!doctype html><title>Intranet</title><h1>x</h1><script src="{places.own.url}embed.js" defer></script>'
    with foreign_station(lambda _: Reply(200, html.encode(), {"Content-Type": "text/html"})) as station:
        places.first.folder = places.outage
        page = opened(station.url)
        banner = page.locator("stashgen-status section")
        expect(banner).to_contain_text("Major outage: API")
        assert places.second.asked("status.json") == 0
        places.first.turn("failing")
        await_round(page, places.second)
        expect(banner).to_contain_text("Major outage: API")
        expect(banner.get_by_role("link", name="Nothing works")).to_have_attribute(
            "href", f"{places.first.url}events/outage/"
        )


class Reader(NamedTuple):
    """Who reads the note."""

    language: str
    scheme: str
    width: int


@pytest.mark.parametrize("reader", [Reader("en", "light", 1280), Reader("ar", "dark", 375), Reader("de", "light", 320)])
def test_the_note_is_readable_for_everybody(
    reader: Reader, places: Places, opened: Callable[..., Page], tmp_path: Path
) -> None:
    files_of_site = site([*places.all], reader.language)
    places.own.folder = built(tmp_path / "own", files_of_site, NOW)
    places.first.folder = built(tmp_path / "new", {**files_of_site, "site-data/events/outage.yaml": OUTAGE}, LATER)
    viewport = {"width": reader.width, "height": 900}
    page = opened(places.own.url, color_scheme=reader.scheme, viewport=viewport, locale=reader.language)
    expect(note(page)).to_be_visible()
    page.evaluate(AXE)
    page.evaluate(PROBE)
    assert page.evaluate("probe.axe({})") == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert note(page).get_attribute("role") == "status"
