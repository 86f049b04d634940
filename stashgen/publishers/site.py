"""The built folder that is published: read once, and held against its own manifest."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from stashgen import clock
from stashgen.errors import StashgenError
from stashgen.files import MANIFEST, SIGNATURE, Entry, Manifest, parse_manifest, sha256_of
from stashgen.publishers.standing import Standing, standing
from stashgen.text import listed, quoted
from stashgen.urls import STATUS_JSON

_PATIENCE_SECONDS: Final = 60.0
_MOST_NAMED: Final = 3


class SiteError(StashgenError):
    """The folder holds nothing that could be published; the text says what to do."""


class Site(NamedTuple):
    """A built site: `manifest` and `signature` are the files as they lie there, `files` is what the manifest lists."""

    folder: Path
    manifest: bytes
    signature: bytes | None
    files: dict[str, Entry]
    standing: Standing

    def read(self, name: str) -> bytes:
        """Return the bytes of a file; raise SiteError when they are no longer those of the manifest."""
        if name == MANIFEST:
            return self.manifest
        if name == SIGNATURE:
            return self.signature or b""
        try:
            data = (self.folder / name).read_bytes()
        except OSError:
            data = b""
        if sha256_of(data) != self.files[name].sha256:
            raise SiteError(f"{self.folder}: {quoted(name)} changed while the site was being published; publish again")
        return data

    def size(self, name: str) -> int:
        """Return how many bytes a file has."""
        own = {MANIFEST: self.manifest, SIGNATURE: self.signature or b""}
        return len(own[name]) if name in own else self.files[name].size


def read_site(folder: Path) -> Site:
    """Read a built folder; raise SiteError for one that holds no site, or one that is not as its manifest says."""
    if not (folder / MANIFEST).is_file():
        raise SiteError(f"{folder}: holds no built site (there is no {MANIFEST}); run `stashgen build` first")
    with _no_build(folder):
        raw = (folder / MANIFEST).read_bytes()
        signature = (folder / SIGNATURE).read_bytes() if (folder / SIGNATURE).is_file() else None
        manifest = _parsed(folder, raw)
        odd = list(_odd(folder, manifest.files.items()))
        status = (folder / STATUS_JSON).read_bytes() if STATUS_JSON in manifest.files and not odd else b""
    if odd:
        few = listed([*map(quoted, odd[:_MOST_NAMED]), *(["..."] if len(odd) > _MOST_NAMED else [])])
        what = "1 file is" if len(odd) == 1 else f"{len(odd)} files are"
        raise SiteError(f"{folder}: {what} not as the manifest says ({few}); run `stashgen build` again")
    return Site(folder, raw, signature, manifest.files, standing(status))


def _parsed(folder: Path, raw: bytes) -> Manifest:
    try:
        return parse_manifest(raw)
    except msgspec.MsgspecError:
        raise SiteError(
            f"{folder / MANIFEST}: is damaged; remove the folder {folder} and run `stashgen build`"
        ) from None


def _odd(folder: Path, entries: Iterable[tuple[str, Entry]]) -> Iterator[str]:
    for name, entry in entries:
        try:
            data = (folder / name).read_bytes()
        except OSError:
            yield name
            continue
        if len(data) != entry.size or sha256_of(data) != entry.sha256:
            yield name


@contextmanager
def _no_build(folder: Path) -> Iterator[None]:
    # A build locks the folder while it puts files in place: read after that, all of it is of one build.
    number = os.open(folder, os.O_RDONLY)
    try:
        deadline = clock.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if clock.monotonic() > deadline:
                    raise SiteError(f"{folder}: a build has been writing here for a minute; try again") from None
                clock.sleep(0.05)
        yield
    finally:
        os.close(number)
