"""What has been said already, said otherwise or taken back."""

from __future__ import annotations

from typing import Any

import pytest
from edit_desk import Desk, diff, error

from stashgen.intents import EditEvent, RemoveEvent, RetractUpdate

PATH = "events/2026/slow.yaml"
SLOW = """\
# By Kim, that night.
title: "Slow API"  # as customers said
services: {api: down, web: warning}
source: nagios
external_id: "77"
updates:
  - at: 2026-11-23 10:02 +01:00   # local
    state: investigating
    message: We look.
  # the deploy
  - at: 2026-11-23T09:40:00Z
    state: identified
    services: {api: warning, db: warning}  # better
    message: |
      It was a deploy.

      We go back.
  - at: 2026-11-23T09:50:00Z
    message: Wait.
"""


@pytest.fixture
def desk(tmp_path: Any) -> Desk:
    return Desk(tmp_path / "site", {PATH: SLOW})


def edited(desk: Desk, **more: Any) -> list[str]:
    desk.do(EditEvent(event="slow", **more))
    assert not desk.problems()
    return diff(SLOW, desk.text(PATH))


def test_the_header_changes_by_its_lines(desk: Desk) -> None:
    assert edited(desk, fields={"title": "Slow  requests"}) == [
        '-title: "Slow API"  # as customers said', '+title: "Slow requests"  # as customers said',
    ]  # fmt: skip


def test_a_postmortem_stands_before_the_updates(desk: Desk) -> None:
    change = desk.do(EditEvent(event="slow", fields={"postmortem": "## What\n\nA deploy.\n"})).change
    assert change.subject == "incident slow: postmortem"
    assert change.trailers == (("Source", "nagios"), ("External-Id", "77"))
    assert diff(SLOW, desk.text(PATH)) == ["+postmortem: |", "+  ## What", "+", "+  A deploy."]
    desk.do(EditEvent(event="slow", fields={"postmortem": None}))
    assert desk.text(PATH) == SLOW


def test_an_update_changes_by_its_lines(desk: Desk) -> None:
    assert edited(desk, update="20261123T094000Z", update_fields={"message": "It was a deploy.\n\nWe went back."}) == [
        "-      We go back.", "+      We went back.",
    ]  # fmt: skip


def test_a_field_of_an_update_comes_and_goes(desk: Desk) -> None:
    assert edited(desk, update="20261123T095000Z", update_fields={"state": "monitoring"}) == ["+    state: monitoring"]
    desk.do(EditEvent(event="slow", update="20261123T095000Z", update_fields={"state": None}))
    assert desk.text(PATH) == SLOW


def test_a_time_that_stays_the_same_keeps_its_writing(desk: Desk) -> None:
    same = EditEvent(event="slow", update="20261123T090200Z", update_fields={"at": "2026-11-23T09:02:00Z"})
    assert desk.do(same).change.subject == "incident slow: nothing to change"


def test_a_time_that_changes_moves_the_update(desk: Desk) -> None:
    desk.do(EditEvent(event="slow", update="20261123T095000Z", update_fields={"at": "2026-11-23T09:30:00Z"}))
    assert not desk.problems()
    assert [update.at.minute for update in reversed(desk.board().events["slow"].updates)] == [2, 30, 40]
    assert diff(SLOW, desk.text(PATH)) == [
        "+  - at: 2026-11-23T09:30:00Z", "+    message: Wait.",
        "-  - at: 2026-11-23T09:50:00Z", "-    message: Wait.",
    ]  # fmt: skip


def test_subscribers_are_told_again(desk: Desk) -> None:
    assert edited(desk, tells_again=True, update_fields={"message": "Waited."}) == [
        "-    message: Wait.", "+    edited_at: 2026-11-23T10:00:00Z", "+    message: Waited.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"fields": {"titel": "x"}}, ("invalid", "titel", "is not a field of it (did you mean `title`?)")),
        ({"fields": {"title": None}}, ("invalid", "title", "cannot be taken away")),
        ({"fields": {"updates": []}}, ("invalid", "updates", "is changed one update at a time: name the `update`")),
        ({"fields": {"title": 5}}, ("invalid", "title", "must be text, and the number `5` is none: put it in quotes")),
        ({"update": "x", "update_fields": {"state": None}}, ("unknown", "update", "there is no update `x` in it")),
        ({"update_fields": {"message": " "}}, ("invalid", "message", "is blank: say something")),
        (
            {"update_fields": {"at": "noon"}},
            ("invalid", "at", "`noon` is not a time: write it like 2026-11-23T10:02:00Z or 2026-11-23 11:02 +01:00"),
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_field(desk: Desk, more: Any, told: tuple[str, str, str]) -> None:
    assert error(desk, EditEvent(event="slow", **more)) == told


def test_an_update_is_retracted(desk: Desk) -> None:
    change = desk.do(RetractUpdate(event="slow", update="20261123T094000Z")).change
    assert change.subject == "incident slow: update retracted (20261123T094000Z)"
    assert diff(SLOW, desk.text(PATH)) == [f"-{line}" for line in SLOW.splitlines()[10:17]]
    assert desk.status("api") == "down"


def test_an_update_is_retracted_for_one_service(desk: Desk) -> None:
    desk.do(RetractUpdate(event="slow", update="20261123T094000Z", service="db"))
    assert diff(SLOW, desk.text(PATH)) == [
        "-    services: {api: warning, db: warning}  # better", "+    services: {api: warning}  # better",
    ]  # fmt: skip
    desk.do(RetractUpdate(event="slow", update="20261123T090200Z", service="web"))
    assert "\nservices: {api: down}\n" in desk.text(PATH)
    assert error(desk, RetractUpdate(event="slow", update="20261123T090200Z", service="db"))[:2] == (
        "unknown", "service",
    )  # fmt: skip


def test_words_for_several_services_are_not_retracted_for_one(desk: Desk) -> None:
    reason, field, message = error(desk, RetractUpdate(event="slow", update="20261123T095000Z", service="api"))
    assert (reason, field) == ("conflict", "service")
    assert message.endswith("retract it as a whole")


def test_without_any_update_left_the_event_goes(desk: Desk) -> None:
    for name in ("20261123T095000Z", "20261123T094000Z", "20261123T090200Z"):
        change = desk.do(RetractUpdate(event="slow", update=name)).change
    assert change.subject == "incident slow: removed"
    assert not (desk.project / "site-data" / PATH).exists()


def test_an_event_is_removed(desk: Desk) -> None:
    desk.do(RemoveEvent(event="slow"))
    assert (desk.status("api"), desk.problems()) == ("up", [])
    assert error(desk, RemoveEvent(event="slow")) == ("unknown", "event", "there is no event `slow`")


def test_what_two_people_took_back_is_gone_once(desk: Desk) -> None:
    retract, remove = RetractUpdate(event="slow", update="20261123T095000Z"), RemoveEvent(event="slow")
    desk.do(retract)
    assert desk.replay(retract).files == {}
    desk.do(remove)
    assert desk.replay(remove).files == desk.replay(retract).files == {}
