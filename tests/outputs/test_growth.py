"""Twice the events make at most twice the files and bytes, in every family: nothing grows with their square."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from door import child_environ, run_stashgen
from published import Published

REPOSITORY: Final = Path(__file__).resolve().parent.parent.parent
SMALL: Final = 200
NOW: Final = "2025-12-31T12:00:00Z"  # the corpus's own
MOST_FILES_AN_EVENT: Final = 12  # its page, and a file in each API that has one for it


class Size(NamedTuple):
    """How many files and bytes there are by family."""

    files: Counter[str]
    bytes: Counter[str]


def size(folder: Path, events: int) -> Size:
    """Build a corpus of so many events over the same years and services, and measure it."""
    command = [sys.executable, str(REPOSITORY / "benchmarks" / "corpus.py"), "--incidents", str(events)]
    subprocess.run([*command, "--services", "8", "--out", str(folder)], check=True, env=child_environ())
    result = run_stashgen("build", "--now", NOW, cwd=folder)
    assert result.code == 0, result.err
    site = Published(folder / "build")
    files, bytes_ = Counter[str](), Counter[str]()
    for path in site.files:
        families = {kind.family for kind in site.kinds_of(path)} or {path.partition("/")[0]}
        for family in families:
            files[family] += 1
            bytes_[family] += (site.root / path).stat().st_size
    return Size(files, bytes_)


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Size, Size]:
    """Return the sizes of a site and of one with twice the events."""
    return size(tmp_path_factory.mktemp("small"), SMALL), size(tmp_path_factory.mktemp("large"), 2 * SMALL)


def test_twice_the_events_make_at_most_twice_of_each_family(sizes: tuple[Size, Size]) -> None:
    small, large = sizes
    assert small.files.keys() == large.files.keys()
    assert {name: count for name, count in large.files.items() if count > 2 * small.files[name]} == {}
    # A title may be longer in the half that is new.
    assert {name: count for name, count in large.bytes.items() if count > 2.2 * small.bytes[name]} == {}


def test_an_event_makes_few_files(sizes: tuple[Size, Size]) -> None:
    small, large = sizes
    assert large.files["event-json"] - small.files["event-json"] == SMALL
    assert large.files.total() - small.files.total() <= MOST_FILES_AN_EVENT * SMALL
