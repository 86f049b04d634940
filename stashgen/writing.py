"""Bring an output folder up to date: find what changed, make only that, and put it in place as a whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from stashgen import files, forks
from stashgen.files import Entry, Stamp, Target
from stashgen.memo import Memo, digest
from stashgen.outputs.context import Output

Progress = Callable[[int, int], None]

_STEP: Final = "writing-1"
_BATCH: Final = 32
_LEAST_BATCHES: Final = 8  # below that a second process costs more than it brings


class Written(NamedTuple):
    """What a build knows of a file it wrote: the key it was made for, its bytes' hash, and its stamp."""

    key: bytes
    sha256: str
    stamp: Stamp


class Memory(msgspec.Struct, frozen=True):
    """What the last build into a folder left there: the manifest's stamp and every file by path."""

    manifest: Stamp | None = None
    files: dict[str, Written] = {}


class Outcome(NamedTuple):
    """What a build did to its output folder, in files."""

    files: int
    written: int
    removed: int


class _Made(NamedTuple):
    number: int
    entry: Entry
    is_staged: bool


def write(
    target: Target, outputs: Sequence[Output], memo: Memo, progress: Progress, flush: Callable[[], None]
) -> Outcome:
    """Make the files whose key or place changed, stage those whose bytes did, and commit them.

    `flush` is called in every process that made files, when it is done with a batch.
    """
    key = digest(os.fsencode(target.folder.resolve()))
    memory = _recall(memo, key)
    current = _current(target, outputs, memory.files)
    if len(current) == len(outputs) == len(memory.files) and target.stamp(files.MANIFEST) == memory.manifest:
        return Outcome(len(outputs), 0, 0)
    stale = [number for number, output in enumerate(outputs) if output.path not in current]
    made = _make(target, outputs, stale, progress, flush)
    staged = sorted((one.number for one in made if one.is_staged), key=lambda number: _turn(outputs[number]))
    entries = _entries(target, outputs, current, made)
    removed = target.commit([(number, outputs[number].path) for number in staged], entries)
    memo.keep(_STEP, [(key, _remember(target, outputs, current, made))])
    return Outcome(len(outputs), len(staged), removed)


def _turn(output: Output) -> tuple[int, str]:
    return output.rank, output.path


def _recall(memo: Memo, key: bytes) -> Memory:
    data = memo.recall(_STEP, key)
    try:
        return Memory() if data is None else msgspec.msgpack.decode(data, type=Memory)
    except msgspec.MsgspecError:
        return Memory()


def _current(target: Target, outputs: Sequence[Output], known: dict[str, Written]) -> dict[str, Written]:
    """Return what is known of the outputs whose file is already as it shall be."""
    current = {}
    for output in outputs:
        seen = known.get(output.path)
        if seen is None or seen.key != output.key:
            continue
        stamp = target.stamp(output.path)
        if stamp == seen.stamp:
            current[output.path] = seen
        elif stamp is not None and _is_same(target, output.path, seen):
            current[output.path] = seen._replace(stamp=stamp)
    return current


def _is_same(target: Target, path: str, seen: Written) -> bool:
    # A folder restored from a cache has the same bytes in new files.
    data = target.read(path)
    return data is not None and files.sha256_of(data) == seen.sha256


def _make(
    target: Target, outputs: Sequence[Output], stale: list[int], progress: Progress, flush: Callable[[], None]
) -> list[_Made]:
    # Neighbours in path order are made by one process: an event's page and its JSON share what they read.
    stale.sort(key=lambda number: outputs[number].path)
    batches = [stale[start : start + _BATCH] for start in range(0, len(stale), _BATCH)]

    def make_batch(batch: list[int]) -> list[_Made]:
        made = [_make_one(target, outputs[number], number) for number in batch]
        flush()
        return made

    made: list[_Made] = []
    for results in forks.forked(make_batch, batches, least=_LEAST_BATCHES):
        made += results
        progress(len(made), len(stale))
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


def _remember(target: Target, outputs: Sequence[Output], current: dict[str, Written], made: list[_Made]) -> bytes:
    rows = dict(current)
    for one in made:
        output = outputs[one.number]
        stamp = target.stamp(output.path)
        if stamp is not None:
            rows[output.path] = Written(output.key, one.entry.sha256, stamp)
    return msgspec.msgpack.encode(Memory(target.stamp(files.MANIFEST), rows))
