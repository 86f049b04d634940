"""One clone opened for writing: its places, its lock, its journal. Nothing is made before it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final

from stashgen import git
from stashgen.git import Git, Layout
from stashgen.load import SITE_DATA
from stashgen.memo import Memo, cache_file
from stashgen.repository.journal import Journal
from stashgen.repository.locking import locked
from stashgen.repository.store import Store

LOCK_SECONDS: Final = 60.0


class Clone:
    """A project's site-data and the repository that it is in, which may be none."""

    def __init__(self, project: Path, environ: Mapping[str, str]) -> None:
        self.project, self.environ = project, environ
        self.memo = Memo(cache_file(project, environ))
        self.root = project / SITE_DATA

    @cached_property
    def folder(self) -> Path:
        """Return site-data where it really is: a link, or a submodule, is committed where it leads to."""
        return self.root.resolve()

    @cached_property
    def git(self) -> Git:
        """Return git as it runs in site-data."""
        return Git(self.folder, self.environ)

    @cached_property
    def layout(self) -> Layout | None:
        """Return where site-data is in its repository; None without git. Raises GitError when git will not tell."""
        return git.find(self.git) if self.folder.is_dir() else None

    @property
    def prefix(self) -> str:
        """Return the path of site-data in its repository."""
        return self.layout.prefix if self.layout else ""

    @cached_property
    def place(self) -> Path | None:
        """Return the folder of our own things: beside git's; without git beside the memo, None where that is not."""
        if self.layout:
            return self.layout.git_dir / "stashgen"
        memo = cache_file(self.project, self.environ)
        return memo.with_suffix(".state") if memo else None

    @cached_property
    def store(self) -> Store:
        """Return what is kept in SQLite."""
        return Store(self.place / "state.db" if self.place else None)

    @cached_property
    def journal(self) -> Journal:
        """Return what has become of each change."""
        return Journal(self.store)

    @property
    def aside(self) -> Path:
        """Return where files that are being changed are kept until the change is safe."""
        return self.place / "before" if self.place else self.folder / ".stashgen-before"

    def at(self, prefix: str) -> Clone:
        """Return the same clone as it is for another site in it, which may have left something in the journal."""
        if self.layout is None or prefix == self.layout.prefix:
            return self
        other = Clone(self.project, self.environ)
        kept = {"store": self.store, "journal": self.journal, "place": self.place}
        other.__dict__ |= kept | {"folder": self.layout.top / prefix, "layout": self.layout._replace(prefix=prefix)}
        return other

    @contextmanager
    def lock(self, seconds: float = LOCK_SECONDS) -> Iterator[Git]:
        """Be the only writer; yield git, whose children keep the lock as long as they live."""
        with locked(self.place / "lock" if self.layout and self.place else self.folder, seconds) as number:
            yield self.git._replace(held=(number,))

    def close(self) -> None:
        """Let go of the files."""
        if "store" in self.__dict__:
            self.store.close()
