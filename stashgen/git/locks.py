"""Lock files that a git left behind when it was killed: nobody takes them away but who looks."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from stashgen import clock
from stashgen.git.layout import Layout
from stashgen.git.program import Done, Git, GitError

INDEX: Final = "index.lock"
_ALIVE_SECONDS: Final = 30.0  # a living git may be at work in a big repository, or wait for somebody's editor
_SILENT_SECONDS: Final = 5.0  # nobody to be seen holds it: still, it may be seen from another container
_BLIND_SECONDS: Final = 600.0  # the same where processes cannot be seen at all
_LOOK_AGAIN_SECONDS: Final = 0.05
_MOST_LOCKS: Final = 4  # of the index, of HEAD, of a branch
# They may run for as long as somebody looks at a pager, and hold nothing.
_READERS: Final = frozenset(
    {b"log", b"show", b"diff", b"blame", b"grep", b"cat-file", b"fsmonitor--daemon", b"credential-cache--daemon", b"gc"}
)
_PROCESSES: Final = Path("/proc")
_IN_THE_WAY: Final = re.compile(r"(?:[Uu]nable to create|[Cc]annot lock ref).*?'([^'\n]+\.lock)': File exists")


class _Stamp(NamedTuple):
    inode: int
    mtime_ns: int
    size: int


def patiently(run: Callable[[], Done], layout: Layout | None) -> Done:
    """Run a git that locks, and again when what kept it off was a lock file that could be cleared; see `clear`."""
    for _ in range(_MOST_LOCKS):
        done = run()
        found = _IN_THE_WAY.search(done.err) if done.code else None
        if found is None or layout is None:
            break
        clear(Path(found[1]), layout, is_ours=False)
    return done


def clear(lock: Path, layout: Layout, *, is_ours: bool) -> str | None:
    """Wait until a lock file is gone, or put it aside when nobody can be holding it; return a remark then.

    `is_ours`: it was left by a git of ours that is known to have ended. Raises GitError where somebody holds it.
    """
    started, first = clock.monotonic(), _stamp(lock)
    while first is not None:
        is_held, now = _is_held(lock, layout.top), _stamp(lock)
        if now != first:
            started, first = clock.monotonic(), now
            continue
        waited, aged = clock.monotonic() - started, (clock.file_time_ns() - first.mtime_ns) / 1e9
        if is_held is False and (is_ours or (waited >= _SILENT_SECONDS and aged >= _SILENT_SECONDS)):
            return _put_aside(lock, layout)
        if is_held is None and (is_ours or (waited >= _SILENT_SECONDS and aged >= _BLIND_SECONDS)):
            return _put_aside(lock, layout)
        if waited > (_ALIVE_SECONDS if is_held else 2 * _SILENT_SECONDS):
            raise GitError(
                f"{lock} is there: another git is at work. Try again when it has ended; "
                "if none is running, remove that file"
            )
        clock.sleep(_LOOK_AGAIN_SECONDS)
    return None


def clear_ours(git: Git, layout: Layout) -> None:
    """Take away what a git of ours, which has ended, may have left when it was killed in the middle of a commit."""
    branch = git.run("symbolic-ref", "--quiet", "HEAD").text
    shared = [layout.common_dir / f"{name}.lock" for name in (branch, "packed-refs") if name]
    for lock in (layout.git_dir / INDEX, layout.git_dir / "HEAD.lock", *shared):
        clear(lock, layout, is_ours=True)
    for draft in layout.git_dir.glob("next-index-*.lock"):
        if _is_held(draft, layout.top) is False:
            draft.unlink(missing_ok=True)


def _put_aside(lock: Path, layout: Layout) -> str:
    place = layout.git_dir / "stashgen"
    place.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        lock.replace(place / f"{lock.name}.stale")
    return f"{lock} was left by a git that is gone: it was put aside as {place / lock.name}.stale"


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return _Stamp(found.st_ino, found.st_mtime_ns, found.st_size)


def _is_held(lock: Path, top: Path) -> bool | None:
    """Return whether a git works in this tree or somebody has the file open; None where that cannot be seen."""
    if not (_PROCESSES / "self" / "fd").is_dir():
        return None
    return any(_is_git_in(process, top) or _has_open(process, lock) for process in _others())


def _others() -> Iterator[Path]:
    for process in _PROCESSES.iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid():
            yield process


def _is_git_in(process: Path, top: Path) -> bool:
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
        if not os.path.basename(words[0]).startswith(b"git") or not _READERS.isdisjoint(words):  # noqa: PTH119 - bytes
            return False
        return (process / "cwd").readlink().is_relative_to(top)
    except OSError:
        return False


def _has_open(process: Path, lock: Path) -> bool:
    try:
        return any(entry.readlink() == lock for entry in (process / "fd").iterdir())
    except OSError:
        return False
