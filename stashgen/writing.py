"""Bring an output folder up to date: find what changed, make only that, and put it in place as a whole."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from stashgen import files, forks
from stashgen.files import Entry, Stamp, Target
from stashgen.memo import Memo, digest
from stashgen.outputs.context import Output

Progress = Callable[[int, int], None]

_STEP: Final = "writing-2"
_BATCH: Final = 32
_LEAST_BATCHES: Final = 8  # below that a second process costs more than it brings


class Written(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a build knows of a file it wrote: the key it was made for, its bytes' hash, and its stamp."""

    key: bytes
    sha256: str
    stamp: Stamp


class Memory(msgspec.Struct, frozen=True):
    """What the last build into a folder left there.

    `state` tells all that the site was made of, `manifest` is the manifest's stamp, `files` has every file by path.
    """

    state: bytes = b""
    next_change_at: dt.datetime | None = None
    manifest: Stamp | None = None
    files: dict[str, Written] = {}


class Work(NamedTuple):
    """What there is to write, and how: `flush` is called in every process when it is done with a batch."""

    outputs: Sequence[Output]
    state: bytes
    next_change_at: dt.datetime
    progress: Progress
    flush: Callable[[], None]


class Outcome(NamedTuple):
    """What a build did to its output folder, in files."""

    files: int
    written: int
    removed: int


class _Made(NamedTuple):
    number: int
    entry: Entry
    is_staged: bool


def recall(target: Target, memo: Memo) -> Memory:
    """Return what is remembered of a folder; nothing for a new one."""
    data = memo.recall(_STEP, _place(target))
    try:
        return Memory() if data is None else msgspec.msgpack.decode(data, type=Memory)
    except msgspec.MsgspecError:
        return Memory()


def is_intact(target: Target, memory: Memory) -> bool:
    """Return whether nobody has touched a file since the last build."""
    if target.stamp(files.MANIFEST) != memory.manifest:
        return False
    return target.holds((path, seen.stamp) for path, seen in memory.files.items())


def write(target: Target, work: Work, memory: Memory, memo: Memo) -> Outcome:
    """Make the files whose key or place changed, stage those whose bytes did, and commit them."""
    outputs = work.outputs
    current = _current(target, outputs, memory.files)
    stale = [number for number, output in enumerate(outputs) if output.path not in current]
    made = _make(target, work, stale)
    staged = sorted((one.number for one in made if one.is_staged), key=lambda number: _turn(outputs[number]))
    removed = 0
    if made or len(current) != len(memory.files) or target.stamp(files.MANIFEST) != memory.manifest:
        entries = _entries(target, outputs, current, made)
        removed = target.commit([(number, outputs[number].path) for number in staged], entries)
    after = _remembered(target, work, current, made)
    memo.keep(_STEP, [(_place(target), msgspec.msgpack.encode(after))])
    return Outcome(len(outputs), len(staged), removed)


def _place(target: Target) -> bytes:
    return digest(os.fsencode(target.folder.resolve()))


def _turn(output: Output) -> tuple[int, str]:
    return output.rank, output.path


def _place_in_work(output: Output) -> tuple[str, str]:
    return output.near or output.path, output.path


def _current(target: Target, outputs: Sequence[Output], known: dict[str, Written]) -> dict[str, Written]:
    """Return what is known of the outputs whose file is already as it shall be."""
    current = {}
    for output in outputs:
        seen = known.get(output.path)
        if seen is None or seen.key != output.key:
            continue
        if target.holds([(output.path, seen.stamp)]):
            current[output.path] = seen
            continue
        stamp = target.stamp(output.path)
        if stamp is not None and _is_same(target, output.path, seen):
            current[output.path] = Written(seen.key, seen.sha256, stamp)
    return current


def _is_same(target: Target, path: str, seen: Written) -> bool:
    # A folder restored from a cache has the same bytes in new files.
    data = target.read(path)
    return data is not None and files.sha256_of(data) == seen.sha256


def _make(target: Target, work: Work, stale: list[int]) -> list[_Made]:
    outputs = work.outputs
    # Neighbours are made by one process: an event's page and its JSON share what they read.
    stale.sort(key=lambda number: _place_in_work(outputs[number]))
    batches = [stale[start : start + _BATCH] for start in range(0, len(stale), _BATCH)]

    def make_batch(batch: list[int]) -> list[_Made]:
        made = [_make_one(target, outputs[number], number) for number in batch]
        work.flush()
        return made

    made: list[_Made] = []
    for results in forks.forked(make_batch, batches, least=_LEAST_BATCHES):
        made += results
        work.progress(len(made), len(stale))
    return made


def _make_one(target: Target, output: Output, number: int) -> _Made:
    data = output.make()
    entry = Entry(files.sha256_of(data), len(data))
    is_staged = target.read(output.path) != data
    if is_staged:
        target.stage(number, data)
    return _Made(number, entry, is_staged)


def _entries(
    target: Target, outputs: Sequence[Output], current: dict[str, Written], made: list[_Made]
) -> dict[str, Entry]:
    listed = target.manifest.files
    fresh = {outputs[one.number].path: one.entry for one in made}
    for path, seen in current.items():
        entry = listed.get(path)
        is_listed = entry is not None and entry.sha256 == seen.sha256
        fresh[path] = entry if entry is not None and is_listed else Entry(seen.sha256, seen.stamp.size)
    return fresh


def _remembered(target: Target, work: Work, current: dict[str, Written], made: list[_Made]) -> Memory:
    rows = dict(current)
    for one in made:
        output = work.outputs[one.number]
        stamp = target.stamp(output.path)
        if stamp is not None:
            rows[output.path] = Written(output.key, one.entry.sha256, stamp)
    return Memory(work.state, work.next_change_at, target.stamp(files.MANIFEST), rows)
