"""What monitors say comes in here, is kept until it counts, and then changes the page.

Whatever was accepted is on the disk before anybody is answered: what has to wait, and what is being committed too. A
kill at any instant therefore loses nothing: what is found due at the next start is told then, and telling it twice
changes nothing the second time. Many who come at once share one commit.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

import msgspec

from stashgen import clock
from stashgen.automation import (
    Case,
    Facts,
    Judge,
    Memory,
    Outcome,
    alert_name,
    decide,
    maintained_until,
    ripe,
    shown,
    step,
)
from stashgen.automation.cases import outcome
from stashgen.edit import EditError
from stashgen.errors import DataError
from stashgen.intents import Author, Report, Signal
from stashgen.model import Site
from stashgen.repository import Repository, Wishes

KIND: Final = "alerts"
_REMEMBERED: Final = dt.timedelta(days=7)
_RETRY: Final = dt.timedelta(minutes=5)
_MOST_WAITING: Final = 2
_FEW: Final = 20
_LONGEST_PAUSE: Final = 5.0
_AT_ONCE: Final = dt.datetime.fromtimestamp(0, dt.UTC)


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of one alert, and by whom it came."""

    memory: Memory
    by: str = ""


class _Due(NamedTuple):
    key: str
    raw: bytes
    row: Row


class Sorted(NamedTuple):
    """Signals before anything is kept: what each is, and what has to be kept."""

    outcomes: list[Outcome | None]  # None: due
    cases: list[Case]
    rows: dict[str, Row]
    due: dict[str, list[int]]  # key -> places of its signals


class Intake:
    """The one way of signals into a repository; threads share it."""

    def __init__(self, repository: Repository, reader: Repository, via: str) -> None:
        # Reading goes on while a commit is made, with another object and so another memo.
        self._repository, self._reader, self._via = repository, reader, via
        self._reading, self._turn = threading.Lock(), threading.Lock()
        self._waiting = 0
        self._pause = 0.0
        self._told: dict[str, Outcome] = {}

    def deliver(self, read: Callable[[Site], Sequence[Signal]], by: str, now: dt.datetime) -> list[Outcome]:
        """Take in the signals that `read` makes; return what became of each when all is on the disk, or committed.

        `read` may raise: nothing is kept then. Raises StashgenError and OSError for git and the disk: what was kept is
        tried again later.
        """
        with self._reading:
            site = self._reader.read().site
        signals = read(site)
        sorted_ = self._sort(site, signals, by, now)
        self._keep(sorted_.rows, now)
        told = self._settle_in_turn(sorted_.due, now) if sorted_.due else {}
        found = list(sorted_.outcomes)
        for key, places in sorted_.due.items():
            for place in places:
                found[place] = told.get(key) or _in_turn(signals[place])
        return [one for one in found if one is not None]

    def settle(self, now: dt.datetime) -> Mapping[str, Outcome]:
        """Do what has fallen due; return what became of it, by key. Raises as `deliver` does."""
        with self._turn:
            return self._settle(now)

    def next_due(self) -> dt.datetime | None:
        """Return when something falls due next, None if nothing waits."""
        return min((due.row.memory.due_at for due in self._rows() if due.row.memory.due_at is not None), default=None)

    def held(self) -> int:
        """Return how many alerts wait."""
        return sum(1 for one in self._rows() if one.row.memory.due_at is not None)

    def _sort(self, site: Site, signals: Sequence[Signal], by: str, now: dt.datetime) -> Sorted:
        judge, known, sight = Judge(site), shown(site), _Sight(site, now)
        memories = self._memories(signals)
        result = Sorted([], [], {}, {})
        for place, signal in enumerate(signals):
            case = judge.judge(signal)
            if not isinstance(case, Case):
                result.outcomes.append(case)
                continue
            result.cases.append(case)
            made = step(memories.get(case.name), case, sight.facts(case, known))
            if made.verdict == "due":
                at = min(signal.at or now, now)
                key = (
                    case.name if not signal.is_only_said else f"{case.name}#{at.timestamp():.0f}#{_digest(signal.says)}"
                )
                memories[key] = Memory(signal=signal, at=at, due_at=_AT_ONCE)
                result.rows[key] = Row(memory=memories[key], by=by)
                result.due.setdefault(key, []).append(place)
                result.outcomes.append(None)
                continue
            if made.memory is not None and made.memory is not memories.get(case.name):
                memories[case.name] = made.memory
                result.rows[case.name] = Row(memory=made.memory, by=by)
                for other in result.due.pop(case.name, []):
                    result.outcomes[other] = outcome(signals[other], "unchanged", None, "its end came with it")
            result.outcomes.append(outcome(signal, made.verdict, None, made.why))
        return result

    def _memories(self, signals: Sequence[Signal]) -> dict[str, Memory]:
        state = self._repository.state
        names = dict.fromkeys(map(alert_name, signals))
        if len(names) > _FEW:
            raws: Mapping[str, bytes | None] = state.all(KIND)
        else:
            raws = {name: state.get(KIND, name) for name in names}
        return {name: row.memory for name in names if (row := _row(raws.get(name))) is not None}

    def _keep(self, rows: Mapping[str, Row], now: dt.datetime) -> None:
        waiting = {key: msgspec.json.encode(row) for key, row in rows.items() if row.memory.due_at is not None}
        others = {key: msgspec.json.encode(row) for key, row in rows.items() if row.memory.due_at is None}
        if waiting:
            self._repository.state.put_all(KIND, waiting)
        if others:
            self._repository.state.put_all(KIND, others, now + _REMEMBERED)

    def _settle_in_turn(self, due: Iterable[str], now: dt.datetime) -> dict[str, Outcome]:
        # In a storm those who wait in line would keep everybody else out: what they brought is safe already.
        if self._waiting >= _MOST_WAITING:
            return {}
        self._waiting += 1
        try:
            with self._turn:
                told = dict(self._settle(now))
                # Whoever was before in the line has perhaps done it all.
                return {key: found for key in due if (found := told.get(key) or self._told.get(key))}
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._told = {}  # nobody else asks any more

    def _settle(self, now: dt.datetime) -> Mapping[str, Outcome]:
        if self._waiting >= _MOST_WAITING:
            clock.sleep(self._pause)  # a storm: what comes meanwhile shares the commit, and leaves time to take more in
        began_at = clock.monotonic()
        told = self._settle_all(now)
        self._pause = min(4 * (clock.monotonic() - began_at), _LONGEST_PAUSE)
        return told

    def _settle_all(self, now: dt.datetime) -> Mapping[str, Outcome]:
        due = [one for one in self._rows() if one.row.memory.due_at is not None and one.row.memory.due_at <= now]
        if not due:
            return {}
        due = self._without_maintained(due, now)
        told: dict[str, Outcome] = {}
        for by in dict.fromkeys(one.row.by for one in due):
            own = sorted((one for one in due if one.row.by == by), key=lambda one: (one.row.memory.at, one.key))
            told |= self._report(own, by, now)
        self._told |= told
        return told

    def _without_maintained(self, due: list[_Due], now: dt.datetime) -> list[_Due]:
        """Let wait on what a maintenance explains that was extended, or began meanwhile."""
        with self._reading:
            site = self._reader.read().site
        judge, known, sight = Judge(site), shown(site), _Sight(site, now)
        counts, waiting = [], {}
        for one in due:
            case = judge.judge(one.row.memory.signal)
            on = ripe(case, sight.facts(case, known)) if isinstance(case, Case) else None
            if on is None:
                counts.append(one)
            else:
                waiting[one.key] = Row(memory=msgspec.structs.replace(on, at=one.row.memory.at), by=one.row.by)
        self._keep(waiting, now)
        return counts

    def _report(self, due: Sequence[_Due], by: str, now: dt.datetime) -> dict[str, Outcome]:
        if not due:
            return {}
        signals = tuple(one.row.memory.signal for one in due)
        author = Author(name=by, via=self._via)
        try:
            applied = self._repository.apply(Report(signals=signals, at=now), author, Wishes(now=now))
        except (EditError, DataError) as error:
            if len(due) > 1:
                # One of them is to blame: the others must not wait for it.
                middle = len(due) // 2
                return {**self._report(due[:middle], by, now), **self._report(due[middle:], by, now)}
            memory = msgspec.structs.replace(due[0].row.memory, due_at=now + _RETRY)
            if now - memory.at < _REMEMBERED:
                self._keep({due[0].key: Row(memory=memory, by=by)}, now)
            else:
                self._repository.state.drop_all(KIND, {due[0].key: due[0].raw})
            return {due[0].key: outcome(signals[0], "refused", None, str(error))}
        outcomes = decide(applied.plan.before, signals, now).outcomes
        self._repository.state.drop_all(KIND, {one.key: one.raw for one in due})
        opened = _opened(applied.plan.before, applied.plan.after)
        return {one.key: _placed(found, opened) for one, found in zip(due, outcomes, strict=True)}

    def _rows(self) -> list[_Due]:
        raws = self._repository.state.all(KIND)
        return [_Due(key, raw, row) for key, raw in raws.items() if (row := _row(raw)) is not None]


class _Sight:
    """What damping must know of the page; maintenance is looked for once for each set of services."""

    def __init__(self, site: Site, now: dt.datetime) -> None:
        self._site, self._now = site, now
        self._until: dict[tuple[str, ...], dt.datetime | None] = {}

    def facts(self, case: Case, known: Mapping[str, dt.datetime | None]) -> Facts:
        services = tuple(case.services)
        if services not in self._until:
            holds = self._site.automation.maintenance == "hold"
            self._until[services] = maintained_until(self._site, case.services, self._now) if holds else None
        return Facts(case.name in known, known.get(case.name), self._until[services], self._now)


def _row(raw: bytes | None) -> Row | None:
    if raw is not None:
        with suppress(msgspec.MsgspecError):  # of another version
            return msgspec.json.decode(raw, type=Row)
    return None


def _opened(before: Site, after: Site) -> dict[str, str]:
    """Return the new incidents by alert."""
    new = after.events.keys() - before.events.keys()
    return {alert: event for event in new for alert in after.events[event].signals or ()}


def _placed(found: Outcome, opened: Mapping[str, str]) -> Outcome:
    if found.event is not None or found.what not in ("opened", "joined", "updated", "resolved"):
        return found
    name = alert_name(Signal(source=found.source, key=found.key))
    return msgspec.structs.replace(found, event=opened.get(name))


def _in_turn(signal: Signal) -> Outcome:
    return outcome(signal, "held", None, "it is kept, and told in its turn")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
