"""What is told and compared is what a build that keeps going shows, whatever mistakes are in the files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from door import Run, write_files
from news_site import EVENT, FIRST, LATER, OPENED, committed, repository

NOBODY = {"OPS_URLS": "json://127.0.0.1:9/"}
SLIP = "  - at: 2026-11-23T10:20:00Z\n    state: wathcing\n    message: Nearly.\n"


@pytest.fixture
def site(tmp_path: Path, invoke: Run) -> Path:
    """Return a page whose first run has been, and a word on an outage with a slip in the next."""
    folder = repository(tmp_path / "page")
    assert invoke("notify", "-C", folder, "--now", FIRST, env=NOBODY).code == 0
    write_files(folder, {EVENT: OPENED + SLIP})
    return folder


def test_a_word_is_told_beside_one_with_a_mistake(site: Path, invoke: Run) -> None:
    told = invoke("notify", "-C", site, "--now", LATER, "--dry-run", "--json", env=NOBODY)
    document = json.loads(told.out)
    assert [message["title"] for message in document["messages"]] == ["[Investigating] API errors · API"]
    assert [problem["path"] for problem in document["problems"]] == [EVENT]


def test_a_slip_does_not_seem_to_end_an_outage(site: Path, invoke: Run) -> None:
    write_files(site, {EVENT: OPENED})
    committed(site)
    write_files(site, {EVENT: OPENED + SLIP})
    compared = json.loads(invoke("compare", "-C", site, "--now", LATER, "--format", "json").out)
    assert (compared["after"]["sentence"], compared["is_same"]) == ("Major outage: API", True)
    assert [problem["path"] for problem in compared["problems"]] == [EVENT]


def test_a_page_of_no_known_name_is_compared_all_the_same(site: Path, invoke: Run) -> None:
    write_files(site, {"site-data/site.yaml": "titel: Acme\n"})
    compared = json.loads(invoke("compare", "-C", site, "--now", LATER, "--format", "json").out)
    assert "Major outage: API" not in compared["before"]["sentence"]
    assert {problem["path"] for problem in compared["problems"]} == {EVENT, "site-data/site.yaml"}
