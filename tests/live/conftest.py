"""A small built site that tests of published ones share, hosts for it, and keys to sign it with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from door import BuildOnce
from live_host import SMALL, LiveHost, live
from signers import Signer, signer


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


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory, _session_environ: None) -> Path:
    """Return a folder for keys."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def alice(keys: Path) -> Signer:
    """Return the owner's key."""
    return signer(keys, "alice")
