"""On a terminal what is missing is asked for; nobody there, and it is a usage error that says how to give it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from changing_site import INCIDENT, SITE, count, event_text, repository, subject
from door import Run, git
from pseudo_terminal import Terminal, stashgen

EDITOR = "import sys; open(sys.argv[1], 'a', encoding='utf-8').write('Written in **an editor**.\\n')"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return repository(tmp_path / "site", SITE)


@pytest.fixture
def editor(tmp_path: Path) -> dict[str, str]:
    program = tmp_path / "edit.py"
    program.write_text(EDITOR, encoding="utf-8")
    return {"EDITOR": f"{sys.executable} {program}", "TMPDIR": str(tmp_path)}


def test_everything_is_asked_for_with_choices(site: Path) -> None:
    terminal = stashgen("set", cwd=site)
    assert "1  api  API: Operational" in terminal.expect("Service: ")
    terminal.type("1\n")
    assert "down  Major outage" in terminal.expect("Status: ")
    terminal.type("do\n")
    terminal.expect("Message (empty: open your editor): ")
    terminal.type("No answers; we look.\n")
    shown = terminal.expect("Go ahead? [Y/n]: ")
    assert "All services operational → Major outage: API" in shown
    terminal.type("\n")
    assert terminal.end() == 0, terminal.text
    assert "message: No answers; we look." in event_text(site)
    assert count(site) == 1
    assert "\x1b[3" in terminal.raw, "a terminal is shown colours"


def test_the_question_is_seen_when_the_output_goes_elsewhere(site: Path) -> None:
    line = f"{sys.executable} -m stashgen set web down --json > told.json"
    terminal = Terminal(["sh", "-c", line], site)
    terminal.expect("Message")
    terminal.type("Gone.\n")
    assert "+    message: Gone." in terminal.expect("Go ahead?")
    terminal.type("\n")
    assert terminal.end() == 0, terminal.text
    assert json.loads((site / "told.json").read_text(encoding="utf-8"))["after"]["services"]["web"] == "down"


def test_a_wrong_answer_is_asked_again(site: Path) -> None:
    terminal = stashgen("set", "api", "-m", "x", cwd=site)
    terminal.expect("Status: ")
    terminal.type("nonsense\n")
    terminal.expect("`nonsense` is none of them")
    terminal.type("warning\n")
    terminal.expect("Go ahead?")
    terminal.type("y\n")
    assert terminal.end() == 0, terminal.text


def test_who_says_everything_is_asked_nothing(site: Path) -> None:
    terminal = stashgen("set", "api", "down", "-m", "No answers.", cwd=site)
    assert terminal.end() == 0
    assert "[Y/n]" not in terminal.text
    assert count(site) == 1


@pytest.mark.parametrize("keys", ["^C", "n\n", "\x04"])
def test_whoever_stops_at_a_question_leaves_nothing_half_done(site: Path, keys: str) -> None:
    terminal = stashgen("set", "api", "down", cwd=site)
    terminal.expect("Message")
    terminal.type("Typed too soon.\n")
    terminal.expect("Go ahead?")
    if keys == "^C":
        terminal.interrupt()
    else:
        terminal.type(keys)
    assert terminal.end() == 130, terminal.text
    assert (count(site), git(site, "status", "--short")) == (0, "")


def test_a_time_that_cannot_be_is_told_before_anybody_types_a_message(site: Path) -> None:
    terminal = stashgen("set", "api", "down", "--at", "tomorrow 10:00", cwd=site)
    assert terminal.end() == 2, terminal.text
    assert "Message" not in terminal.text


def test_an_open_incident_is_chosen_by_number(tmp_path: Path) -> None:
    other = {"site-data/events/2026/2026-11-22-web-slow.yaml": next(iter(INCIDENT.values())).replace("api:", "web:")}
    site = repository(tmp_path / "site", {**SITE, **INCIDENT, **other})
    terminal = stashgen("incident", "resolve", "-m", "Over.", cwd=site)
    shown = terminal.expect("Incident: ")
    assert "1  2026-11-23-api-errors  API errors" in shown
    terminal.type("2\n")
    terminal.expect("Go ahead?")
    terminal.type("\n")
    assert terminal.end() == 0, terminal.text
    assert subject(site).startswith("incident 2026-11-22-web-slow: resolved")


def test_an_empty_message_opens_the_editor(site: Path, editor: dict[str, str]) -> None:
    terminal = stashgen("set", "api", "down", cwd=site, env=editor)
    terminal.expect("Message")
    terminal.type("\n")
    terminal.expect("Go ahead?")
    terminal.type("\n")
    assert terminal.end() == 0, terminal.text
    assert "message: Written in **an editor**." in event_text(site)


def test_what_was_written_is_kept_when_it_is_not_wanted_after_all(site: Path, editor: dict[str, str]) -> None:
    terminal = stashgen("set", "api", "down", cwd=site, env=editor)
    terminal.expect("Message")
    terminal.type("\n")
    terminal.expect("Go ahead?")
    terminal.type("n\n")
    assert terminal.end() == 130
    kept = terminal.text.partition("your text is kept in ")[2].splitlines()[0]
    assert "an editor" in Path(kept).read_text(encoding="utf-8")
    assert count(site) == 0


def test_what_was_typed_is_kept_when_it_is_refused(site: Path, tmp_path: Path) -> None:
    terminal = stashgen("set", "api", "down", cwd=site, env={"TMPDIR": str(tmp_path)})
    terminal.expect("Message")
    terminal.type("Typed with cold fingers.\n")
    terminal.expect("Go ahead?")
    terminal.type("n\n")
    assert terminal.end() == 130
    (kept,) = tmp_path.glob("stashgen-*/message.md")
    assert kept.read_text(encoding="utf-8") == "Typed with cold fingers."


def test_an_incident_is_put_together_in_a_conversation(site: Path) -> None:
    terminal = stashgen("incident", "open", cwd=site, columns=34)
    terminal.expect("Title: ")
    terminal.type("Trouble\n")
    terminal.expect("Message")
    terminal.type("We look.\n")
    terminal.expect("Is a service concerned?")
    terminal.type("y\n")
    terminal.expect("Service: ")
    terminal.type("web\n")
    terminal.expect("Status: ")
    terminal.type("partial\n")
    terminal.expect("Is another service concerned?")
    terminal.type("n\n")
    terminal.expect("Go ahead?")
    terminal.type("\n")
    assert terminal.end() == 0, terminal.text
    assert "services: {web: partial}" in event_text(site)


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["set"], "SERVICE is missing"),
        (["set", "api"], "STATUS is missing"),
        (["set", "api", "down"], "-m TEXT"),
        (["incident", "open"], "TITLE is missing"),
        (["incident", "resolve"], "error: no incident is open"),
        (["maintenance", "schedule", "T", "-m", "x"], "--start"),
        (["maintenance", "schedule", "T", "-m", "x", "--start", "22:00"], "--end"),
        (["service", "add"], "--name"),
        (["service", "edit"], "ID is missing"),
        (["service", "edit", "api"], "--name"),
        (["statuses", "add", "--name", "Slow"], "--level"),
    ],
)
def test_nobody_there_is_never_asked(site: Path, invoke: Run, args: list[str], told: str) -> None:
    result = invoke(*args, cwd=site)
    assert told in result.err
    assert result.code == (1 if told.startswith("error") else 2)
    assert count(site) == 0
