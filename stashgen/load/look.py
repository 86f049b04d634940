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
from stashgen.load import file, folder, index
from stashgen.load.file import UnreadableError
from stashgen.load.folder import Listing
from stashgen.load.index import STAMP_BYTES, Index, Record, Row
from stashgen.memo import digest
from stashgen.model import ID_PATTERN

_LEAST_TO_FORK: Final = 500


class Place(NamedTuple):
    """A site-data folder and the zone of instants in it that name none."""

    root: Path
    timezone: str


class Seen(NamedTuple):
    """All sound files, in the order in which they were listed, and all problems of all files."""

    files: Index
    problems: list[Problem]
    renewed: frozenset[int] | None = frozenset()  # places that differ from the index before; None: places moved


class _Outcome(NamedTuple):
    path: str
    source: int | Record | None  # a place in the index, if the bytes are those of a file known
    problems: tuple[Problem, ...] = ()  # of a file without a record; warnings travel with the record


def look(place: Place, listing: Listing, known: Index, moment_ns: int) -> Seen:
    """Return what files hold; only those whose stamp says that they may have changed are read.

    `moment_ns` is a moment before the listing. The index returned is `known` itself when nothing is new.
    """
    stamps, unsettled = listing.stamps.tobytes(), known.unsettled()
    if listing.paths == known.paths and stamps == known.stamps and not unsettled:
        return Seen(known, _warnings(place.root, known))
    number_by_path = {path: number for number, path in enumerate(known.paths) if number not in unsettled}
    rows: list[Row | None] = [
        _unchanged(path, stamps[start : start + STAMP_BYTES], number_by_path, known)
        for start, path in zip(range(0, len(stamps), STAMP_BYTES), listing.paths, strict=True)
    ]
    stale = {path: number for number, (path, row) in enumerate(zip(listing.paths, rows, strict=True)) if row is None}
    problems: list[Problem] = []
    for outcome in _read_all(place, known, list(stale)):
        problems += outcome.problems
        if outcome.source is not None:
            number = stale[outcome.path]
            stamp = stamps[number * STAMP_BYTES : (number + 1) * STAMP_BYTES]
            rows[number] = Row(outcome.path, stamp, outcome.source)
    files, renewed = _index(known, moment_ns, rows, stale)
    return Seen(files, problems + _warnings(place.root, files), renewed)


def _unchanged(path: str, stamp: bytes, number_by_path: Mapping[str, int], known: Index) -> Row | None:
    number = number_by_path.get(path)
    if number is None or stamp != known.stamps[number * STAMP_BYTES : (number + 1) * STAMP_BYTES]:
        return None
    return Row(path, stamp, number)


def _index(
    known: Index, moment_ns: int, rows: Sequence[Row | None], stale: Mapping[str, int]
) -> tuple[Index, frozenset[int] | None]:
    sound = [row for row in rows if row is not None]
    if [row.path for row in sound] != known.paths:
        return index.filled(known, moment_ns, sound), None
    # The places are those of before: the sound files stand in the same order.
    changes = {number: row for number, row in enumerate(sound) if row.path in stale}
    return index.patched(known, moment_ns, changes), frozenset(changes)


def _warnings(root: Path, seen: Index) -> list[Problem]:
    return [
        msgspec.structs.replace(warning, path=file.shown(root, path))
        for path, warnings in seen.warnings_by_path.items()
        for warning in warnings
    ]


def _read_all(place: Place, known: Index, stale: Sequence[str]) -> list[_Outcome]:
    if not stale:
        return []
    reader = partial(_read, place, known.number_by_content())
    return list(forks.forked(reader, stale, least=_LEAST_TO_FORK))


def _read(place: Place, number_by_content: Mapping[bytes, int], path: str) -> _Outcome:
    name = file.shown(place.root, path)
    try:
        data = file.read(place.root, path)
    except UnreadableError as error:
        return _Outcome(path, None, (Problem(path=name, message=str(error)),))
    head, _, stem = path.removesuffix(folder.SUFFIX).rpartition("/")
    kind = head.partition("/")[0]
    # The same bytes mean another record in another folder, and a status of another name.
    content = digest(kind.encode(), stem.encode("utf-8", "surrogateescape") if kind == "statuses" else b"", data)
    known = number_by_content.get(content)
    if known is not None and re.search(ID_PATTERN, stem):
        return _Outcome(path, known)
    return _parse(place, path, content, data)


def _parse(place: Place, path: str, content: bytes, data: bytes) -> _Outcome:
    from stashgen.load import record  # noqa: PLC0415 - it brings the YAML parser, which most runs never need

    value, problems = record.read(data, path, file.shown(place.root, path), zones.find(place.timezone) or dt.UTC)
    if value is None:
        return _Outcome(path, None, problems)
    packed = record.packed(value)
    warnings = tuple(msgspec.structs.replace(problem, path="") for problem in problems)
    return _Outcome(path, Record(content, digest(content, place.timezone.encode(), packed), packed, warnings))
