"""What is said later never changes what was: of two boards, the later one only goes on."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from random_sites import PATIENT, Case, cases

from stashgen.derive import derive
from stashgen.derive.board import Board, Stretch
from stashgen.model import Event, Site

SLOT = dt.timedelta(minutes=30)


class Two(NamedTuple):
    """A site at two instants, the earlier one first."""

    site: Site
    earlier: dt.datetime
    later: dt.datetime


@st.composite
def twos(draw: st.DrawFn) -> Two:
    case: Case = draw(cases(SLOT, reach=5 * 48))
    other = case.grid.at(draw(st.integers(-case.grid.reach, case.grid.reach)))
    return Two(case.site, min(case.now, other), max(case.now, other))


def first_word(event: Event) -> dt.datetime:
    return min(update.at for update in event.updates)


def as_said_by(site: Site, now: dt.datetime) -> Site:
    """Return the site without the updates after an instant, and without the events that have none left."""
    events = {
        name: msgspec.structs.replace(event, updates=tuple(one for one in event.updates if one.at <= now))
        for name, event in site.events.items()
        if first_word(event) <= now
    }
    return msgspec.structs.replace(site, events=events, digest_by_event=dict.fromkeys(events, b""))


def all_but_what_is_to_come(board: Board) -> list[object]:
    """Return what a board tells, except what hangs on how many instants are still to come and where updates stand."""
    facts = msgspec.structs.asdict(board)
    for name in ("events", "phases", "next_change_at"):
        del facts[name]
    views = [
        msgspec.structs.replace(view, updates=tuple(msgspec.structs.replace(one, index=0) for one in view.updates))
        for view in board.events.values()
    ]
    return [*facts.items(), *views]


@PATIENT
@given(twos())
def test_words_after_now_change_nothing(two: Two) -> None:
    whole, cut = derive(two.site, two.earlier), derive(as_said_by(two.site, two.earlier), two.earlier)
    assert all_but_what_is_to_come(whole) == all_but_what_is_to_come(cut)


def up_to(stretches: tuple[Stretch, ...], now: dt.datetime) -> list[Stretch]:
    begun = [one for one in stretches if one.start_at <= now]
    return [
        msgspec.structs.replace(one, end_at=None) if one.end_at is not None and one.end_at > now else one
        for one in begun
    ]


@PATIENT
@given(twos())
def test_the_past_of_a_later_board_is_that_of_the_earlier_one(two: Two) -> None:
    # An event written down afterwards may tell of an earlier time: that is all that can change.
    events = {name: event for name, event in two.site.events.items() if first_word(event) <= two.earlier}
    site = msgspec.structs.replace(two.site, events=events)
    earlier, later = derive(site, two.earlier), derive(site, two.later)
    for service, view in earlier.services.items():
        assert up_to(later.services[service].stretches, two.earlier) == list(view.stretches)


@PATIENT
@given(twos())
def test_while_its_phase_is_the_same_so_is_an_event(two: Two) -> None:
    earlier, later = derive(two.site, two.earlier), derive(two.site, two.later)
    for event in earlier.events:
        if earlier.phases[event] == later.phases[event]:
            assert earlier.events[event] == later.events[event]
        touched = {one.service for one in earlier.events[event].affected}
        assert set(earlier.phases[event].services) == touched


@PATIENT
@given(twos())
def test_a_page_stays_the_same_until_its_next_change(two: Two) -> None:
    board = derive(two.site, two.earlier)
    if board.next_change_at - SLOT > two.earlier:
        last = derive(two.site, board.next_change_at - SLOT)
        for name in ("overall", "groups", "incidents", "maintenances", "upcoming", "notices", "recent", "months"):
            assert getattr(board, name) == getattr(last, name), name
        assert dict(board.events) == dict(last.events)
        assert board.next_change_at == last.next_change_at
