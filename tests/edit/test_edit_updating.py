"""Updates: what each verb does, what it refuses, where it stands in time, and what a replay makes of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from edit_desk import START, Desk, diff, error

from stashgen.intents import AddUpdate, OpenIncident, PostNotice, ScheduleMaintenance

HOUR = dt.timedelta(hours=1)


def say(event: str, verb: str = "update", message: str = "Word.", **more: Any) -> AddUpdate:
    return AddUpdate(event=event, verb=verb, message=message, **more)  # type: ignore[arg-type]


@pytest.fixture
def incident(desk: Desk) -> str:
    desk.do(OpenIncident(title="Slow", id="slow", message="We look.", services={"api": "down", "web": "warning"}))
    desk.later(10)
    return "slow"


@pytest.fixture
def work(desk: Desk) -> str:
    plan = ScheduleMaintenance(
        title="Work", id="work", message="We will.", start=START + HOUR, end=START + 2 * HOUR, services={"api": ""}
    )
    desk.do(plan)
    desk.later(10)
    return "work"


def test_an_update_is_added_below(desk: Desk, incident: str) -> None:
    path = f"events/2026/{incident}.yaml"
    before = desk.text(path)
    plan = desk.do(say(incident, state="identified", services={"api": "warning"}, message="A deploy."))
    assert plan.change.subject == "incident slow: identified (api: warning)"
    assert plan.change.update == "20261123T101000Z"
    assert desk.text(path) == before + (
        "  - at: 2026-11-23T10:10:00Z\n    state: identified\n    services: {api: warning}\n    message: A deploy.\n"
    )


def test_an_earlier_word_stands_where_its_time_puts_it(desk: Desk, incident: str) -> None:
    desk.do(say(incident, state="monitoring"))
    before = desk.text("events/2026/slow.yaml")
    plan = desk.do(say(incident, state="identified", message="Before that.", at=START + HOUR / 12))
    assert plan.change.update == "20261123T100500Z"
    assert diff(before, desk.text("events/2026/slow.yaml")) == [
        "+  - at: 2026-11-23T10:05:00Z", "+    state: identified", "+    message: Before that.",
    ]  # fmt: skip
    assert [update.state for update in desk.board().events["slow"].updates] == [
        "monitoring", "identified", "investigating",
    ]  # fmt: skip
    told = ("invalid", "at", "is before the first update (2026-11-23T10:00:00Z)")
    assert error(desk, say(incident, at=START - HOUR)) == told


def test_resolve_and_reopen(desk: Desk, incident: str) -> None:
    assert error(desk, say(incident, "reopen")) == ("conflict", "event", "`slow` is open: it is investigating")
    desk.do(say(incident, "resolve", "All is well."))
    assert (desk.status("api"), desk.board().incidents) == ("up", ())
    desk.later()
    assert error(desk, say(incident, "resolve")) == ("conflict", "event", "`slow` is resolved already")
    assert error(desk, say(incident, state="monitoring"))[2] == "`slow` is resolved: `reopen` it first"
    assert error(desk, say(incident, services={"api": "down"}))[2] == "`slow` is resolved: `reopen` it first"
    desk.do(say(incident, message="What we learnt."))
    assert desk.status("api") == "up"
    desk.later()
    assert desk.do(say(incident, "reopen")).change.subject == "incident slow: investigating"
    assert desk.status("api") == "down"
    assert not desk.problems()


def test_start_complete_and_cancel(desk: Desk, work: str) -> None:
    assert error(desk, say(work, "complete")) == (
        "conflict", "event", "`work` has not begun: `start` it, or `cancel` it",
    )  # fmt: skip
    desk.do(say(work, "start"))
    assert desk.status("api") == "maintenance"
    desk.later()
    assert error(desk, say(work, "start"))[2] == "`work` has begun already: it is in-progress"
    desk.do(say(work, "complete"))
    assert desk.status("api") == "up"
    desk.later()
    assert error(desk, say(work, "complete"))[2] == "`work` is completed already"
    assert error(desk, say(work, "cancel"))[2] == "`work` is completed already"
    assert error(desk, say(work, "extend", end=START + 5 * HOUR))[2] == "`work` is completed already"
    assert error(desk, say(work, state="in-progress"))[2] == "`work` is completed: schedule another one"
    assert not desk.problems()


def test_what_only_the_plan_has_ended_can_be_said_to_be_over(desk: Desk, work: str) -> None:
    desk.later(60 * 24)
    assert desk.do(say(work, "complete")).change.subject == "maintenance work: completed"
    desk.later()
    assert error(desk, say(work, "complete"))[2] == "`work` is completed already"


def test_cancel_before_it_begins(desk: Desk, work: str) -> None:
    assert desk.do(say(work, "cancel")).change.subject == "maintenance work: cancelled"
    desk.later(60)
    assert desk.status("api") == "up"


def test_extend(desk: Desk, work: str) -> None:
    desk.later(60)
    assert error(desk, say(work, "extend")) == ("invalid", "end", "is missing: say until when")
    assert error(desk, say(work, "extend", end=START + HOUR))[1:] == (
        "end", "leaves an end (2026-11-23T11:00:00Z) that is not after the start (2026-11-23T11:00:00Z)",
    )  # fmt: skip
    assert error(desk, say(work, "extend", end=desk.now))[2] == "is over already: `complete` ends it now"
    assert desk.do(say(work, "extend", end=START + 3 * HOUR)).change.subject == "maintenance work: another plan"
    desk.later(80)
    assert desk.status("api") == "maintenance"
    desk.later(60)
    assert desk.status("api") == "up"
    # Nobody said that it is over: it can be taken up again.
    desk.do(say(work, "extend", end=START + 6 * HOUR))
    assert desk.status("api") == "maintenance"
    assert not desk.problems()


def test_expire(desk: Desk) -> None:
    desk.do(PostNotice(title="News", id="news", message="Read."))
    desk.later()
    desk.do(say("news", message="More."))
    assert desk.do(say("news", "expire", "")).change.subject == "notice news: expired"
    assert "until: 2026-11-23T10:01:00Z\nupdates:" in desk.text("events/2026/news.yaml")
    assert desk.board().notices == ()
    desk.later()
    assert error(desk, say("news", "expire")) == ("conflict", "event", "`news` has ended already")
    assert error(desk, say("news", services={"api": "down"})) == (
        "invalid", "services", "a notice never changes a status",
    )  # fmt: skip
    assert not desk.problems()


def test_what_does_not_fit_the_kind_is_refused(desk: Desk, incident: str, work: str) -> None:
    fits = "`slow` is an incident: what fits is `resolve` and `reopen`"
    assert error(desk, say(incident, "complete")) == ("conflict", "event", fits)
    assert error(desk, say(work, "resolve"))[2].startswith("`work` is a maintenance: what fits is `start`")
    states = "investigating, identified, monitoring, resolved"
    assert error(desk, say(incident, state="completed")) == (
        "invalid", "state", f"`completed` is no state of an incident: {states}",
    )  # fmt: skip
    assert error(desk, say(incident, end=START))[:2] == ("invalid", "end")
    assert error(desk, say(incident, "resolve", state="monitoring"))[:2] == ("invalid", "state")
    assert error(desk, say(incident, "resolve", services={"api": "down"}))[:2] == ("invalid", "services")
    assert error(desk, say(incident, message="  ")) == ("invalid", "message", "is blank: say something")
    assert error(desk, say("slo")) == ("unknown", "event", "there is no event `slo` (did you mean `slow`?)")


def test_two_people_resolve_at_once(desk: Desk, incident: str) -> None:
    desk.do(say(incident, "resolve", "Mine."))
    change = desk.replay(say(incident, "resolve", "Yours."))
    assert change.subject == "incident slow: resolved"
    messages = desk.text("events/2026/slow.yaml")
    assert ("Mine." in messages, "Yours." in messages, desk.status("api")) == (True, True, "up")


def test_what_came_after_a_resolution_opens_the_incident_again(desk: Desk, incident: str) -> None:
    desk.do(say(incident, "resolve", "Mine."))
    desk.later()
    desk.replay(say(incident, services={"api": "partial"}, message="It is back."))
    assert desk.status("api") == "partial"


def test_what_was_said_before_a_resolution_does_not(desk: Desk, incident: str) -> None:
    desk.do(say(incident, "resolve", "Mine.", at=START + HOUR / 10))
    desk.replay(say(incident, state="identified", services={"api": "partial"}, at=START + HOUR / 12))
    assert desk.status("api") == "up"


def test_a_replay_of_what_does_not_fit_any_more_keeps_the_words(desk: Desk, work: str) -> None:
    desk.do(say(work, "cancel"))
    desk.later()
    for verb in ("start", "complete", "cancel"):
        desk.replay(say(work, verb, f"Said {verb}."))
    desk.replay(say(work, services={"api": "down"}, message="Said of it."))
    assert desk.text("events/2026/work.yaml").count("message:") == 6
