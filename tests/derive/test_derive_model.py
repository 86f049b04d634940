"""The derivation against the naive model: whatever happens in a site, every figure agrees with plain counting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from naive_model import Naive, held_by, said_by
from random_sites import HOUR, PATIENT, Case, cases

from stashgen.derive import derive
from stashgen.derive.board import Board, Stretch, Uptime

MINUTE = dt.timedelta(minutes=1)
HALF_HOUR = dt.timedelta(minutes=30)
WINDOWS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90, "365d": 365}

crowded = given(cases(MINUTE, reach=8))
by_minutes = given(cases(MINUTE, reach=90))
over_days = given(cases(HALF_HOUR, reach=5 * 48))
over_weeks = given(cases(HOUR, reach=24 * 24))
often = settings(PATIENT, max_examples=2 * PATIENT.max_examples)
sometimes = PATIENT


def facts(case: Case) -> tuple[Board, Naive]:
    return derive(case.site, case.now), Naive(case.site, case.now, case.grid.start, case.grid.slot)


def at_slot(stretches: tuple[Stretch, ...], at: dt.datetime) -> Stretch | None:
    found = [one for one in stretches if one.start_at <= at and (one.end_at is None or at < one.end_at)]
    assert len(found) <= 1, "stretches overlap"
    return found[0] if found else None


def check_statuses(board: Board, naive: Naive) -> None:
    assert set(board.services) == set(naive.visible)
    for service, view in board.services.items():
        now = naive.shown[service][-1]
        assert (view.status, view.cause) == (now.status, now.event)
        for at, shown in zip(naive.past, naive.shown[service], strict=True):
            stretch = at_slot(view.stretches, at)
            found = (stretch.status, stretch.event, stretch.downtime) if stretch else (naive.default, None, 0.0)
            assert found == (shown.status, shown.event, shown.downtime if shown.event else 0.0), at
        for one, other in pairwise(view.stretches):
            assert one.end_at is not None
            assert one.end_at <= other.start_at
            assert one.end_at < other.start_at or (one.status, one.event, one.downtime) != (
                other.status, other.event, other.downtime,
            )  # fmt: skip


def days_from(day: dt.date) -> Iterator[dt.date]:
    while True:
        yield day
        day += dt.timedelta(days=1)


def check_days(board: Board, naive: Naive) -> None:
    for service, view in board.services.items():
        bar, cells = view.bar, {cell.day: cell for cell in view.bar.cells}
        assert bar.today == naive.day(naive.now)
        assert (bar.today - bar.first_day).days == bar.days - 1 == board.settings.history_days - 1
        since = naive.since(service)
        first_day = next(day for day in days_from(bar.first_day) if naive.day_slots(day))
        assert bar.data_day == (None if since is None else max(naive.day(since), first_day))
        seconds: dict[dt.date, dict[str, float]] = {}
        holders: dict[dt.date, set[str]] = {}
        for at, shown, held in naive.slots_with_data(service):
            day = naive.day(at)
            if shown.event is not None and day >= bar.first_day:
                of_day = seconds.setdefault(day, {})
                of_day[shown.status] = of_day.get(shown.status, 0.0) + naive.slot.total_seconds()
                holders.setdefault(day, set()).update(held)
        assert list(cells) == sorted(seconds)
        for day, cell in cells.items():
            assert cell.seconds_by_status == seconds[day]
            assert naive.rank(cell.status) == max(map(naive.rank, seconds[day]))
            assert cell.status == next(iter(cell.seconds_by_status))
            assert set(cell.events) == holders[day]
            length = naive.day_slots(day) * naive.slot.total_seconds()
            assert cell.share == pytest.approx(sum(seconds[day].values()) / length)


def check_uptime(uptime: Uptime, covered: float, causes: Mapping[str, float]) -> None:
    assert uptime.covered_seconds == covered == (uptime.end_at - uptime.start_at).total_seconds()
    assert {cause.event: cause.seconds for cause in uptime.causes} == pytest.approx(dict(causes))
    assert uptime.down_seconds == pytest.approx(sum(causes.values()))
    assert [cause.seconds for cause in uptime.causes] == sorted((c.seconds for c in uptime.causes), reverse=True)
    if covered:
        assert uptime.ratio == pytest.approx(1 - sum(causes.values()) / covered, abs=1e-12)
        assert 0 <= (uptime.ratio or 0) <= 1
    else:
        assert uptime.ratio is None


def check_uptimes(board: Board, naive: Naive) -> None:
    for service, view in board.services.items():
        assert view.since_at == naive.since(service)
        assert [window.name for window in view.windows] == list(WINDOWS)
        for window in view.windows:
            start = naive.now - dt.timedelta(days=WINDOWS[window.name])
            check_uptime(window, *naive.down(service, start))
        names = sorted({f"{naive.day(at):%Y-%m}" for at, _, _ in naive.slots_with_data(service)}, reverse=True)
        assert [month.name for month in view.months if month.covered_seconds] == names
        for month in view.months:
            check_uptime(month, *naive.down_in_month(service, month.name))


def check_overall(board: Board, naive: Naive) -> None:
    ranks = [
        max((naive.rank(naive.shown[service][number].status) for service in naive.visible), default=0)
        for number in range(len(naive.past))
    ]
    overall = board.overall
    assert overall.level.rank == ranks[-1]
    worst = [view.id for view in board.services.values() if view.status == overall.status]
    assert list(overall.services) == (worst if ranks[-1] else [])
    held = next((number for number, rank in enumerate(reversed(ranks)) if rank != ranks[-1]), None)
    assert overall.since_at == (None if held is None else naive.past[-held])
    for group in board.groups:
        assert group.services
        assert naive.rank(group.status) == max(naive.rank(board.services[one].status) for one in group.services)
    assert sorted(one for group in board.groups for one in group.services) == sorted(board.services)


def check_lists(board: Board, naive: Naive) -> None:
    now = {name: stages[-1] for name, stages in naive.stages.items()}

    def are(kind: str, stage: str) -> set[str]:
        return {name for name, (_, at) in now.items() if naive.events[name].kind == kind and at == stage}

    assert set(board.events) == set(naive.events) == set(board.phases)
    assert set(board.incidents) == are("incident", "open")
    assert board.overall.open_incidents == len(board.incidents)
    assert set(board.maintenances) == are("maintenance", "open")
    assert set(board.upcoming) == are("maintenance", "upcoming")
    assert set(board.notices) == are("notice", "open")
    starts = [(view.started_at, view.id) for view in board.events.values()]
    assert starts == sorted(starts, reverse=True)
    assert [board.events[one].started_at for one in board.upcoming] == sorted(
        board.events[one].started_at for one in board.upcoming
    )


def check_events(board: Board, naive: Naive) -> None:
    for name, view in board.events.items():
        event, stages = naive.events[name], naive.stages[name]
        state, stage = stages[-1]
        assert (view.state, view.is_open, view.is_upcoming) == (state, stage != "closed", stage == "upcoming")
        began = naive.begun[name][-1]
        assert view.started_at == (began or view.planned_start_at)
        assert (view.ended_at is None) == (stage != "closed") == (view.seconds is None)
        if view.ended_at is not None and view.seconds is not None:
            assert view.started_at <= view.ended_at <= naive.now
            assert view.seconds == (view.ended_at - view.started_at).total_seconds()
        said = said_by(event, naive.now)
        assert [update.at for update in view.updates] == [update.at for update in reversed(said)]
        assert [event.updates[update.index].at for update in view.updates] == [update.at for update in view.updates]
        held = held_by(event, naive.now, naive.default)
        assert {one.service: one.current for one in view.affected if one.current} == {
            service: status for service, status in held.items() if service in naive.visible
        }
        for affected in view.affected:
            for number, at in enumerate(naive.past):
                of_event = naive.holders[number].get(affected.service, {}).get(name)
                stretch = at_slot(affected.stretches, at)
                assert (stretch.status if stretch else None) == of_event


def check_archive(board: Board, naive: Naive) -> None:
    days: dict[dt.date, tuple[set[str], set[str]]] = {}
    months: dict[str, tuple[set[str], set[str]]] = {}
    for name, stages in naive.stages.items():
        began, is_notice = naive.begun[name][-1], naive.events[name].kind == "notice"
        if began is None:
            continue
        first = naive.day(began)
        months.setdefault(f"{first:%Y-%m}", (set(), set()))[0].add(name)
        if not is_notice:
            days.setdefault(first, (set(), set()))[0].add(name)
        for at, (_, stage) in zip(naive.past, stages, strict=True):
            day = naive.day(at)
            if stage == "open" and not is_notice and day > first:
                days.setdefault(day, (set(), set()))[1].add(name)
                if f"{day:%Y-%m}" > f"{first:%Y-%m}":
                    months.setdefault(f"{day:%Y-%m}", (set(), set()))[1].add(name)
    assert board.recent[0].day == naive.day(naive.now)
    assert len(board.recent) == board.settings.recent_days
    for one in board.recent:
        assert naive.day_slots(one.day)
        began_then, went_on = days.get(one.day, (set(), set()))
        assert (sorted(one.events), sorted(one.ongoing)) == (sorted(began_then), sorted(went_on))
    found = {f"{of.year:04}-{of.month:02}": (sorted(of.events), sorted(of.ongoing)) for of in board.months}
    assert found == {month: (sorted(began), sorted(went_on)) for month, (began, went_on) in months.items()}
    assert list(found) == sorted(found, reverse=True)


@often
@by_minutes
def test_status_at_every_minute(case: Case) -> None:
    board, naive = facts(case)
    check_statuses(board, naive)
    check_overall(board, naive)


@often
@crowded
def test_everything_at_once(case: Case) -> None:
    board, naive = facts(case)
    check_statuses(board, naive)
    check_overall(board, naive)
    check_lists(board, naive)
    check_events(board, naive)
    assert board.next_change_at == naive.next_change()


@often
@over_days
def test_days_and_uptime_count_what_was_shown(case: Case) -> None:
    board, naive = facts(case)
    check_days(board, naive)
    check_uptimes(board, naive)


@often
@over_days
def test_events_and_lists_tell_what_was_said(case: Case) -> None:
    board, naive = facts(case)
    check_lists(board, naive)
    check_events(board, naive)
    check_archive(board, naive)


@sometimes
@over_weeks
def test_weeks_later_the_past_is_the_same(case: Case) -> None:
    board, naive = facts(case)
    check_statuses(board, naive)
    check_days(board, naive)
    check_uptimes(board, naive)
    check_archive(board, naive)


@often
@by_minutes
def test_the_next_change_is_the_first_instant_at_which_a_page_differs(case: Case) -> None:
    board, naive = facts(case)
    assert board.next_change_at == naive.next_change()
