"""history.csv and uptime.csv: read back by an independent reader, complete, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Final

import pytest
import yaml
from door import NOW, MakeProject, Run
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

SITE: Final = {
    "site-data/site.yaml": (
        "title: Acme\nurl: https://example.com/status\ntimezone: Europe/Berlin\nsince: 2026-09-15\n"
    ),
    "site-data/services/api.yaml": 'name: API, the "big" one\n',
    "site-data/services/web.yaml": "name: Überblick\nsince: 2026-10-20\n",
    "site-data/services/secret.yaml": "name: Secret\nhidden: true\n",
    "site-data/events/errors.yaml": (
        'title: Errors; many, "really"\nservices: {api: down, web: warning, secret: down}\ntags: [database, night]\n'
        "updates:\n"
        "  - {at: 2026-10-25T00:30:00Z, message: Down.}\n"
        "  - {at: 2026-10-25T01:30:00Z, services: {api: partial}, message: Better.}\n"
        "  - {at: 2026-10-25T02:30:30Z, state: resolved, message: Up.}\n"
    ),
    "site-data/events/open.yaml": (
        "title: Open\nservices: {api: warning}\nupdates: [{at: 2026-11-23T10:00:00.250Z, message: Slow.}]\n"
    ),
    "site-data/events/upgrade.yaml": (
        "title: Upgrade\nkind: maintenance\nservices: [web]\n"
        "planned: {start: 2026-11-30T08:00:00Z, end: 2026-11-30T09:00:00Z}\n"
        "updates: [{at: 2026-11-20T10:00:00Z, message: We upgrade.}]\n"
    ),
    "site-data/events/hello.yaml": "title: Hello\nkind: notice\nupdates: [{at: 2026-10-01T10:00:00Z, message: Hi.}]\n",
    "site-data/events/unsaid.yaml": "title: Later\nkind: notice\nupdates: [{at: 2027-01-01T10:00:00Z, message: Hi.}]\n",
}
FORMULA: Final = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]")

ADDED: Final = re.compile("(^|;)'")


def built(site: Path, invoke: Run) -> Path:
    done = invoke("build", "-C", site, "--now", NOW)
    assert done.code == 0, done.err
    return site / "build"


def rows(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig")
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_every_event_has_a_row_the_newest_first(project: MakeProject, invoke: Run) -> None:
    history = rows(built(project(SITE), invoke) / "history.csv")
    assert [row["id"] for row in history] == ["upgrade", "open", "errors", "hello"]
    assert history[2] == {
        "id": "errors",
        "kind": "incident",
        "title": 'Errors; many, "really"',
        "state": "resolved",
        "level": "CRITICAL",
        "started_at": "2026-10-25 00:30:00",
        "ended_at": "2026-10-25 02:30:30",
        "planned_start_at": "",
        "planned_end_at": "",
        "seconds": "7230",
        "services": "api: down; web: warning",
        "service_names": 'API, the "big" one; Überblick',
        "updates": "3",
        "updated_at": "2026-10-25 02:30:30",
        "tags": "database; night",
        "url": "https://example.com/status/events/errors/",
    }
    upgrade, still_open, _, hello = history
    assert (upgrade["state"], upgrade["planned_start_at"], upgrade["planned_end_at"]) == (
        "scheduled", "2026-11-30 08:00:00", "2026-11-30 09:00:00",
    )  # fmt: skip
    assert (still_open["started_at"], still_open["ended_at"], still_open["seconds"]) == ("2026-11-23 10:00:00", "", "")
    assert (hello["state"], hello["level"], hello["services"]) == ("", "NORMAL", "")
    for row in history:
        for name in row:
            if name.endswith("_at") and row[name]:
                dt.datetime.fromisoformat(row[name])


def test_uptime_has_a_row_a_month_and_a_column_a_service(project: MakeProject, invoke: Run) -> None:
    build = built(project(SITE), invoke)
    months = rows(build / "uptime.csv")
    assert [row["month"] for row in months] == ["2026-09", "2026-10", "2026-11"]
    assert list(months[0]) == ["month", 'API, the "big" one', "Überblick"]
    assert [row["Überblick"] for row in months] == ["", "100", "100"]
    # October has 31 days and an hour in Berlin: an hour and 0.3 of an hour of 745 were lost, thirty seconds aside.
    lost = (3600 + 3630 * 0.3) / (745 * 3600)
    assert months[1]['API, the "big" one'] == str(int((1 - lost) * 10_000) / 100)
    page = re.sub(r"<[^>]+>", "", (build / "services/api/index.html").read_text(encoding="utf-8"))
    assert months[1]['API, the "big" one'] in page


def test_an_empty_page_has_files_with_headings_alone(project: MakeProject, invoke: Run) -> None:
    build = built(project({"site-data/site.yaml": "title: Empty\n"}), invoke)
    assert rows(build / "history.csv") == []
    assert (build / "uptime.csv").read_bytes() == b"\xef\xbb\xbfmonth\r\n"


def test_without_a_url_rows_lead_to_paths(project: MakeProject, invoke: Run) -> None:
    build = built(project({**SITE, "site-data/site.yaml": "title: Acme\n"}), invoke)
    assert rows(build / "history.csv")[1]["url"] == "/events/open/"


def test_the_past_keeps_its_rows_when_an_event_changes(project: MakeProject, invoke: Run) -> None:
    site = project(SITE)
    path = built(site, invoke) / "history.csv"
    before = path.read_text(encoding="utf-8-sig").splitlines()
    event = site / "site-data/events/open.yaml"
    event.write_text(event.read_text().replace("title: Open", "title: Changed"), encoding="utf-8")
    after = built(site, invoke) / "history.csv"
    changed = [line for line in after.read_text(encoding="utf-8-sig").splitlines() if line not in before]
    assert len(changed) == 1
    assert changed[0].startswith("open,incident,Changed,")
    service = site / "site-data/services/web.yaml"
    service.write_text(service.read_text(encoding="utf-8").replace("Überblick", "Web"), encoding="utf-8")
    assert rows(built(site, invoke) / "history.csv")[2]["service_names"] == 'API, the "big" one; Web'


def test_the_memo_only_saves_time(project: MakeProject, invoke: Run, home: Path) -> None:
    site = project(SITE)
    first = (built(site, invoke) / "history.csv").read_bytes()
    event = site / "site-data/events/hello.yaml"
    event.write_text(event.read_text().replace("Hello", "Hello!"), encoding="utf-8")
    second = (built(site, invoke) / "history.csv").read_bytes()
    assert second == first.replace(b",Hello,", b",Hello!,")
    for memo in (home / ".cache").rglob("*.memo*"):
        memo.unlink()
    assert invoke("build", "-C", site, "-o", site / "again", "--now", NOW).code == 0
    assert (site / "again/history.csv").read_bytes() == second


NASTY: Final = (
    '=HYPERLINK("https://evil.example","Click")', "  +1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)", "\uff1d1+1",
    "\u00a0=1", "'=1", '";=1', "=", "\u200b=1", "So; =1+1", 'So;"=1+1"', "So;'=1",
)  # fmt: skip
TURNING: Final = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
NAMES: Final = st.lists(
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co")), min_size=1, max_size=20).filter(
        str.strip
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda name: " ".join(name.split()).casefold(),
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES)
@example([*NASTY])
def test_no_name_becomes_a_formula(
    project: MakeProject, invoke: Run, tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    files = {"site-data/site.yaml": "title: T\nurl: https://example.com\n"}
    for number, name in enumerate(names):
        files[f"site-data/services/s{number:02}.yaml"] = yaml.safe_dump({"name": name, "order": number})
        event = {
            "title": name, "tags": [name], "services": {f"s{number:02}": "down"},
            "updates": [{"at": "2026-11-23T10:00:00Z", "message": "M"}],
        }  # fmt: skip
        files[f"site-data/events/e{number:02}.yaml"] = yaml.safe_dump(event)
    build = built(project(files, name=tmp_path_factory.mktemp("names").name), invoke)
    history = {row["id"]: row for row in rows(build / "history.csv")}
    heading = csv.reader(io.StringIO((build / "uptime.csv").read_text("utf-8-sig"), newline=""))
    columns = next(heading)[1:]
    events = json.loads((build / "status.json").read_text(encoding="utf-8"))["incidents"]
    assert len(columns) == len(events) == len(names)
    for event in events:
        row = history[event["id"]]
        for cell in (row["title"], row["tags"], row["service_names"], columns[int(event["id"][1:])]):
            # With a semicolon between cells, each part of the text would be one; quotes may go, too.
            assert not [part for part in cell.split(";") if FORMULA.match(part.lstrip('" ') if ";" in cell else part)]
            if not TURNING.search(event["title"]):
                assert ADDED.sub(r"\1", cell) == ADDED.sub(r"\1", event["title"])
