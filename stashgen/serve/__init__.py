"""serve: build a site, show it in browsers, and build it again whenever its files or the time make it another one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import Final, NamedTuple

from stashgen.build import Job, Report, build
from stashgen.errors import DataError, StashgenError
from stashgen.load import SITE_DATA
from stashgen.memo import Memo
from stashgen.serve.answers import Place
from stashgen.serve.server import listening
from stashgen.serve.stage import Stage
from stashgen.serve.watch import Watcher
from stashgen.theme import Theme
from stashgen.theme.folders import roots

# The clock may be set and a laptop may sleep: look at it this often instead of trusting one long wait.
_LONGEST_WAIT_SECONDS: Final = 30.0
_SHORTEST_WAIT_SECONDS: Final = 1.0


class Show(NamedTuple):
    """What to serve where: `output` is the folder the site is built into; port None: 8000 or a free one."""

    project: Path
    output: Path
    memo: Memo
    host: str = "127.0.0.1"
    port: int | None = None


Outcome = Report | StashgenError
Tell = Callable[[Outcome], None]


def serve(show: Show, moment: Callable[[], dt.datetime], ready: Callable[[str], None], tell: Tell) -> None:
    """Serve until an exception, such as KeyboardInterrupt, ends it.

    `moment` gives the present for each build; `ready` hears the URL once; `tell` hears how each build went.
    """
    stage = Stage()
    rounds = _Rounds(show, stage, moment, tell)
    watcher = Watcher([show.project / SITE_DATA, *roots(show.project)], stage.touch)
    with listening(show.host, show.port, Place(show.output, stage, token_hex(4), moment)) as server:
        rounds.turn()  # before there are threads: then it may use several processes
        watcher.start()
        stage.touch()  # what changed between that build and the watch
        server.start()
        ready(server.url)
        try:
            while True:
                if stage.await_touch(rounds.seconds_left()):
                    watcher.follow()
                    rounds.turn()
                elif rounds.is_due():
                    stage.touch()
        finally:
            watcher.stop()


class _Rounds:
    """Builds the site again and again, with one memo and, while its files stay the same, one theme."""

    def __init__(self, show: Show, stage: Stage, moment: Callable[[], dt.datetime], tell: Tell) -> None:
        self._show = show
        self._stage = stage
        self._moment = moment
        self._tell = tell
        self._next_change_at: dt.datetime | None = None
        self._theme: Theme | None = None

    def seconds_left(self) -> float | None:
        """Return how long to wait before looking at the clock again; None: time alone changes nothing."""
        if self._next_change_at is None:
            return None
        left = (self._next_change_at - self._moment()).total_seconds()
        return min(max(left, _SHORTEST_WAIT_SECONDS), _LONGEST_WAIT_SECONDS)

    def is_due(self) -> bool:
        """Tell whether the same files give another page by now."""
        return self._next_change_at is not None and self._moment() >= self._next_change_at

    def turn(self) -> None:
        """Build once and show the outcome."""
        wanted = self._stage.begin()
        show = self._show
        job = Job(project=show.project, output=show.output, now=self._moment(), memo=show.memo, theme=self._theme)
        try:
            report = build(job)
        except StashgenError as error:
            self._next_change_at = None
            self._stage.fail(wanted, _lines(error))
            self._tell(error)
            return
        self._next_change_at, self._theme = report.next_change_at, report.theme
        self._stage.show(wanted, report.url, is_changed=bool(report.written or report.removed))
        self._tell(report)


def _lines(error: StashgenError) -> tuple[str, ...]:
    if isinstance(error, DataError):
        return tuple(str(problem) for problem in error.problems if problem.severity == "error")
    return (str(error),)
