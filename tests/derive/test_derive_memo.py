"""A memo saves time and changes nothing, whatever became of the files, the clock or the memo since."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, NoReturn

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_sites import HOUR, PATIENT, Case, Grid, cases, events
from small_sites import at, incident, maintenance, notice, said, site

from stashgen.derive import derive
from stashgen.derive.board import Board
from stashgen.memo import Memo, digest
from stashgen.model import BUILT_IN_STATUSES, Event, Level, Service, Site, Status


def told(board: Board) -> dict[str, object]:
    """Return all that a board tells, as plain values."""
    return {**msgspec.structs.asdict(board), "events": dict(board.events), "phases": dict(board.phases)}


def with_events(of: Site, files: Mapping[str, Event]) -> Site:
    digests = {name: digest(repr(event).encode()) for name, event in files.items()}
    return msgspec.structs.replace(of, events=files, digest_by_event=digests)


class Change(NamedTuple):
    """What happens to a site between two builds."""

    site: Site
    now: dt.datetime


@st.composite
def changes(draw: st.DrawFn, case: Case) -> Change:
    files = dict(case.site.events)
    name = draw(st.sampled_from(["event-0", "event-1", "event-9"]))
    changed = case.site
    what = draw(st.sampled_from(["write", "write", "delete", "hide", "since", "downtime", "level", "nothing"]))
    if what == "write":
        files[name] = draw(events(case.grid, tuple(case.site.statuses)))
    elif what == "delete":
        files.pop(name, None)
    elif what in {"hide", "since"}:
        field = {"hidden": True} if what == "hide" else {"since": case.grid.start}
        services = {**changed.services, "api": msgspec.structs.replace(changed.services["api"], **field)}
        changed = msgspec.structs.replace(changed, services=services)
    elif what in {"downtime", "level"}:
        down = msgspec.structs.replace(BUILT_IN_STATUSES["down"], downtime=0.5)
        status: Status = down if what == "downtime" else msgspec.structs.replace(down, level=Level.WARNING)
        changed = msgspec.structs.replace(changed, statuses={**changed.statuses, "down": status})
    number = draw(st.integers(-case.grid.reach, case.grid.reach))
    return Change(with_events(changed, files), draw(st.sampled_from([case.now, case.grid.at(number)])))


@st.composite
def histories(draw: st.DrawFn) -> list[Change]:
    case = draw(cases(HOUR, reach=30 * 24))
    first = Change(with_events(case.site, case.site.events), case.now)
    result = [first]
    for _ in range(draw(st.integers(1, 3))):
        before = result[-1]
        result.append(draw(changes(Case(before.site, before.now, Grid(*case.grid)))))
    return result


@PATIENT
@given(histories())
def test_with_a_memo_every_board_is_as_without(history: list[Change]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        memo = Memo(Path(folder) / "memo")
        for step in history:
            assert told(derive(step.site, step.now, memo)) == told(derive(step.site, step.now))


class Unreadable(Mapping[str, Event]):
    """Events of which only the ids may be looked at, and some that may be read."""

    def __init__(self, files: Mapping[str, Event], readable: tuple[str, ...] = ()) -> None:
        self._files, self._readable = files, readable

    def __getitem__(self, event: str) -> Event:
        if event not in self._readable:
            self.fail(event)
        return self._files[event]

    def fail(self, event: str) -> NoReturn:
        raise AssertionError(f"{event} was read")

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def years_ago(event: Event, year: int) -> Event:
    updates = tuple(msgspec.structs.replace(one, at=one.at.replace(year=year)) for one in event.updates)
    until = event.until.replace(year=year) if event.until else None
    return msgspec.structs.replace(event, updates=updates, until=until)


def old_and_new() -> Site:
    """Return a site with events of this week and some of years ago."""
    short = incident({"api": "down"}, said("23T10:00"), said("23T11:00", "resolved"))
    again = incident({}, *short.updates, said("24T10:00", "identified", web="down"), said("25T11:00", "resolved"))
    services = {"api": Service(name="API"), "web": Service(name="Web"), "docs": Service(name="Docs")}
    return site(
        {
            "first": years_ago(notice(said("01T10:00"), until="02T10:00", services=("docs",)), 2020),
            "old": years_ago(short, 2021),
            "reopened": years_ago(again, 2022),
            "new": incident({"api": "warning"}, said("23T10:00")),
            "work": maintenance(("web",), "25T10:00", "25T11:00", said("20T10:00")),
        },
        services=services,
    )


NOW = at("24T00:00")


@pytest.fixture
def memo_file(tmp_path: Path) -> Path:
    return tmp_path / "memo"


def test_nothing_changed_reads_nothing(memo_file: Path) -> None:
    of = old_and_new()
    before = derive(of, NOW, Memo(memo_file))
    unread = msgspec.structs.replace(of, events=Unreadable(of.events))
    after = derive(unread, NOW + HOUR, Memo(memo_file))
    assert after.services["api"].stretches == before.services["api"].stretches
    assert dict(after.phases) == dict(before.phases)


@pytest.mark.parametrize("name", ["first", "old", "reopened", "new", "work"])
def test_one_changed_event_is_the_only_one_read(memo_file: Path, name: str) -> None:
    of = old_and_new()
    derive(of, NOW, Memo(memo_file))
    changed = with_events(of, {**of.events, name: incident({"web": "down", "docs": "warning"}, said("21T10:00"))})
    expected = derive(changed, NOW)
    for readable in ((name,), ()):
        unread = msgspec.structs.replace(changed, events=Unreadable(changed.events, readable))
        board = derive(unread, NOW, Memo(memo_file))
        assert (board.services, board.months, list(board.events)) == (
            expected.services, expected.months, list(expected.events),
        )  # fmt: skip
        assert dict(board.phases) == dict(expected.phases)


def test_an_event_rewritten_as_one_long_outage_went_on_all_the_time(memo_file: Path) -> None:
    of = old_and_new()
    derive(of, NOW, Memo(memo_file))
    first, *_, last = of.events["reopened"].updates
    long = incident({"api": "down"}, first, msgspec.structs.replace(last, at=last.at + dt.timedelta(days=90)))
    changed = with_events(of, {**of.events, "reopened": long})
    months = {(one.year, one.month): one.ongoing for one in derive(changed, NOW, Memo(memo_file)).months}
    assert months[2022, 12] == months[2023, 1] == ("reopened",)


def test_parts_of_a_memo_from_different_builds_do_not_mix(memo_file: Path) -> None:
    of = old_and_new()
    derive(of, NOW, Memo(memo_file))
    with closing(sqlite3.connect(memo_file)) as connection, connection:
        claims = connection.execute("SELECT step, key, value FROM memo WHERE step = 'derive.claims'").fetchall()
    files = {name: event for name, event in of.events.items() if name != "first"}
    files["older"] = years_ago(incident({"api": "down"}, said("02T10:00"), said("03T10:00", "resolved")), 2019)
    derive(with_events(of, files), NOW, Memo(memo_file))
    with closing(sqlite3.connect(memo_file)) as connection, connection:
        connection.executemany("INSERT OR REPLACE INTO memo VALUES (?, ?, ?)", claims)
    changed = with_events(of, {**files, "new": incident({"api": "partial"}, said("23T10:00"))})
    assert told(derive(changed, NOW, Memo(memo_file))) == told(derive(changed, NOW))


def test_a_deleted_event_is_gone(memo_file: Path) -> None:
    of = old_and_new()
    for name in of.events:
        derive(of, NOW, Memo(memo_file))
        left = with_events(of, {other: event for other, event in of.events.items() if other != name})
        assert told(derive(left, NOW, Memo(memo_file))) == told(derive(left, NOW))


def with_status(of: Site, **changed: object) -> Site:
    statuses = {**of.statuses, "down": msgspec.structs.replace(of.statuses["down"], **changed)}
    return msgspec.structs.replace(of, statuses=statuses)


def with_settings(of: Site, **changed: object) -> Site:
    return msgspec.structs.replace(of, settings=msgspec.structs.replace(of.settings, **changed))


def with_api(of: Site, **changed: object) -> Site:
    services = {**of.services, "api": msgspec.structs.replace(of.services["api"], **changed)}
    return msgspec.structs.replace(of, services=services)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda of: with_status(of, downtime=0.5), id="downtime"),
        pytest.param(lambda of: with_status(of, level=Level.WARNING), id="level"),
        pytest.param(lambda of: with_settings(of, timezone="Asia/Tokyo"), id="timezone"),
        pytest.param(lambda of: with_settings(of, since=at("20T00:00")), id="since of the site"),
        pytest.param(lambda of: with_settings(of, history_days=365), id="history_days"),
        pytest.param(lambda of: with_settings(of, recent_days=90), id="recent_days"),
        pytest.param(lambda of: with_api(of, since=at("20T00:00")), id="since of a service"),
        pytest.param(lambda of: with_api(of, hidden=True), id="hidden"),
        pytest.param(lambda of: with_api(of, order=9), id="order"),
    ],
)
def test_whatever_else_changes_is_seen(memo_file: Path, change: Callable[[Site], Site]) -> None:
    of = old_and_new()
    before = told(derive(of, NOW, Memo(memo_file)))
    changed = change(of)
    after = told(derive(changed, NOW, Memo(memo_file)))
    assert after == told(derive(changed, NOW))
    assert after != before
    assert told(derive(of, NOW, Memo(memo_file))) == before


def spoil(memo_file: Path, change: Callable[[bytes], bytes]) -> None:
    with closing(sqlite3.connect(memo_file)) as connection, connection:
        rows = connection.execute("SELECT step, key, value FROM memo").fetchall()
        assert rows
        connection.executemany(
            "UPDATE memo SET value = ? WHERE step = ? AND key = ?",
            [(change(value), step, key) for step, key, value in rows],
        )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda value: value[: len(value) // 2], id="torn"),
        pytest.param(lambda _: b"\xc1\xff", id="no msgpack"),
        pytest.param(lambda _: b"\x80", id="another shape"),
        pytest.param(lambda _: b"\x90", id="too short"),
    ],
)
def test_a_spoilt_memo_is_ignored(memo_file: Path, change: Callable[[bytes], bytes]) -> None:
    of = old_and_new()
    expected = told(derive(of, NOW, Memo(memo_file)))
    spoil(memo_file, change)
    assert told(derive(of, NOW, Memo(memo_file))) == expected
    assert told(derive(of, NOW, Memo(memo_file))) == expected


def test_events_without_a_digest_are_read_each_time(memo_file: Path) -> None:
    before = msgspec.structs.replace(old_and_new(), digest_by_event={})
    derive(before, NOW, Memo(memo_file))
    files = {**before.events, "old": incident({"api": "down"}, said("23T10:00"), said("23T13:00", "resolved"))}
    after = msgspec.structs.replace(before, events=files)
    assert told(derive(after, NOW, Memo(memo_file))) == told(derive(after, NOW))
