"""Many steps at once, no more than so many: each waits for a host far more than it works."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import NamedTuple, TypeVar, cast

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Done(NamedTuple):
    number: int
    result: object
    error: BaseException | None


def abreast(
    step: Callable[[Item], Result], items: Sequence[Item], jobs: int, progress: Callable[[int, int], None] | None = None
) -> list[Result]:
    """Return what the step makes of each item, in their order; what one raises ends all.

    The threads die with the program: ^C does not wait for a host that never answers.
    """
    todo: SimpleQueue[tuple[int, Item]] = SimpleQueue()
    done: SimpleQueue[_Done] = SimpleQueue()
    for pair in enumerate(items):
        todo.put(pair)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            try:
                number, item = todo.get_nowait()
            except Empty:
                return
            done.put(_tried(step, number, item))

    for _ in range(min(jobs, len(items))):
        threading.Thread(target=work, daemon=True).start()
    try:
        return cast("list[Result]", _collected(done, len(items), progress))
    finally:
        stop.set()


def _tried(step: Callable[[Item], Result], number: int, item: Item) -> _Done:
    try:
        return _Done(number, step(item), None)
    except BaseException as error:  # noqa: BLE001 - carried over to the thread that asked, which raises it
        return _Done(number, None, error)


def _collected(done: SimpleQueue[_Done], count: int, progress: Callable[[int, int], None] | None) -> list[object]:
    results: list[object] = [None] * count
    for finished in range(1, count + 1):
        number, result, error = done.get()
        if error is not None:
            raise error
        results[number] = result
        if progress is not None:
            progress(finished, count)
    return results
