"""A small built site that tests of published ones share, and hosts for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from door import BuildOnce
from live_host import SMALL, LiveHost, live


@pytest.fixture
def built(build_once: BuildOnce) -> Path:
    """Return a built site, which is only looked at."""
    return build_once(SMALL)


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    """Return a copy of it, to be changed."""
    return shutil.copytree(built, tmp_path / "copy")


@pytest.fixture
def host(built: Path) -> Iterator[LiveHost]:
    """Yield a host that serves the site as it should."""
    with live(built) as running:
        yield running
