"""Which files must be looked at again, and what they hold now."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from stashgen import forks, zones
from stashgen.errors import Problem
from stashgen.load import folder, index
from stashgen.load.folder import Listing, UnreadableError
from stashgen.load.index import STAMP_BYTES, Index, Record
from stashgen.memo import digest
from stashgen.model import ID_PATTERN

_LEAST_TO_FORK: Final = 500


class Place(NamedTuple):
    """A site-data folder and the zone of instants in it that name none."""

    root: Path
    timezone: str


class Seen(NamedTuple):
    """All sound files, in the order in which they were listed, and all problems of all files."""

    known: Index
    problems: list[Problem]


class _Outcome(NamedTuple):
    path: str
    record: Record | None
    problems: tuple[Problem, ...] = ()  # of a file without a record; warnings travel with the record


def look(place: Place, listing: Listing, known: Index, moment_ns: int) -> Seen:
    """Return what files hold; only those whose stamp says that they may have changed are read.

    `moment_ns` is a moment before the listing. The index returned is `known` itself when nothing is new.
    """
    stamps = listing.stamps.tobytes()
    if listing.paths == known.paths and stamps == known.stamps and index.is_settled(stamps, known.moment_ns):
        return Seen(known, _warnings(place.root, known))
    record_by_path = _unchanged(listing.paths, stamps, known)
    stale = [path for path in listing.paths if path not in record_by_path]
    problems: list[Problem] = []
    for outcome in _read_all(place, known, stale):
        problems += outcome.problems
        if outcome.record is not None:
            record_by_path[outcome.path] = outcome.record
    seen = index.filled(
        moment_ns,
        (
            (path, stamps[number * STAMP_BYTES : (number + 1) * STAMP_BYTES], record_by_path[path])
            for number, path in enumerate(listing.paths)
            if path in record_by_path
        ),
    )
    return Seen(seen, problems + _warnings(place.root, seen))


def _unchanged(paths: Sequence[str], stamps: bytes, known: Index) -> dict[str, Record]:
    number_by_path = {path: number for number, path in enumerate(known.paths)}
    found: dict[str, Record] = {}
    for start, path in zip(range(0, len(stamps), STAMP_BYTES), paths, strict=True):
        number = number_by_path.get(path)
        stamp = stamps[start : start + STAMP_BYTES]
        if number is not None and stamp == known.stamp(number) and index.is_settled(stamp, known.moment_ns):
            found[path] = known.record(number)
    return found


def _warnings(root: Path, seen: Index) -> list[Problem]:
    return [
        msgspec.structs.replace(warning, path=folder.shown(root, path))
        for path, warnings in seen.warnings_by_path.items()
        for warning in warnings
    ]


def _read_all(place: Place, known: Index, stale: Sequence[str]) -> list[_Outcome]:
    if not stale:
        return []
    records = map(known.record, range(len(known.paths)))
    reader = partial(_read, place, {record.content: record for record in records})
    return list(forks.forked(reader, stale, least=_LEAST_TO_FORK))


def _read(place: Place, record_by_content: Mapping[bytes, Record], path: str) -> _Outcome:
    name = folder.shown(place.root, path)
    try:
        data = folder.read(place.root, path)
    except UnreadableError as error:
        return _Outcome(path, None, (Problem(path=name, message=str(error)),))
    head, _, stem = path.removesuffix(folder.SUFFIX).rpartition("/")
    kind = head.partition("/")[0]
    # The same bytes mean another record in another folder, and a status of another name.
    content = digest(kind.encode(), stem.encode("utf-8", "surrogateescape") if kind == "statuses" else b"", data)
    known = record_by_content.get(content)
    if known is not None and re.search(ID_PATTERN, stem):
        return _Outcome(path, known)
    return _parse(place, path, content, data)


def _parse(place: Place, path: str, content: bytes, data: bytes) -> _Outcome:
    from stashgen.load import record  # noqa: PLC0415 - it brings the YAML parser, which most runs never need

    value, problems = record.read(data, path, folder.shown(place.root, path), zones.find(place.timezone) or dt.UTC)
    if value is None:
        return _Outcome(path, None, problems)
    packed = record.packed(value)
    warnings = tuple(msgspec.structs.replace(problem, path="") for problem in problems)
    return _Outcome(path, Record(content, digest(content, place.timezone.encode(), packed), packed, warnings))
