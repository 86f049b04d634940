"""The watcher: says that something below the watched folders has changed, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserver

# Not asked for: a file that was opened and read. Every build does that to every file.
_CHANGES: Final[list[type[FileSystemEvent]]] = [
    FileCreatedEvent, FileModifiedEvent, FileClosedEvent, FileMovedEvent, FileDeletedEvent,
    DirCreatedEvent, DirMovedEvent, DirDeletedEvent,
]  # fmt: skip


class _Watched(NamedTuple):
    watch: ObservedWatch
    device: int
    inode: int


class _Teller(FileSystemEventHandler):
    def __init__(self, tell: Callable[[], None], names: frozenset[str] = frozenset()) -> None:
        self._tell = tell
        self._names = names

    def on_any_event(self, event: FileSystemEvent) -> None:
        paths = (event.src_path, event.dest_path)
        if not self._names or any(Path(str(path)).name in self._names for path in paths):
            self._tell()


class Watcher:
    """Watches folders with all that is in them, also those that appear later or are replaced.

    `folders` may not exist yet; the parent of each is watched for their coming and going.
    """

    def __init__(self, folders: Sequence[Path], tell: Callable[[], None]) -> None:
        self._folders = tuple(folders)
        self._tell = tell
        self._observer: BaseObserver = Observer()
        self._watched: dict[Path, _Watched] = {}

    def start(self) -> None:
        """Begin to watch; a system without enough native watches is polled instead."""
        try:
            self._observer.start()
            self._schedule_all()
        except OSError:
            self.stop()
            self._observer, self._watched = PollingObserver(), {}
            self._observer.start()
            self._schedule_all()

    def follow(self) -> None:
        """Watch folders that have appeared or been replaced since; call it before each build."""
        with suppress(OSError):
            self._schedule_all()

    def stop(self) -> None:
        """End the watching threads."""
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()

    def _schedule_all(self) -> None:
        for parent in {folder.parent for folder in self._folders}:
            names = frozenset(folder.name for folder in self._folders if folder.parent == parent)
            self._schedule(parent, _Teller(self._tell, names), is_recursive=False)
        for folder in self._folders:
            self._schedule(folder, _Teller(self._tell), is_recursive=True)

    def _schedule(self, folder: Path, teller: _Teller, *, is_recursive: bool) -> None:
        try:
            found = folder.stat()
        except FileNotFoundError:
            return
        old = self._watched.get(folder)
        if old is not None:
            if (old.device, old.inode) == (found.st_dev, found.st_ino):
                return
            with suppress(KeyError, OSError):
                self._observer.unschedule(old.watch)
        watch = self._observer.schedule(teller, str(folder), recursive=is_recursive, event_filter=_CHANGES)
        self._watched[folder] = _Watched(watch, found.st_dev, found.st_ino)
