"""Where the ledger is kept: a file in a commit of its own under a ref that is no branch, here and at the remote.

Every change is made by comparing and swapping: whoever was faster is read again. Where there is a remote, what it has
counts, so that runs in clones that live for minutes know what others have told.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from stashgen import clock
from stashgen.errors import StashgenError
from stashgen.git import Git, GitError, find
from stashgen.load import SITE_DATA
from stashgen.news.ledger import Ledger
from stashgen.repository.routes import over_the_network, route

REF: Final = "refs/stashgen/notified"
_FILE: Final = "ledger.json"
_SECONDS: Final = 60.0
_MOST_ROUNDS: Final = 30
_MOST_FAILURES: Final = 3  # of a push that nobody outran
_PAUSE_SECONDS: Final = 0.1
_NOBODY: Final = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "stashgen"), ("EMAIL", "stashgen@localhost"))
}

Change = Callable[[Ledger | None], Ledger]


class Seen(NamedTuple):
    """The ledger and the commit it is in; neither before the first run."""

    ledger: Ledger | None
    commit: str


class Store:
    """The ledger of a project."""

    def __init__(self, project: Path, environ: Mapping[str, str]) -> None:
        self._git = Git((project / SITE_DATA).resolve(), environ)
        if find(self._git) is None:
            raise StashgenError(
                f"{project.resolve()} is in no git repository: who was told is kept in one; `git init` makes it"
            )

    @cached_property
    def remote(self) -> str | None:
        """Return the remote that the ledger is pushed to."""
        branch = self._git.run("symbolic-ref", "--quiet", "HEAD").text or "refs/heads/main"
        way = route(self._git, branch)
        return way.remote if way else None

    def read(self) -> Seen:
        """Return what the ledger says now."""
        for _ in range(_MOST_ROUNDS):
            commit = self._tip()
            if not commit or self._has(commit):
                return Seen(self._ledger(commit) if commit else None, commit)
        raise StashgenError(f"{self._there} moves faster than it can be read: try again")

    def change(self, change: Change) -> Ledger:
        """Change the ledger, however many others do the same; `change` is asked again after a lost race."""
        failures = 0
        for number in range(_MOST_ROUNDS):
            seen = self.read()
            ledger = change(seen.ledger)
            if ledger == seen.ledger:
                return ledger
            words = self._swap(seen.commit, self._written(ledger))
            if words is None:
                return ledger
            failures += self._tip() == seen.commit
            if failures >= _MOST_FAILURES:
                raise StashgenError(f"{self._there} cannot be written: {words}{self._remedy}")
            clock.sleep(random.uniform(0, _PAUSE_SECONDS * (number + 1)))  # noqa: S311 - who waits how long is no secret
        raise StashgenError(f"{self._there} moves faster than it can be written: try again")

    @property
    def _there(self) -> str:
        return f"{REF} at {self.remote}" if self.remote else REF

    @property
    def _remedy(self) -> str:
        return " (in a workflow of GitHub the job needs `permissions: contents: write`)" if self.remote else ""

    def _tip(self) -> str:
        """Return the commit that the ledger is in, "" for none."""
        if self.remote is None:
            return self._git.run("rev-parse", "--verify", "--quiet", REF).text
        done = over_the_network(self._git, ("ls-remote", "--", self.remote, REF), _SECONDS)
        if done.code:
            raise StashgenError(f"{self.remote} cannot be asked who was told, so nobody is now: {done.words}")
        # A branch could be called `refs/stashgen/notified` too: git asks for what ends so.
        commits = [commit for commit, _, ref in (line.partition("\t") for line in done.text.splitlines()) if ref == REF]
        return commits[0] if commits else ""

    def _has(self, commit: str) -> bool:
        if self._git.has("cat-file", "-e", f"{commit}^{{commit}}"):
            return True
        # Into no ref: another run in this clone may fetch at the same time.
        command = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", self.remote or ".", REF)
        over_the_network(self._git, command, _SECONDS)
        return self._git.has("cat-file", "-e", f"{commit}^{{commit}}")

    def _ledger(self, commit: str) -> Ledger:
        try:
            return msgspec.json.decode(self._git.data("cat-file", "blob", f"{commit}:{_FILE}"), type=Ledger)
        except (GitError, msgspec.MsgspecError) as error:
            where = f"git push {self.remote} :{REF}" if self.remote else f"git update-ref -d {REF}"
            raise StashgenError(
                f"{self._there} cannot be read ({error}); if no newer stashgen wrote it, `{where}` lets the next run "
                "begin anew, which tells nothing of what is there already"
            ) from error

    def _written(self, ledger: Ledger) -> str:
        """Write a ledger as a commit without parents, so that no history of it piles up; return the commit."""
        data = msgspec.json.format(msgspec.json.encode(ledger, order="sorted"), indent=1)
        blob = self._git.ask("hash-object", "-w", "--stdin", stdin=data)
        tree = self._git.ask("mktree", stdin=f"100644 blob {blob}\t{_FILE}\n".encode())
        done = self._git.run("commit-tree", tree, "-m", "Who was told of what", settings=_NOBODY)
        if done.code:
            raise GitError(f"git commit-tree: {done.words}")
        return done.text

    def _swap(self, old: str, new: str) -> str | None:
        """Put a commit in the place of another; return None, or why it could not be done."""
        here = "" if self.remote else old or "0" * len(new)
        if self.remote is not None:
            lease = f"--force-with-lease={REF}:{old}"
            command = ("push", "--porcelain", "--no-verify", lease, "--", self.remote, f"{new}:{REF}")
            done = over_the_network(self._git, command, _SECONDS)
            if done.code:
                return done.words
        swap = ("update-ref", REF, new, here) if here else ("update-ref", REF, new)
        done = self._git.run(*swap)
        # With a remote the one here is but a copy, which a later run brings up to date.
        return done.words if done.code and self.remote is None else None
