"""The banner and the dot on a foreign page in a real Chromium: two servers on loopback are two origins."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from door import NOW, run_stashgen, write_files
from foreign import Reply, Station, folder_answer, running, with_status
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from serving import serving

AXE: Final = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
MINUTE: Final = 60_000
SITE: Final = {
    "site-data/site.yaml": "title: Acme Status\nurl: https://status.example.com\n",
    "site-data/groups/core.yaml": "name: Core\n",
    "site-data/services/api.yaml": "name: API\ngroup: core\n",
    "site-data/services/web.yaml": "name: Web\n",
    "site-data/services/mail.yaml": "name: Mail <b>&amp; more\n",
    "site-data/events/errors.yaml": (
        "title: Errors on the <i>API</i> & elsewhere\nservices: {api: down}\n"
        "updates: [{at: 2026-11-23T10:00:00Z, message: We look into it.}]\n"
    ),
    "site-data/events/upgrade.yaml": (
        "title: Upgrade\nkind: maintenance\nservices: [web]\n"
        "planned: {start: 2026-11-23T10:00:00Z, end: 2026-11-23T12:00:00Z}\n"
        "updates: [{at: 2026-11-20T10:00:00Z, message: We upgrade.}]\n"
    ),
}
HOSTILE: Final = (
    "* { display: none !important; font-size: 40px !important; position: static !important; opacity: .1 !important;"
    " color: lime !important; transition: all 9s; animation: spin 1s infinite; width: 7px !important;"
    " height: 7px !important; visibility: hidden !important; float: right; filter: blur(9px) !important }"
    " html, body { display: block !important; visibility: visible !important; width: auto !important;"
    " height: auto !important; opacity: 1 !important; filter: none !important; float: none; margin: 0 }"
    " *::before { content: 'HOSTILE' !important; display: block !important }"
    " html::before, body::before { content: none !important }"
    " stashgen-status { margin: 99px !important; z-index: -1 !important; direction: rtl !important }"
    " div, span, button, p, section { border: 9px solid red !important }"
)
TAG: Final = '<script src="{src}" defer></script>'
POLICY: Final = "default-src 'self'; script-src {status}; connect-src {status}"


class Foreign(NamedTuple):
    """Somebody's page, the status page, and what went wrong on the former."""

    status: Station
    host: Station
    context: BrowserContext
    wrongs: list[str]
    json: dict[str, Any]

    def open(self, tags: str, *, body: str = "<h1>Intranet</h1>", head: str = "", **headers: str) -> Page:
        """Open a page that holds the tags; `{src}` in them is the script's address."""
        top = f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Host</title>{head}</head>"
        html = f"{top}<body>{body}{tags}</body></html>"
        html = html.replace("{src}", f"{self.status.url}/embed.js").replace("{status}", self.status.url)
        sent = {name.replace("_", "-"): value.replace("{status}", self.status.url) for name, value in headers.items()}
        style = Reply(200, HOSTILE.encode(), {"Content-Type": "text/css"})
        reply = Reply(200, html.encode(), {"Content-Type": "text/html; charset=utf-8", **sent})
        self.host.answer = lambda path: style if path == "/hostile.css" else reply
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.wrongs.append(f"error: {error}"))
        page.on("console", lambda message: self.wrongs.append(f"console: {message.text}"))
        page.goto(self.host.url)
        return page

    def tell(self, status: dict[str, Any] | bytes, code: int = 200, **headers: str) -> None:
        """Let the status page say something else from now on."""
        self.status.answer = with_status(self.status.answer, status, code, **headers)

    def edited(self, **changes: Any) -> dict[str, Any]:
        """Return the site's status with other values on top."""
        return {**copy.deepcopy(self.json), **changes}


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_files(tmp_path_factory.mktemp("embed") / "site", SITE)
    done = run_stashgen("build", "-C", folder, "--now", NOW, cwd=folder)
    assert done.code == 0, done.err
    return folder / "build"


@pytest.fixture
def foreign(chromium: Browser, build: Path) -> Iterator[Foreign]:
    context = chromium.new_context(viewport={"width": 1000, "height": 600})
    with running(folder_answer(build)) as status, running(lambda path: None) as host:
        known = json.loads((build / "status.json").read_text(encoding="utf-8"))
        yield Foreign(status, host, context, [], known)
        context.close()


def calm(foreign: Foreign) -> dict[str, Any]:
    """Return a status in which all is well."""
    status = foreign.edited(incidents=[], maintenances=[])
    status["overall"] |= {"status": "up", "level": "NORMAL", "sentence": "All services operational", "services": []}
    for service in status["services"]:
        service |= {"status": "up", "level": "NORMAL", "event": None}
    return status


def banner(page: Page) -> Locator:
    return page.locator("stashgen-status section")


def sentence(page: Page) -> Locator:
    return page.locator("stashgen-status b")


def settled(foreign: Foreign, page: Page, count: int = 1) -> None:
    """Wait until the status has been asked for so many times and what was heard is drawn."""
    for _ in range(200):
        if len(foreign.status.asked()) >= count:
            break
        page.wait_for_timeout(25)
    assert len(foreign.status.asked()) >= count
    page.wait_for_timeout(200)


def clocked(foreign: Foreign, tag: str = TAG) -> Page:
    """Return a foreign page whose clock stands in our hands."""
    foreign.context.clock.install()
    return foreign.open(tag)


def test_one_line_shows_what_is_wrong(foreign: Foreign) -> None:
    page = foreign.open(TAG)
    expect(sentence(page)).to_have_text("Major outage: API")
    links = banner(page).locator("a")
    assert links.all_inner_texts() == ["Errors on the <i>API</i> & elsewhere", "Upgrade", "Status page"]
    assert [link.get_attribute("href") for link in links.all()] == [
        f"{foreign.status.url}/events/errors/", f"{foreign.status.url}/events/upgrade/", f"{foreign.status.url}/",
    ]  # fmt: skip
    assert {link.get_attribute("rel") for link in links.all()} == {"noopener"}
    box = banner(page).bounding_box()
    heading = page.locator("h1").bounding_box()
    assert box is not None
    assert heading is not None
    assert box["y"] + box["height"] <= heading["y"], "it covers nothing"
    assert foreign.wrongs == []


def test_nothing_is_there_while_all_is_well(foreign: Foreign) -> None:
    foreign.tell(calm(foreign))
    before = foreign.open("")
    html = before.evaluate("document.documentElement.outerHTML")
    page = foreign.open(TAG)
    settled(foreign, page)
    assert (
        page.evaluate("document.documentElement.outerHTML").replace(
            TAG.replace("{src}", f"{foreign.status.url}/embed.js").replace(" defer", ' defer=""'), ""
        )
        == html
    )
    assert foreign.wrongs == []


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ('data-services="api"', "Major outage: API"),
        ('data-services="web"', None),
        ('data-services="web" data-minimum-level="maintenance"', "Under maintenance: Web"),
        ('data-services="mail" data-minimum-level="MAINTENANCE"', None),
        ('data-services=" mail , api"', "Major outage: API"),
        ('data-groups="core"', "Major outage: API"),
        ('data-groups="core" data-services="web"', "Major outage: API"),
        ('data-services="mail" data-minimum-level="NORMAL"', "Operational: Mail <b>&amp; more"),
        ('data-services="nothing"', "Major outage: API"),
        ('data-minimum-level="CRITICAL"', "Major outage: API"),
        ('data-minimum-level="quite bad"', "Major outage: API"),
        ('data-text="<b>We know.</b>"', "<b>We know.</b>"),
        ('data-language="xx" data-poll="-1" data-kind="bannner" data-theme="pink"', "Major outage: API"),
        ('data-target="((" data-link="http://[" data-dismissible="perhaps" data-position="left"', "Major outage: API"),
    ],
)  # fmt: skip
def test_options_choose(foreign: Foreign, attributes: str, said: str | None) -> None:
    page = foreign.open(f'<script src="{{src}}" {attributes} defer></script>')
    if said is None:
        settled(foreign, page)
        assert page.locator("stashgen-status").count() == 0
    else:
        expect(sentence(page)).to_have_text(said)
    assert foreign.wrongs == []


def test_an_incident_whose_services_are_up_again_is_still_told(foreign: Foreign) -> None:
    status = calm(foreign)
    status["incidents"] = [{**foreign.json["incidents"][0], "services": {"api": "up"}}]
    status["overall"]["sentence"] = "All services operational · 1 open incident"
    foreign.tell(status)
    expect(sentence(foreign.open(TAG))).to_have_text("All services operational · 1 open incident")
    page = foreign.open('<script src="{src}" data-services=api defer></script>')
    expect(sentence(page)).to_have_text("Errors on the <i>API</i> & elsewhere")
    page = foreign.open('<script src="{src}" data-services=web defer></script>')
    page.wait_for_timeout(400)
    assert page.locator("stashgen-status").count() == 0
    page = foreign.open('<script src="{src}" data-minimum-level=ERROR defer></script>')
    page.wait_for_timeout(400)
    assert page.locator("stashgen-status").count() == 0


@pytest.mark.parametrize(
    "tags",
    [
        '<script src="{src}"></script>',
        '<script src="{src}" async></script>',
        '<script src="{src}?v=1" type="module" data-text=x></script>',
        ('<script>let s = document.createElement("script"); s.src = "{src}"; document.head.append(s);'
        " s.onload = () => s.remove()</script>"),
        ('<script>addEventListener("load", () => setTimeout(() => { let s = document.createElement("script");'
        ' s.src = "{src}"; s.type = "module"; document.body.append(s) }, 50))</script>'),
        '<script type="module">import "{src}"</script>',
    ],
)  # fmt: skip
def test_every_way_of_loading_works(foreign: Foreign, tags: str) -> None:
    page = foreign.open(tags)
    expect(sentence(page)).to_be_visible()
    page.wait_for_timeout(100)
    assert page.locator("stashgen-status").count() == 1
    assert foreign.wrongs == []


def test_a_script_in_the_head_waits_for_the_page(foreign: Foreign) -> None:
    page = foreign.open("", head='<script src="{src}"></script>')
    expect(sentence(page)).to_be_visible()
    assert page.evaluate("document.body.firstElementChild.localName") == "stashgen-status"
    assert foreign.wrongs == []


def test_it_stands_where_it_is_told_to(foreign: Foreign) -> None:
    page = foreign.open(
        '<script src="{src}" data-position=bottom defer></script><div id=before></div>'
        '<script src="{src}" data-position=inline defer></script><div id=place><i></i></div>'
        '<script src="{src}" data-target="#place" defer></script>'
    )
    expect(sentence(page)).to_have_count(3)
    assert (
        page.evaluate("document.querySelector('#before').nextElementSibling.nextElementSibling.localName")
        == "stashgen-status"
    )
    assert page.evaluate("document.querySelector('#place').lastElementChild.localName") == "stashgen-status"
    box = page.locator("body > stashgen-status").last.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 600
    assert box["y"] > 500
    assert len(foreign.status.asked()) == 1, "three tags ask together"
    assert foreign.wrongs == []


@pytest.mark.parametrize("layout", ["display: flex", "display: grid; grid-template-columns: 1fr 1fr"])
def test_a_page_that_lays_its_body_out_in_a_row_keeps_its_layout(foreign: Foreign, layout: str) -> None:
    body = "<main>One</main><aside>Two</aside>"
    measure = "[...document.querySelectorAll('main, aside')].map((e) => JSON.stringify(e.getBoundingClientRect()))"
    head = f"<style>body {{ {layout} }} main, aside {{ flex: 1 }}</style>"
    plain = foreign.open("", body=body, head=head).evaluate(measure)
    page = foreign.open(TAG, body=body, head=head)
    expect(sentence(page)).to_be_visible()
    assert page.evaluate(measure) == plain
    box = banner(page).bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"]) == (0, 0, 1000)


def test_a_hostile_style_sheet_and_a_strict_policy_change_nothing(foreign: Foreign) -> None:
    measure = """() => {
      const root = document.querySelector('stashgen-status').shadowRoot;
      const facts = (e) => { const s = getComputedStyle(e), b = e.getBoundingClientRect();
        return [e.localName, s.display, s.fontSize, s.color, s.visibility, s.direction, s.borderTopWidth,
          b.width, b.height, b.x]; };
      const host = document.querySelector('stashgen-status'), s = getComputedStyle(host);
      return [facts(host), s.position, s.opacity, s.filter, s.zIndex, s.margin, s.animationName,
        getComputedStyle(host, '::before').content,
        ...[...root.querySelectorAll('section, p, b, a, button, svg')].map(facts)];
    }"""
    watch = (
        "document.addEventListener('securitypolicyviolation', (e) => (window.broken ||= []).push(e.violatedDirective))"
    )
    foreign.context.add_init_script(watch)
    plain = foreign.open(TAG, head="<style>body { margin: 0 }</style>")
    expect(sentence(plain)).to_be_visible()
    page = foreign.open(
        TAG,
        head='<link rel=stylesheet href="/hostile.css">',
        Content_Security_Policy=POLICY + "; require-trusted-types-for 'script'; trusted-types 'none'",
    )
    expect(sentence(page)).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).display") == "none", "the sheet is at work"
    assert page.evaluate(measure) == plain.evaluate(measure)
    banner(page).get_by_role("button").click()
    expect(banner(page)).to_have_count(0)
    assert page.evaluate("window.broken || []") == []
    assert foreign.wrongs == []


def test_the_policy_is_as_narrow_as_documented(foreign: Foreign) -> None:
    docs = (Path(__file__).resolve().parents[2] / "docs" / "embeds.md").read_text(encoding="utf-8")
    assert "script-src https://status.example.com; connect-src https://status.example.com" in docs
    page = foreign.open(TAG, Content_Security_Policy="default-src 'none'; script-src {status}; connect-src {status}")
    expect(sentence(page)).to_be_visible()
    assert foreign.wrongs == []


def test_what_was_dismissed_comes_back_with_news_only(foreign: Foreign) -> None:
    page = foreign.open(TAG)
    banner(page).get_by_role("button", name="Dismiss").click()
    expect(banner(page)).to_have_count(0)
    page.reload()
    settled(foreign, page, 2)
    assert banner(page).count() == 0
    worse = foreign.edited()
    worse["incidents"].append({**foreign.json["incidents"][0], "id": "another", "title": "Another"})
    foreign.tell(worse)
    page.reload()
    expect(banner(page)).to_contain_text("Another")
    banner(page).get_by_role("button").press("Enter")
    expect(banner(page)).to_have_count(0)
    foreign.tell(foreign.json)  # one of both is over
    page.reload()
    settled(foreign, page, 4)
    assert banner(page).count() == 0
    foreign.tell(worse)  # and comes again
    page.reload()
    expect(banner(page)).to_be_visible()
    assert foreign.wrongs == []


def test_what_gets_better_and_worse_again_is_told_again(foreign: Foreign) -> None:
    page = foreign.open(TAG)
    banner(page).get_by_role("button").click()
    better = foreign.edited()
    next(one for one in better["services"] if one["id"] == "api").update(status="warning", level="WARNING")
    foreign.tell(better)
    page.reload()
    settled(foreign, page, 2)
    assert banner(page).count() == 0
    foreign.tell(foreign.json)
    page.reload()
    expect(banner(page)).to_be_visible()


def test_it_is_forgotten_when_all_is_over(foreign: Foreign) -> None:
    page = foreign.open(TAG)
    banner(page).get_by_role("button").click()
    assert page.evaluate("localStorage.length") == 1
    foreign.tell(calm(foreign))
    page.reload()
    settled(foreign, page, 2)
    assert page.evaluate("localStorage.length") == 0
    foreign.tell(foreign.json)
    page.reload()
    expect(banner(page)).to_be_visible()


def test_without_storage_it_is_dismissed_for_the_page(foreign: Foreign) -> None:
    foreign.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })"
    )
    page = foreign.open(TAG)
    page.clock.install()
    page.reload()
    banner(page).get_by_role("button").click()
    page.clock.fast_forward(5 * MINUTE)
    settled(foreign, page, 3)
    assert banner(page).count() == 0
    assert foreign.wrongs == []


def test_another_tab_dismisses_too_and_a_fixed_one_cannot_be(foreign: Foreign) -> None:
    one, two = foreign.open(TAG), foreign.open(TAG)
    expect(banner(two)).to_be_visible()
    banner(one).get_by_role("button").click()
    expect(banner(two)).to_have_count(0)
    page = foreign.open('<script src="{src}" data-dismissible="false" defer></script>')
    expect(banner(page)).to_be_visible()
    assert banner(page).get_by_role("button").count() == 0


def test_it_asks_again_politely(foreign: Foreign) -> None:
    page = clocked(foreign, '<script src="{src}" data-poll="5" defer></script>')
    expect(sentence(page)).to_be_visible()
    page.clock.fast_forward(55_000)
    page.wait_for_timeout(200)
    assert foreign.status.asked() == [200], "never twice within a minute"
    page.clock.fast_forward(20_000)
    settled(foreign, page, 2)
    page.clock.fast_forward(75_000)
    settled(foreign, page, 3)
    assert foreign.status.asked() == [200, 304, 304]
    assert {asked.headers.get("cookie") for asked in foreign.status.log} == {None}
    assert {asked.headers.get("referer") for asked in foreign.status.log if asked.path == "/status.json"} == {None}
    foreign.tell(calm(foreign))
    page.clock.fast_forward(75_000)
    expect(banner(page)).to_have_count(0)
    assert foreign.wrongs == []


def test_a_hidden_page_does_not_ask(foreign: Foreign) -> None:
    hide = (
        "Object.defineProperty(document, 'hidden', { get: () => window.isHidden, configurable: true });"
        " window.isHidden = true"
    )
    foreign.context.add_init_script(hide)
    page = clocked(foreign)
    page.clock.fast_forward(30 * MINUTE)
    page.wait_for_timeout(200)
    assert foreign.status.asked() == []
    page.evaluate("window.isHidden = false; document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.fast_forward(200)
    expect(sentence(page)).to_be_visible()
    page.evaluate("window.isHidden = true; document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.fast_forward(30 * MINUTE)
    page.wait_for_timeout(200)
    assert foreign.status.asked() == [200]


def test_a_failing_server_is_asked_ever_less_often(foreign: Foreign) -> None:
    page = clocked(foreign)
    expect(sentence(page)).to_be_visible()
    foreign.tell(b"down", 503)
    waits = []
    for count in range(2, 9):
        minutes = 0
        while len(foreign.status.asked()) < count and minutes < 40:
            page.clock.fast_forward(MINUTE)
            page.wait_for_timeout(60)
            minutes += 1
        waits.append(minutes)
    assert waits[:5] == sorted(set(waits[:5])), "each time longer"
    assert waits[0] <= 4
    assert all(24 <= minutes <= 31 for minutes in waits[4:]), waits
    expect(banner(page)).to_have_count(0)  # what was heard an hour ago is no news
    foreign.tell(foreign.json)
    page.clock.fast_forward(31 * MINUTE)
    expect(banner(page)).to_be_visible()
    assert [text for text in foreign.wrongs if not text.startswith("console: Failed to load resource")] == []


def test_a_server_may_say_when_to_ask_again(foreign: Foreign) -> None:
    foreign.tell(b"", 503, Retry_After="5400", Access_Control_Expose_Headers="Retry-After")
    page = clocked(foreign)
    settled(foreign, page)
    page.clock.fast_forward(88 * MINUTE)
    page.wait_for_timeout(200)
    assert foreign.status.asked() == [503]
    page.clock.fast_forward(3 * MINUTE)
    settled(foreign, page, 2)


def test_the_next_change_is_asked_for_in_time(foreign: Foreign) -> None:
    page = clocked(foreign, '<script src="{src}" data-poll=3600 defer></script>')
    settled(foreign, page)
    at = page.evaluate("new Date(Date.now() + 20 * 60e3).toISOString()")
    foreign.tell(foreign.edited(next_change_at=at))
    page.clock.fast_forward(73 * MINUTE)
    settled(foreign, page, 2)
    foreign.tell(foreign.edited(next_change_at=page.evaluate("new Date(Date.now() + 20 * 60e3).toISOString()")))
    count = len(foreign.status.asked())
    page.clock.fast_forward(73 * MINUTE)
    settled(foreign, page, count + 1)


@pytest.mark.parametrize(
    "body",
    [b"", b"<!doctype html>", b"null", b"[]", b"{}", b'{"services": 1}', b'"x"', b"\xff\xfe",
     b'{"services":[null],"groups":[],"statuses":[],"incidents":[null],"maintenances":[]}'],
)  # fmt: skip
def test_garbage_is_no_news(foreign: Foreign, body: bytes) -> None:
    foreign.tell(body)
    page = foreign.open(TAG)
    settled(foreign, page)
    assert page.locator("stashgen-status").count() == 0
    assert foreign.wrongs == []


def test_a_status_page_that_is_gone_is_no_news(foreign: Foreign) -> None:
    answer = foreign.status.answer
    foreign.status.answer = lambda path: None if path == "/status.json" else answer(path)
    page = foreign.open(TAG)
    page.wait_for_timeout(500)
    assert page.locator("stashgen-status").count() == 0
    # The browser itself tells of the lost connection; no script can keep it from that.
    assert all(text.startswith("console: Failed to load resource: net::ERR") for text in foreign.wrongs)


def test_the_dot_says_the_state_in_words(foreign: Foreign) -> None:
    page = foreign.open(
        '<p>API <script src="{src}" data-kind=dot data-services=api></script></p>'
        '<p>Mail <script src="{src}" data-kind=dot data-services=mail data-link="https://example.com/x"></script></p>'
    )
    dots = page.locator("stashgen-status a")
    expect(dots).to_have_count(2)
    assert [dot.inner_text() for dot in dots.all()] == ["Major outage: API", "Operational: Mail <b>&amp; more"]
    assert [dot.get_attribute("href") for dot in dots.all()] == [
        f"{foreign.status.url}/services/api/", "https://example.com/x",
    ]  # fmt: skip
    boxes = [host.bounding_box() for host in page.locator("p > stashgen-status").all()]
    assert all(box and box["width"] == box["height"] == 20 for box in boxes)
    assert len({dot.locator("svg").inner_html() for dot in dots.all()}) == 2
    assert foreign.wrongs == []


def test_links_that_run_script_are_refused(foreign: Foreign) -> None:
    page = foreign.open('<script src="{src}" data-link="javascript:alert(1)" defer></script>')
    expect(banner(page).locator("a").last).to_have_attribute("href", f"{foreign.status.url}/")


@pytest.mark.parametrize("level", ["MAINTENANCE", "WARNING", "ERROR", "CRITICAL"])
def test_axe_finds_nothing_in_either_scheme(foreign: Foreign, level: str) -> None:
    status = calm(foreign)
    status["services"][0]["level"] = level
    status["maintenances"] = foreign.json["maintenances"]
    foreign.tell(status)
    for theme in ("light", "dark"):
        page = foreign.open(
            f'<script src="{{src}}" data-theme={theme} data-minimum-level=MAINTENANCE defer></script>',
            body="<main><h1>Intranet</h1><script src='{src}' data-kind=dot></script></main>",
        )
        expect(page.locator("stashgen-status a")).to_have_count(3)
        page.evaluate(AXE)
        found = page.evaluate(
            "async () => (await axe.run(document)).violations"
            ".flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target}: ${node.failureSummary}`))"
        )
        assert found == [], theme


def test_it_speaks_arabic_from_the_right(foreign: Foreign) -> None:
    page = foreign.open('<script src="{src}" data-language="AR-eg" defer></script>')
    expect(banner(page)).to_have_attribute("dir", "rtl")
    expect(banner(page)).to_have_attribute("aria-label", "حالة الخدمات")
    button, text = banner(page).get_by_role("button", name="إخفاء").bounding_box(), sentence(page).bounding_box()
    assert button is not None
    assert text is not None
    assert button["x"] < text["x"]
    link, icon = (banner(page).locator(name).first.bounding_box() for name in ("a", "svg"))
    assert link is not None
    assert icon is not None
    # The names are English, and stand apart from each other all the same.
    assert text["x"] - (link["x"] + link["width"]) > 8
    assert 8 < icon["x"] - (text["x"] + text["width"]) < 12


def test_small_screens_long_words_and_print(foreign: Foreign) -> None:
    status = foreign.edited()
    status["incidents"][0]["title"] = "Donaudampfschifffahrtsgesellschaft" * 6
    status["overall"]["sentence"] = "Major outage: " + "API, " * 60
    foreign.tell(status)
    page = foreign.open(TAG)
    page.set_viewport_size({"width": 320, "height": 500})
    expect(sentence(page)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    button = banner(page).get_by_role("button").bounding_box()
    assert button is not None
    assert button["width"] >= 24
    assert button["x"] + button["width"] <= 320
    page.emulate_media(media="print")
    expect(banner(page)).to_be_hidden()


def test_it_keeps_its_hands_off_the_focus(foreign: Foreign) -> None:
    foreign.tell(calm(foreign))
    page = clocked(foreign, "<input id=field autofocus>" + TAG)
    page.locator("#field").focus()
    settled(foreign, page)
    foreign.tell(foreign.json)
    page.clock.fast_forward(4 * MINUTE)
    expect(sentence(page)).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "field"
    banner(page).locator("a").last.focus()
    foreign.tell(foreign.edited(maintenances=[]))
    page.clock.fast_forward(4 * MINUTE)
    expect(banner(page).locator("a")).to_have_count(2)
    assert page.evaluate("document.activeElement.shadowRoot?.activeElement?.textContent") == "Status page"


def test_a_page_that_swaps_its_body_has_one_banner(foreign: Foreign) -> None:
    page = foreign.open(TAG)
    expect(banner(page)).to_be_visible()
    page.evaluate(
        """(src) => { document.body.replaceWith(document.createElement("body"));
      const tag = Object.assign(document.createElement("script"), { src }); document.body.append(tag); }""",
        f"{foreign.status.url}/embed.js",
    )
    expect(banner(page)).to_be_visible()
    page.wait_for_timeout(300)
    assert page.locator("stashgen-status").count() == 1


def test_the_development_server_can_be_embedded(chromium: Browser, tmp_path: Path) -> None:
    folder = write_files(tmp_path / "site", SITE)
    with serving(folder) as served, running(lambda path: None) as host:
        html = f'<!doctype html><script src="{served.url}embed.js" defer></script>'.encode()
        host.answer = lambda path: Reply(200, html, {"Content-Type": "text/html"})
        page = chromium.new_page()
        page.goto(host.url)
        expect(sentence(page)).to_have_text("Major outage: API")
        page.close()
        assert served.ask("/status.json").headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-origin" not in served.ask("/").headers
        strange = served.ask("/status.json", headers={"Origin": "https://elsewhere.example"})
        assert "access-control-allow-origin" not in strange.headers


def test_two_status_pages_on_one_page_do_not_mix(foreign: Foreign, tmp_path: Path) -> None:
    settings = "title: Zweite\nurl: https://zwei.example.com\nlanguage: de\n"
    folder = write_files(tmp_path / "second", {**SITE, "site-data/site.yaml": settings})
    assert run_stashgen("build", "-C", folder, "--now", NOW, cwd=folder).code == 0
    with running(folder_answer(folder / "build")) as second:
        page = foreign.open(TAG + f'<script type="module" src="{second.url}/embed.js"></script>')
        expect(sentence(page)).to_have_count(2)
        assert set(sentence(page).all_inner_texts()) == {"Major outage: API", "Ausfall: API"}
        page.locator("stashgen-status").get_by_role("button", name="Ausblenden").click()
        expect(sentence(page)).to_have_text("Major outage: API")
        assert (foreign.status.asked(), second.asked()) == ([200], [200])
    assert foreign.wrongs == []


def test_frames_stand_under_our_own_policy_and_keep_fresh(foreign: Foreign, tmp_path: Path) -> None:
    folder = write_files(tmp_path / "framed", SITE)
    assert run_stashgen("build", "-C", folder, "--now", NOW, cwd=folder).code == 0
    answer = folder_answer(folder / "build")

    def strict(path: str) -> Reply:
        reply = answer(path)
        assert reply is not None
        policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'"
        return reply._replace(headers={**reply.headers, "Content-Security-Policy": policy})

    foreign.status.answer = strict
    page = clocked(
        foreign,
        '<iframe src="{status}/embed/" width="300" height="220" frameborder="0"></iframe>'
        '<iframe src="{status}/embed/compact/" width="300" height="40" frameborder="0"></iframe>',
    )
    card, line = page.frame_locator("iframe").first, page.frame_locator("iframe").last
    expect(card.locator("h1")).to_have_text("Major outage: API")
    expect(line.locator("h1")).to_have_text("Major outage: API")
    expect(card.locator("h2")).to_have_text(["Errors on the <i>API</i> & elsewhere", "Upgrade"])
    for inside in page.frames[1:]:
        assert inside.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        inside.evaluate(AXE)
        found = inside.evaluate("async () => (await axe.run(document)).violations.map((one) => one.id)")
        assert found == []
    event = folder / "site-data/events/errors.yaml"
    event.write_text(event.read_text().replace("down", "warning"), encoding="utf-8")
    assert run_stashgen("build", "-C", folder, "--now", NOW, cwd=folder).code == 0
    page.clock.fast_forward(2 * MINUTE)
    for frame in (card, line):
        expect(frame.locator("h1")).to_have_text("Degraded performance: API")
    assert foreign.wrongs == []
