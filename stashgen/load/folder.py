"""Which record files lie in a folder, and what lies there that only looks like one."""

from __future__ import annotations

import os
import stat
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from stashgen.errors import Problem, Severity
from stashgen.load.file import UnreadableError, kind, reason, shown, target

MAX_FOLDERS_DEEP: Final = 24
SUFFIX: Final = ".yaml"

_INT64: Final = (1 << 63) - 1

# Files that people keep beside records.
_SILENT_SUFFIXES: Final = ("~", ".swp", ".swo", ".bak", ".orig", ".rej", ".tmp", ".md", ".txt")


class Listing:
    """The YAML files of a folder: paths relative to the root, with `/`, and a stamp of four numbers for each.

    While the stamp (size, time of change, time of change of the inode, inode) stays the same, so does the content:
    see `index` for the exception. Columns instead of objects: ten thousand files are listed at every start.
    """

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.stamps = array("q")


Report = Callable[[Problem], None]


def add_files(listing: Listing, root: Path, folder: str, report: Report, *, is_deep: bool) -> None:
    """Add the YAML files of a folder below the root, sorted, and of those below it if `is_deep`.

    Everything there that looks like a record and is none is reported as a problem.
    """
    if is_link(root, folder, report):
        return
    folders = [folder]
    while folders:
        here = folders.pop()
        for name in _add_plain_files(listing, root, here, report):
            path = f"{here}/{name}"
            if os.path.isdir(f"{root}/{path}") and not os.path.islink(f"{root}/{path}"):  # noqa: PTH112, PTH114 - as above
                if _is_folder_to_read(root, path, report, is_deep=is_deep):
                    folders.append(path)
            elif (stamp := _odd(root, path, report)) is not None:
                listing.paths.append(path)
                listing.stamps.extend(stamp)


def is_link(root: Path, folder: str, report: Report) -> bool:
    """Return whether a folder is a link, which might lead anywhere; report it then."""
    found = os.path.islink(f"{root}/{folder}")  # noqa: PTH114 - paths are texts here, for speed
    if found:
        report(problem(root, folder, f"is a link: put the folder itself into {root.name}"))
    return found


def _add_plain_files(listing: Listing, root: Path, folder: str, report: Report) -> list[str]:
    """Add the plain record files of one folder and return the names of all else in it, the last one first."""
    descriptor = _opened(root, folder, report)
    if descriptor is None:
        return []
    add_path, add_stamp = listing.paths.append, listing.stamps.extend
    others = []
    try:
        # Names relative to an open folder: half the price of whole paths.
        for name in sorted(os.listdir(descriptor)):  # noqa: PTH208 - as above
            found = _status(name, descriptor) if name.endswith(SUFFIX) and name[0] != "." else None
            if found is not None and stat.S_ISREG(found.st_mode):
                add_path(f"{folder}/{name}")
                add_stamp(_stamp(found))
            else:
                others.append(name)
    finally:
        os.close(descriptor)
    return others[::-1]


def _opened(root: Path, folder: str, report: Report) -> int | None:
    try:
        return os.open(f"{root}/{folder}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None  # no folder, no records
    except NotADirectoryError:
        report(problem(root, folder, "is a file, and must be a folder of records"))
    except OSError as error:
        report(problem(root, folder, f"cannot be listed: {error.strerror or error}"))
    return None


def _status(name: str, folder: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return None  # deleted a moment ago


def _stamp(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino & _INT64


def others(root: Path, known: frozenset[str]) -> Iterator[str]:
    """Yield the names that stand directly in the root, look like records or folders of them, and are not known."""
    with os.scandir(root) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            is_yaml = entry.name.lower().endswith((SUFFIX, ".yml")) and not entry.name.startswith(".")
            is_folder = entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
            if (is_yaml or is_folder) and entry.name not in known:
                yield entry.name


def _is_folder_to_read(root: Path, path: str, report: Report, *, is_deep: bool) -> bool:
    name = path.rpartition("/")[2]
    if name.startswith("."):
        return False
    if not is_unicode(name):
        report(problem(root, path, "has a name that is not UTF-8: rename it"))
    elif name.lower().endswith((SUFFIX, ".yml")):
        report(problem(root, path, "is a folder, and is named like a record: rename it"))
    elif not is_deep:
        report(problem(root, path, f"is a folder: records stand directly in {path.partition('/')[0]}/, move them up"))
    elif path.count("/") > MAX_FOLDERS_DEEP:
        report(problem(root, path, f"is more than {MAX_FOLDERS_DEEP} folders deep and is not read"))
    else:
        return True
    return False


def is_unicode(name: str) -> bool:
    """Return whether a name is text: the system keeps bytes."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _odd(root: Path, path: str, report: Report) -> tuple[int, int, int, int] | None:
    """Report what is no plain record file; a link to one inside the root is as good as one."""
    name = path.rpartition("/")[2]
    if name.startswith((".", "#")) or name.endswith(_SILENT_SUFFIXES) or not os.path.lexists(f"{root}/{path}"):
        return None
    if os.path.islink(f"{root}/{path}"):  # noqa: PTH114 - as above
        return _linked(root, path, report)
    if name.lower().endswith((SUFFIX, ".yml")):
        report(problem(root, path, _remedy(root, path)))
    else:
        report(problem(root, path, f"is not read: records end in {SUFFIX}", severity="warning"))
    return None


def _remedy(root: Path, path: str) -> str:
    try:
        what = kind(os.stat(f"{root}/{path}", follow_symlinks=False).st_mode)  # noqa: PTH116 - as above
    except OSError as error:
        return reason(path, error)
    return f"is {what}, not a file" if what else f"must end in {SUFFIX}: rename it"


def _linked(root: Path, path: str, report: Report) -> tuple[int, int, int, int] | None:
    try:
        end = target(f"{root}/{path}", os.path.realpath(root))
        if os.path.isdir(end):  # noqa: PTH112 - as above
            message = "is a link to a folder and is not followed: its files are read where they are"
            report(problem(root, path, message, severity="warning"))
        elif not path.endswith(SUFFIX):
            report(problem(root, path, f"is not read: records end in {SUFFIX}", severity="warning"))
        else:
            return _stamp(os.stat(end))  # noqa: PTH116 - as above
    except UnreadableError as error:
        report(problem(root, path, str(error)))
    except OSError as error:
        report(problem(root, path, reason(path, error)))
    return None


def problem(root: Path, path: str, message: str, *, severity: Severity = "error") -> Problem:
    """Return what is to be said of a file or folder of the root."""
    return Problem(path=shown(root, path), message=message, severity=severity)
