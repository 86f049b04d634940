"""What the last load knew: one blob in the memo, path -> stamp of the file and the record it held.

A file whose stamp is unchanged is not read again, by the rule that git found for its own index: a file whose
times are not older than the moment of the last load may have changed within one tick of the clock, unseen, and
is read again (https://git-scm.com/docs/racy-git).
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from stashgen import __version__, memo
from stashgen.errors import Problem
from stashgen.memo import Memo

_STEP: Final = "load.index"
# Coarse file systems count in steps of two seconds.
_TICK_NS: Final = 2_000_000_000
_CHECKSUM_BYTES: Final = 4
DIGEST_BYTES: Final = 16
STAMP_BYTES: Final = 32
_PACKAGE: Final = Path(__file__).parent.parent


class Record(NamedTuple):
    """One record as plain data in MessagePack, an event without its texts, and the warnings of its file."""

    content: bytes  # digest of the file's bytes
    digest: bytes  # of bytes, zone and plain data
    data: bytes
    warnings: tuple[Problem, ...] = ()


class Index(msgspec.Struct, array_like=True):
    """All sound files of a folder in columns, sorted by path, and the moment before the first was looked at."""

    moment_ns: int = 0
    paths: list[str] = []
    stamps: bytes = b""
    contents: bytes = b""  # digests of 16 bytes each, as `digests` are
    digests: bytes = b""
    data: list[bytes] = []
    warnings_by_path: dict[str, tuple[Problem, ...]] = {}

    def record(self, number: int) -> Record:
        """Return the record of a file by its place among the paths."""
        here = slice(number * DIGEST_BYTES, (number + 1) * DIGEST_BYTES)
        warnings = self.warnings_by_path.get(self.paths[number], ())
        return Record(self.contents[here], self.digests[here], self.data[number], warnings)

    def stamp(self, number: int) -> bytes:
        """Return the stamp of a file by its place among the paths."""
        return self.stamps[number * STAMP_BYTES : (number + 1) * STAMP_BYTES]

    def digests_from(self, number: int) -> list[bytes]:
        """Return the digests of all records from that place on."""
        size = DIGEST_BYTES
        return [self.digests[start : start + size] for start in range(number * size, len(self.digests), size)]


def filled(moment_ns: int, files: Iterable[tuple[str, bytes, Record]]) -> Index:
    """Return an index of (path, stamp, record) in the order given."""
    rows = list(files)
    return Index(
        moment_ns=moment_ns,
        paths=[path for path, _, _ in rows],
        stamps=b"".join(stamp for _, stamp, _ in rows),
        contents=b"".join(record.content for _, _, record in rows),
        digests=b"".join(record.digest for _, _, record in rows),
        data=[record.data for _, _, record in rows],
        warnings_by_path={path: record.warnings for path, _, record in rows if record.warnings},
    )


def is_settled(stamp: bytes, moment_ns: int) -> bool:
    """Tell whether files seen at that moment cannot have changed since and kept their stamps, one or more."""
    times = array("q", stamp)
    newest = max(max(times[1::4], default=0), max(times[2::4], default=0))
    return newest < moment_ns - _TICK_NS


def is_news(before: Index, after: Index) -> bool:
    """Tell whether the next load would have less to do with `after` than with `before`."""
    is_same = before.paths == after.paths and before.stamps == after.stamps and before.digests == after.digests
    return not is_same or (bool(after.paths) and not is_settled(before.stamps, before.moment_ns))


def rules_digest() -> bytes:
    """Return a digest of the code that makes records from bytes and judges them."""
    sources = [_PACKAGE / "model.py", _PACKAGE / "instants.py"]
    for folder in ("yamlio", "load", "check"):
        sources += sorted((_PACKAGE / folder).glob("*.py"))
    parts = [__version__.encode(), msgspec.__version__.encode()]
    for source in sources:
        with suppress(OSError):  # inside a zip file the version has to be enough
            parts.append(source.read_bytes())
    return memo.digest(*parts)


def recall(store: Memo, key: bytes) -> Index:
    """Return the index kept under this key; an empty one when there is none or it is damaged."""
    blob = store.recall(_STEP, key)
    if blob is not None and int.from_bytes(blob[:_CHECKSUM_BYTES], "little") == zlib.crc32(blob[_CHECKSUM_BYTES:]):
        with suppress(msgspec.MsgspecError):
            return msgspec.msgpack.decode(blob[_CHECKSUM_BYTES:], type=Index)
    return Index()


def keep(store: Memo, key: bytes, index: Index) -> None:
    """Keep an index under a key."""
    payload = msgspec.msgpack.encode(index)
    store.keep(_STEP, [(key, zlib.crc32(payload).to_bytes(_CHECKSUM_BYTES, "little") + payload)])
