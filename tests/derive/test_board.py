"""The board as a whole: its sentence, groups, lists, order, what is hidden, and when it changes next."""

from __future__ import annotations

import pytest
from small_sites import at, incident, maintenance, notice, said, site

from stashgen.derive import derive
from stashgen.derive.board import Board
from stashgen.model import Event, Group, Level, Service, Settings, Status

NOW = at("23T10:30")


def test_nothing_at_all_is_a_board_too() -> None:
    board = derive(site({}), NOW)
    assert (board.overall.level, board.overall.status, board.overall.services) == (Level.NORMAL, "up", ())
    assert (board.overall.since_at, board.since_at, board.months) == (None, None, ())
    assert [day.events for day in board.recent] == [()] * 14
    assert board.next_change_at == at("24T00:00")
    assert {view.bar.data_day for view in board.services.values()} == {None}


def test_the_sentence_names_those_in_the_worst_status() -> None:
    events = {
        "a": incident({"api": "warning", "web": "down"}, said("23T10:00")),
        "b": maintenance(("docs",), "23T10:00", "23T12:00", said("20T10:00")),
    }
    services = {name: Service(name=name) for name in ("api", "docs", "web", "well")}
    overall = derive(site(events, services=services), NOW).overall
    assert (overall.status, overall.level, overall.services) == ("down", Level.CRITICAL, ("web",))
    assert overall.open_incidents == 1


def test_an_incident_that_holds_nothing_is_counted_and_nothing_else() -> None:
    overall = derive(site({"a": incident({}, said("23T10:00"))}), NOW).overall
    assert (overall.level, overall.services, overall.open_incidents) == (Level.NORMAL, (), 1)


def test_hidden_services_are_nowhere() -> None:
    services = {
        "api": Service(name="API", group="one"),
        "secret": Service(name="Secret", group="two", hidden=True),
    }
    event = incident({"secret": "down", "api": "warning"}, said("23T10:00"))
    groups = {"one": Group(name="One"), "two": Group(name="Two")}
    board = derive(site({"a": event}, services=services, groups=groups), NOW)
    view = board.events["a"]
    assert list(board.services) == ["api"]
    assert [group.id for group in board.groups] == ["one"]
    assert (board.overall.status, board.overall.services) == ("warning", ("api",))
    assert view.level == Level.WARNING
    assert [one.service for one in view.affected] == ["api"]
    assert [dict(update.changes) for update in view.updates] == [{"api": "warning"}]
    assert board.phases["a"].services == ("api",)


def test_groups_and_services_stand_in_order() -> None:
    groups = {
        "z": Group(name="alpha", order=1),
        "b": Group(name="Beta", order=1),
        "first": Group(name="Zulu"),
        "none": Group(name="Empty"),
    }
    services = {
        "s1": Service(name="beta", group="z"),
        "s2": Service(name="Alpha", group="z"),
        "s3": Service(name="Zulu", group="z", order=-1),
        "s4": Service(name="Four", group="b"),
        "s5": Service(name="Five", group="first"),
        "s6": Service(name="Six", group="unknown"),
        "s7": Service(name="Seven"),
    }
    board = derive(site({}, services=services, groups=groups), NOW)
    assert [(group.id, group.services) for group in board.groups] == [
        (None, ("s7", "s6")),
        ("first", ("s5",)),
        ("z", ("s3", "s2", "s1")),
        ("b", ("s4",)),
    ]
    assert list(board.services) == ["s7", "s6", "s5", "s3", "s2", "s1", "s4"]


@pytest.mark.parametrize(
    ("collapsed", "count", "status", "is_open"),
    [
        (None, 5, "up", True),
        (None, 31, "up", False),
        (None, 31, "maintenance", True),
        (True, 5, "up", False),
        (True, 5, "down", True),
        (False, 31, "up", True),
    ],
)
def test_a_group_folds_only_while_it_is_fine(collapsed: bool | None, count: int, status: str, is_open: bool) -> None:
    services = {f"s{number}": Service(name=f"S{number}", group="g") for number in range(count)}
    groups = {"g": Group(name="G", collapsed=collapsed)}
    board = derive(site({"a": incident({"s1": status}, said("23T10:00"))}, services=services, groups=groups), NOW)
    assert [(group.status, group.is_open) for group in board.groups] == [(status, is_open)]


def lists() -> dict[str, Event]:
    return {
        "old": incident({"api": "warning"}, said("10T10:00")),
        "new": incident({"api": "down"}, said("23T10:00")),
        "done": incident({"api": "down"}, said("22T10:00"), said("22T11:00", "resolved")),
        "runs": maintenance(("web",), "23T09:00", "23T12:00", said("20T10:00")),
        "runs-longer": maintenance(("web",), "22T09:00", "23T12:00", said("20T10:00")),
        "far": maintenance(("web",), "28T09:00", "28T12:00", said("20T10:00")),
        "near": maintenance(("web",), "24T09:00", "24T12:00", said("21T10:00")),
        "news": notice(said("23T08:00")),
        "more-news": notice(said("23T09:00"), until="23T11:00"),
        "pinned": notice(said("01T09:00"), pinned=True),
        "old-news": notice(said("01T09:00"), until="23T10:30", pinned=True),
        "not-yet": incident({"api": "down"}, said("23T10:31")),
    }


def test_lists_stand_in_order() -> None:
    board = derive(site(lists()), NOW)
    assert board.incidents == ("new", "old")
    assert board.maintenances == ("runs-longer", "runs")
    assert board.upcoming == ("near", "far")
    assert board.notices == ("pinned", "more-news", "news")
    assert list(board.events) == [
        "far", "near", "new", "runs", "more-news", "news", "done", "runs-longer", "old", "pinned", "old-news",
    ]  # fmt: skip
    assert list(board.phases) == list(board.events)
    assert board.services["api"].events == ("new", "done", "old")
    assert board.services["web"].events == ("runs", "runs-longer")


def test_what_will_be_said_is_not_said_yet() -> None:
    board = derive(site(lists()), NOW)
    assert "not-yet" not in board.events
    with pytest.raises(KeyError):
        board.events["not-yet"]
    assert "not-yet" not in board.phases
    event = incident({"api": "down"}, said("23T10:00"), said("23T11:00", "resolved"))
    view = derive(site({"a": event}), NOW).events["a"]
    assert (view.is_open, view.updated_at, len(view.updates)) == (True, at("23T10:00"), 1)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (incident({}, said("23T10:00"), said("23T11:00")), "23T11:00"),
        (incident({}, said("23T11:00")), "23T11:00"),
        (maintenance((), "23T11:00", "23T12:00", said("20T10:00")), "23T11:00"),
        (maintenance((), "23T10:00", "23T12:00", said("20T10:00")), "23T12:00"),
        (maintenance((), "23T10:00", "23T12:00", said("23T10:10", "cancelled")), "24T00:00"),
        (maintenance((), "23T10:00", "23T12:00", said("20T10:00"), said("23T10:20", end="23T15:00")), "23T15:00"),
        (maintenance((), "23T11:00", "23T12:00", said("23T10:00", "in-progress")), "23T12:00"),
        (maintenance((), "23T11:00", "23T12:00", said("23T11:30")), "23T11:30"),
        (notice(said("20T10:00"), until="23T20:00"), "23T20:00"),
        (notice(said("20T10:00"), until="23T10:00"), "24T00:00"),
    ],
)
def test_the_next_change_is_the_first_that_is_known(event: Event, expected: str) -> None:
    assert derive(site({"a": event}), NOW).next_change_at == at(expected)


def test_the_day_rolls_over_in_the_zone() -> None:
    board = derive(site({}, settings=Settings(title="Test", timezone="America/New_York")), NOW)
    assert board.next_change_at == at("24T05:00")


def test_the_first_instant_with_data_is_a_change() -> None:
    services = {"api": Service(name="API", since=at("23T22:00"))}
    assert derive(site({}, services=services), NOW).next_change_at == at("23T22:00")


def test_planned_times_real_start_and_real_end_are_three_facts() -> None:
    event = maintenance(
        ("api",),
        "23T10:00",
        "23T12:00",
        said("20T10:00"),
        said("23T09:50", "in-progress"),
        said("23T11:00", end="23T13:00"),
        said("23T12:40", "completed"),
    )
    view = derive(site({"a": event}), at("23T20:00")).events["a"]
    assert (view.planned_start_at, view.planned_end_at) == (at("23T10:00"), at("23T13:00"))
    assert (view.started_at, view.ended_at, view.seconds) == (at("23T09:50"), at("23T12:40"), 170 * 60)


def test_a_word_that_it_is_done_is_the_real_end() -> None:
    event = maintenance(("api",), "23T10:00", "23T12:00", said("20T10:00"), said("23T12:20", "completed"))
    before, after = (derive(site({"a": event}), at(now)).events["a"] for now in ("23T12:10", "23T12:30"))
    assert (before.state, before.is_open, before.ended_at) == ("completed", False, at("23T12:00"))
    assert (after.state, after.is_open, after.ended_at) == ("completed", False, at("23T12:20"))


def test_an_upcoming_maintenance_tells_what_it_will_bring() -> None:
    event = maintenance({"api": "partial", "web": "maintenance"}, "24T10:00", "24T12:00", said("20T10:00"))
    view = derive(site({"a": event}), NOW).events["a"]
    assert (view.state, view.is_upcoming, view.is_open, view.level) == ("scheduled", True, True, Level.ERROR)
    assert (view.started_at, view.ended_at, view.seconds) == (at("24T10:00"), None, None)
    assert [(one.service, one.worst, one.current) for one in view.affected] == [
        ("api", "partial", None),
        ("web", "maintenance", None),
    ]


def test_a_maintenance_cancelled_before_it_began_ended_when_that_was_said() -> None:
    event = maintenance(("api",), "24T10:00", "24T12:00", said("20T10:00"), said("22T10:00", "cancelled"))
    view = derive(site({"a": event}), NOW).events["a"]
    assert (view.state, view.is_open, view.is_upcoming, view.level) == ("cancelled", False, False, Level.NORMAL)
    assert (view.started_at, view.ended_at, view.seconds) == (at("22T10:00"), at("22T10:00"), 0)
    assert view.planned_start_at == at("24T10:00")


def test_updates_tell_the_state_and_what_they_changed() -> None:
    event = incident(
        {"api": "down", "web": "warning"},
        said("23T08:00"),
        said("23T08:30"),
        said("23T09:00", "identified", api="warning", web="warning"),
        said("23T10:00", "resolved"),
    )
    board = derive(site({"a": event}), NOW)
    assert [(one.index, one.state, one.is_state_new, dict(one.changes)) for one in board.events["a"].updates] == [
        (3, "resolved", True, {"api": "up", "web": "up"}),
        (2, "identified", True, {"api": "warning"}),
        (1, "investigating", False, {}),
        (0, "investigating", True, {"api": "down", "web": "warning"}),
    ]
    assert [(one.service, one.worst, one.current) for one in board.events["a"].affected] == [
        ("api", "down", None),
        ("web", "warning", None),
    ]


def test_a_maintenance_announced_late_keeps_its_word_and_runs() -> None:
    event = maintenance(("api",), "23T10:00", "23T12:00", said("23T10:10", "scheduled"), said("23T10:20"))
    view = derive(site({"a": event}), NOW).events["a"]
    assert [update.state for update in view.updates] == ["in-progress", "scheduled"]
    assert (view.state, view.started_at) == ("in-progress", at("23T10:00"))


def test_a_site_may_have_another_default_status() -> None:
    statuses = {
        "up": Status(name="Up", level=Level.NORMAL),
        "fine": Status(name="Fine", level=Level.NORMAL, default=True),
    }
    event = incident({"api": "down"}, said("23T10:00"), said("23T10:10", api="fine", web="up"))
    board = derive(site({"a": event}, statuses=statuses), NOW)
    assert board.default_status == "fine"
    assert {name: view.status for name, view in board.services.items()} == {"api": "fine", "web": "up"}
    assert (board.overall.status, board.groups[0].status) == ("fine", "up")


def test_a_postmortem_tags_and_pins_are_told() -> None:
    plain = incident({}, said("23T10:00"))
    event = Event(title="Told", updates=plain.updates, postmortem="", tags=("dns",), pinned=True)
    view = derive(site({"a": event}), NOW).events["a"]
    assert (view.title, view.has_postmortem, view.tags, view.is_pinned) == ("Told", True, ("dns",), False)


def test_the_banner_says_what_the_worst_line_of_the_list_says() -> None:
    for status in ("up", "maintenance", "warning", "partial", "down"):
        board: Board = derive(site({"a": incident({"web": status}, said("23T10:00"))}), NOW)
        worst = max((board.statuses[view.status].level for view in board.services.values()), key=lambda one: one.rank)
        assert board.overall.level is worst
