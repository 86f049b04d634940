"""The worker that keeps the last page, in Chromium: hosts that are killed, hung and brought back."""

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
from loopback_hosts import Host, Mode, hosts
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from rich_site import NOW, build_at

AXE: Final = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
PROBE: Final = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")
LATER: Final = NOW + dt.timedelta(minutes=10)
HALF_A_MINUTE: Final = 31_000
PATH: Final = "/public/status/"
EVENT: Final = "events/outage/"
OUTAGE: Final = (
    "title: Nothing works\nservices: {api: down}\nupdates: [{at: 2026-11-23T10:00:00Z, message: We look into it.}]\n"
)


class Kept(NamedTuple):
    """A host with a site of one outage, a mirror of it, and what it looks like when all is well again."""

    host: Host
    mirror: Host
    outage: Path
    calm: Path


def site(host: Host, more: str = "") -> dict[str, str]:
    """Return the files of a site at a host, with an outage."""
    return {
        "site-data/site.yaml": f"title: Acme Status\nurl: {host.url}\n{more}",
        "site-data/services/api.yaml": "name: API\nsince: 2026-01-01\n",
        "site-data/events/outage.yaml": OUTAGE,
    }


def built(folder: Path, files_of_site: dict[str, str], at: dt.datetime = NOW) -> Path:
    """Build a site at a time of its own."""
    return build_at(write_files(folder, files_of_site), at)


def until(page: Page, expression: str) -> None:
    """Wait until an expression, or what it promises, is true; Playwright's own way is not allowed by our policy."""
    for _ in range(1000):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"it never came to be: {expression}")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("kept")
    with hosts(2, PATH) as (host, mirror):
        resolved = OUTAGE.replace("}]", "}, {at: 2026-11-23T10:35:00Z, state: resolved, message: It is over.}]")
        calm = {**site(host), "site-data/events/outage.yaml": resolved}
        yield Kept(host, mirror, built(folder / "outage", site(host)), built(folder / "calm", calm, LATER))


@pytest.fixture
def kept(published: Kept) -> Kept:
    """Return the hosts, the own one well and with the outage."""
    published.host.reset(published.outage)
    published.mirror.turn("down")
    return published


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens an address in a context of its own and waits until the worker is in charge."""
    contexts: list[BrowserContext] = []

    def page(address: str, *, is_waiting: bool = True, **options: Any) -> Page:
        contexts.append(chromium.new_context(timezone_id="UTC", locale="en-GB", **options))
        made = contexts[-1].new_page()
        made.clock.install(time=NOW)
        made.goto(address)
        if is_waiting:
            until(made, f"caches.match('{address}').then((kept) => !!(kept && navigator.serviceWorker.controller))")
        return made

    yield page
    for context in contexts:
        context.close()


def note(page: Page) -> Locator:
    return page.locator("#away")


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


@pytest.mark.parametrize("mode", ["down", "hung", "failing"])
def test_a_page_that_was_seen_is_shown_with_its_time(mode: Mode, kept: Kept, opened: Callable[..., Page]) -> None:
    page = opened(kept.host.url)
    expect(note(page)).to_be_empty()
    page.goto(kept.host.url + EVENT)
    expect(note(page)).to_be_empty()
    kept.host.turn(mode)
    visits = {EVENT: "Nothing works", "index.html?from=mail": "Major outage: API", "": "Major outage: API"}
    for path, title in [*visits.items()][-1 if mode == "hung" else 0 :]:  # it takes its time each time
        page.goto(kept.host.url + path)
        expect(heading(page)).to_have_text(title)
        name = f"127.0.0.1:{kept.host.port}/public/status"
        expect(note(page)).to_have_text(
            re.compile(
                rf"^{name} cannot be reached\. This is the copy that this browser kept at \d+.\w+.\d{{4}}, .*\.$"
            )
        )
        assert page.evaluate("getComputedStyle(document.body).margin") != "8px", "its style sheet was kept too"
    assert note(page).get_attribute("role") == "status"
    kept.host.reset(kept.calm)
    page.clock.fast_forward(HALF_A_MINUTE)
    expect(heading(page)).to_have_text("All services operational")
    expect(note(page)).to_be_empty()
    page.goto(kept.host.url + EVENT)
    expect(page.get_by_text("It is over.")).to_be_visible()
    expect(note(page)).to_be_empty()


def test_while_the_network_is_there_nothing_old_is_shown(
    kept: Kept, opened: Callable[..., Page], tmp_path: Path
) -> None:
    page = opened(kept.host.url)
    kept.host.folder = kept.calm
    page.goto(kept.host.url)
    expect(heading(page)).to_have_text("All services operational")
    expect(note(page)).to_be_empty()
    page.goto(kept.host.url + EVENT)
    expect(heading(page)).to_have_text("Nothing works")
    kept.host.folder = shutil.copytree(kept.calm, tmp_path / "gone")
    shutil.rmtree(kept.host.folder / EVENT)
    page.goto(kept.host.url + EVENT)
    expect(heading(page)).to_have_text("Page not found")
    assert page.evaluate("fetch('../../status.json').then((answer) => answer.headers.get('Stashgen-Kept'))") is None


def test_what_the_page_heard_last_is_what_is_kept(kept: Kept, opened: Callable[..., Page]) -> None:
    page = opened(kept.host.url)
    kept.host.folder = kept.calm
    page.clock.fast_forward(2 * HALF_A_MINUTE)
    expect(heading(page)).to_have_text("All services operational")
    until(page, f"caches.match('{kept.host.url}').then((a) => a.text()).then((t) => /All services/.test(t))")
    kept.host.turn("down")
    page.reload()
    expect(heading(page)).to_have_text("All services operational")
    expect(note(page)).to_contain_text("cannot be reached")


def test_programs_get_the_last_state_unless_they_ask_for_the_present(kept: Kept, opened: Callable[..., Page]) -> None:
    page = opened(kept.host.url)
    kept.host.turn("down")
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    told = page.evaluate(
        "fetch('status.json').then(async (answer) =>"
        " [answer.headers.get('Stashgen-Kept'), (await answer.json()).built_at])"
    )
    assert dt.datetime.fromisoformat(told[0]).tzinfo
    assert told[1] == "2026-11-23T10:30:00Z"
    assert page.evaluate("fetch('status.json', {cache: 'no-cache'}).then(() => 'heard', () => 'nothing')") == "nothing"


def test_a_page_of_which_there_is_no_copy_comes_when_the_host_is_back(kept: Kept, opened: Callable[..., Page]) -> None:
    page = opened(kept.host.url)
    kept.host.turn("down")
    page.goto(f"{kept.host.url}services/api/2026/11/")
    expect(heading(page)).to_have_text("No copy of this page")
    expect(note(page)).to_contain_text("cannot be reached.")
    assert page.evaluate("getComputedStyle(document.body).margin") != "8px"
    page.get_by_role("link", name="Current status").first.click()
    expect(heading(page)).to_have_text("Major outage: API")
    page.go_back()
    expect(heading(page)).to_have_text("No copy of this page")
    kept.host.turn("up")
    page.clock.fast_forward(HALF_A_MINUTE)
    expect(heading(page)).to_have_text("November 2026")
    expect(note(page)).to_be_empty()


def test_a_reader_without_a_network_is_told_too(kept: Kept, opened: Callable[..., Page]) -> None:
    page = opened(kept.host.url)
    page.context.set_offline(True)
    page.reload()
    expect(note(page)).to_contain_text("cannot be reached")
    page.evaluate(AXE)
    page.evaluate(PROBE)
    assert page.evaluate("probe.axe({})") == []
    page.context.set_offline(False)
    page.clock.fast_forward(HALF_A_MINUTE)
    expect(note(page)).to_be_empty()


@pytest.fixture
def mirrored(kept: Kept, tmp_path: Path) -> Kept:
    """Return the hosts with sites that name each other: the own one has the outage, the mirror is away and calm."""
    more = f"mirrors: ['{kept.mirror.url}']\n"
    kept.host.origins = kept.mirror.origins = [place.url.removesuffix(PATH) for place in (kept.host, kept.mirror)]
    resolved = OUTAGE.replace("}]", "}, {at: 2026-11-23T10:35:00Z, state: resolved, message: It is over.}]")
    outage = built(tmp_path / "mirrored", site(kept.host, more))
    calm = built(tmp_path / "calmed", {**site(kept.host, more), "site-data/events/outage.yaml": resolved}, LATER)
    kept.host.reset(outage)
    return kept._replace(outage=outage, calm=calm)


def test_a_kept_page_asks_the_mirrors(mirrored: Kept, opened: Callable[..., Page]) -> None:
    page = opened(mirrored.host.url)
    mirrored.host.turn("down")
    mirrored.mirror.reset(mirrored.calm)
    page.reload()
    expect(heading(page)).to_have_text("All services operational")
    expect(note(page)).to_contain_text("does not answer. This is the state as")
    mirrored.host.reset(mirrored.calm)
    page.clock.fast_forward(HALF_A_MINUTE)
    expect(note(page)).to_be_empty()
    expect(heading(page)).to_have_text("All services operational")


def test_every_page_is_found_at_a_mirror(mirrored: Kept, opened: Callable[..., Page]) -> None:
    page = opened(mirrored.host.url)
    mirrored.host.turn("down")
    mirrored.mirror.reset(mirrored.calm)
    page.goto(f"{mirrored.host.url}services/api/2026/11/")  # never visited
    expect(heading(page)).to_have_text("November 2026")
    expect(note(page)).to_contain_text("does not answer. This is the state as")
    page.goto(f"{mirrored.host.url}services/api/2026/12/")  # nobody has it
    expect(heading(page)).to_have_text("No copy of this page")
    mirrored.host.turn("up")
    page.clock.fast_forward(HALF_A_MINUTE)
    expect(heading(page)).to_have_text("Page not found")


def test_a_host_that_is_back_but_behind_takes_nothing_back(mirrored: Kept, opened: Callable[..., Page]) -> None:
    page = opened(mirrored.host.url)
    mirrored.host.turn("down")
    mirrored.mirror.reset(mirrored.calm)
    page.reload()
    expect(heading(page)).to_have_text("All services operational")
    mirrored.host.turn("up")
    page.clock.fast_forward(HALF_A_MINUTE)
    expect(note(page)).to_contain_text("is behind. This is the state as")
    expect(heading(page)).to_have_text("All services operational")


def test_a_kept_page_does_not_give_way_to_an_older_mirror(mirrored: Kept, opened: Callable[..., Page]) -> None:
    path = "services/api/"
    mirrored.host.folder = mirrored.calm
    page = opened(mirrored.host.url + path)
    mirrored.host.turn("down")
    mirrored.mirror.reset(mirrored.outage)
    page.reload()
    expect(note(page)).to_contain_text("cannot be reached")
    until_asked(page, mirrored.mirror)
    expect(note(page)).to_contain_text("cannot be reached")
    expect(page.locator("main")).not_to_contain_text("Major outage now")


def until_asked(page: Page, host: Host) -> None:
    """Wait until a host was asked what it knows, and the page has dealt with the answer."""
    for _ in range(200):
        if host.asked("status.json"):
            break
        page.wait_for_timeout(20)
    assert host.asked("status.json")
    page.wait_for_timeout(200)


@pytest.mark.parametrize("kind", ["clean", "varying"])
def test_hosts_have_their_ways(kind: str, kept: Kept, opened: Callable[..., Page]) -> None:
    kept.host.is_clean = kind == "clean"
    kept.host.extra = {"Vary": "*"} if kind == "varying" else {}
    try:
        page = opened(kept.host.url)
        kept.host.turn("down")
        page.goto(f"{kept.host.url}services/api/2026/11/")
        expect(heading(page)).to_have_text("No copy of this page")
        page.goto(f"{kept.host.url}index.html")
        expect(heading(page)).to_have_text("Major outage: API")
    finally:
        kept.host.is_clean, kept.host.extra = False, {}


def names(page: Page) -> list[str]:
    """Return the names of all caches of the page's origin."""
    found: list[str] = page.evaluate("caches.keys()")
    return found


def test_what_is_kept_is_bounded(kept: Kept, opened: Callable[..., Page], tmp_path: Path) -> None:
    folder = shutil.copytree(kept.outage, tmp_path / "many")
    for number in range(150):
        write_files(folder, {f"x/{number}/index.html": "<main>x</main>", f"assets/x.{number}.css": "a{}"})
    write_files(folder, {"x/big/index.html": "<main>" + "x" * 2_100_000 + "</main>"})
    kept.host.folder = folder
    page = opened(kept.host.url)
    ask = "(paths) => paths.reduce((last, path) => last.then(() => fetch(path)), Promise.resolve()).then(() => 0)"
    page.evaluate(
        ask, ["x/big/", *(f"x/{number}/" for number in range(150)), *(f"assets/x.{n}.css" for n in range(150))]
    )
    urls = f"caches.open({names(page)[0]!r}).then((cache) => cache.keys()).then((keys) => keys.map((key) => key.url))"
    until(page, f"{urls}.then((urls) => urls.length <= 130 && urls.some((url) => /x.149.css/.test(url)))")
    found = page.evaluate(urls)
    assert f"{kept.host.url}x/149/" in found
    assert f"{kept.host.url}x/0/" not in found
    assert f"{kept.host.url}x/big/" not in found
    kept.host.turn("down")
    page.reload()
    expect(heading(page)).to_have_text("Major outage: API")
    assert page.evaluate("getComputedStyle(document.body).margin") != "8px"


def test_a_new_worker_takes_over_and_leaves_what_is_not_its_own(
    kept: Kept, opened: Callable[..., Page], tmp_path: Path
) -> None:
    page = opened(kept.host.url)
    own = names(page)
    others = ["somebody's", f"stashgen {kept.host.url}deeper/ 1", f"stashgen {kept.host.url} 0"]
    page.evaluate("(names) => Promise.all(names.map((name) => caches.open(name))).then(() => 0)", others)
    folder = shutil.copytree(kept.calm, tmp_path / "next")
    worker = folder / "sw.js"
    worker.write_text(worker.read_text(encoding="utf-8") + "// another\n", encoding="utf-8")
    kept.host.folder = folder
    page.evaluate(
        "window.isTaken = new Promise((resolve) => "
        "navigator.serviceWorker.addEventListener('controllerchange', resolve)); 0"
    )
    page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update()).then(() => 0)")
    page.evaluate("isTaken.then(() => 0)")
    until(page, f"caches.keys().then((names) => !names.includes({others[2]!r}))")
    assert sorted(names(page)) == sorted([*own, *others[:2]])
    kept.host.turn("down")
    page.goto(kept.host.url)
    expect(heading(page)).to_have_text("All services operational")
    expect(note(page)).to_contain_text("cannot be reached")


def test_browsers_drop_the_worker_of_a_site_that_does_without(
    kept: Kept, opened: Callable[..., Page], tmp_path: Path
) -> None:
    page = opened(kept.host.url)
    assert len(names(page)) == 1
    kept.host.folder = built(tmp_path / "off", site(kept.host, "outputs: {offline: false}\n"))
    assert not [
        *kept.host.folder.glob("sw.js"),
        *kept.host.folder.glob("assets/away.*"),
        *kept.host.folder.glob("offline*"),
    ]
    page.goto(kept.host.url)
    until(page, "navigator.serviceWorker.getRegistrations().then((all) => all.length === 0)")
    until(page, "caches.keys().then((names) => names.length === 0)")
    expect(heading(page)).to_have_text("Major outage: API")
    page.goto(kept.host.url)
    assert page.evaluate("navigator.serviceWorker.controller") is None


def test_browsers_that_keep_nothing_show_the_page(kept: Kept, opened: Callable[..., Page]) -> None:
    wrongs: list[str] = []
    heard = wrongs.append
    for options in ({"service_workers": "block"}, {}):
        page = opened("about:blank", is_waiting=False, **options)
        page.on("pageerror", lambda error: heard(str(error)))
        if not options:
            session = page.context.new_cdp_session(page)
            session.send("Storage.overrideQuotaForOrigin", {"origin": kept.host.url.removesuffix(PATH), "quotaSize": 1})
        page.goto(kept.host.url)
        expect(heading(page)).to_have_text("Major outage: API")
        if not options:
            page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
        page.goto(kept.host.url + EVENT)
        expect(heading(page)).to_have_text("Nothing works")
        page.clock.run_for(HALF_A_MINUTE)
        assert wrongs == []


def test_nobody_is_given_a_worker_unasked(kept: Kept, opened: Callable[..., Page]) -> None:
    # Neither a preview, nor a reader who saves data, nor a frame on somebody's page.
    with hosts(1, PATH) as (preview,):
        preview.reset(kept.outage)
        page = opened(preview.url, is_waiting=False)
        page.wait_for_load_state("networkidle")
        assert preview.asked("sw.js") == 0
    page = opened("about:blank", is_waiting=False)
    page.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    page.goto(kept.host.url)
    page.wait_for_load_state("networkidle")
    assert kept.host.asked("sw.js") == 0
