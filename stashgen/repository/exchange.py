"""The files of one change written into site-data, and taken back: the disk may be full, the process may be killed.

The old file stays as a second name of the same file (a hard link) until the change is safe, so going back needs no
space. New bytes are written under a name that follows from the change, so what a kill leaves is found again.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from stashgen.errors import StashgenError
from stashgen.files import sha256_of
from stashgen.repository.journal import Touched


class Exchange:
    """One change of files below `root`; `aside` is where old files are kept, `name` the id of the change."""

    def __init__(self, root: Path, aside: Path, name: str, files: tuple[Touched, ...]) -> None:
        self._root, self._aside, self._name, self._files = root, aside / name, name, files

    def write(self, data_by_path: Mapping[str, bytes | None]) -> None:
        """Write the new bytes; raise StashgenError when it cannot be done, with files to be taken back by `undo`."""
        try:
            for place, touched in enumerate(self._files):
                self._write(place, self._root / touched.path, data_by_path[touched.path])
        except OSError as error:
            raise StashgenError(_explained(error)) from error

    def undo(self, *, is_sure: bool) -> list[str]:
        """Take the files back; return the paths of those that are neither the old nor ours, and so stay.

        `is_sure`: nobody else has been at them since, whatever they are now.
        """
        strange = []
        for place, touched in enumerate(self._files):
            path = self._root / touched.path
            with suppress(OSError):
                self._draft(place, path).unlink()
            now = _digest(path)
            if now == touched.old:
                continue
            try:
                if not is_sure and now != touched.new:
                    raise FileExistsError
                self._restore(place, path, touched)
            except OSError:
                strange.append(touched.path)
        if not strange:
            self.forget()
        return strange

    def forget(self) -> None:
        """Let go of the old files."""
        shutil.rmtree(self._aside, ignore_errors=True)

    def _write(self, place: int, path: Path, data: bytes | None) -> None:
        self._aside.mkdir(parents=True, exist_ok=True)
        if path.exists():
            _keep(path, self._aside / str(place))
        if data is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._draft(place, path)
        draft.write_bytes(data)
        if path.exists():
            draft.chmod(path.stat().st_mode & 0o7777)
        draft.replace(path)

    def _draft(self, place: int, path: Path) -> Path:
        return path.with_name(f".stashgen-{self._name}-{place}")

    def _restore(self, place: int, path: Path, touched: Touched) -> None:
        kept = self._aside / str(place)
        if touched.old is None:
            path.unlink(missing_ok=True)
            for folder in _made(self._root, path):
                folder.rmdir()
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            kept.replace(path)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            shutil.copy2(kept, path)


def _made(root: Path, path: Path) -> Iterator[Path]:
    # Folders with nothing left in them: git does not know empty ones.
    for folder in path.parents:
        if folder == root or not folder.is_relative_to(root) or any(folder.iterdir()):
            return
        yield folder


def _keep(path: Path, kept: Path) -> None:
    kept.unlink(missing_ok=True)
    try:
        os.link(path, kept)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(path, kept)


def _digest(path: Path) -> str | None:
    try:
        return sha256_of(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _explained(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return "the disk is full: nothing was changed; free some space and try again"
    return f"{error.filename or 'site-data'}: {error.strerror or error}; nothing was changed"
