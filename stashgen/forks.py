"""Work shared out to forked processes: each takes a stripe and sends plain results back as it goes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Final, TypeVar

from stashgen.errors import StashgenError

Item = TypeVar("Item")
Result = TypeVar("Result")

_BATCH: Final = 64


def is_worth_forking(count: int, least: int) -> bool:
    """Return whether `count` items are enough for more than one process, and forking is possible and safe here."""
    # A fork copies only the calling thread: locks held by others would stay locked for ever.
    is_safe = hasattr(os, "fork") and threading.active_count() == 1
    return is_safe and count >= least and (os.cpu_count() or 1) > 1


def forked(work: Callable[[Item], Result], items: Sequence[Item], *, least: int) -> Iterator[Result]:
    """Yield `work(item)` for all items, in no particular order, in processes when there are at least `least`.

    Results travel between our own processes; an error in one ends all and is raised here.
    """
    if not is_worth_forking(len(items), least):
        yield from map(work, items)
        return
    context = multiprocessing.get_context("fork")
    stripes = os.cpu_count() or 1
    workers: dict[Connection, BaseProcess] = {}
    try:
        for stripe in range(stripes):
            receiver, sender = context.Pipe(duplex=False)
            share = items[stripe::stripes]
            process: BaseProcess = context.Process(target=_serve_stripe, args=(work, share, sender), daemon=True)
            process.start()
            sender.close()
            workers[receiver] = process
        yield from _collect(workers)
    finally:
        for process in workers.values():
            process.kill()
            process.join()


def _collect(workers: dict[Connection, BaseProcess]) -> Iterator[Result]:
    running = set(workers)
    while running:
        for receiver in wait(list(running)):
            assert isinstance(receiver, Connection)  # noqa: S101 -- narrows the library's union
            try:
                results, error = receiver.recv()
            except EOFError:
                raise StashgenError("a worker process was killed (out of memory?): run the command again") from None
            yield from results
            if isinstance(error, BaseException):
                raise error
            if error == "done":
                running.discard(receiver)


def _serve_stripe(work: Callable[[Item], Result], items: Sequence[Item], sender: Connection) -> None:
    # ^C reaches the whole process group: the parent decides, and ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    results: list[Result] = []
    try:
        for item in items:
            results.append(work(item))
            if len(results) >= _BATCH:
                sender.send((results, None))
                results = []
        sender.send((results, "done"))
    except BrokenPipeError:
        pass  # the parent is gone: nobody waits for this
    except StashgenError as error:
        sender.send(([], error))
    except OSError as error:
        sender.send(([], type(error)(*error.args)))
    except Exception:  # noqa: BLE001 -- a bug: the parent reports it with this trace
        sender.send(([], RuntimeError(traceback.format_exc())))
