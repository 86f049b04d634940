"""What `stashgen build --keep-going` saves of an event's file with mistakes: an outage does not end by a slip."""

from __future__ import annotations

import pytest
from door import MakeProject, Run
from keep_going_site import OPEN, SITE, build, page, status


@pytest.mark.parametrize(
    "newest",
    [
        '  - at: 2026-11-23T10:00:00Z\n    state: monitoring\n    message: Mended: we watch it: "now\n',
        "  - at: 2026-11-23T10:00:00Z\n    state: watching\n    message: Mended.\n",
        "  - at: 2026-11-23T10:00:00Z\n    services: {apii: up}\n    message: Mended.\n",
        "  - at: yesterday\n    message: Mended.\n",
        "  - at: 2026-11-23T09:10:00Z\n    message: Out of order.\n",
        "  - at: 2026-11-23T10:00:00Z\n  message: Mended.\n",
    ],
)
def test_a_slip_in_the_newest_word_does_not_turn_the_page_green(project: MakeProject, invoke: Run, newest: str) -> None:
    site = project({**SITE, "site-data/events/now.yaml": OPEN + newest})
    assert build(invoke, site).code == 1
    told = status(site)
    (incident,) = told["incidents"]
    assert (incident["id"], incident["state"], incident["message"]) == ("now", "identified", "A cable.")
    assert told["overall"]["sentence"] == "Major outage: API"
    assert told["faulty_files"] == 1
    assert "The API is gone." in page(site, "events/now/index.html")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (OPEN + "  - at: now\n    message: One.\n  - at: now\n    message: Two.\n", "Major outage: API"),
        (
            OPEN
            + "<<<<<<< HEAD\n  - at: 2026-11-23T10:00:00Z\n    message: Ours.\n=======\n"
            + "  - at: 2026-11-23T10:01:00Z\n    message: Theirs.\n>>>>>>> other\n",
            "Major outage: API",
        ),
        (OPEN.replace("  - at", "  -\n    at") + "  -\n    at: now\n    message: One.\n", "Major outage: API"),
        (OPEN + "  - at: now\n    message: One.\ntags: [cable]\n", "Major outage: API"),
        (f"pined: true\n{OPEN}", "Major outage: API"),
        (f"tags:\n  cable: true\n{OPEN}", "Major outage: API"),
        (OPEN.replace("{api: down}", "\n  api: down\n  wbe: down"), "Major outage: API"),
        (OPEN.replace("{api: down}", "{api: down, wbe: down}"), "All services operational · 1 open incident"),
    ],
    ids=("two updates", "conflict", "dash alone", "a key behind", "key", "block", "a service", "services"),
)
def test_nor_do_more_slips_than_one_or_those_above_the_updates(
    project: MakeProject, invoke: Run, text: str, sentence: str
) -> None:
    site = project({**SITE, "site-data/events/now.yaml": text})
    assert build(invoke, site).code == 1
    told = status(site)
    assert [incident["id"] for incident in told["incidents"]] == ["now"]
    assert (told["overall"]["sentence"], told["faulty_files"]) == (sentence, 1)


def test_of_a_conflict_both_sides_are_told(project: MakeProject, invoke: Run) -> None:
    sides = (
        "<<<<<<< HEAD\n  - at: 2026-11-23T10:00:00Z\n    message: Ours.\n=======\n"
        "  - at: 2026-11-23T10:01:00Z\n    message: Theirs.\n>>>>>>> other\n"
    )
    site = project({**SITE, "site-data/events/now.yaml": OPEN + sides})
    build(invoke, site)
    told = page(site, "events/now/index.html")
    assert ("Ours." in told, "Theirs." in told, "HEAD" in told) == (True, True, False)


@pytest.mark.parametrize("title", ["API: gone", "API gone: `cable`", "@api [gone", "* API *"])
def test_a_headline_that_is_no_yaml_is_taken_by_the_letter(project: MakeProject, invoke: Run, title: str) -> None:
    site = project({**SITE, "site-data/events/now.yaml": OPEN.replace("API gone", title)})
    assert build(invoke, site).code == 1
    told = status(site)
    assert (told["overall"]["sentence"], told["incidents"][0]["title"]) == ("Major outage: API", title)


@pytest.mark.parametrize("key", ["kind: maintenence", "titel: API down", "planned: {start: soon}"])
def test_an_event_that_would_be_another_one_is_left_out(project: MakeProject, invoke: Run, key: str) -> None:
    text = OPEN.replace("title: API gone", key) if key.startswith("titel") else f"{key}\n{OPEN}"
    site = project({**SITE, "site-data/events/now.yaml": text})
    assert build(invoke, site).code == 1
    assert (status(site)["incidents"], status(site)["faulty_files"]) == ([], 1)


def test_a_slip_in_an_old_word_does_not_open_it_again(project: MakeProject, invoke: Run) -> None:
    slip = OPEN.replace("A cable.", "A cable: cut: twice") + (
        "  - at: 2026-11-23T10:00:00Z\n    state: resolved\n    message: Well again.\n"
    )
    site = project({**SITE, "site-data/events/now.yaml": slip})
    assert build(invoke, site).code == 1
    told = status(site)
    assert (told["incidents"], told["overall"]["sentence"]) == ([], "All services operational")
    assert "Well again." in page(site, "events/now/index.html")


def test_an_event_whose_beginning_is_unknown_begins_with_what_is_known(project: MakeProject, invoke: Run) -> None:
    slip = OPEN.replace("at: 2026-11-23T09:00:00Z", "at: this morning")
    site = project({**SITE, "site-data/events/now.yaml": slip})
    assert build(invoke, site).code == 1
    told = status(site)
    assert (told["overall"]["sentence"], told["incidents"][0]["message"]) == ("Major outage: API", "A cable.")


def test_an_event_without_any_sound_word_is_left_out(project: MakeProject, invoke: Run) -> None:
    site = project(
        {**SITE, "site-data/events/now.yaml": OPEN.partition("  - at")[0] + "  - at: now\n    message: Hm.\n"}
    )
    assert build(invoke, site).code == 1
    assert (status(site)["incidents"], status(site)["faulty_files"]) == ([], 1)
