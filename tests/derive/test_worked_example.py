"""The worked example of docs/derivation.md is a site, and its tables are what is derived from it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from door import write_files

from stashgen import check
from stashgen.derive import derive
from stashgen.derive.board import Board
from stashgen.memo import Memo

PAGE: Final = Path(__file__).parents[2] / "docs" / "derivation.md"
FILE: Final = re.compile(r"^```yaml\n# (site-data/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOW: Final = re.compile(r"^Now is (\S+?)\.", re.MULTILINE)


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def board(page: str, tmp_path_factory: pytest.TempPathFactory) -> Board:
    project = write_files(tmp_path_factory.mktemp("example"), dict(FILE.findall(page)))
    reading = check.read(project, Memo())
    assert reading.problems == ()
    now = NOW.search(page)
    assert now is not None
    return derive(reading.site, dt.datetime.fromisoformat(now[1]), Memo())


def table(page: str, head: str) -> list[str]:
    """Return the rows of the table whose head begins like that."""
    start = page.index(f"| {head}")
    return page[start : page.index("\n\n", start)].splitlines()[2:]


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def minute(at: dt.datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H:%M}" if at else "now"


def minutes(seconds: float) -> str:
    return f"{seconds / 60:g}"


def test_the_stretches_are_those_of_the_page(page: str, board: Board) -> None:
    assert table(page, "service | from") == [
        row(view.id, minute(one.start_at), minute(one.end_at), one.status, one.event)
        for view in board.services.values()
        for one in view.stretches
    ]


def test_the_days_are_those_of_the_page(page: str, board: Board) -> None:
    def days() -> Iterator[str]:
        for view in board.services.values():
            for cell in view.bar.cells:
                times = ", ".join(f"{name} {seconds // 60}" for name, seconds in cell.seconds_by_status.items())
                yield row(view.id, f"{cell.day}", cell.status, times, f"{100 * cell.share:.1f} %")

    assert table(page, "service | day") == list(days())


def test_the_uptime_is_that_of_the_page(page: str, board: Board) -> None:
    uptimes = {
        row(
            view.id, one.name, f"{one.covered_seconds / 60:g}", f"{one.down_seconds / 60:g}", f"{100 * one.ratio:.3f} %"
        )
        for view in board.services.values()
        for one in (*view.windows, *view.months)
        if one.ratio is not None
    }
    rows = table(page, "service | window")
    assert len(rows) == 4
    assert set(rows) - uptimes == set()


def test_the_sentence_and_the_next_change_are_those_of_the_page(page: str, board: Board) -> None:
    text = " ".join(page.split())
    overall = board.overall
    (service,) = overall.services
    said = f"`{overall.status}`, with the service `{service}` in it, since {minute(overall.since_at)} UTC"
    assert said in text
    assert f"The next change is at {minute(board.next_change_at)} UTC" in text
