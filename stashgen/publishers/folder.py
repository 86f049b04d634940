"""A folder of this machine, or one that it has mounted: `/var/www/status`."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from stashgen.files import write_atomic
from stashgen.publishers import sending
from stashgen.publishers.site import Site
from stashgen.publishers.store import PARTS, Order, PublishError, Report
from stashgen.text import quoted

_LOOK_AGAIN_SECONDS: Final = 0.1
_PART: Final = f"{PARTS}part"
_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
_CLOSED: Final = {errno.EACCES, errno.EPERM, errno.EROFS}


def fits(target: str) -> bool:  # noqa: ARG001 - what is nothing else is a folder
    """Return whether a target is a folder."""
    return True


def publish(target: str, site: Site, order: Order) -> Report:
    """Bring a folder to the state of the site."""
    folder = Path(target)
    _refuse_itself(folder, site.folder)
    with _explained(folder):
        if order.is_dry and not folder.exists():
            return sending.publish(_Folder(folder), site, order)
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder, order):
            return sending.publish(_Folder(folder), site, order)


class _Folder:
    """A folder as the engine sees it."""

    is_alone = True  # it is locked

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, names: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes of files."""
        found = {}
        for name in names:
            below = sorted(entry.name for entry in self._entries(name)) if name.endswith("/") else [""]
            for one in below:
                with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
                    found[name + one] = (self._folder / (name + one)).read_bytes()
        return found

    def put(self, name: str, data: bytes) -> None:
        """Write a file."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.parent.resolve().is_relative_to(self._folder.resolve()):
            raise PublishError(
                f"{quoted(name)} would be written outside of it, as a link leads there; remove the link",
                is_lasting=True,
            )
        part = self._folder / _PART
        part.parent.mkdir(exist_ok=True)
        part.unlink(missing_ok=True)
        try:
            with part.open("xb") as file:
                file.write(data)
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            if error.errno != errno.EXDEV:
                raise
            write_atomic(path, data)  # another disk is mounted below the folder

    def send(self, site: Site, names: Sequence[str]) -> None:
        """Write files of the site."""
        for name in names:
            self.put(name, site.read(name))

    def remove(self, names: Sequence[str]) -> None:
        """Remove files, and folders that are empty then."""
        for name in names:
            path = self._folder / name
            if not path.parent.resolve().is_relative_to(self._folder.resolve()):
                continue  # behind a link: that is not ours
            with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
                path.unlink()
            self._prune(path)

    def _prune(self, path: Path) -> None:
        with suppress(OSError):  # rmdir refuses a folder that still holds something
            for folder in path.parents:
                if folder == self._folder:
                    break
                folder.rmdir()

    def _entries(self, name: str) -> Iterator[os.DirEntry[str]]:
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(self._folder / name) as entries:
            yield from entries


def _refuse_itself(folder: Path, built: Path) -> None:
    if folder.resolve().is_relative_to(built.resolve()):
        raise PublishError(f"is the built folder itself, or lies in it ({built}); choose another", is_lasting=True)


@contextmanager
def _locked(folder: Path, order: Order) -> Iterator[None]:
    # The same lock that a build takes: it leaves no file behind and ends with the process, however that ends.
    number = os.open(folder, os.O_RDONLY)
    try:
        while True:
            order.go_on()
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                order.wait(_LOOK_AGAIN_SECONDS)
        yield
    finally:
        os.close(number)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else str(folder)
        if error.errno in _FULL:
            raise PublishError("the disk there is full; free some space and publish again", is_lasting=True) from error
        if error.errno in _CLOSED:
            raise PublishError(f"{place}: cannot be written ({error.strerror})", is_lasting=True) from error
        raise PublishError(f"{place}: {error.strerror or error}") from error
