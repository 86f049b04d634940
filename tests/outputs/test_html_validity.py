"""Every page of a site with every kind of record is valid HTML whose links lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from pagecheck import Page, broken_links, local_path, name, pages, words
from rich_site import LANGUAGES, THEMES, builder

SITE_URL: Final = "https://status.nordlicht.example/live/"
REFERENCES: Final = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "for", "list", "headers")
DATETIME: Final = re.compile(
    r"\d{4}-\d\d(-\d\d)?|\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)|P(?=.)(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?"
)
FRAMES: Final = ("embed/compact/index.html", "embed/index.html")  # stand on other sites' pages, without head and foot
INLINE_CODE: Final = re.compile(r"on[a-z]+|style|srcdoc")


class Built(NamedTuple):
    language: str
    theme: str
    output: Path
    pages: dict[str, Page]


@pytest.fixture(scope="module", params=[(code, theme) for theme in THEMES for code in LANGUAGES], ids="-".join)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    language, theme = request.param
    output = builder(tmp_path_factory.mktemp("rich"))(language, theme)
    return Built(language, theme, output, pages(output))


def test_every_kind_of_page_is_there(built: Built) -> None:
    kinds = {re.sub(r"[^/]+", "*", path) if "/" in path else path for path in built.pages}
    starts = {path.split("/")[0] for path in built.pages}
    assert {"services", "groups", "events", "history", "index.html", "404.html"} <= starts
    assert {"*/*/*", "*/*/*/*", "*/*/*/*/*"} <= kinds, "service, history and service month pages"


def test_ids_stand_once_a_page(built: Built) -> None:
    twice = {
        path: again for path, page in built.pages.items()
        if (again := [id_ for id_, count in Counter(page.ids()).items() if count > 1])
    }  # fmt: skip
    assert twice == {}
    assert [
        path for path, page in built.pages.items() if any(re.search(r"\s", id_) or not id_ for id_ in page.ids())
    ] == []


def test_every_internal_link_leads_somewhere(built: Built) -> None:
    assert sum(1 for page in built.pages.values() for _ in page.links()) > 100
    assert broken_links(built.output, built.pages, SITE_URL) == []


def test_every_page_can_be_reached_from_the_dashboard(built: Built) -> None:
    seen = {"index.html"}
    queue = ["index.html"]
    while queue:
        page = built.pages[queue.pop()]
        places = (local_path(page.path, link.target, SITE_URL) for link in page.links() if link.tag == "a")
        for place in places:
            if place and place[0] in built.pages and place[0] not in seen:
                seen.add(place[0])
                queue.append(place[0])
    assert sorted(set(built.pages) - seen) == ["404.html", *FRAMES, "offline.html"]


def test_language_and_direction_stand_on_every_page(built: Built) -> None:
    direction = "rtl" if built.language == "ar" else "ltr"
    for path, page in built.pages.items():
        root = next(page.elements("html"))
        assert root.attrib.get("lang") == built.language, path
        assert root.attrib.get("dir", "ltr") == direction, path


def test_headings_step_down_one_at_a_time(built: Built) -> None:
    for path, page in built.pages.items():
        headings = [element for element in page.elements() if re.fullmatch(r"h[1-6]", name(element))]
        levels = [int(name(heading)[1]) for heading in headings]
        assert levels.count(1) == 1, path
        assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False)), (path, levels)
        assert all(words(heading) for heading in headings), path


def test_every_page_has_its_landmarks_and_its_own_title(built: Built) -> None:
    titles: Counter[str] = Counter()
    for path, page in built.pages.items():
        assert [len([*page.elements(tag)]) for tag in ("main", "title")] == [1, 1], path
        if path in FRAMES:
            continue
        assert [*page.elements("header")], path
        assert [*page.elements("footer")], path
        titles[words(next(page.elements("title")))] += 1
    assert [title for title, count in titles.items() if count > 1 or not title] == []


def test_references_inside_a_page_lead_somewhere(built: Built) -> None:
    lost = [
        f"{path}: {attribute}={reference}"
        for path, page in built.pages.items()
        for element in page.elements()
        for attribute in REFERENCES
        for reference in element.attrib.get(attribute, "").split()
        if reference not in page.ids()
    ]
    assert lost == []


def test_images_have_a_text_and_times_a_machine_can_read(built: Built) -> None:
    for path, page in built.pages.items():
        assert [element.attrib for element in page.elements("img") if "alt" not in element.attrib] == [], path
        stamps = [element.attrib.get("datetime", "") for element in page.elements("time")]
        assert [stamp for stamp in stamps if not DATETIME.fullmatch(stamp)] == [], path


def test_no_code_stands_inside_the_markup(built: Built) -> None:
    """A policy that forbids scripts and styles inside the page must find none."""
    for path, page in built.pages.items():
        found = [key for element in page.elements() for key in element.attrib if INLINE_CODE.fullmatch(key)]
        assert found == [], path
        scripts = [
            words(element) for element in page.elements("script") if element.attrib.get("type") != "application/json"
        ]
        assert [text for text in scripts if text] == [], path


def test_nothing_is_fetched_from_elsewhere(built: Built) -> None:
    for path, page in built.pages.items():
        fetched = [link.target for link in page.links() if link.tag not in ("a", "link")]
        fetched += [
            element.attrib.get("href", "") for element in page.elements("link")
            if {"stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "modulepreload"}
            & set(element.attrib.get("rel", "").split())
        ]  # fmt: skip
        assert [target for target in fetched if re.match(r"[a-z]+:|//", target)] == [], path


def test_hidden_services_are_on_no_page(built: Built) -> None:
    for path in built.output.rglob("*"):
        if path.is_file() and path.suffix in {".html", ".json", ".xml", ".js", ".txt"}:
            assert "Internal tools" not in path.read_text(encoding="utf-8"), path


def test_feeds_and_data_that_a_page_names_are_there(built: Built) -> None:
    page = built.pages["index.html"]
    named = [element.attrib for element in page.elements("link") if "alternate" in element.attrib.get("rel", "")]
    assert (built.output / "status.json").is_file()
    for attributes in named:
        path = attributes["href"].removeprefix(SITE_URL)
        assert (built.output / path).is_file(), attributes
