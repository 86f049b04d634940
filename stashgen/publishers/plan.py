"""What has to be done to a target, from what is here and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

import msgspec

from stashgen import hosting
from stashgen.files import MANIFEST, SIGNATURE, Entry, parse_manifest, sha256_of
from stashgen.publishers.claims import Claims, read_claims
from stashgen.publishers.site import Site
from stashgen.publishers.standing import Standing, standing
from stashgen.publishers.store import CLAIMS, PARTS
from stashgen.urls import DASHBOARD, STATUS_JSON

_MOST_FILES: Final = 500
_MOST_BYTES: Final = 8 * 1024 * 1024
LOOKED_AT: Final = (MANIFEST, SIGNATURE, STATUS_JSON, CLAIMS)


class Found(NamedTuple):
    """What a target says of itself: `files` is None where its manifest is missing or damaged."""

    manifest: bytes | None
    signature: bytes | None
    files: dict[str, Entry] | None
    standing: Standing  # of the state that was whole last
    claims: Claims
    litter: tuple[str, ...]  # half-written files that somebody who was killed has left

    @property
    def is_ours(self) -> bool:
        """Return whether a site of ours is or was here."""
        return self.manifest is not None or self.standing != Standing() or bool(self.claims.by_name)


class Plan(NamedTuple):
    """What to send, in the order of turns; what to remove, and which of that stands where something is to be put."""

    send: tuple[str, ...]
    remove: tuple[str, ...]
    in_way: tuple[str, ...]
    last: tuple[str, ...]  # manifest and signature, if they change
    is_signature_old: bool
    unchanged: int

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to do."""
        return not (self.send or self.remove or self.last or self.is_signature_old)

    @property
    def touched(self) -> tuple[str, ...]:
        """Return the names of all files that will be other ones."""
        return (*self.send, *self.remove)


def found(read: Mapping[str, bytes]) -> Found:
    """Understand what was read of a target."""
    claims = read_claims(read)
    files = _listed(read.get(MANIFEST))
    standing = _whole(read.get(STATUS_JSON), files, claims)
    litter = sorted(name for name in read if name.startswith(PARTS))
    return Found(read.get(MANIFEST), read.get(SIGNATURE), files, standing, claims, tuple(litter))


def plan(site: Site, there: Found, own: str, *, is_all: bool) -> Plan:
    """Return what differs; `own` is the file of our claim, `is_all` sends what seems to be there already, too."""
    dirty = there.claims.touched(own)
    known = {} if is_all or there.claims.is_any_damaged else (there.files or {})
    differing = {name for name, entry in site.files.items() if name in dirty or known.get(name) != entry}
    send = sorted(differing, key=lambda name: (hosting.turn(name), name))
    remove = sorted(((there.files or {}).keys() | dirty) - site.files.keys() - {MANIFEST, SIGNATURE})
    is_whole = not send and not remove and site.manifest == there.manifest
    last = [] if is_whole else [MANIFEST]
    if site.signature is not None and (last or site.signature != there.signature):
        last.append(SIGNATURE)
    return Plan(
        tuple(send),
        tuple(remove),
        tuple(_in_way(remove, site.files)),
        tuple(last),
        site.signature is None and there.signature is not None,
        len(site.files) - len(send),
    )


def batches(site: Site, names: Sequence[str]) -> Iterator[list[str]]:
    """Yield names in parts of one turn each, so small that it can be asked between them whether to go on."""
    for _, same in groupby(names, key=hosting.turn):
        batch: list[str] = []
        size = 0
        for name in same:
            if batch and (len(batch) >= _MOST_FILES or size + site.size(name) > _MOST_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(name)
            size += site.size(name)
        yield batch


def is_foreign(there: Found, pages: Mapping[str, bytes]) -> bool:
    """Return whether the dashboard would be put over a page that is not of a site of ours."""
    return not there.is_ours and DASHBOARD in pages


def above(names: Iterable[str]) -> set[str]:
    """Return all folders that these files lie in."""
    folders = set()
    for name in names:
        parts = name.split("/")[:-1]
        folders |= {"/".join(parts[:end]) for end in range(1, len(parts) + 1)}
    return folders


def _listed(manifest: bytes | None) -> dict[str, Entry] | None:
    try:
        return parse_manifest(manifest).files if manifest is not None else None
    except msgspec.MsgspecError:
        return None


def _whole(status: bytes | None, files: Mapping[str, Entry] | None, claims: Claims) -> Standing:
    """Return what was whole here last: a status.json unlike the manifest's is of a publishing that nobody finished."""
    listed = (files or {}).get(STATUS_JSON)
    begun = [claim.replaces for claim in claims.by_name.values() if claim and claim.files]
    if begun and not (listed and status is not None and sha256_of(status) == listed.sha256):
        return max(begun, key=lambda one: one.rank)
    return standing(status)


def _in_way(remove: Sequence[str], files: Iterable[str]) -> Iterator[str]:
    # A file where there shall be a folder, or files in a folder where there shall be a file.
    names = set(files)
    folders = above(names)
    for name in remove:
        if name in folders or above([name]) & names:
            yield name
