"""Publish to several targets side by side: each is tried again by itself, and none stops another."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Final, NamedTuple

from stashgen import clock
from stashgen.errors import StashgenError
from stashgen.publishers.site import Site
from stashgen.publishers.store import Order, Publish, PublishError, Report, StoppedError, hushed

_PAUSE_SECONDS: Final = 1.0  # doubles with each try
_LONGEST_PAUSE_SECONDS: Final = 30.0
_GRACE_SECONDS: Final = 15.0


class Task(NamedTuple):
    """One target: how it is called, how the site gets there, and with what order."""

    target: str
    publish: Publish
    order: Order


class Result(NamedTuple):
    """How it ended: with a report, or with an error in words. A `bug` is neither: the caller raises it again."""

    target: str
    report: Report | None
    error: str | None
    tries: int
    seconds: float
    bug: BaseException | None = None


Tell = Callable[[str, str], None]


def publish_all(tasks: Sequence[Task], site: Site, retries: int, tell: Tell) -> list[Result]:
    """Publish to all targets at once; return how each ended, in their order.

    `tell` hears of every failed try, from the thread that called this. ^C lets each end what must not be left half
    done, for some seconds, and is raised again.
    """
    told: SimpleQueue[tuple[int, Result | str]] = SimpleQueue()
    results: dict[int, Result] = {}
    # Daemons: what hangs after ^C must not keep the program from ending.
    for number, task in enumerate(tasks):
        threading.Thread(target=_work, args=(number, task, site, retries, told), daemon=True).start()
    try:
        while len(results) < len(tasks):
            number, news = told.get()
            if isinstance(news, Result):
                results[number] = news
            else:
                tell(tasks[number].target, news)
    except KeyboardInterrupt:
        _stop(tasks, len(tasks) - len(results), told)
        raise
    return [results[number] for number in range(len(tasks))]


def _work(number: int, task: Task, site: Site, retries: int, told: SimpleQueue[tuple[int, Result | str]]) -> None:
    started = clock.monotonic()
    report, error, bug, tries = None, None, None, 0
    try:
        while report is None and error is None:
            tries += 1
            try:
                report = task.publish(task.target, site, task.order)
            except StashgenError as failed:
                error = _given_up(task.order, failed, retries - tries + 1)
                if error is None:
                    told.put((number, f"{hushed(str(failed))}; trying again"))
                    _pause(task.order, tries)
    except StoppedError as stopped:
        error = str(stopped)
    except BaseException as unforeseen:  # noqa: BLE001 - a thread's end must not be waited for in vain
        bug = unforeseen
    told.put((number, Result(task.target, report, error, tries, clock.monotonic() - started, bug)))


def _given_up(order: Order, error: StashgenError, left: int) -> str | None:
    """Return the words of an error that is the last, None where another try may help."""
    is_passing = isinstance(error, PublishError) and not error.is_lasting
    return None if is_passing and left > 0 and not order.stop.is_set() else hushed(str(error))


def _pause(order: Order, tries: int) -> None:
    longest = min(_PAUSE_SECONDS * 2 ** (tries - 1), _LONGEST_PAUSE_SECONDS)
    order.wait(longest * random.uniform(0.5, 1))  # noqa: S311 - who waits how long is no secret


def _stop(tasks: Sequence[Task], running: int, told: SimpleQueue[tuple[int, Result | str]]) -> None:
    for task in tasks:
        task.order.stop.set()
    deadline = clock.monotonic() + _GRACE_SECONDS
    while running and clock.monotonic() < deadline:
        try:
            _, news = told.get(timeout=max(0.0, deadline - clock.monotonic()))
        except Empty:
            return
        running -= isinstance(news, Result)
