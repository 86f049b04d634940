"""The door to the disk: single files by rename, and the output folder, changed as a whole or not at all.

A build stages every changed file inside the output folder and renames them into place only when all of them are
there. The manifest claims new names before they appear and drops old ones after they are gone, so a build killed
at any moment leaves nothing that the next one does not own.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

import msgspec

from stashgen import clock, hearsay
from stashgen.errors import BuildError

MANIFEST: Final = "stashgen-manifest.json"
SIGNATURE: Final = f"{MANIFEST}.sig"
_STAGE: Final = ".stashgen-stage"
_LOCK_SECONDS: Final = 60.0
_LONGEST_NAME: Final = 255  # bytes between two slashes, on every file system
_LONGEST_PATH: Final = 4095


class Stamp(NamedTuple):
    """What the file system says of a file: equal stamps mean that nobody has written to it since."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class Entry(msgspec.Struct, frozen=True):
    """One file of the manifest."""

    sha256: Annotated[str, msgspec.Meta(min_length=64, max_length=64)]
    size: Annotated[int, msgspec.Meta(ge=0)]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Which files of an output folder are ours: path -> hash and size, the manifest itself left out."""

    version: Literal[1] = 1
    files: dict[str, Entry] = {}


def stamp(path: Path | str) -> Stamp | None:
    """Return the stamp of a regular file, None where there is none."""
    try:
        found = os.stat(path, follow_symlinks=False)  # noqa: PTH116 -- called for every file: Path costs more
    except OSError:
        return None
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def parse_manifest(data: bytes) -> Manifest:
    """Read a manifest; raise msgspec.MsgspecError for what is none, or names what lies outside of its folder."""
    manifest = hearsay.read(data, Manifest)
    if manifest is None or not all(map(is_below, manifest.files)):
        raise msgspec.ValidationError
    return manifest


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return a manifest as it lies in a folder."""
    return msgspec.json.encode(manifest) + b"\n"


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def changed(folder: Path, listed: Mapping[str, Entry]) -> Iterator[str]:
    """Yield the names of files that are not as a manifest lists them, or are gone."""
    for name, entry in listed.items():
        try:
            data = (folder / name).read_bytes()
        except OSError:
            yield name
            continue
        if len(data) != entry.size or sha256_of(data) != entry.sha256:
            yield name


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old bytes or the new ones, never a part; makes missing folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
        _share(name)
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise


def _share(name: str) -> None:
    # mkstemp makes files that only their owner can read; a web server is somebody else.
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(name, 0o666 & ~mask)  # noqa: PTH101


class Target:
    """An output folder that is locked for this build."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._root = str(folder)
        self._stage = folder / _STAGE

    @cached_property
    def manifest(self) -> Manifest:
        """Return what the manifest lists; an empty one for a folder without."""
        path = self.folder / MANIFEST
        try:
            return parse_manifest(path.read_bytes())
        except FileNotFoundError:
            return Manifest()
        except msgspec.MsgspecError:
            raise BuildError(f"{path}: is damaged; remove the folder {self.folder} and build again") from None

    def path(self, name: str) -> str:
        """Return where a file of the output lies."""
        return f"{self._root}/{name}"

    def read(self, name: str) -> bytes | None:
        """Return the bytes of a file of the output, None where there is no regular file of that name."""
        try:
            with open(self.path(name), "rb") as file:  # noqa: PTH123
                return file.read()
        except OSError:
            return None

    def stamp(self, name: str) -> Stamp | None:
        """Return the stamp of a file of the output, None where there is no regular file of that name."""
        return stamp(f"{self._root}/{name}")

    def holds(self, stamps: Iterable[tuple[str, Stamp]]) -> bool:
        """Return whether every file named still has its stamp."""
        # Tens of thousands of files in a build that changes nothing: each call and each tuple here would be felt.
        stat, root = os.stat, self._root
        try:
            for name, (size, mtime_ns, ctime_ns, inode) in stamps:
                found = stat(f"{root}/{name}", follow_symlinks=False)
                if found.st_ctime_ns != ctime_ns or found.st_mtime_ns != mtime_ns:
                    return False
                if found.st_ino != inode or found.st_size != size:
                    return False
        except OSError:
            return False
        return True

    def stage(self, number: int, data: bytes) -> None:
        """Keep a file's bytes under a number until `commit` puts them in place."""
        with open(f"{self._root}/{_STAGE}/{number}", "wb") as file:  # noqa: PTH123
            file.write(data)

    def commit(self, staged: Iterable[tuple[int, str]], files: Mapping[str, Entry]) -> int:
        """Put staged files (number, path) in place in that order, then remove strays; return how many were removed.

        `files` is the whole output as it shall be: what the old manifest lists beyond it is a stray.
        """
        names = list(staged)
        strays = sorted(self.manifest.files.keys() - files.keys())
        wanted = Manifest(files=dict(sorted(files.items())))
        if names or strays:
            self._write_manifest(Manifest(files={**self.manifest.files, **files}))
        self._clear_folders((name for _, name in names), strays)
        self._make_folders(name for _, name in names)
        for number, name in names:
            os.replace(f"{self._root}/{_STAGE}/{number}", self.path(name))  # noqa: PTH105
        for name in strays:
            self._remove(name)
        if wanted != self.manifest or stamp(self.path(MANIFEST)) is None or names or strays:
            self._write_manifest(wanted)
        return len(strays)

    def _write_manifest(self, manifest: Manifest) -> None:
        staged = self._stage / MANIFEST
        staged.write_bytes(manifest_bytes(manifest))
        # It was made for another manifest: whoever signs does so after the build.
        (self.folder / SIGNATURE).unlink(missing_ok=True)
        os.replace(staged, self.folder / MANIFEST)  # noqa: PTH105

    def _clear_folders(self, names: Iterable[str], strays: Sequence[str]) -> None:
        # A file may bear the name of what was a folder of ours in an older build.
        for name in names:
            if not os.path.isdir(self.path(name)) or os.path.islink(self.path(name)):  # noqa: PTH112, PTH114
                continue
            for stray in strays:
                if stray.startswith(f"{name}/"):
                    self._remove(stray)
            if os.path.isdir(self.path(name)):  # noqa: PTH112
                raise BuildError(
                    f"{self.path(name)}: is a folder with files that are not ours, and a file shall be there; move them"
                )

    def _make_folders(self, names: Iterable[str]) -> None:
        for folder in sorted(_ancestors(names)):
            path = self.path(folder)
            try:
                os.mkdir(path)  # noqa: PTH102
            except FileExistsError:
                if not os.path.isdir(path):  # noqa: PTH112
                    # A page's folder may bear the name of what was a file of ours in an older build.
                    self._remove(folder)
                    os.mkdir(path)  # noqa: PTH102

    def _remove(self, name: str) -> None:
        path = Path(self.path(name))
        if not path.parent.resolve().is_relative_to(self.folder.resolve()):
            return  # somebody put a link in place of a folder: what lies behind it is not ours
        with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            path.unlink()
        with suppress(OSError):
            # rmdir refuses a folder that still holds something, ours or not.
            for folder in path.parents:
                if folder == self.folder:
                    break
                folder.rmdir()


def _ancestors(names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for name in names:
        parent = name.rpartition("/")[0]
        while parent and parent not in found:
            found.add(parent)
            parent = parent.rpartition("/")[0]
    return found


@contextmanager
def open_target(folder: Path) -> Iterator[Target]:
    """Lock an output folder for one build; make it when it is missing.

    Raises BuildError where it cannot be written, holds files that are not ours, or stays locked by another build.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            _refuse_strangers(folder)
            _clear_stage(folder)
            (folder / _STAGE).mkdir()
            try:
                yield Target(folder)
            finally:
                _clear_stage(folder)
    except OSError as error:
        raise BuildError(_explain(folder, error)) from error


def _explain(folder: Path, error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"{folder}: the disk is full; free some space and build again"
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"{error.filename or folder}: cannot be written ({error.strerror}); choose another folder with --output"
    return f"{error.filename or folder}: {error.strerror or error}"


@contextmanager
def locked(folder: Path, *, is_shared: bool = False) -> Iterator[None]:
    """Keep builds out of a folder, and with a shared lock nobody else; raise BuildError when one takes a minute."""
    # The lock is on the folder itself: it leaves no file behind and ends with the process, however that ends.
    kind = fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX
    number = os.open(folder, os.O_RDONLY)
    try:
        deadline = clock.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(number, kind | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if clock.monotonic() > deadline:
                    raise BuildError(f"{folder}: another build has been writing here for a minute; try again") from None
                clock.sleep(0.05)
        yield
    finally:
        os.close(number)


def _refuse_strangers(folder: Path) -> None:
    if stamp(folder / MANIFEST) is not None:
        return
    strangers = sorted(entry.name for entry in os.scandir(folder) if not _is_hidden_folder(entry))
    if strangers:
        shown = ", ".join(strangers[:3])
        raise BuildError(
            f"{folder}: is not empty ({shown}) and was not written by stashgen; empty it or choose another folder"
        )


def is_below(name: str) -> bool:
    """Return whether a name of a list that comes from anywhere lies inside of the folder that the list is of."""
    parts = name.split("/")
    if {"", ".", ".."} & set(parts) or "\\" in name or "\0" in name:
        return False
    # Nothing short is too long: of each file of a build that changes nothing, this is asked.
    return len(name) <= _LONGEST_NAME // 4 or _may_exist(name, parts)


def _may_exist(name: str, parts: Iterable[str]) -> bool:
    return len(os.fsencode(name)) <= _LONGEST_PATH and all(len(os.fsencode(part)) <= _LONGEST_NAME for part in parts)


def _is_hidden_folder(entry: os.DirEntry[str]) -> bool:
    return entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)


def _clear_stage(folder: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(folder / _STAGE)
