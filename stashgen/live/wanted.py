"""What a live site is held against: keys, a build on the disk, ages; all of it comes from here, none from the site."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import msgspec

from stashgen import files, urls
from stashgen.errors import StashgenError
from stashgen.files import Manifest
from stashgen.hearsay import Status, status
from stashgen.signing import Key


class Build(NamedTuple):
    """A build in a folder."""

    folder: Path
    manifest: Manifest
    data: bytes  # of its manifest
    signature: bytes | None
    status: Status | None


class Wanted(NamedTuple):
    """How a site should be."""

    now: dt.datetime
    keys: tuple[Key, ...] = ()
    against: Build | None = None
    max_age_seconds: int | None = None
    certificate_days: int = 14
    is_quick: bool = False


def read_build(folder: Path) -> Build:
    """Read what a folder says of the build in it; raise StashgenError where it holds none."""
    try:
        data = (folder / urls.MANIFEST).read_bytes()
        manifest = files.parse_manifest(data)
    except FileNotFoundError:
        raise StashgenError(f"{folder}: holds no {urls.MANIFEST}: it is no folder that `stashgen build` made") from None
    except msgspec.MsgspecError:
        raise StashgenError(f"{folder / urls.MANIFEST}: is damaged; build again") from None
    return Build(folder, manifest, data, _bytes(folder / urls.SIGNATURE), status(_bytes(folder / urls.STATUS_JSON)))


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
