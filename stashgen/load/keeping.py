"""The index between two runs: one blob in the memo, and beside it a small one with what has changed since.

Of ten thousand files one changes at a time; to write four megabytes for it would take longer than to read it.
"""

from __future__ import annotations

import zlib
from contextlib import suppress
from typing import Final, NamedTuple, TypeVar

import msgspec

from stashgen.load import index
from stashgen.load.index import Index, Record, Row
from stashgen.memo import Memo

_STEP: Final = "load.index"
_PATCH_STEP: Final = "load.patch"
_CHECKSUM_BYTES: Final = 4
_MOST_CHANGES: Final = 256

Value = TypeVar("Value")


class _Patch(msgspec.Struct, frozen=True, array_like=True):
    base: int  # checksum of the blob that it changes
    moment_ns: int
    changes: dict[int, tuple[bytes, Record]]  # place -> stamp and record


class Kept(NamedTuple):
    """What was recalled: the index, the blob below it, and the places in which the two differ."""

    files: Index
    base: int
    changed: frozenset[int]


def recall(store: Memo, key: bytes) -> Kept:
    """Return the index kept under this key; an empty one when there is none or it is damaged."""
    base, checksum = _recall(store, _STEP, key, Index)
    if base is None:
        return Kept(Index(), 0, frozenset())
    patch, _ = _recall(store, _PATCH_STEP, key, _Patch)
    if patch is None or patch.base != checksum or not all(number < len(base.paths) for number in patch.changes):
        return Kept(base, checksum, frozenset())
    rows = {number: Row(base.paths[number], *change) for number, change in patch.changes.items()}
    return Kept(index.patched(base, patch.moment_ns, rows), checksum, frozenset(rows))


def keep(store: Memo, key: bytes, kept: Kept, now: Index, renewed: frozenset[int] | None) -> None:
    """Keep an index in place of the one recalled; `renewed` are the places that differ, None when places moved."""
    changed = kept.changed | renewed if renewed is not None and kept.base else None
    if changed is None or len(changed) > _MOST_CHANGES:
        _keep(store, _STEP, key, now)
        return
    size = index.STAMP_BYTES
    changes = {number: (now.stamps[number * size : (number + 1) * size], now.record(number)) for number in changed}
    _keep(store, _PATCH_STEP, key, _Patch(kept.base, now.moment_ns, changes))


def _recall(store: Memo, step: str, key: bytes, kind: type[Value]) -> tuple[Value | None, int]:
    blob = store.recall(step, key)
    if blob is not None:
        checksum, payload = int.from_bytes(blob[:_CHECKSUM_BYTES], "little"), blob[_CHECKSUM_BYTES:]
        if checksum == zlib.crc32(payload):
            with suppress(msgspec.MsgspecError):
                return msgspec.msgpack.decode(payload, type=kind), checksum
    return None, 0


def _keep(store: Memo, step: str, key: bytes, value: object) -> None:
    payload = msgspec.msgpack.encode(value)
    store.keep(step, [(key, zlib.crc32(payload).to_bytes(_CHECKSUM_BYTES, "little") + payload)])
