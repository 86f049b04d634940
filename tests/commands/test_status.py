"""`stashgen status`: the board in the terminal, in the words of the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import jsonschema
import pytest
from door import NOW, MakeProject, Run

from stashgen.columns import cells

CALM: Final = {
    "site-data/site.yaml": "title: Acme Status\n",
    "site-data/services/api.yaml": "name: API\n",
    "site-data/services/web.yaml": "name: Web shop\n",
}
INCIDENT: Final = (
    "title: Elevated error rates on the API\nservices: {api: down, web: warning}\nupdates:\n"
    "  - {at: 2026-11-23T10:02:00Z, message: We see **5xx** on a third of requests.}\n"
    "  - {at: 2026-11-23T10:20:00Z, state: identified, message: A bad deploy; rolling back.}\n"
)
MAINTENANCE: Final = (
    "title: Database upgrade\nkind: maintenance\nservices: [web]\n"
    "planned: {start: 2026-11-23T10:00:00Z, end: 2026-11-23T12:00:00Z}\n"
    "updates: [{at: 2026-11-20T10:00:00Z, message: We upgrade.}]\n"
)
UPCOMING: Final = MAINTENANCE.replace("Database upgrade", "New racks").replace("11-23T", "11-25T")
NOTICE: Final = (
    "title: New status page\nkind: notice\nuntil: 2026-12-01T00:00:00Z\n"
    "updates: [{at: 2026-11-20T10:00:00Z, message: Hello.}]\n"
)
TROUBLE: Final = {
    **CALM,
    "site-data/groups/core.yaml": "name: Core services\n",
    "site-data/services/api.yaml": "name: API\ngroup: core\n",
    "site-data/events/errors.yaml": INCIDENT,
    "site-data/events/upgrade.yaml": MAINTENANCE,
    "site-data/events/racks.yaml": UPCOMING,
    "site-data/events/news.yaml": NOTICE,
}


def test_a_calm_day(run: Run, project: MakeProject) -> None:
    done = run("status", "-C", project(CALM), "--now", NOW)
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "Acme Status\n"
        "✓ All services operational\n"
        "\n"
        "Services\n"
        "✓ API       Operational\n"
        "✓ Web shop  Operational\n"
        "\n"
        "Next expected change 24 Nov 2026, 00:00 UTC\n"
    )


def test_a_bad_day(run: Run, project: MakeProject) -> None:
    done = run("status", "-C", project(TROUBLE), "--now", NOW, env={"COLUMNS": "100"})
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "Acme Status\n"
        "✗ Major outage: API since 23 Nov 2026, 10:02 UTC (28 min)\n"
        "\n"
        "Notice\n"
        "✓ New status page\n"
        "  20 Nov 2026, 10:00 UTC (3 d 1 h)\n"
        "  Hello.\n"
        "\n"
        "Open incident\n"
        "✗ Elevated error rates on the API\n"
        "  Identified · 23 Nov 2026, 10:20 UTC (10 min) · Web shop and API\n"
        "  A bad deploy; rolling back.\n"
        "\n"
        "Maintenance now\n"
        "⚒ Database upgrade\n"
        "  In progress · 23 Nov 2026, 10:00 \u2013 12:00 UTC · Web shop\n"
        "  We upgrade.\n"
        "\n"
        "Upcoming maintenance\n"
        "⚒ New racks\n"
        "  Scheduled · 25 Nov 2026, 10:00 \u2013 12:00 UTC · Web shop\n"
        "  We upgrade.\n"
        "\n"
        "Services\n"
        "▲ Web shop  Degraded performance  since 23 Nov 2026, 10:02 UTC (28 min)\n"
        "\n"
        "Core services\n"
        "✗ API  Major outage  since 23 Nov 2026, 10:02 UTC (28 min)\n"
        "\n"
        "Next expected change 23 Nov 2026, 12:00 UTC\n"
    )


def test_an_incident_that_holds_no_service_gets_no_time_of_another(run: Run, project: MakeProject) -> None:
    ended = INCIDENT + "  - {at: 2026-11-23T10:25:00Z, state: resolved, message: Done.}\n"
    quiet = "title: Late invoices\nupdates: [{at: 2026-11-20T10:00:00Z, message: We look into it.}]\n"
    calm = {**CALM, "site-data/events/errors.yaml": ended}
    assert "operational since 23 Nov 2026, 10:25 UTC\n" in run("status", "-C", project(calm), "--now", NOW).out
    folder = project({**calm, "site-data/events/late.yaml": quiet}, name="quiet")
    assert "\n✓ All services operational · 1 open incident\n" in run("status", "-C", folder, "--now", NOW).out
    assert run("build", "-C", folder, "-o", folder / "build", "--now", NOW).code == 0
    assert "No disruption since" not in (folder / "build" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("columns", [24, 40, 60, 79])
def test_a_narrow_terminal_is_never_exceeded(run: Run, project: MakeProject, columns: int) -> None:
    services = {
        "site-data/services/long.yaml": f"name: {'Regional data replication ' * 3}\n",
        "site-data/services/word.yaml": f"name: {'Unbreakable' * 7}\n",
        "site-data/services/wide.yaml": "name: 東京リージョンのオブジェクトストレージとデータベース\n",
    }
    done = run("status", "-C", project({**TROUBLE, **services}), "--now", NOW, env={"COLUMNS": str(columns)})
    assert done.code == 0
    assert [line for line in done.out.splitlines() if cells(line) > columns] == []
    assert "".join(done.out.split()).count("Unbreakable" * 7) == 1


def test_a_long_message_is_cut(run: Run, project: MakeProject) -> None:
    incident = INCIDENT.replace("A bad deploy; rolling back.", "Word " * 400)
    done = run("status", "-C", project({**CALM, "site-data/events/errors.yaml": incident}), "--now", NOW)
    assert done.out.count("Word Word") > 4
    assert done.out.count("Word") < 100
    assert " …\n" in done.out


def test_it_speaks_the_language_of_the_page(run: Run, project: MakeProject) -> None:
    site = "title: Acme Status\nlanguage: de\ntimezone: Europe/Berlin\n"
    done = run("status", "-C", project({**TROUBLE, "site-data/site.yaml": site}), "--now", NOW)
    assert "Erhöhte" not in done.out
    assert "11:02 MEZ" in done.out
    assert "Wartung" in done.out


def test_names_kept_apart_in_a_sentence_leave_no_escapes(run: Run, project: MakeProject) -> None:
    site = "title: Acme Status\nlanguage: ar\n"
    done = run("status", "-C", project({**TROUBLE, "site-data/site.yaml": site}), "--now", NOW)
    assert "\u2068API\u2069" in done.out
    assert "\\u" not in done.out


def test_a_terminal_without_unicode_gets_plain_marks(run: Run, project: MakeProject) -> None:
    done = run("status", "-C", project(CALM), "--now", NOW, env={"PYTHONIOENCODING": "ascii:replace"})
    assert "+ All services operational\n" in done.out


def test_json_is_what_a_build_writes(run: Run, project: MakeProject, tmp_path: Path) -> None:
    folder = project(TROUBLE)
    done = run("status", "-C", folder, "--now", NOW, "--json")
    assert run("build", "-C", folder, "-o", tmp_path / "out", "--now", NOW).code == 0
    assert done.out == (tmp_path / "out" / "status.json").read_text(encoding="utf-8")
    schema = (tmp_path / "out" / "schemas" / "status.schema.json").read_text(encoding="utf-8")
    jsonschema.validate(json.loads(done.out), json.loads(schema))


@pytest.mark.parametrize(
    ("event", "code"), [("", 0), (MAINTENANCE, 0), (INCIDENT.replace("api: down, ", ""), 1), (INCIDENT, 1)]
)
def test_scripts_can_ask_by_exit_code(run: Run, project: MakeProject, event: str, code: int) -> None:
    folder = project({**CALM, **({"site-data/events/event.yaml": event} if event else {})})
    assert run("status", "-C", folder, "--now", NOW, "--exit-code").code == code
    assert run("status", "-C", folder, "--now", NOW).code == 0


def test_another_now_shows_the_board_of_then(run: Run, project: MakeProject) -> None:
    folder = project(TROUBLE)
    assert "Major outage: API" in run("status", "-C", folder, "--now", "2026-11-23T10:02:00Z").out
    assert "Major outage" not in run("status", "-C", folder, "--now", "2026-11-23T10:01:59Z").out
    assert "Major outage" not in run("status", "-C", folder, env={"SOURCE_DATE_EPOCH": "1767225600"}).out


def test_broken_data_are_problems_one_a_line(run: Run, project: MakeProject) -> None:
    folder = project({**CALM, "site-data/services/api.yaml": "nmae: API\n"})
    done = run("status", "-C", folder, "--now", NOW)
    assert (done.code, done.out) == (1, "")
    lines = done.err.splitlines()
    assert lines[-1].startswith("error: ")
    assert all(line.startswith("site-data/services/api.yaml:") for line in lines[:-1])


def test_control_characters_of_strangers_do_not_reach_the_terminal(run: Run, project: MakeProject) -> None:
    incident = INCIDENT.replace("title: Elevated", 'title: "Eleva\\x9b31mted').replace("on the API", 'on the API"')
    done = run("status", "-C", project({**CALM, "site-data/events/errors.yaml": incident}), "--now", NOW)
    assert "\x9b" not in done.out + done.err
