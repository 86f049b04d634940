"""Statuspage's API: what an event becomes there, what stays as it was, and what the feeds say of it."""

from __future__ import annotations

import calendar
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import feedparser
import html5lib
import pytest
from door import MakeProject, Run, run_stashgen, write_files
from pagecheck import whole_page_paths
from statuspage_client import Client, rolled_up
from statuspage_site import EVENTS, NOW, crowd, event, files

ATOM = "{http://www.w3.org/2005/Atom}"
LOG = '<a href="https://example.com/status/static/log.txt">the log</a>'


def built(project: Path, now: str = NOW) -> Path:
    result = run_stashgen("build", "-C", project, "--now", now, cwd=project)
    assert result.code == 0, result.err
    return project / "build"


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(write_files(tmp_path_factory.mktemp("all"), files()))


def read(build: Path, name: str) -> Any:
    return json.loads((build / "api/v2" / f"{name}.json").read_bytes())


def events(build: Path) -> dict[str, Any]:
    """Return all events of the history by the stem of their page."""
    found = {}
    for folder, key in (("incidents", "incident"), ("scheduled-maintenances", "scheduled_maintenance")):
        for path in Client(build).of_events(folder):
            one = json.loads(path.read_bytes())[key]
            found[one["shortlink"].rstrip("/").rpartition("/")[2]] = one
    return found


def told(one: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return an event's updates as (state, time, text), oldest first."""
    return [(up["status"], up["display_at"][5:16], up["body"]) for up in one["incident_updates"]][::-1]


def test_the_page_is_named_without_status(build: Path) -> None:
    page = read(build, "status")["page"]
    assert page["name"] == "Exämple & Co"
    assert (page["url"], page["time_zone"]) == ("https://example.com/status", "America/New_York")
    assert page["updated_at"] == "2026-11-23T10:10:00.000Z"


OLD: Final = {
    "resolved after a later one began": {
        "a": event("title: A", "2025-01-01T10:00:00Z | | Bad.", "2025-06-01T10:00:00Z | resolved | Good."),
        "b": event("title: B", "2025-02-01T10:00:00Z | resolved | It was bad."),
    },
    "ended by plan": {
        "m": event(
            "title: M\nkind: maintenance\nservices: [web]\n"
            "planned: {start: 2025-06-01T08:00:00Z, end: 2025-06-01T10:00:00Z}",
            "2025-05-01T10:00:00Z | | We will work.",
        ),
    },
    "edited": {
        "a": event("title: A", "2025-01-01T10:00:00Z | resolved | Bad. | edited_at: 2025-06-01T10:00:00Z"),
        "b": event("title: B", "2025-02-01T10:00:00Z | resolved | It was bad."),
    },
    "open for long": {"a": event("title: A", "2025-06-01T10:00:00Z | | Bad.")},
    "a service came later": {"a": event("title: A", "2025-01-01T10:00:00Z | resolved | Bad.")},
}


@pytest.mark.parametrize("case", OLD)
def test_the_page_is_as_new_as_the_newest_in_it(project: MakeProject, invoke: Run, case: str) -> None:
    since = "since: 2025-06-01T10:00:00Z\n" if case == "a service came later" else ""
    site = project({
        "site-data/site.yaml": "title: T\n",
        "site-data/services/web.yaml": f"name: Web\n{since}",
        **{f"site-data/events/{name}.yaml": text for name, text in OLD[case].items()},
    })  # fmt: skip
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    for name in ("summary", "incidents/index"):
        assert read(site / "build", name)["page"]["updated_at"] == "2025-06-01T10:00:00.000Z"


def test_what_is_not_an_event_there_or_not_said_yet_is_left_out(build: Path) -> None:
    assert events(build).keys() == EVENTS.keys() - {"hello", "future"}
    everything = "".join(path.read_text() for path in (build / "api").rglob("*.json")).lower()
    assert "secret" not in everything
    assert "hello" not in everything


def test_services_and_groups_are_components(build: Path) -> None:
    rows = read(build, "components")["components"]
    ids = {row["name"]: row["id"] for row in rows}
    assert [(row["name"], row["position"], row["status"]) for row in rows] == [
        ("Mail", 1, "degraded_performance"),
        ("موقع", 2, "degraded_performance"),
        ("Core", 3, "partial_outage"),
        ("API & <b>more</b>", 1, "partial_outage"),
        ("Database", 2, "degraded_performance"),
        ("Edge", 4, "under_maintenance"),
        ("CDN 🛰", 1, "under_maintenance"),
    ]
    assert (ids["API & <b>more</b>"], ids["Edge"]) == ("0123456789ab", "ba9876543210")
    (database,) = [row for row in rows if row["name"] == "Database"]
    assert (database["description"], database["start_date"]) == ('Where "all" lies.', "2026-02-03")
    assert (database["created_at"], database["updated_at"]) == ("2026-02-03T05:00:00.000Z", "2026-11-23T09:20:00.000Z")


def test_an_incident_tells_every_update_and_what_it_did(build: Path) -> None:
    one = events(build)["api-down"]
    assert told(one) == [
        ("investigating", "11-23T09:00", "Requests fail."),
        ("identified", "11-23T09:20", f"<b>Found</b> it, see {LOG} &amp; wait."),
        ("monitoring", "11-23T09:30", "Watching."),
        ("monitoring", "11-23T09:30", "Still watching."),
    ]  # fmt: skip
    assert one["name"] == "Errors & <script>alert(1)</script> 💥"
    assert (one["created_at"], one["updated_at"]) == ("2026-11-23T09:00:00.250Z", "2026-11-23T09:40:00.000Z")
    assert (one["monitoring_at"], one["impact"]) == ("2026-11-23T09:30:00.000Z", "major")
    changes = [
        [(row["old_status"], row["new_status"]) for row in up["affected_components"]] for up in one["incident_updates"]
    ]
    assert changes[::-1][:2] == [
        [("operational", "major_outage"), ("operational", "operational")],
        [("major_outage", "partial_outage"), ("operational", "degraded_performance")],
    ]


def test_an_incident_that_holds_nothing_has_no_components(build: Path) -> None:
    one = events(build)["nothing-held"]
    assert (one["components"], one["impact"], one["incident_updates"][0]["affected_components"]) == ([], "none", None)


def test_a_postmortem_is_the_newest_update(build: Path) -> None:
    one = events(build)["learnt"]
    assert told(one) == [
        ("investigating", "11-01T05:30", "Once."),
        ("resolved", "11-01T06:30", "Over."),
        ("postmortem", "11-01T06:30", "<b>Why</b><br /><br />The <b>clock</b>.<br /><br />- one<br />- two"),
    ]
    assert (one["status"], one["resolved_at"]) == ("postmortem", "2026-11-01T06:30:00.000Z")


def test_a_postmortem_waits_until_an_incident_is_over_for_good(build: Path) -> None:
    one = events(build)["reopened"]
    assert [state for state, *_ in told(one)] == ["investigating", "resolved", "investigating"]
    assert (one["status"], one["resolved_at"], one["impact"]) == ("investigating", None, "minor")


def test_what_was_written_down_afterwards_has_the_impact_it_had(build: Path) -> None:
    one = events(build)["written-down"]
    assert (one["status"], one["impact"], len(one["components"])) == ("resolved", "critical", 2)


RUNS = "Scheduled maintenance is currently in progress. We will provide updates as necessary."
DONE = "The scheduled maintenance has been completed."


@pytest.mark.parametrize(
    ("name", "updates"),
    [
        ("by-plan", [
            ("scheduled", "10-01T10:00", "We will work."), ("in_progress", "10-05T02:00", RUNS),
            ("completed", "10-05T04:00", DONE),
        ]),
        ("running", [("scheduled", "11-20T10:00", "We will work."), ("in_progress", "11-23T10:00", RUNS)]),
        ("verifying", [
            ("scheduled", "11-20T10:00", "We will work."), ("in_progress", "11-23T07:50", "We begin."),
            ("verifying", "11-23T10:10", "We look whether it works."),
        ]),
        ("to-come", [("scheduled", "11-20T10:00", "We will work.")]),
        ("called-off", [
            ("scheduled", "11-10T10:00", "We will work."),
            ("completed", "11-12T10:00", "<b>Cancelled</b><br />No need any more."),
        ]),
        ("put-off", [
            ("scheduled", "11-10T10:00", "We will work."), ("in_progress", "11-15T04:00", RUNS),
            ("scheduled", "11-15T05:00", "Next week."),
        ]),
        ("announced-late", [
            ("scheduled", "09-01T05:00", "We already work."), ("in_progress", "09-01T05:00", RUNS),
            ("completed", "09-01T06:00", DONE),
        ]),
    ],
)  # fmt: skip
def test_a_maintenance_has_an_update_for_every_state(
    build: Path, name: str, updates: list[tuple[str, str, str]]
) -> None:
    one = events(build)[name]
    assert told(one) == updates
    said = {body for _, _, body in updates} - {RUNS, DONE}
    assert {up["body"] for up in one["incident_updates"] if up["deliver_notifications"]} == said


def test_a_maintenance_holds_its_components_while_it_runs(build: Path) -> None:
    rows = [up["affected_components"] for up in events(build)["by-plan"]["incident_updates"]][::-1]
    assert [[(row["name"], row["new_status"]) for row in some] for some in rows] == [
        [("Core - Database", "operational"), ("Edge - CDN 🛰", "operational")],
        [("Core - Database", "under_maintenance"), ("Edge - CDN 🛰", "under_maintenance")],
        [("Core - Database", "operational"), ("Edge - CDN 🛰", "operational")],
    ]


def test_a_new_plan_is_the_plan(build: Path) -> None:
    one = events(build)["put-off"]
    assert (one["scheduled_for"], one["scheduled_until"]) == ("2026-11-28T04:00:00.000Z", "2026-11-28T06:00:00.000Z")
    assert [one["name"] for one in read(build, "scheduled-maintenances/upcoming")["scheduled_maintenances"]] == [
        "Over midnight", "To come", "Put off",
    ]  # fmt: skip


CHAIN = ["up", "maintenance", "warning", "partial", "down"]


@pytest.mark.parametrize(
    ("statuses", "indicator", "description"),
    [
        (["down", "down"], "critical", "Major System Outage"),
        (["partial", "partial"], "major", "Partial System Outage"),
        (["down", "up"], "major", "Partial System Outage"),
        (["partial", "warning"], "minor", "Minor Service Outage"),
        (["warning", "warning"], "minor", "Degraded System Service"),
        (["warning", "maintenance"], "minor", "Partially Degraded Service"),
        (["warning"], "minor", "Partially Degraded Service"),
        (["maintenance", "up"], "maintenance", "Service Under Maintenance"),
        (["up", "up"], "none", "All Systems Operational"),
        ([], "none", "All Systems Operational"),
    ],
)
def test_the_rollup_goes_by_the_published_chain(
    project: MakeProject, invoke: Run, statuses: list[str], indicator: str, description: str
) -> None:
    names = [f"s{number}" for number in range(len(statuses))]
    held = ", ".join(f"{name}: {status}" for name, status in zip(names, statuses, strict=True) if status != "up")
    site = project({
        "site-data/site.yaml": "title: T\n",
        "site-data/groups/g.yaml": "name: G\n",
        "site-data/events/x.yaml": event(f"title: X\nservices: {{{held}}}", "2026-11-23T10:00:00Z | | Words."),
        # A group is no leaf: it would break "all".
        **{f"site-data/services/{name}.yaml": f"name: {name}\ngroup: g\n" for name in names},
    })  # fmt: skip
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    status = read(site / "build", "status")["status"]
    assert status == {"indicator": indicator, "description": description}
    leaves = [one["status"] for one in read(site / "build", "components")["components"] if not one["group"]]
    assert rolled_up(leaves) == (indicator, description)


def test_an_own_status_goes_by_its_word_or_its_level(project: MakeProject, invoke: Run) -> None:
    site = project({
        "site-data/site.yaml": "title: T\n",
        "site-data/statuses/slow.yaml": "name: Slow\nlevel: WARNING\n",
        "site-data/statuses/odd.yaml": "name: Odd\nlevel: WARNING\nstatuspage: major_outage\n",
        "site-data/services/a.yaml": "name: A\n",
        "site-data/services/b.yaml": "name: B\n",
        "site-data/events/x.yaml": event("title: X\nservices: {a: slow, b: odd}", "2026-11-23T10:00:00Z | | Words."),
    })  # fmt: skip
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    words = [one["status"] for one in read(site / "build", "components")["components"]]
    assert words == ["degraded_performance", "major_outage"]


def archived(build: Path) -> dict[str, bytes]:
    """Return the files of single events by name."""
    paths = [*Client(build).of_events("incidents"), *Client(build).of_events("scheduled-maintenances")]
    return {path.stem: path.read_bytes() for path in paths}


def test_a_file_of_the_past_keeps_its_bytes(tmp_path: Path) -> None:
    site = write_files(tmp_path, files())
    before = archived(built(site))
    write_files(tmp_path, {
        "site-data/services/first.yaml": "name: Aaa\norder: -5\ngroup: core\n",
        "site-data/events/2026/new.yaml": event(
            "title: New\nservices: {api: down, web: down, mail: partial, db: down}",
            "2026-11-24T10:00:00Z | | Everything breaks.",
        ),
    })  # fmt: skip
    after = archived(built(site, "2026-11-24T11:00:00Z"))
    moved = {"api-down", "future", "running", "verifying"}
    ids = {name for name, data in before.items() if after[name] != data}
    names = {one["id"]: stem for stem, one in events(site / "build").items()}
    assert {names[one] for one in ids} <= moved
    assert len(after) == len(before) + 2  # the new one, and the one that was not said yet


def test_an_update_keeps_its_id_when_others_come_and_go(tmp_path: Path) -> None:
    site = write_files(tmp_path, files())

    def ids() -> dict[str, str]:
        one = events(built(site))["reopened"]
        return {up["display_at"]: up["id"] for up in one["incident_updates"]}

    before = ids()
    text = EVENTS["reopened"].replace(
        "  - at: 2026-10-02T11:00:00Z\n    state: resolved\n    message: Done.\n",
        "  - at: 2026-10-02T10:30:00Z\n    message: Between.\n",
    ).replace("Slow.", "Very slow.")  # fmt: skip
    write_files(site, {"site-data/events/2026/reopened.yaml": text})
    after = ids()
    assert set(after) - set(before) == {"2026-10-02T10:30:00.000Z"}
    assert {at: after[at] for at in before if at in after} == {at: before[at] for at in before if at in after}
    assert after["2026-10-02T10:30:00.000Z"] not in before.values()


def test_long_headlines_are_cut(project: MakeProject, invoke: Run) -> None:
    site = project({
        "site-data/site.yaml": "title: T\n",
        "site-data/events/x.yaml": event(f"title: {'💥' * 300}", "2026-11-23T10:00:00Z | | Words."),
    })  # fmt: skip
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    (one,) = read(site / "build", "incidents")["incidents"]
    assert one["name"] == "💥" * 254 + "…"


MARKDOWN = """\
First
line.

- one
- [two](other/) and `code`
    1. deep
    2. deeper

```
if a < b:
    go  on
```

| a | b |
|---|---|
| 1 | **2** |

> said

![picture](static/p.png) <script>alert(1)</script><b onclick="x()">bold</b> [no](javascript:alert(1))
"""
LIGHT = (
    'First line.<br /><br />- one<br />- <a href="https://example.com/status/events/x/other/">two</a> and code<br />'
    "\u00a0\u00a01. deep<br />\u00a0\u00a02. deeper<br /><br />"
    "if a &lt; b:<br />\u00a0\u00a0\u00a0\u00a0go\u00a0\u00a0on<br /><br />"
    "<b>a</b> | <b>b</b><br />1 | <b>2</b><br /><br />said<br /><br />"
    '<a href="https://example.com/status/static/p.png">picture</a> <b>bold</b> no'
)


def test_markdown_becomes_light_html(project: MakeProject, invoke: Run) -> None:
    message = "\n" + "".join(f"      {line}\n" if line else "\n" for line in MARKDOWN.splitlines())
    site = project({
        "site-data/site.yaml": "title: T\nurl: https://example.com/status\n",
        "site-data/static/p.png": b"png",
        "site-data/events/x.yaml": event("title: X", "2026-11-23T10:00:00Z | | PLACE").replace("PLACE", "|" + message),
    })  # fmt: skip
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    (one,) = read(site / "build", "incidents")["incidents"]
    assert one["incident_updates"][0]["body"] == LIGHT


def test_texts_of_our_own_are_in_the_sites_language(project: MakeProject, invoke: Run) -> None:
    settings = files()["site-data/site.yaml"] + "language: de\n"
    site = project(files() | {"site-data/site.yaml": settings})
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    bodies = [body for _, _, body in told(events(site / "build")["by-plan"])]
    assert bodies[1:] == [
        "Die geplante Wartung läuft. Bei Bedarf melden wir uns wieder.", "Die geplante Wartung ist abgeschlossen.",
    ]  # fmt: skip


def test_every_page_names_both_feeds(build: Path) -> None:
    for path in whole_page_paths(build):
        head = html5lib.parse((build / path).read_text(encoding="utf-8"), namespaceHTMLElements=False).find("head")
        links = [link.attrib for link in head.iter("link") if "history." in link.get("href", "")]
        assert links == [
            {
                "rel": "alternate",
                "type": f"application/{kind.lower()}+xml",
                "href": f"https://example.com/status/history.{kind.lower()}",
                "title": f"Exämple & Co Status History - {kind} Feed",
            }
            for kind in ("Atom", "RSS")
        ]


def test_it_can_be_switched_off(project: MakeProject, invoke: Run) -> None:
    twice = {
        f"site-data/events/{name}.yaml": event(
            f"title: {name}\nexternal_id: aaaabbbbcccc", "2026-11-20T10:00:00Z | | A."
        )
        for name in "xy"
    }
    settings = "title: T\noutputs: {statuspage-api: false}\n"
    site = project({"site-data/site.yaml": settings, "site-data/services/api.yaml": "name: API\n", **twice})
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    assert not (site / "build/api/v2").exists()
    assert not (site / "build/history.atom").exists()
    assert "history.atom" not in (site / "build/index.html").read_text(encoding="utf-8")


def feeds(build: Path) -> list[Any]:
    """Return both feeds as a reader sees them."""
    parsed = [feedparser.parse((build / name).read_bytes()) for name in ("history.atom", "history.rss")]
    assert [one.bozo for one in parsed] == [False, False]
    return parsed


def test_both_feeds_tell_the_same_events_in_the_same_order(build: Path) -> None:
    atom, rss = feeds(build)
    assert atom.feed.title == rss.feed.title == "Exämple & Co Status - Incident History"
    assert atom.feed.id == "tag:example.com,2005:/status/history"
    assert atom.feed.link == rss.feed.link == "https://example.com/status/"
    titles = [entry.title for entry in atom.entries]
    assert titles == [entry.title for entry in rss.entries]
    assert titles[:6] == [
        "Over midnight", "To come", "Put off", "Nearly done", "Runs by plan", "Errors & <script>alert(1)</script> 💥",
    ]  # fmt: skip
    assert len(titles) == len(EVENTS) - 2
    for one, other in zip(atom.entries, rss.entries, strict=True):
        assert one.link == other.link == other.id
        assert one.link.startswith("https://example.com/status/events/")
        assert one.published_parsed == other.published_parsed
        assert one.content[0].value.strip() == other.summary.strip()
    ids = {one["name"]: one["id"] for one in events(build).values()}
    assert [entry.id for entry in atom.entries] == [f"tag:example.com,2005:Incident/{ids[title]}" for title in titles]


def test_atom_and_rss_have_their_elements_in_order(build: Path) -> None:
    atom = ET.parse(build / "history.atom").getroot()
    assert atom.attrib == {"{http://www.w3.org/XML/1998/namespace}lang": "en-US"}
    assert [child.tag.removeprefix(ATOM) for child in atom][:7] == [
        "id", "link", "link", "title", "updated", "author", "entry",
    ]  # fmt: skip
    assert [link.attrib for link in atom.findall(f"{ATOM}link")] == [
        {"rel": "alternate", "type": "text/html", "href": "https://example.com/status/"},
        {"rel": "self", "type": "application/atom+xml", "href": "https://example.com/status/history.atom"},
    ]
    for entry in atom.iter(f"{ATOM}entry"):
        assert [child.tag.removeprefix(ATOM) for child in entry] == [
            "id", "published", "updated", "link", "title", "content",
        ]  # fmt: skip
    rss = ET.parse(build / "history.rss").getroot()
    assert (rss.tag, rss.attrib) == ("rss", {"version": "2.0"})
    assert [child.tag for child in rss[0]][:5] == ["title", "link", "description", "pubDate", "item"]
    assert rss[0].findtext("description") == "Statuspage"
    for item in rss.iter("item"):
        planned = ["maintenanceEndDate"] if "THIS IS A SCHEDULED" in str(item.findtext("description")) else []
        names = [child.tag for child in item]
        assert names == ["title", "description", "pubDate", *planned, "link", "guid"]
        text = str(item.findtext("description"))
        assert text.startswith("\n<p>")
        assert text.endswith("</p>    ")


def test_a_body_has_all_updates_in_the_pages_time(build: Path) -> None:
    body = {entry.title: entry.content[0].value for entry in feeds(build)[0].entries}
    raw = {
        one.findtext("title"): str(one.findtext("description")) for one in ET.parse(build / "history.rss").iter("item")
    }
    assert raw["Night without clocks"].strip() == (
        "<p><small>Nov <var data-var='date'> 1</var>, <var data-var='time'>01:30</var> EST</small><br>"
        "<strong>Postmortem</strong> - <b>Why</b><br /><br />The <b>clock</b>.<br /><br />- one<br />- two</p>"
        "<p><small>Nov <var data-var='date'> 1</var>, <var data-var='time'>01:30</var> EST</small><br>"
        "<strong>Resolved</strong> - Over.</p>"
        "<p><small>Nov <var data-var='date'> 1</var>, <var data-var='time'>01:30</var> EDT</small><br>"
        "<strong>Investigating</strong> - Once.</p>"
    )
    labels = [re.findall(r"<strong>(.*?)</strong>", body[title]) for title in ("Runs by plan", "Nearly done")]
    assert labels == [["In progress", "Scheduled"], ["Verifying", "In progress", "Scheduled"]]
    errors = re.findall(r"<strong>(.*?)</strong>", body["Errors & <script>alert(1)</script> 💥"])
    assert errors == ["Update", "Monitoring", "Identified", "Investigating"]


def test_a_maintenance_to_come_says_when(build: Path) -> None:
    items = {str(one.findtext("title")): one for one in ET.parse(build / "history.rss").iter("item")}
    assert str(items["To come"].findtext("description")).startswith(
        "\n<p><strong>THIS IS A SCHEDULED EVENT Nov <var data-var='date'>30</var>, <var data-var='time'>23:00</var> - "
        "Dec <var data-var='date'> 1</var>, <var data-var='time'>01:00</var> EST</strong></p>"
    )
    assert items["To come"].findtext("pubDate") == "Mon, 30 Nov 2026 23:00:00 -0500"
    assert items["To come"].findtext("maintenanceEndDate") == "Tue, 01 Dec 2026 01:00:00 -0500"
    assert "THIS IS" not in str(items["Runs by plan"].findtext("description"))


def test_feeds_hold_25_events(tmp_path: Path) -> None:
    atom, rss = feeds(built(write_files(tmp_path, files() | crowd(30))))
    assert (len(atom.entries), len(rss.entries)) == (25, 25)
    times = [calendar.timegm(entry.published_parsed) for entry in atom.entries]
    assert times == sorted(times, reverse=True)


def test_an_edit_brings_no_event_back_into_the_feeds(tmp_path: Path) -> None:
    days = [f"2026-10-{day:02}" for day in range(1, 31)]
    old = dict.fromkeys(days[:3], "| edited_at: 2026-11-20T10:00:00Z")
    many = {
        f"site-data/events/{day}.yaml": event(f"title: {day}", f"{day}T10:00:00Z | resolved | Bad. {old.get(day, '')}")
        for day in days
    }
    site = built(write_files(tmp_path, {"site-data/site.yaml": "title: T\n", **many}))
    for feed in feeds(site):
        assert [entry.title for entry in feed.entries] == days[:4:-1]


def test_a_site_without_a_url_has_feeds_too(tmp_path: Path) -> None:
    site = built(write_files(tmp_path, files(url=None)))
    atom, _ = feeds(site)
    assert atom.entries[0].link == "/events/over-midnight/"
    assert read(site, "summary")["page"]["url"] == ""
    for path in (site / "history.atom", site / "history.rss"):
        ET.parse(path)


def test_an_empty_site_has_everything_and_nothing_in_it(project: MakeProject, invoke: Run) -> None:
    site = project({"site-data/site.yaml": "title: Status\n"})
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    summary = read(site / "build", "summary")
    assert (summary["page"]["name"], summary["page"]["updated_at"]) == ("Status", "2026-11-23T10:30:00.000Z")
    assert [summary[key] for key in ("components", "incidents", "scheduled_maintenances")] == [[], [], []]
    assert read(site / "build", "incidents/index")["months"] == []
    assert [len(feed.entries) for feed in feeds(site / "build")] == [0, 0]


def words(markup: str) -> str:
    tree = html5lib.parseFragment(markup, namespaceHTMLElements=False)
    return re.sub(r"[\s-]", "", "".join(tree.itertext()))


def test_what_was_imported_comes_out_as_it_went_in(real_incidents: Path, tmp_path: Path) -> None:
    result = run_stashgen("import", "statuspage", real_incidents, cwd=tmp_path)
    assert result.code == 0, result.err
    build = built(tmp_path)
    components = {row["id"] for row in read(build, "components")["components"]}
    told_there = 0
    for path in sorted(real_incidents.glob("*.json")):
        source = json.loads(path.read_bytes())["incident"]
        one = read(build, f"incidents/{source['id']}")["incident"]
        assert one["name"] == " ".join(source["name"].split())
        assert one["created_at"][:16] == source["created_at"][:16]
        for key in ("id", "status", "resolved_at", "monitoring_at"):
            assert one[key] == source[key], (source["id"], key)
        assert len(one["incident_updates"]) == len(source["incident_updates"])
        for ours, theirs in zip(one["incident_updates"], source["incident_updates"], strict=True):
            assert (ours["status"], ours["display_at"]) == (theirs["status"], theirs["display_at"])
            assert words(ours["body"]) == words(theirs["body"]), source["id"]
        assert {row["id"] for row in one["components"]} <= components
        told_there += one["impact"] == source["impact"]
    # Statuspage lets authors set the impact by hand, and many without any component did.
    assert told_there > 1000
