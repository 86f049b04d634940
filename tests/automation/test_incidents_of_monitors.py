"""Alerts open, join, change and resolve incidents: once each, grouped by service, by rules and templates."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from alert_door import Page, alert, at, payload

MakePage = Callable[..., Page]


def test_an_alert_is_an_incident_from_its_beginning_to_its_end(page: MakePage) -> None:
    one = page()
    assert one.tell("10:03", alert("errors", "api", "10:02")) == {"errors": "opened"}
    event = one.event()
    assert (event.title, event.source, event.services) == ("Trouble errors", "alertmanager", {"api": "down"})
    (first,) = event.updates
    assert (first.state, first.source) == ("investigating", "alertmanager")
    assert first.message == "Our monitoring has found a problem with Public API. We are looking into it."
    assert one.statuses("10:04") == {"api": "down"}
    assert one.tell("10:30", alert("errors", "api", "10:02", "10:29")) == {"errors": "resolved"}
    event = one.event()
    assert event.updates[-1].state == "resolved"
    (known,) = event.signals.values()
    assert [f"{known.since:%H:%M}", f"{known.until:%H:%M}"] == ["10:02", "10:29"]
    assert one.statuses("10:31") == {}
    message = one.git("log", "-1", "--format=%B")
    assert "Source: alertmanager\nExternal-Id: alertmanager:errors\nVia: ingest\n" in message


def test_what_only_machines_should_know_stays_out(page: MakePage) -> None:
    one = page()
    one.tell("10:03", alert("errors", "api", "10:02"))
    (path,) = (one.folder / "site-data" / "events").rglob("*.yaml")
    assert "db-1.internal" not in path.read_text(encoding="utf-8")


def test_the_same_again_is_no_news(page: MakePage) -> None:
    one = page()
    firing, over = alert("errors", "api", "10:02"), alert("errors", "api", "10:02", "10:20")
    one.tell("10:03", firing)
    assert one.tell("10:05", firing) == one.tell("10:10", firing, firing) == {"errors": "unchanged"}
    one.tell("10:21", over)
    assert one.tell("10:25", over) == {"errors": "unchanged"}
    assert len(one.subjects()) == 2


def test_what_comes_too_late_is_known_for_it(page: MakePage) -> None:
    one = page()
    one.tell("10:03", alert("errors", "api", "10:02"))
    one.tell("10:21", alert("errors", "api", "10:02", "10:20"))
    assert one.tell("10:22", alert("errors", "api", "10:02")) == {"errors": "stale"}
    assert one.tell("10:31", alert("errors", "api", "10:30")) == {"errors": "opened"}
    assert one.tell("10:32", alert("errors", "api", "10:02", "10:20")) == {"errors": "stale"}
    assert len(one.events()) == 2
    assert one.statuses("10:33") == {"api": "down"}


def test_an_end_that_comes_first_counts_when_the_beginning_arrives(page: MakePage) -> None:
    one = page()
    assert one.tell("10:21", alert("errors", "api", "10:02", "10:20")) == {"errors": "unchanged"}
    assert one.tell("10:22", alert("errors", "api", "10:02")) == {"errors": "stale"}
    assert one.tell("10:41", alert("errors", "api", "10:40")) == {"errors": "opened"}


def test_alerts_of_one_service_share_an_incident(page: MakePage) -> None:
    one = page()
    mild = {"severity": "warning"}
    first = [alert("a-slow", "api", "10:02", **mild), alert("errors", "api", "10:02")]
    assert one.tell("10:03", *first) == {"a-slow": "opened", "errors": "updated"}
    assert (one.event().title, one.event().services) == ("Trouble errors", {"api": "down"})
    assert one.tell("10:05", alert("late", "api", "10:04", **mild)) == {"late": "joined"}
    assert len(one.event().updates) == 1
    assert one.tell("10:06", alert("both", "api,web", "10:05")) == {"both": "updated"}
    assert one.event().updates[-1].services == {"web": "down"}
    assert one.tell("10:10", alert("errors", "api", "10:02", "10:09")) == {"errors": "ended"}
    assert one.tell("10:11", alert("both", "api,web", "10:05", "10:10")) == {"both": "updated"}
    assert one.event().updates[-1].services == {"api": "warning", "web": "up"}
    assert one.tell("10:12", alert("a-slow", "api", "10:02", "10:11", **mild)) == {"a-slow": "ended"}
    assert one.tell("10:13", alert("late", "api", "10:04", "10:12", **mild)) == {"late": "resolved"}
    assert one.tell("10:20", alert("other", "mail", "10:19")) == {"other": "opened"}
    assert len(one.events()) == 2


def test_an_alert_that_changes_its_severity_changes_the_status(page: MakePage) -> None:
    one = page()
    one.tell("10:03", alert("errors", "api", "10:02", severity="warning"))
    assert one.tell("10:05", alert("errors", "api", "10:02")) == {"errors": "updated"}
    assert one.event().updates[-1].message == "Public API: Major outage."
    assert one.tell("10:07", alert("errors", "api", "10:02", severity="warning")) == {"errors": "updated"}
    assert one.statuses("10:08") == {"api": "warning"}


def test_what_begins_and_ends_at_once_is_told_of(page: MakePage) -> None:
    one = page()
    told = one.told("10:30", payload(alert("errors", "api", "10:02"), alert("errors", "api", "10:02", "10:09")))
    assert {key: outcome["what"] for key, outcome in told.items()} == {"errors": "unchanged"}
    assert one.events() == {}


RULES = """\
status: partial
statuses: {page me: down, gossip: up}
rules:
  - match: {namespace: "staging-*"}
    ignore: true
  - source: pingdom
    services: [mail]
  - match: {alertname: "front*", service: "*"}
    services: [web]
    status: warning
    template: front
"""
TEMPLATE = """\
title: "{{ services }} is {{ status }}: {{ title }}"
message: "It is {{ labels.alertname }}, {{ text }} since {{ at }}."
resolved: "{{ services }} is back."
state: identified
"""


def test_rules_say_what_to_make_of_alerts(page: MakePage) -> None:
    one = page(RULES, {"site-data/templates/front.yaml": TEMPLATE})
    assert one.tell("10:03", alert("any", "api", "10:02", namespace="staging-7")) == {"any": "ignored"}
    assert one.tell("10:03", alert("talk", "api", "10:02", severity="gossip")) == {"talk": "ignored"}
    assert one.tell("10:03", alert("front", "anything", "10:02")) == {"front": "opened"}
    event = one.event()
    assert (event.title, event.services) == ("Website is Degraded performance: Trouble front", {"web": "warning"})
    assert event.updates[0].state == "identified"
    assert event.updates[0].message == "It is Front, db-1.internal is full since 2026-11-23 10:03 UTC."
    one.tell("10:09", alert("front", "anything", "10:02", "10:08"))
    assert one.event().updates[-1].message == "Website is back."
    one.tell("10:10", alert("odd", "api", "10:09", severity="strange"), alert("me", "web", "10:09", severity="Page Me"))
    assert one.statuses("10:11") == {"api": "partial", "web": "down"}
    down = {"check_id": 7, "check_name": "anything", "current_state": "DOWN", "state_changed_timestamp": 1795428121}
    assert one.told("10:12", json.dumps(down), "pingdom")["7"]["what"] == "opened"
    assert one.statuses("10:13")["mail"] == "partial"


@pytest.mark.parametrize(("policy", "what", "code"), [
    ("refuse", "refused", 1), ("ignore", "ignored", 0), ("incident", "opened", 0),
])  # fmt: skip
def test_services_that_are_not_on_the_page(page: MakePage, policy: str, what: str, code: int) -> None:
    one = page(f"unknown: {policy}\n")
    told = one.told("10:03", payload(alert("errors", "wbe", "10:02"), alert("fine", "Website", "10:02")))
    assert (told["errors"]["what"], told["fine"]["what"]) == (what, "opened")
    if policy == "incident":
        assert sorted(len(event.services) for event in one.events().values()) == [0, 1]
        assert one.statuses("10:04") == {"web": "down"}
        assert one.tell("10:09", alert("errors", "wbe", "10:02", "10:08")) == {"errors": "resolved"}
    else:
        assert told["errors"]["detail"] == "there is no service `wbe` (did you mean `web`?)"
        assert len(one.events()) == 1
        # The end of what was never told of is nobody's error.
        assert one.tell("10:09", alert("errors", "wbe", "10:02", "10:08")) == {"errors": "unchanged"}


def test_an_alert_that_names_nothing_is_told_what_to_do(page: MakePage) -> None:
    told = page().told("10:03", payload(alert("errors", "", "10:02")))
    assert told["errors"]["what"] == "refused"
    assert "add a rule with `services`" in told["errors"]["detail"]


def test_people_close_incidents_where_machines_may_not(page: MakePage) -> None:
    one = page("resolve: false\n")
    one.tell("10:03", alert("errors", "api", "10:02"))
    assert one.tell("10:09", alert("errors", "api", "10:02", "10:08")) == {"errors": "updated"}
    event = one.event()
    assert event.updates[-1].message == "Our monitoring sees no problem any more."
    assert event.updates[-1].state is None
    assert one.statuses("10:10") == {}


def test_a_storm_in_one_payload_is_one_commit(page: MakePage) -> None:
    one = page()
    storm = [alert(f"a{number:04}", ("api", "web")[number % 2], "10:02") for number in range(5_000)]
    told = one.tell("10:03", *storm)
    assert sorted(told.values()) == ["joined"] * 4_998 + ["opened"] * 2
    assert len(one.subjects()) == 1
    assert {len(event.signals) for event in one.events().values()} == {2_500}
    over = [alert(f"a{number:04}", ("api", "web")[number % 2], "10:02", "10:20") for number in range(5_000)]
    assert sorted(one.tell("10:21", *over).values()) == ["ended"] * 4_998 + ["resolved"] * 2
    assert one.statuses("10:22") == {}


def test_words_of_monitors_are_no_markup(page: MakePage) -> None:
    one = page(
        "rules:\n  - template: t\n", {"site-data/templates/t.yaml": "title: '{{ title }}'\nmessage: '{{ text }}'\n"}
    )
    bad = alert("errors", "api", "10:02")
    bad["annotations"] = {"summary": "a\n<b>x</b>", "description": "[click](javascript:alert(1)) {{ 7 * 7 }} <script>"}
    one.told("10:03", payload(bad))
    event = one.event()
    assert event.title == "a <b>x</b>"
    assert "](" not in event.updates[0].message.replace("\\]", "")
    assert "49" not in event.updates[0].message


def test_hidden_services_are_not_named(page: MakePage) -> None:
    one = page(files={"site-data/services/vault.yaml": "name: The vault\nhidden: true\n"})
    one.tell("10:03", alert("errors", "vault,api", "10:02"))
    one.tell("10:04", alert("slow", "vault,mail", "10:02", severity="warning"))
    one.tell("10:05", alert("errors", "vault,api", "10:02", "10:05"))
    told = "".join(update.message for update in one.event().updates)
    assert "Public API" in told
    assert "vault" not in told


def test_a_dry_run_says_what_would_be(page: MakePage) -> None:
    one = page()
    (one.folder.parent / "body.json").write_text(payload(alert("errors", "api", "10:02")), encoding="utf-8")
    out = one.do("ingest", "alertmanager", str(one.folder.parent / "body.json"), "--dry-run", now="10:03")
    assert out == "alertmanager errors: opened\n"
    assert one.events() == {}


def test_issues_are_incidents_and_comments_are_words(page: MakePage) -> None:
    one = page()
    issue = {
        "number": 7, "title": "Mail is late", "body": "We see **delays**.", "state": "open", "created_at": at("10:02"),
        "updated_at": at("10:02"), "author_association": "OWNER",
        "labels": [{"name": "incident"}, {"name": "service:mail"}],
    }  # fmt: skip
    common = {"issue": issue, "repository": {"full_name": "acme/status"}}
    assert one.told("10:03", json.dumps({"action": "opened", **common}), "github")["acme/status#7"]["what"] == "opened"
    assert one.event().updates[0].message == "We see **delays**."
    said = {"body": "A queue is full.", "created_at": at("10:10"), "author_association": "OWNER"}
    comment = json.dumps({"action": "created", "comment": said, **common})
    assert one.told("10:11", comment, "github")["acme/status#7"]["what"] == "noted"
    assert one.told("10:12", comment, "github")["acme/status#7"]["what"] == "unchanged"
    assert [update.message for update in one.event().updates][1:] == ["A queue is full."]
    closed = {**issue, "state": "closed", "closed_at": at("10:30")}
    body = json.dumps({**common, "action": "closed", "issue": closed})
    assert one.told("10:31", body, "github")["acme/status#7"]["what"] == "resolved"
