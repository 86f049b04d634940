"""Bring branch, index and files of the work tree to another commit; what somebody is working on stays as it is.

Interrupted at any point, `finish` goes on from there: where to is noted first, and the branch moves last.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from stashgen.git import Git, GitError, Layout
from stashgen.git.locks import clear_ours, patiently
from stashgen.repository.clone import Clone

_KIND: Final = "moving"
_KEY: Final = "now"
_NOTE: Final = "stashgen: follow the remote, with our changes on it"
_ABSENT: Final = "0"


class _Move(msgspec.Struct, frozen=True):
    old: str
    new: str


class _Entry(NamedTuple):
    mode: str
    blob: str | None  # None: there is no such file in the commit


def move(clone: Clone, program: Git, old: str, new: str) -> list[str]:
    """Move from commit `old`, which HEAD is on, to `new`; the lock is held. Return why not, nothing when it is done."""
    if old == new:
        return []
    layout = _layout(clone)
    clone.store.keep(_KIND, _KEY, msgspec.json.encode(_Move(old, new)))
    remarks = _moved(_at_top(program, layout), layout, old, new)
    clone.store.keep(_KIND, _KEY, None)
    return remarks


def finish(clone: Clone, program: Git) -> list[str]:
    """End a move that was interrupted; the lock is held. Return remarks."""
    data = clone.store.recall(_KIND, _KEY)
    if data is None:
        return []
    layout, found = _layout(clone), msgspec.json.decode(data, type=_Move)
    top = _at_top(program, layout)
    remarks: list[str] = []
    clear_ours(top, layout)
    if top.ask("rev-parse", "HEAD") == found.old:
        _adopt(top, layout, found)
        remarks = _moved(top, layout, found.old, found.new)
    clone.store.keep(_KIND, _KEY, None)
    return remarks


def _moved(top: Git, layout: Layout, old: str, new: str) -> list[str]:
    top.run("update-index", "-q", "--refresh")
    done = patiently(lambda: top.run("read-tree", "-m", "-u", old, new), layout)
    if done.code:
        return [f"the branch stays where it is, as files that are being worked on are in the way: {done.words}"]
    done = patiently(lambda: top.run("update-ref", "-m", _NOTE, "HEAD", new, old), layout)
    if done.code:
        top.run("read-tree", "-m", "-u", new, old)
        return [f"the branch stays where it is: {done.words}"]
    return []


def _adopt(top: Git, layout: Layout, found: _Move) -> None:
    """Tell the index of the files that have come already; what was written in part is written anew."""
    entries = _difference(top, found.old, found.new)
    blobs = _blobs(top, layout, entries)
    ready = {path: entry for path, entry in entries.items() if blobs[path] == entry.blob}
    torn = {
        path: entry
        for path, entry in entries.items()
        if path not in ready and entry.blob and _is_part(top, layout, path, entry.blob)
    }
    lines = [f"{e.mode} {e.blob or _ABSENT * len(found.new)}\t{path}\0" for path, e in {**ready, **torn}.items()]
    top.run("update-index", "--add", "-z", "--index-info", stdin=os.fsencode("".join(lines)))
    if torn:
        top.run("checkout-index", "--force", "-z", "--stdin", stdin=os.fsencode("\0".join(torn)))


def _difference(top: Git, old: str, new: str) -> Mapping[str, _Entry]:
    parts = top.ask("diff-tree", "-r", "-z", "--no-renames", old, new).split("\0")
    entries = {}
    for facts, path in zip(parts[::2], parts[1::2], strict=False):
        _, mode, _, blob, kind = facts.split(" ")
        entries[path] = _Entry(_ABSENT, None) if kind == "D" else _Entry(mode, blob)
    return entries


def _blobs(top: Git, layout: Layout, paths: Mapping[str, _Entry]) -> Mapping[str, str | None]:
    """Return what git would call the files as they are."""
    return {path: top.ask("hash-object", "--", path) if (layout.top / path).is_file() else None for path in paths}


def _is_part(top: Git, layout: Layout, path: str, blob: str) -> bool:
    try:
        data = (layout.top / path).read_bytes()
    except OSError:
        return False
    return top.data("cat-file", "blob", blob).startswith(data)


def _layout(clone: Clone) -> Layout:
    if clone.layout is None:
        raise GitError(f"{clone.folder} is not in a git repository")
    return clone.layout


def _at_top(program: Git, layout: Layout) -> Git:
    return program._replace(folder=layout.top)
