"""The demo in site-data/ is clean, builds at its fixed time, and shows what a status page is for."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import html5lib
import pytest
import yaml
from door import NOW, Run

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(REPOSITORY / "site-data", folder / "site-data")
    return folder


@pytest.fixture
def built(demo: Path, invoke: Run) -> Path:
    result = invoke("build", "--strict", "--now", NOW, cwd=demo)
    assert result.code == 0, result.err
    return demo / "build"


def words(page: Path) -> str:
    tree = html5lib.parse(page.read_text(encoding="utf-8"), namespaceHTMLElements=False)
    return " ".join(" ".join(tree.itertext()).split())


def test_nothing_is_wrong_with_it(demo: Path, invoke: Run) -> None:
    result = invoke("check", "--strict", "--now", NOW, cwd=demo)
    assert result.code == 0, result.out
    assert result.out.startswith("All is well: 12 services, ")


def test_make_builds_it_at_the_time_it_is_written_for() -> None:
    assert f"NOW := {NOW}\n" in (REPOSITORY / "Makefile").read_text()


def test_the_dashboard_shows_an_incident_and_the_next_maintenance(built: Path) -> None:
    text = words(built / "index.html")
    assert "Partial outage: Label creation" in text
    assert "Labels for Postkurier fail" in text
    assert "Next word at 12:00." in text
    assert "A second line to Düsseldorf" in text
    assert "No changes in the busiest week" in text


def test_the_running_incident_holds_one_service_worse_than_another(demo: Path, invoke: Run) -> None:
    board = json.loads(invoke("status", "--json", "--now", NOW, cwd=demo).out)
    bad = {service["id"]: service["status"] for service in board["services"] if service["status"] != "up"}
    assert bad == {"labels": "partial", "api": "warning"}


def test_two_years_hold_events_of_every_kind(demo: Path) -> None:
    events = [
        yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
        for path in (demo / "site-data" / "events").glob("*/*.yaml")
    ]
    kinds = Counter(event.get("kind", "incident") for event in events)
    assert kinds["incident"] >= 50
    assert kinds["maintenance"] >= 10
    assert kinds["notice"] >= 3
    first, last = (
        min(event["updates"][0]["at"] for event in events),
        max(event["updates"][-1]["at"] for event in events),
    )
    assert first[:7] == "2024-11"
    assert last < NOW
    states = {update.get("state") for event in events for update in event["updates"]}
    assert {"cancelled", "verifying", "completed", "monitoring"} <= states
    assert any(event["updates"][0]["at"][:4] != event["updates"][-1]["at"][:4] for event in events)
    assert any("postmortem" in event for event in events)
    held = {
        status for event in events if isinstance(event.get("services"), dict) for status in event["services"].values()
    }
    assert {"delayed", "warning", "partial", "down"} <= held


def test_the_custom_status_shows_its_word_and_its_icon(built: Path) -> None:
    page = (built / "events" / "2026-10-29-tracking-of-postkurier" / "index.html").read_text(encoding="utf-8")
    assert "Delayed" in page
    assert "static/hourglass.svg" in page


def test_the_postmortem_reads_like_an_article(built: Path) -> None:
    page = built / "events" / "2025-07-08-storage-failure" / "index.html"
    tree = html5lib.parse(page.read_text(encoding="utf-8"), namespaceHTMLElements=False)
    headings = ["".join(one.itertext()).strip() for one in tree.iter() if one.tag in ("h2", "h3", "h4", "h5")]
    assert headings[-4:] == ["What happened", "Why it took so long", "What went well", "What we have changed"]
    assert [cell.text for cell in tree.iter("th") if cell.text in ("Change", "Since")] == ["Change", "Since"]
