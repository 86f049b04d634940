"""The classic theme: Stashboard's grid, held against the board it was made from."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element

import pytest
from pagecheck import Page, broken_links, name, pages, words
from rich_site import NOW, RICH, build_at, copy_rich

from stashgen import check
from stashgen.derive import derive
from stashgen.derive.board import Board
from stashgen.memo import Memo

DEMO: Final = Path(__file__).resolve().parent.parent / "site-data"
THEME: Final = Path(__file__).resolve().parent.parent / "themes" / "classic"
SITE_URL: Final = "https://status.nordlicht.example/live/"
DAYS: Final = 5


class Classic(NamedTuple):
    output: Path
    pages: dict[str, Page]
    board: Board

    @property
    def table(self) -> Element:
        return next(table for table in self.pages["index.html"].elements("table") if table.attrib["id"] == "services")


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Classic:
    return built(copy_rich(tmp_path_factory.mktemp("classic") / "site", theme="classic"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Classic:
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(DEMO, folder / "site-data")
    with (folder / "site-data" / "site.yaml").open("a", encoding="utf-8") as settings:
        settings.write("theme: classic\n")
    return built(folder)


@pytest.fixture(params=["classic", "demo"])
def either(request: pytest.FixtureRequest) -> Classic:
    site: Classic = request.getfixturevalue(request.param)
    return site


def built(project: Path) -> Classic:
    output = build_at(project)
    return Classic(output, pages(output), derive(check.read(project, Memo(None)).site, NOW))


def inside(element: Element, tag: str) -> list[Element]:
    return [child for child in element.iter() if not callable(child.tag) and name(child) == tag]


def classes(element: Element) -> set[str]:
    return set(element.attrib.get("class", "").split())


def picture(cell: Element) -> tuple[str, str]:
    """Return the accessible name and the file name, without its ending, of a cell's first picture."""
    image = inside(cell, "img")[0]
    return image.attrib["alt"], PurePosixPath(image.attrib["src"]).stem


def link(cell: Element) -> str:
    return inside(cell, "a")[0].attrib["href"]


def test_there_is_a_row_for_each_service_under_its_id(either: Classic) -> None:
    rows = inside(inside(either.table, "tbody")[0], "tr")
    assert [row.attrib["id"] for row in rows] == list(either.board.services)
    assert "data" in classes(either.table)
    named = [words(inside(row, "td")[0]) for row in rows]
    assert named == [service.record.name for service in either.board.services.values()]


def test_columns_are_service_current_and_the_past_five_days(either: Classic) -> None:
    heads = [words(head) for head in inside(inside(either.table, "thead")[0], "th")]
    assert heads == ["Service", "Current", "22 Nov", "21 Nov", "20 Nov", "19 Nov", "18 Nov"]


def test_every_cell_shows_the_worst_status_the_board_knows(either: Classic) -> None:
    for id_, service in either.board.services.items():
        row = next(row for row in inside(either.table, "tr") if row.attrib.get("id") == id_)
        cells = inside(row, "td")[1:]
        assert len(cells) == 1 + DAYS
        assert all("status" in classes(cell) for cell in cells)
        assert [cell for cell in cells if "highlight" in classes(cell)] == cells[:1]
        assert picture(cells[0])[0] == either.board.statuses[service.status].name
        held = {cell.day: cell.status for cell in service.bar.cells}
        for ago, cell in enumerate(cells[1:], start=1):
            day = service.bar.today - dt.timedelta(days=ago)
            if service.bar.data_day is None or day < service.bar.data_day:
                assert words(cell) == "\u2013No data"
            else:
                status = either.board.statuses[held.get(day, either.board.default_status)]
                assert picture(cell)[0] == status.name


def test_an_outage_stays_on_every_day_until_it_ends(classic: Classic) -> None:
    """It began on the 18th and was resolved on the 20th; nothing was posted on the 19th."""
    row = next(row for row in inside(classic.table, "tr") if row.attrib.get("id") == "backups")
    shown = [picture(cell)[0] for cell in inside(row, "td")[1:]]
    assert shown == ["Under maintenance", "Operational", "Operational", "Major outage", "Major outage", "Major outage"]


def test_a_scraper_of_stashboard_knows_what_is_up(either: Classic) -> None:
    """It reads the second cell's first picture of the element with the service's id, and nothing else."""
    up = {
        row.attrib["id"] for row in inside(either.table, "tr")
        if "id" in row.attrib and picture(inside(row, "td")[1])[1] == "tick-circle"
    }  # fmt: skip
    assert up == {id_ for id_, service in either.board.services.items() if service.status == "up"}


def test_pictures_are_there_and_differ_by_level(classic: Classic) -> None:
    images = {image.attrib["alt"]: image.attrib["src"] for image in classic.pages["index.html"].elements("img")}
    files = {name_: (classic.output / source).read_bytes() for name_, source in images.items()}
    levels = ("Operational", "Under maintenance", "Partial outage", "Major outage")
    assert len({files[name_] for name_ in levels}) == len(levels)
    assert files["Lights out"] == (RICH / "site-data" / "static" / "shots" / "bulb.svg").read_bytes()


def test_cells_lead_to_their_day_and_the_current_one_to_the_service(classic: Classic) -> None:
    row = next(row for row in inside(classic.table, "tr") if row.attrib.get("id") == "backups")
    links = [link(cell) for cell in inside(row, "td")]
    month = "services/backups/2026/11/index.html"
    assert links == ["services/backups/index.html"] * 2 + [
        month,
        month,
        *(f"{month}#day-{day}" for day in (20, 19, 18)),
    ]
    assert broken_links(classic.output, classic.pages, SITE_URL) == []


def test_every_status_is_explained_below(classic: Classic) -> None:
    key = next(element for element in classic.pages["index.html"].elements("dl") if "key" in classes(element))
    assert len(inside(key, "img")) == len(classic.board.statuses)
    for status in classic.board.statuses.values():
        assert status.name in words(key)
        assert status.description in words(key)


def test_a_service_named_like_a_part_of_the_page_breaks_nothing(tmp_path: Path) -> None:
    project = copy_rich(tmp_path / "site", theme="classic")
    for id_ in ("main", "services", "grid", "banner", "present", "freshness", "news", "stale"):
        (project / "site-data" / "services" / f"{id_}.yaml").write_text(f"name: The {id_}\n", encoding="utf-8")
    ids = pages(build_at(project))["index.html"].ids()
    assert sorted(ids) == sorted(set(ids))


def test_a_bar_of_two_days_makes_a_grid_of_one(tmp_path: Path) -> None:
    project = copy_rich(tmp_path / "site", theme="classic")
    settings = project / "site-data" / "site.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "history_days: 2\n", encoding="utf-8")
    page = pages(build_at(project))["index.html"]
    assert [words(head) for head in page.elements("th")] == ["Service", "Current", "22 Nov"]


def test_the_theme_is_few_files_and_can_be_copied_into_a_project(tmp_path: Path) -> None:
    files = [path for path in THEME.rglob("*") if path.is_file()]
    assert len(files) <= 6
    assert sum(path.stat().st_size for path in files) < 8_000
    project = copy_rich(tmp_path / "site", theme="mine")
    shutil.copytree(THEME, project / "themes" / "mine")
    assert 'id="services" class="data"' in (build_at(project) / "index.html").read_text(encoding="utf-8")
