"""What a load knows of every file: its stamp and the record it holds, in columns.

A file whose stamp is unchanged is not read again, by the rule that git found for its own index: a file whose
times are not older than the moment of the last load may have changed within one tick of the clock, unseen, and
is read again (https://git-scm.com/docs/racy-git).
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from stashgen import __version__, memo
from stashgen.errors import Problem

STAMP_BYTES: Final = 32
_DIGEST_BYTES: Final = 16
_PAIR_BYTES: Final = 2 * _DIGEST_BYTES
# Coarse file systems count in steps of two seconds.
_TICK_NS: Final = 2_000_000_000
_PACKAGE: Final = Path(__file__).parent.parent


class Record(NamedTuple):
    """One record as plain data in MessagePack, an event without its texts, and the warnings of its file."""

    content: bytes  # digest of the file's bytes
    digest: bytes  # of bytes, zone and plain data
    data: bytes
    warnings: tuple[Problem, ...] = ()


class Row(NamedTuple):
    """One file as it was just seen: what it holds, or its place in the index of the last load."""

    path: str
    stamp: bytes
    source: int | Record


class Index(msgspec.Struct, frozen=True, array_like=True):
    """All sound files of a folder in the order of the listing, and the moment before the first was looked at."""

    moment_ns: int = 0
    paths: list[str] = []
    stamps: bytes = b""
    digests: bytes = b""  # two for each file: content and record
    data: list[bytes] = []
    warnings_by_path: dict[str, tuple[Problem, ...]] = {}

    def record(self, number: int) -> Record:
        """Return the record of a file by its place among the paths."""
        pair = _cut(self.digests, number, _PAIR_BYTES)
        warnings = self.warnings_by_path.get(self.paths[number], ())
        return Record(pair[:_DIGEST_BYTES], pair[_DIGEST_BYTES:], self.data[number], warnings)

    def digests_from(self, number: int) -> list[bytes]:
        """Return the digests of all records from that place on."""
        starts = range(number * _PAIR_BYTES + _DIGEST_BYTES, len(self.digests), _PAIR_BYTES)
        return [self.digests[start : start + _DIGEST_BYTES] for start in starts]

    def number_by_content(self) -> dict[bytes, int]:
        """Return the places of records by the digest of their file's bytes."""
        starts = range(0, len(self.digests), _PAIR_BYTES)
        return {self.digests[start : start + _DIGEST_BYTES]: number for number, start in enumerate(starts)}

    def unsettled(self) -> frozenset[int]:
        """Return the places of files that may have changed after they were seen and have kept their stamp."""
        times, latest = array("q", self.stamps), self.moment_ns - _TICK_NS
        if max(times[1::4], default=latest - 1) < latest and max(times[2::4], default=latest - 1) < latest:
            return frozenset()
        both = zip(times[1::4], times[2::4], strict=True)
        return frozenset(number for number, (mtime, ctime) in enumerate(both) if mtime >= latest or ctime >= latest)


def patched(known: Index, moment_ns: int, row_by_number: Mapping[int, Row]) -> Index:
    """Return an index with some files exchanged for others in their places."""
    stamps, digests, data = bytearray(known.stamps), bytearray(known.digests), list(known.data)
    warnings_by_path = dict(known.warnings_by_path)
    for number, row in row_by_number.items():
        record = known.record(row.source) if isinstance(row.source, int) else row.source
        stamps[number * STAMP_BYTES : (number + 1) * STAMP_BYTES] = row.stamp
        digests[number * _PAIR_BYTES : (number + 1) * _PAIR_BYTES] = record.content + record.digest
        data[number] = record.data
        warnings_by_path.pop(row.path, None)
        warnings_by_path |= {row.path: record.warnings} if record.warnings else {}
    return Index(moment_ns, known.paths, bytes(stamps), bytes(digests), data, warnings_by_path)


def filled(known: Index, moment_ns: int, rows: Sequence[Row]) -> Index:
    """Return an index of these files; `known` is the one that sources count in."""
    records = [known.record(row.source) if isinstance(row.source, int) else row.source for row in rows]
    return Index(
        moment_ns=moment_ns,
        paths=[row.path for row in rows],
        stamps=b"".join([row.stamp for row in rows]),
        digests=b"".join([record.content + record.digest for record in records]),
        data=[record.data for record in records],
        warnings_by_path={
            row.path: record.warnings for row, record in zip(rows, records, strict=True) if record.warnings
        },
    )


def _cut(column: bytes, number: int, size: int) -> bytes:
    return column[number * size : (number + 1) * size]


@cache
def rules_digest() -> bytes:
    """Return a digest of the code that makes records from bytes and judges them: the running one stays what it is."""
    sources = [_PACKAGE / "model.py", _PACKAGE / "instants.py"]
    for folder in ("yamlio", "load", "check"):
        sources += sorted((_PACKAGE / folder).glob("*.py"))
    parts = [__version__.encode(), msgspec.__version__.encode()]
    for source in sources:
        with suppress(OSError):  # inside a zip file the version has to be enough
            parts.append(source.read_bytes())
    return memo.digest(*parts)
