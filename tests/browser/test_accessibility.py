"""Every kind of page for readers with a keyboard, a screen reader, little sight or a small screen."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, ViewportSize
from rich_site import LANGUAGES, THEMES, RichSite, Serve

PROBE: Final = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")
AXE: Final = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
WIDE: Final[ViewportSize] = {"width": 1280, "height": 900}
PHONE: Final[ViewportSize] = {"width": 375, "height": 740}
NARROWEST: Final[ViewportSize] = {"width": 320, "height": 600}
KINDS: Final = {
    "dashboard": "index.html",
    "service": "services/api/index.html",
    "service with an Arabic name": "services/payments-ar/index.html",
    "service without data": "services/brand-new/index.html",
    "month of a service": "services/object-storage/2026/11/index.html",
    "group": "groups/data/index.html",
    "open incident": "events/2026-11-23-api-errors/index.html",
    "incident with a postmortem": "events/2026-11-18-lights-out/index.html",
    "maintenance": "events/2026-11-23-storage-upgrade/index.html",
    "notice": "events/2026-11-19-black-week/index.html",
    "history": "history/index.html",
    "month": "history/2026/11/index.html",
    "not found": "404.html",
}
# The dashboard is what the classic theme changes; one page more shows that the others still fit it.
CLASSIC_KINDS: Final = {name: KINDS[name] for name in ("dashboard", "service")}
SITES: Final = [*(("default", code) for code in LANGUAGES), *(("classic", code) for code in LANGUAGES)]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=WIDE, color_scheme="light", reduced_motion="reduce")
    context.add_init_script(PROBE)
    page = context.new_page()
    yield page
    context.close()


def violations(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    found: list[str] = page.evaluate("options => probe.axe(options)", options or {})
    return found


@pytest.mark.parametrize(("theme", "language"), SITES)
def test_axe_finds_nothing(page: Page, rich: RichSite, serve: Serve, theme: str, language: str) -> None:
    address = serve(rich(language, theme))
    contrast = {"runOnly": ["color-contrast", "link-in-text-block"]}
    found = {}
    for name, path in (KINDS if theme == "default" else CLASSIC_KINDS).items():
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(WIDE)
        page.goto(f"{address}/{path}")
        page.evaluate(AXE)
        found[name, "wide", "light"] = violations(page)
        page.emulate_media(color_scheme="dark")
        if language == "en":  # words have no part in how size and scheme go together
            found[name, "wide", "dark"] = violations(page, contrast)
        page.set_viewport_size(PHONE)
        found[name, "phone", "dark"] = violations(page)
        if language == "en":
            page.emulate_media(color_scheme="light")
            found[name, "phone", "light"] = violations(page, contrast)
    assert {key: problems for key, problems in found.items() if problems} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_the_script_runs_on_every_kind_of_page(page: Page, rich: RichSite, serve: Serve, theme: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    for path in KINDS.values():
        page.goto(f"{serve(rich('en', theme))}/{path}")
    assert errors == []


def test_axe_would_find_something(page: Page) -> None:
    page.set_content(
        "<!DOCTYPE html><html lang=en><title>x</title><main><h1>x</h1><img src=x><p style=color:#ccc>pale</p></main>"
    )
    page.evaluate(AXE)
    assert {problem.split(":")[0] for problem in violations(page)} >= {"image-alt", "color-contrast"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_of_every_status_stand_out(page: Page, rich: RichSite, serve: Serve, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    seen: set[str] = set()
    for kind in ("dashboard", "service", "incident with a postmortem", "month of a service", "month"):
        page.goto(f"{serve(rich('en', 'default'))}/{KINDS[kind]}")
        marks: list[dict[str, Any]] = page.evaluate("probe.marks()")
        assert [mark for mark in marks if mark["ratio"] < 3] == [], kind
        seen |= {name for mark in marks for name in mark["css"].split() if name.startswith("s-")}
    assert seen >= {"s-up", "s-down", "s-warning", "s-brownout"}


@pytest.mark.parametrize("kind", ["dashboard", "service", "incident with a postmortem", "month"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_keyboard_reaches_everything(
    page: Page, rich: RichSite, serve: Serve, kind: str, viewport: ViewportSize
) -> None:
    page.set_viewport_size(viewport)
    page.goto(f"{serve(rich('en', 'default'))}/{KINDS[kind]}")
    page.keyboard.press("Tab")
    focused = page.evaluate("probe.focused()")
    assert (focused["href"], focused["text"]) == ("#main", "Skip to content")
    wanted = {str(index) for index in page.evaluate("probe.focusable()")}
    focused = page.evaluate("probe.focused()")
    seen: list[dict[str, Any]] = []
    while focused["tag"] != "BODY" and len(seen) < 4 * len(wanted):  # what opens on focus may hold links of its own
        seen.append(focused)
        page.keyboard.press("Tab")
        focused = page.evaluate("probe.focused()")
    assert focused["tag"] == "BODY", "the keyboard is caught"
    assert sorted(wanted - {step["walk"] for step in seen}) == []
    assert [step for step in seen if not step["isRinged"]] == []
    assert [step for step in seen if not step["isInView"]] == []


def test_the_skip_link_skips(page: Page, rich: RichSite, serve: Serve) -> None:
    page.goto(f"{serve(rich('en', 'default'))}/index.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize(("theme", "language"), SITES)
def test_nothing_runs_over_the_side_of_the_smallest_screen(
    page: Page, rich: RichSite, serve: Serve, theme: str, language: str
) -> None:
    page.set_viewport_size(NARROWEST)
    wide = {}
    for name, path in (KINDS if theme == "default" else CLASSIC_KINDS).items():
        page.goto(f"{serve(rich(language, theme))}/{path}")
        wide[name] = page.evaluate("probe.overflow()")
    assert {name: pixels for name, pixels in wide.items() if pixels} == {}


def test_arabic_pages_begin_at_the_right(page: Page, rich: RichSite, serve: Serve) -> None:
    page.goto(f"{serve(rich('ar', 'default'))}/index.html")
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    boxes: list[list[float]] = page.evaluate("probe.headingMargins()")
    assert boxes
    assert all(left >= right for left, right in boxes)
