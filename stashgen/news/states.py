"""The two states of a site that are compared: what the working files say, and what a commit said.

A commit is read through git's objects into a folder of its own: work tree and index are left alone. What has
problems is left out, as by `build --keep-going`.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from msgspec.structs import replace

from stashgen import check, hearsay
from stashgen.build import Job, compose, gather, read
from stashgen.errors import DataError, Problem, StashgenError
from stashgen.git import Git, Layout, find
from stashgen.hearsay import Status
from stashgen.http import Client
from stashgen.load import SITE_DATA
from stashgen.memo import Memo, cache_file
from stashgen.outputs.context import Context

_FOLDERS: Final = (SITE_DATA, "themes")
_LINK: Final = "120000"
_FILES: Final = ("100644", "100755", "100664")
_HASH: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class State(NamedTuple):
    """A site at an instant, as far as it is sound, and what is wrong with the rest."""

    context: Context
    problems: tuple[Problem, ...]


class Ground(NamedTuple):
    """What reading a state takes."""

    project: Path
    environ: Mapping[str, str]
    now: dt.datetime


def working(ground: Ground) -> State:
    """Return the state of the working files."""
    return _state(ground.project, Memo(cache_file(ground.project, ground.environ)), ground.now)


@contextmanager
def committed(ground: Ground, commit: str) -> Iterator[State | None]:
    """Yield the state of a commit as of `now`, for as long as its files are there; None where it has no site-data."""
    program = Git(ground.project, ground.environ)
    with tempfile.TemporaryDirectory(prefix="stashgen-past-") as scratch:
        project = Path(scratch)
        _lay_out(program, commit, _layout(program).prefix, project)
        # Nothing of it is kept in the memo: the folder is another one each time.
        yield _state(project, Memo(), ground.now) if (project / SITE_DATA).is_dir() else None


def resolved(project: Path, ref: str, environ: Mapping[str, str]) -> str:
    """Return the full hash of the commit that a name means; raise StashgenError with the remedy where there is none."""
    program = Git(project, environ)
    _layout(program)
    commit = program.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").text
    if commit:
        return commit
    if program.run("rev-parse", "--is-shallow-repository").text == "true":
        what = f"git fetch --depth=1 origin {ref}" if _HASH.fullmatch(ref) else "git fetch --unshallow"
        raise StashgenError(
            f"{ref!r} is not in this shallow clone: `{what}` brings it (in a workflow, `fetch-depth: 0`)"
        )
    fetch = f": `git fetch origin {ref}` may bring it, if it was forced away" if _HASH.fullmatch(ref) else ""
    raise StashgenError(f"there is no commit {ref!r} in this repository{fetch}")


def committed_at(project: Path, commit: str, environ: Mapping[str, str]) -> dt.datetime:
    """Return when a commit was made."""
    seconds = Git(project, environ).ask("show", "-s", "--format=%ct", commit)
    return dt.datetime.fromtimestamp(int(seconds), dt.UTC)


def published(place: str) -> Status:
    """Read a status.json, or that of a page, from a URL or a file."""
    if re.match(r"https?://", place):
        url = place if place.endswith(".json") else f"{place.rstrip('/')}/status.json"
        answer = Client().get(url)
        if answer.status != 200:
            raise StashgenError(f"{url}: answers with {answer.status}")
        data = answer.body
    else:
        path = Path(place)
        data = (path / "status.json" if path.is_dir() else path).read_bytes()
    said = hearsay.status(data)
    if said is None:
        raise StashgenError(f"{place}: is no status.json of stashgen: it does not say when it was built, with the zone")
    return said


def _state(project: Path, memo: Memo, now: dt.datetime) -> State:
    job = Job(project=project, output=project / "build", now=now, memo=memo, keeps_going=True)
    try:
        source = read(job)
        return State(compose(job, source)[0], source.problems)
    except DataError as error:
        # It is not sure which page this is, or in which language: what is told can be told all the same.
        reading = check.read(project, memo, now)
        settings = replace(reading.site.settings, theme="default", language="en")
        sound = reading._replace(site=replace(reading.site, settings=settings))
        source = gather(job, sound)
        return State(compose(job, source)[0], tuple(sorted({*reading.problems, *error.problems})))


def _layout(program: Git) -> Layout:
    layout = find(program)
    if layout is None:
        raise StashgenError(f"{program.folder.resolve()} is in no git repository: there is no earlier state of it")
    return layout


def _lay_out(program: Git, commit: str, prefix: str, folder: Path) -> None:
    paths = [f"{prefix}{name}" for name in _FOLDERS]
    listed = program.data("ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths)
    entries = [_entry(line, prefix) for line in os.fsdecode(listed).split("\0") if line]
    wanted = [entry for entry in entries if entry.mode in (*_FILES, _LINK) and _is_inside(entry.path)]
    blobs = _blobs(program, [entry.blob for entry in wanted])
    # Links last: nothing is ever written through one. Those that lead elsewhere are left out.
    for entry, data in sorted(zip(wanted, blobs, strict=True), key=lambda pair: pair[0].mode == _LINK):
        path = folder / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.mode != _LINK:
            path.write_bytes(data)
            continue
        path.symlink_to(os.fsdecode(data))
        if not path.resolve().is_relative_to(folder.resolve()):
            path.unlink()


class _Entry(NamedTuple):
    mode: str
    blob: str
    path: str


def _entry(line: str, prefix: str) -> _Entry:
    facts, _, path = line.partition("\t")
    mode, _, blob = facts.split(" ")
    return _Entry(mode, blob, path.removeprefix(prefix))


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and parts[0] in _FOLDERS and ".." not in parts


def _blobs(program: Git, names: Sequence[str]) -> Iterator[bytes]:
    data = program.data("cat-file", "--batch", stdin="".join(f"{name}\n" for name in names).encode())
    at = 0
    for _ in names:
        end = data.index(b"\n", at)
        size = int(data[at:end].rpartition(b" ")[2])
        yield data[end + 1 : end + 1 + size]
        at = end + size + 2
