"""The built folder that is published: read once, and held against its own manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from stashgen import files
from stashgen.errors import StashgenError
from stashgen.files import MANIFEST, SIGNATURE, Entry, Manifest, parse_manifest, sha256_of
from stashgen.publishers.standing import Standing, standing
from stashgen.text import listed, quoted
from stashgen.urls import STATUS_JSON

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
    with files.locked(folder, is_shared=True):
        raw = (folder / MANIFEST).read_bytes()
        signature = (folder / SIGNATURE).read_bytes() if (folder / SIGNATURE).is_file() else None
        manifest = _parsed(folder, raw)
        odd = list(files.changed(folder, manifest.files))
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
