"""`stashgen postmortem`: a text in an editor, and no text is ever lost."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from changing_site import INCIDENT, SITE, count, event_text, repository
from door import Run
from pseudo_terminal import Terminal, stashgen

RESOLVED = "  - at: 2026-11-23T11:00:00Z\n    state: resolved\n    message: Over.\n"
OVER = {name: text + RESOLVED for name, text in INCIDENT.items()}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return repository(tmp_path / "site", {**SITE, **OVER})


def edit(site: Path, tmp_path: Path, program: str, *args: str) -> Terminal:
    """Run the command with an editor that is a Python program; `path` is the file that it edits."""
    script = tmp_path / "editor with spaces.py"
    script.write_text(f"import pathlib, sys\npath = pathlib.Path(sys.argv[-1])\n{program}\n", encoding="utf-8")
    visual = f"'{sys.executable}' '{script}'"
    return stashgen(
        "postmortem", "api", *args, cwd=site, env={"VISUAL": visual, "EDITOR": "no-such", "TMPDIR": str(tmp_path)}
    )


def drafts(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob("stashgen-*/*"))


def test_the_editor_begins_with_headings_and_its_text_is_taken(site: Path, tmp_path: Path) -> None:
    program = "assert '## Why' in path.read_text()\npath.write_text('## What\\n\\nA *deploy* 🔥.\\n')"
    terminal = edit(site, tmp_path, program)
    assert terminal.end() == 0, terminal.text
    assert "postmortem: |\n  ## What\n\n  A *deploy* 🔥.\nupdates:" in event_text(site)
    assert event_text(site).startswith("# found by hand\n")
    assert drafts(tmp_path) == []
    again = edit(site, tmp_path, "assert path.read_text() == '## What\\n\\nA *deploy* 🔥.\\n', path.read_text()")
    assert again.end() == 0, again.text
    assert "nothing has changed" in again.text
    assert count(site) == 1


@pytest.mark.parametrize(
    ("program", "code"),
    [("pass", 0), ("path.write_text('')", 0), ("path.write_text(' \\n\\n')", 0), ("path.unlink()", 1)],
)
def test_unchanged_or_empty_changes_nothing(site: Path, tmp_path: Path, program: str, code: int) -> None:
    terminal = edit(site, tmp_path, program)
    assert terminal.end() == code, terminal.text
    assert count(site) == 0


def test_an_editor_that_fails_changes_nothing(site: Path, tmp_path: Path) -> None:
    terminal = edit(site, tmp_path, "path.write_text('Half.')\nsys.exit(3)")
    assert terminal.end() == 1
    assert "ended with 3" in terminal.text
    assert [path.read_text() for path in drafts(tmp_path)] == ["Half."]
    assert count(site) == 0


def test_a_text_is_kept_when_the_change_is_refused(site: Path, tmp_path: Path) -> None:
    event = next(iter(INCIDENT))
    broken = f"path.write_text('Long work.')\npathlib.Path({event!r}).write_text('x')"
    terminal = edit(site, tmp_path, broken)
    assert terminal.end() == 1, terminal.text
    assert "your text is kept in" in terminal.text
    assert [path.read_text() for path in drafts(tmp_path)] == ["Long work."]


def test_a_dry_run_keeps_the_text_too(site: Path, tmp_path: Path) -> None:
    terminal = edit(site, tmp_path, "path.write_text('Long work.')", "--dry-run")
    assert terminal.end() == 0
    assert [path.read_text() for path in drafts(tmp_path)] == ["Long work."]


@pytest.mark.parametrize(
    ("editor", "told"),
    [("no-such-editor", "no-such-editor: cannot be started"), ("'no end", "which no shell can read"), ("my ed", "3")],
)
def test_an_editor_that_does_not_work_is_told(site: Path, tmp_path: Path, editor: str, told: str) -> None:
    program = tmp_path / "my ed"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    terminal = stashgen("postmortem", "api", cwd=site, env={"EDITOR": editor, "PATH": path})
    assert terminal.end() == 1
    assert told in terminal.text


def test_without_a_terminal_the_text_is_given(site: Path, invoke: Run) -> None:
    asked = invoke("postmortem", "api", cwd=site)
    assert asked.code == 2
    assert "-m TEXT, or -F FILE" in asked.err
    assert invoke("postmortem", "api", "-F", "-", cwd=site, stdin="One.\n\nTwo.\n").code == 0
    assert "postmortem: |\n  One.\n\n  Two.\n" in event_text(site)
    assert invoke("postmortem", "api", "-m", "", cwd=site).code == 2


def test_an_update_is_edited_in_the_editor_too(site: Path, tmp_path: Path) -> None:
    script = tmp_path / "editor.py"
    script.write_text("import sys\np = sys.argv[1]\nt = open(p).read()\nopen(p, 'w').write(t.replace('5xx', '503'))\n")
    env = {"EDITOR": f"{sys.executable} {script}", "TMPDIR": str(tmp_path)}
    terminal = stashgen("incident", "edit", "api", "--update", "1", cwd=site, env=env)
    terminal.expect("Go ahead?")
    terminal.type("\n")
    assert terminal.end() == 0, terminal.text
    assert "We see **503**." in event_text(site)
