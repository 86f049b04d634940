"""A work tree of its own for a while, in which changes are carried out on what the remote has.

Only site-data is laid out in it. It has no part in branches, index or files of anybody, and no hook runs there: what
comes here has been through them, and git's own rebase does not ask them again either. Commits are signed as ever.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from stashgen.errors import StashgenError
from stashgen.git import Git, GitError, literal
from stashgen.load import SITE_DATA
from stashgen.memo import digest
from stashgen.repository.clone import Clone
from stashgen.repository.committing import ALONE
from stashgen.repository.planning import Desk
from stashgen.repository.traces import is_done

_FOLDER: Final = "stashgen-replay"
_NO_HOOKS: Final = (*ALONE, "-c", f"core.hooksPath={os.devnull}", "-c", "advice.detachedHead=false")
_SETTINGS: Final = {"GIT_LFS_SKIP_SMUDGE": "1"}


class Workbench:
    """The work tree: `desk` plans for its site-data, `tip` is the commit it is on."""

    def __init__(self, clone: Clone, folder: Path) -> None:
        assert clone.layout is not None  # noqa: S101 - there is a remote, so there is git
        self._git = Git(folder, clone.environ)
        self.root = folder / clone.layout.prefix
        self.desk = Desk(_project(self.root, folder.parent), clone.memo)

    @property
    def tip(self) -> str:
        """Return the commit that it is on."""
        return self._git.ask("rev-parse", "HEAD")

    def lay_out(self) -> None:
        """Write the files of site-data."""
        self._must("read-tree", "HEAD")
        self.root.mkdir(parents=True, exist_ok=True)
        paths = self._git._replace(folder=self.root).data("ls-files", "-z", "--full-name")
        self._must("checkout-index", "--quiet", "-u", "-f", "-z", "--stdin", stdin=paths)

    def commit(self, files: Mapping[str, bytes | None], text: str, author: Mapping[str, str]) -> str:
        """Commit files below site-data; return the commit."""
        for path, data in files.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True) if data is None else place.write_bytes(data)
        inside = self._git._replace(folder=self.root)
        if files:
            given = "\0".join(literal(files)).encode("utf-8", "surrogateescape")
            _must(inside, "add", "--force", "--all", "--pathspec-from-file=-", "--pathspec-file-nul", stdin=given)
        options = ("--quiet", "--allow-empty", "--cleanup=whitespace", "--file", "-")
        _must(self._git, "commit", *options, stdin=text.encode(), settings=author)
        return self.tip

    def pick(self, commit: str) -> bool:
        """Bring a commit over as it is; return False, with nothing changed, where it does not fit."""
        done = self._git.run(*_NO_HOOKS, "cherry-pick", "--allow-empty", commit, settings=_SETTINGS)
        if done.code == 0:
            return True
        is_empty = self._git.has("diff", "--cached", "--quiet", "HEAD") and not self._git.ask("ls-files", "--unmerged")
        self._git.run(*_NO_HOOKS, "cherry-pick", "--skip" if is_empty else "--abort", settings=_SETTINGS)
        return is_empty

    def go_to(self, commit: str) -> None:
        """Go to another commit; only files that differ are written."""
        self._must("read-tree", "-m", "-u", "HEAD", commit)
        self._must("update-ref", "--no-deref", "HEAD", commit)

    def back_to(self, commit: str) -> None:
        """Go back to a commit of this work tree."""
        self._must("reset", "--quiet", "--merge", commit)

    def has(self, commit: str) -> bool:
        """Return whether the files here have what a commit did to them, whoever brought it."""
        names = self._git.data(
            "diff-tree", "-r", "-z", "--root", "--no-commit-id", "--no-renames", "--name-only", commit
        )
        paths = os.fsdecode(names).split("\0")[:-1]
        return all(is_done(*(self._blob(f"{one}:{path}") for one in (f"{commit}^", commit, "HEAD"))) for path in paths)

    def file(self, commit: str, path: str) -> bytes | None:
        """Return a file below site-data as it is in a commit, None where there is none."""
        inside = self._git._replace(folder=self.root)
        done = inside.run("cat-file", "--filters", f"{commit}:./{path}")
        return None if done.code else done.out

    def _blob(self, name: str) -> bytes | None:
        done = self._git.run("cat-file", "blob", name)
        return None if done.code else done.out

    def _must(self, *arguments: str, stdin: bytes = b"") -> None:
        _must(self._git, *arguments, stdin=stdin)


@contextmanager
def workbench(clone: Clone, commit: str) -> Iterator[Workbench]:
    """Have a work tree on a commit for a while; what a kill leaves of one is cleared away by the next."""
    assert clone.place is not None  # noqa: S101 - as above
    folder = _folder(clone.place)
    _clear(clone, folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _must(clone.git, "worktree", "add", "--quiet", "--detach", "--no-checkout", "--", str(folder), commit)
        bench = Workbench(clone, folder)
        bench.lay_out()
        yield bench
    except OSError as error:
        raise StashgenError(f"{error.filename or folder}: {error.strerror or error}") from error
    finally:
        _clear(clone, folder)


def clear_away(clone: Clone) -> None:
    """Take away what a killed process has left of one; nobody else has one, as whoever has keeps the others from it."""
    if clone.place and (clone.place / _FOLDER).exists():
        _clear(clone, _folder(clone.place))


def _clear(clone: Clone, folder: Path) -> None:
    # Not `git worktree prune`: it would also forget somebody's work tree on a disk that is not there right now.
    # The folder goes last: it is what the next one sees of a clearing that was interrupted.
    assert clone.layout is not None  # noqa: S101 - as above
    for place in (clone.layout.common_dir / "worktrees").glob(f"{folder.name}*"):
        if not (place / "gitdir").exists() or (place / "gitdir").read_text().strip() == str(folder / ".git"):
            shutil.rmtree(place, ignore_errors=True)
    if folder.parent.exists():
        shutil.rmtree(folder.parent, ignore_errors=True)


def _folder(place: Path) -> Path:
    # git names the work tree after it, and two work trees of somebody may push at the same time.
    return place / _FOLDER / f"{_FOLDER}-{digest(bytes(place)).hex()[:6]}"


def _project(root: Path, around: Path) -> Path:
    """Return a folder that has `root` as its site-data, under whatever name it is in the repository."""
    if root.name == SITE_DATA and root.parent != around:
        return root.parent
    project = around / "project"
    project.mkdir(exist_ok=True)
    link = project / SITE_DATA
    if not link.is_symlink():
        link.symlink_to(root)
    return project


def _must(program: Git, *arguments: str, stdin: bytes = b"", settings: Mapping[str, str] | None = None) -> None:
    done = program.run(*_NO_HOOKS, *arguments, stdin=stdin, settings={**_SETTINGS, **(settings or {})})
    if done.code:
        raise GitError(f"git: {done.words}")
