"""Badges in a real Chromium: every text lies inside its field, whatever the name, and nothing else is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
import yaml
from door import NOW, MakeProject, Run, write_files
from playwright.sync_api import Browser, Page
from rich_site import Serve

NAMES: Final = {
    "api": "API",
    "narrow": "iiillljjj.,;:'|!",
    "wide": "WWWMMM@@@%%%",
    "long": "The regional data replication service for customers of the western provinces, v2",
    "markup": "R&D <b>\"quoted\"</b> & 'more' </text>",
    "spaces": "two  spaces   and more",
    "german": "Straßenprüfgerät",
    "arabic": "خدمة المدفوعات",
    "hebrew": "שירות התשלומים",
    "mixed": "API خدمة v2",
    "japanese": "東京リージョンのデータベース",
    "korean": "결제 서비스",
    "thai": "บริการชำระเงิน",
    "emoji": "🚀 Deploys 👩‍💻🇩🇪",
    "marks": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈",
    "astral": "\U0001d509\U0001d52f\U0001d51e\U0001d528 \U0001d7d9\U0001d7da",
}
MEASURE: Final = """() => [...document.querySelectorAll('svg')].map(svg => {
  const fields = [...svg.querySelectorAll('path')].map(path => path.getBBox());
  return [...svg.querySelectorAll('text')].map((text, number) => {
    const box = text.getBBox(), field = fields[number];
    return {
      text: text.textContent, length: text.getComputedTextLength(), top: box.y, bottom: box.y + box.height,
      left: box.x - field.x, right: field.x + field.width - box.x - box.width, room: field.width, height: field.height,
    };
  });
})"""
# Fonts that a viewer may have instead: one much wider, one much narrower.
OTHER_FONTS: Final = ("monospace", "serif")


def files() -> dict[str, str]:
    services = {
        f"site-data/services/{key}.yaml": yaml.safe_dump({"name": name}, allow_unicode=True)
        for key, name in NAMES.items()
    }
    return {
        "site-data/site.yaml": "title: Acme Status\nsince: 2026-01-01\n",
        "site-data/statuses/odd.yaml": 'name: "Nicht verfügbar & <kaputt>"\nlevel: ERROR\ncolor: "#ffff00"\n',
        "site-data/events/odd.yaml": (
            "title: Odd\nservices: {api: odd, arabic: down, markup: warning, emoji: partial}\n"
            "updates: [{at: 2026-11-23T10:00:00Z, message: Odd.}]\n"
        ),
        **services,
    }


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from rich_site import build_at  # noqa: PLC0415 - the walls stand before anything of ours is imported

    return build_at(write_files(tmp_path_factory.mktemp("badges"), files()))


@pytest.fixture
def page(chromium: Browser) -> Page:
    return chromium.new_page()


def badges(build: Path) -> list[Path]:
    return sorted((build / "badges").rglob("*.svg"))


def show(page: Page, paths: list[Path]) -> None:
    page.set_content("".join(f"<p>{path.read_text(encoding='utf-8')}" for path in paths))


def overflows(badges: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    assert all(len(texts) == 2 for texts in badges)
    return [
        text
        for texts in badges
        for text in texts
        if min(text["left"], text["right"]) < 3 or text["length"] > text["room"] - 6 or text["bottom"] < 1
    ]


def test_every_text_lies_inside_its_field(page: Page, build: Path) -> None:
    found = badges(build)
    assert len(found) == 2 * 6 * (1 + len(NAMES))
    show(page, found)
    seen = page.evaluate(MEASURE)
    assert len(seen) == len(found)
    assert overflows(seen) == []
    page.close()


@pytest.mark.parametrize("font", OTHER_FONTS)
def test_another_font_does_not_make_texts_overlap(page: Page, build: Path, font: str) -> None:
    show(page, badges(build))
    page.evaluate("font => document.querySelectorAll('g').forEach(g => g.setAttribute('font-family', font))", font)
    assert overflows(page.evaluate(MEASURE)) == []
    page.close()


def test_widths_are_those_of_the_font(page: Page, build: Path) -> None:
    for name in ("api", "narrow", "wide", "long", "german"):
        for form in ("svg", "for-the-badge.svg"):
            text = (build / f"badges/services/{name}/status.{form}").read_text(encoding="utf-8")
            page.set_content(text)
            said = page.evaluate("() => [...document.querySelectorAll('text')].map(t => +t.getAttribute('textLength'))")
            page.evaluate("() => document.querySelectorAll('text').forEach(t => t.removeAttribute('textLength'))")
            own = page.evaluate("() => [...document.querySelectorAll('text')].map(t => t.getComputedTextLength())")
            assert own == pytest.approx(said, rel=0.05, abs=1.5)
    page.close()


def test_a_badge_loads_nothing_and_tells_its_content(chromium: Browser, build: Path, serve: Serve) -> None:
    context = chromium.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    home = serve(build)
    address = f"{home}/badges/services/markup/status.svg"
    page.goto(address)
    assert asked == [address]
    root = ET.parse(build / "badges/services/markup/status.svg").getroot()
    said = "R&D <b>\"quoted\"</b> & 'more' </text>: Degraded performance"
    assert (root.get("role"), root.get("aria-label")) == ("img", said)
    assert root.findtext("{http://www.w3.org/2000/svg}title") == said
    page.goto(f"{home}/index.html")
    page.set_content(f'<img alt="" src="{address}">')
    size = page.evaluate("() => { const i = document.images[0]; return [i.naturalWidth, i.naturalHeight] }")
    assert size == [int(root.get("width", "")), 20]
    context.close()


def test_a_page_without_services_has_badges_too(page: Page, project: MakeProject, run: Run) -> None:
    site = project({"site-data/site.yaml": "title: Leer\nlanguage: de\n"})
    assert run("build", "-C", site, "--now", NOW).code == 0
    page.set_content((site / "build/badges/status.svg").read_text(encoding="utf-8"))
    assert page.evaluate("() => [...document.querySelectorAll('text')].map(t => t.textContent)") == [
        "Leer",
        "keine Daten",
    ]
    page.close()
