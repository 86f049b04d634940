"""A page in a git repository, and monitors that speak of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from alert_door import SITE, Page
from door import Run, write_files


@pytest.fixture
def page(tmp_path: Path, invoke: Run) -> Iterator[Callable[..., Page]]:
    """Yield a function that makes a page, with more files or an automation.yaml; what became of it is checked."""
    made: list[Page] = []

    def make(automation: str = "", files: Mapping[str, str] | None = None) -> Page:
        own = {"site-data/automation.yaml": automation} if automation else {}
        one = Page(write_files(tmp_path / "page", {**SITE, **own, **(files or {})}), invoke)
        one.git("init", "--quiet", "--initial-branch=main")
        one.git("add", "-A")
        one.git("commit", "--quiet", "-m", "Start a page")
        made.append(one)
        return one

    yield make
    for one in made:
        one.do("check", now="23:00")
        one.git("fsck", "--strict")
