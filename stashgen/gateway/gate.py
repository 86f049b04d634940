"""What every part of the gateway asks for: the site as it is, and a change carried out for whoever the guard let in."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from stashgen import clock
from stashgen.automation import Outcome
from stashgen.check import Reading
from stashgen.errors import StashgenError
from stashgen.gateway.callers import NOBODY, Caller, aims, objection, touched
from stashgen.gateway.config import Setup
from stashgen.gateway.guard import Guard
from stashgen.gateway.metrics import Metrics
from stashgen.gateway.problems import Refusal
from stashgen.gateway.pushing import Pusher
from stashgen.gateway.views import View
from stashgen.gateway.waiting import Waiter
from stashgen.git import Git, find
from stashgen.intake import Intake
from stashgen.intents import Author, Intent, Signal
from stashgen.memo import Memo, cache_file
from stashgen.model import Site
from stashgen.repository import Applied, Plan, Repository, Wishes

_TURN_SECONDS: Final = 20


class Gate:
    """The one way from a request to the repository."""

    def __init__(self, project: Path, environ: Mapping[str, str], setup: Setup) -> None:
        self.environ, self.project = environ, project
        self.repository = Repository(project, environ)
        self._memo = Memo(cache_file(project, environ))
        self._reading, self._writing = threading.Lock(), threading.Lock()
        self.metrics = Metrics()
        self.guard = Guard(self.repository.state, self.metrics, self.now)
        self.pusher: Pusher | None = None
        self._intake = Intake(self.repository, Repository(project, environ), "webhook")
        self._waiter: Waiter | None = None
        self.configure(setup)

    def configure(self, setup: Setup) -> None:
        """Take other settings from now on; what only counts at the start (address, threads) stays as it is."""
        self.config = setup.config
        self.guard.configure(setup)

    def start(self) -> None:
        """Settle what a kill left half done, and begin to push, if there is a remote and the config does not say no.

        Raises StashgenError where there is no repository.
        """
        program = Git(self.project, self.environ)
        if find(program) is None:
            raise StashgenError(f"{self.project} is not in a git repository: every change is to be a commit of one")
        self.repository.recover()
        if self.config.push and program.run("remote").text:
            self.pusher = Pusher(Repository(self.project, self.environ), self.metrics, self.now)
            self.pusher.pull_seconds = self.config.pull_seconds
            self.pusher.start()

        self._waiter = Waiter(self._do_what_is_due, self.now)
        self._waiter.start()

    def stop(self, seconds: float) -> None:
        """Stop pushing and waiting: what is pending, or due later, is for the next one who starts."""
        if self._waiter is not None:
            self._waiter.stop(seconds)
        if self.pusher is not None:
            self.pusher.stop(seconds)

    def now(self) -> dt.datetime:
        """Return the time."""
        return clock.current(self.environ)

    def reading(self) -> Reading:
        """Return the site as it is now."""
        with self._reading:
            return self.repository.read()

    def view(self, caller: Caller) -> View:
        """Return the site as it is now, as a caller may see it."""
        return View(self.project, self.reading().site, self.now(), self._memo, has_hidden=caller is not NOBODY)

    def told(self, applied: Applied) -> list[tuple[str, str]]:
        """Return what becomes of a change, as headers: its commit, and whether the remote has it.

        `Stashgen-Push` is `pending`, `done` or, where nothing is to be pushed, `none`.
        """
        if applied.commit is None:
            return [("Stashgen-Push", "none")]
        return [("Stashgen-Commit", applied.commit), ("Stashgen-Push", self._push_state(applied))]

    def apply(self, intent: Intent, caller: Caller, via: str, key: str = "") -> Applied:
        """Carry an intent out for a caller, if every service it touches is one of the caller's; see Repository.apply.

        Raises Refusal with 403 otherwise, and with 503 when others keep the repository busy. With a key the same
        intent is carried out once, on every clone; a change that needs an id gets one that no other clone gives.
        """

        def confirm(plan: Plan) -> None:
            _check(objection(caller, plan.before, touched(plan)))

        if caller.services is not None:
            site = self.reading().site
            _check(objection(caller, site, aims(intent, site)))
        wishes = Wishes(has_commit=True, key=key, has_suffix=True)
        with self._turn(), self._counted(via):
            applied = self.repository.apply(
                intent, Author(name=caller.name, via=via), wishes, None if caller.services is None else confirm
            )
        self.metrics.count("changes_total" if applied.commit else "unchanged_total", via=via)
        if applied.commit and not applied.is_repeated and self.pusher is not None:
            self.pusher.wake()
        return applied

    def deliver(self, read: Callable[[Site], Sequence[Signal]], caller: Caller) -> list[Outcome]:
        """Take in what a monitor says; see Intake.deliver."""
        with self._counted("webhook"):
            told = self._intake.deliver(read, caller.name, self.now())
        for one in told:
            self.metrics.count("alerts_total", outcome=one.what)
        self._committed(told)
        if self._waiter is not None and any(one.what == "held" for one in told):
            self._waiter.wake()
        return told

    def _push_state(self, applied: Applied) -> str:
        if self.pusher is None:
            return "none"
        # What has only just been committed has not been pushed yet: no need to ask.
        is_waiting = not applied.is_repeated or applied.commit in {one.commit for one in self.repository.pending()}
        return "pending" if is_waiting else "done"

    def _do_what_is_due(self) -> dt.datetime | None:
        self._committed(self._intake.settle(self.now()).values())
        return self._intake.next_due()

    def _committed(self, told: Iterable[Outcome]) -> None:
        if self.pusher is not None and any(one.event is not None for one in told):
            self.pusher.wake()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._writing.acquire(timeout=_TURN_SECONDS):
            raise Refusal(503, "others are changing the page; nothing has changed", headers={"Retry-After": "5"})
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def _counted(self, via: str) -> Iterator[None]:
        try:
            yield
        except Exception:
            self.metrics.count("refused_changes_total", via=via)
            raise


def _check(objection_: str) -> None:
    if objection_:
        raise Refusal(403, objection_)
