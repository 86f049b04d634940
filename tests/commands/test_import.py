"""stashgen import: nothing is lost, nothing is overwritten, and what went wrong is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from door import Run, git, write_files
from statuspage_json import PAGE, component, dump, incident, row, update

API: Final = ("c0000000000a", "API")
EVENT: Final = "site-data/events/2024/2024-05-01-trouble.yaml"
MIDDLE: Final = update(
    "identified", "2024-05-01T10:30:00.000Z", "Found it.", [row(*API, "major_outage", "major_outage")]
)


def trouble(*more: dict[str, Any]) -> dict[str, Any]:
    """Return an incident with its first update and some more."""
    first = update("investigating", "2024-05-01T10:00:00.000Z", "Looking.", [row(*API, "operational", "major_outage")])
    told = incident("i00000000001", "Trouble", [first, *more], components=[component(*API)])
    return {"page": PAGE, "incident": told}


def tree(folder: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_files(tmp_path / "source", {"trouble.json": dump(trouble())})


@pytest.fixture
def site(tmp_path: Path, source: Path, invoke: Run) -> Path:
    """Return a project folder into which the source has been imported once."""
    folder = write_files(tmp_path / "site", {})
    result = invoke("import", "statuspage", source, cwd=folder)
    assert (result.code, result.err) == (0, "")
    assert "Read 1 file with 1 event: 3 new." in result.out
    return folder


def test_a_second_run_changes_nothing_and_says_so(site: Path, source: Path, invoke: Run) -> None:
    before = tree(site)
    result = invoke("import", "statuspage", source, cwd=site)
    assert (result.code, result.err) == (0, "")
    assert result.out == ("Read 1 file with 1 event: 2 unchanged.\nNothing was written: site-data is up to date.\n")
    assert tree(site) == before


def test_news_of_the_source_reach_a_file_that_nobody_changed(site: Path, source: Path, invoke: Run) -> None:
    write_files(source, {"trouble.json": dump(trouble(MIDDLE))})
    result = invoke("import", "statuspage", source, cwd=site)
    assert "1 updated, 1 unchanged." in result.out
    assert "Found it." in (site / EVENT).read_text()


def test_an_incident_keeps_its_file_when_its_title_changes(site: Path, source: Path, invoke: Run) -> None:
    renamed = trouble(MIDDLE)
    renamed["incident"]["name"] = "All is lost"
    (site / "site-data/events/moved").mkdir()
    (site / EVENT).rename(site / "site-data/events/moved/2024-05-01-trouble.yaml")
    write_files(source, {"trouble.json": dump(renamed)})
    invoke("import", "statuspage", source, cwd=site)
    events = [str(path.relative_to(site)) for path in site.glob("site-data/events/**/*.yaml")]
    assert events == ["site-data/events/moved/2024-05-01-trouble.yaml"]
    assert "title: All is lost" in (site / events[0]).read_text()


def test_a_file_that_you_changed_stays_yours(site: Path, source: Path, invoke: Run) -> None:
    (site / EVENT).write_text((site / EVENT).read_text() + "  - at: 2024-05-01T12:00:00Z\n    message: Our word.\n")
    before = tree(site)
    result = invoke("import", "statuspage", source, cwd=site)
    assert (result.code, result.err) == (0, "")
    assert "1 unchanged, 1 kept as you changed them." in result.out
    write_files(source, {"trouble.json": dump(trouble(MIDDLE))})
    result = invoke("import", "statuspage", source, cwd=site)
    assert result.code == 0
    assert result.err == (
        f"{EVENT}: warning: was changed here, and the source has news too: left as it is; delete it to import it anew\n"
    )
    assert "1 unchanged, 1 left alone." in result.out
    assert tree(site) == before


def test_other_line_ends_are_nobodys_change(site: Path, source: Path, invoke: Run) -> None:
    (site / EVENT).write_bytes((site / EVENT).read_bytes().replace(b"\n", b"\r\n"))
    result = invoke("import", "statuspage", source, cwd=site)
    assert "2 unchanged." in result.out
    write_files(source, {"trouble.json": dump(trouble(MIDDLE))})
    assert "1 updated" in invoke("import", "statuspage", source, cwd=site).out


def test_a_dry_run_writes_nothing(tmp_path: Path, source: Path, invoke: Run) -> None:
    result = invoke("import", "statuspage", source, "--dry-run")
    assert result.code == 0
    assert f"new: {EVENT}\n" in result.out
    assert "Nothing was written: this was a dry run." in result.out
    assert not (tmp_path / "site-data").exists()


def test_imported_data_builds(site: Path, invoke: Run) -> None:
    assert invoke("build", "--now", "2024-05-02T00:00:00Z", cwd=site).code == 0
    assert "Trouble" in (site / "build" / "index.html").read_text()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "bad.json: this is not valid JSON: Input data was truncated; fetch or export it again"),
        (
            b'{"page":\n {,}}',
            "bad.json:2: this is not valid JSON: object keys must be strings; fetch or export it again",
        ),
        (b'"text"', "bad.json: this is not Statuspage JSON: expected an object with `page`"),
        (b"{}", "bad.json: this is not Statuspage JSON: expected an object with `page`"),
        (b'{"name": "a", "version": 3}', "bad.json: this is not Statuspage JSON: expected an object with `page`"),
        (b"[1]", "bad.json: [0]: Expected `object`, got `int`; left out"),
        (b'{"incidents": {}}', "bad.json: incidents: this is not Statuspage JSON: expected a list"),
        (
            b'{"incident": {"id": "x", "name": "y"}}',
            "bad.json: incident: Object missing required field `incident_updates`",
        ),
        (
            dump({"page": PAGE, "incident": {"id": "x", "name": "y", "incident_updates": []}}),
            "bad.json: incident.incident_updates: Expected `array` of length >= 1; left out",
        ),
        (
            dump({"incident": {"id": "x", "name": "y", "incident_updates": [{"body": "z", "status": "resolved"}]}}),
            "bad.json: incident: an update has neither `display_at` nor `created_at`; left out",
        ),
        (
            dump({"incidents": [trouble()["incident"], {**trouble()["incident"], "incident_updates": [{"body": 1}]}]}),
            "bad.json: incidents[1].incident_updates[0].body: Expected `str | null`, got `int`; left out",
        ),
        (b"\xff\xfe{\x00}\x00", "bad.json:1: this is not valid JSON"),
        (b"[" * 100_000, "bad.json: this is not valid JSON"),
        (b'{"incident": "' + b"\xff" * 4 + b'"}', "bad.json: this is not valid JSON"),
    ],
)
def test_a_bad_file_is_told_and_the_good_ones_are_imported(
    source: Path, tmp_path: Path, invoke: Run, content: bytes, complaint: str
) -> None:
    (source / "bad.json").write_bytes(content)
    result = invoke("import", "statuspage", "source")
    assert result.code == 1
    assert f"source/{complaint}" in result.err
    assert "Traceback" not in result.err
    assert (tmp_path / EVENT).exists()


@pytest.mark.parametrize("nothing", [[], {"incidents": []}, {"page": PAGE, "status": {"indicator": "none"}}])
def test_a_file_without_incidents_is_no_mistake(source: Path, invoke: Run, nothing: object) -> None:
    (source / "nothing.json").write_bytes(dump(nothing))
    result = invoke("import", "statuspage", source)
    assert (result.code, result.err) == (0, "")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path, source: Path, invoke: Run) -> None:
    (source / "trouble.json").write_bytes(b"\xef\xbb\xbf" + dump(trouble()))
    assert invoke("import", "statuspage", source).code == 0


def test_a_huge_file_is_refused_unread(tmp_path: Path, source: Path, invoke: Run) -> None:
    with (source / "huge.json").open("wb") as file:
        file.truncate(201 * 2**20)
    result = invoke("import", "statuspage", source)
    assert result.code == 1
    assert "huge.json: is larger than 200 MiB: split it" in result.err
    assert (tmp_path / EVENT).exists()


def test_an_empty_folder_and_a_missing_path_are_told(tmp_path: Path, invoke: Run) -> None:
    (tmp_path / "empty").mkdir()
    result = invoke("import", "statuspage", "empty")
    assert (result.code, result.err) == (1, "error: empty: holds no .json file\n")
    assert invoke("import", "statuspage", "nowhere").code == 2
    assert invoke("import", "elsewhere", "empty").code == 2
    assert not (tmp_path / "site-data").exists()


def test_broken_site_data_is_mended_first(site: Path, source: Path, invoke: Run) -> None:
    write_files(site, {"site-data/services/web.yaml": "nam: Web\n"})
    before = tree(site)
    result = invoke("import", "statuspage", source, cwd=site)
    assert result.code == 1
    assert "site-data/services/web.yaml:1: nam" in result.err
    assert tree(site) == before


def test_single_files_and_folders_may_be_mixed(tmp_path: Path, source: Path, invoke: Run) -> None:
    other = trouble()
    other["incident"] |= {"id": "i00000000002", "name": "Other"}
    write_files(tmp_path, {"deep/er/other.json": dump(other), "deep/er/notes.txt": "no JSON"})
    result = invoke("import", "statuspage", source / "trouble.json", "deep", source)
    assert "Read 2 files with 2 events: 4 new." in result.out


def test_all_of_it_can_be_one_commit_that_is_taken_back_at_once(tmp_path: Path, source: Path, invoke: Run) -> None:
    git(tmp_path, "init", "-q", "site")
    folder = write_files(tmp_path / "site", {"notes.txt": "mine"})
    result = invoke("import", "statuspage", source, "--commit", cwd=folder)
    assert (result.code, result.err) == (0, "")
    assert "Committed as " in result.out
    told = git(folder, "log", "--format=%s%n%(trailers:key=Source)")
    assert told.split("\n\n")[0].splitlines() == [
        "import from statuspage: 1 event and 2 other files",
        "Source: statuspage",
    ]
    assert git(folder, "status", "--short") == "?? notes.txt\n"
    again = invoke("import", "statuspage", source, "--commit", cwd=folder)
    assert "Nothing was written: site-data is up to date." in again.out
    git(folder, "revert", "--no-edit", "HEAD")
    assert not (folder / EVENT).exists()


def test_without_git_there_is_nothing_to_commit_and_nothing_is_written(
    tmp_path: Path, source: Path, invoke: Run
) -> None:
    folder = write_files(tmp_path / "site", {})
    result = invoke("import", "statuspage", source, "--commit", cwd=folder)
    assert result.code == 1
    assert "is not in a git repository" in result.err
    assert list(folder.iterdir()) == []


def test_a_terminal_less_run_prints_plain_lines(tmp_path: Path, run: Run) -> None:
    incidents = []
    for number in range(1000):
        told = trouble()["incident"]
        incidents.append({**told, "id": f"i{number:011}", "name": f"Trouble {number}"})
    write_files(tmp_path, {"many.json": json.dumps({"page": PAGE, "incidents": incidents})})
    result = run("import", "statuspage", "many.json")
    assert result.code == 0
    assert result.err == "".join(f"Writing files: {done} of 1002\n" for done in (251, 501, 752, 1002))


def test_a_part_of_the_source_does_not_spoil_what_the_whole_said(site: Path, source: Path, invoke: Run) -> None:
    components = [component("g", "Machines", group=True), component(*API, description="For programs.", group_id="g")]
    write_files(source, {"components.json": dump({"page": PAGE, "components": components})})
    assert invoke("import", "statuspage", source, cwd=site).code == 0
    before = tree(site)
    later = trouble()
    later["incident"] |= {"id": "i00000000002", "name": "Later", "components": []}
    write_files(site, {"later.json": dump(later)})
    result = invoke("import", "statuspage", "later.json", cwd=site)
    assert "Read 1 file with 1 event: 1 new." in result.out
    after = tree(site)
    assert {path: after[path] for path in before} == before
    assert "services: {api: down}" in (site / "site-data/events/2024/2024-05-01-later.yaml").read_text()


def test_an_older_export_takes_nothing_back(site: Path, source: Path, invoke: Run) -> None:
    write_files(source, {"trouble.json": dump(trouble(MIDDLE))})
    invoke("import", "statuspage", source, cwd=site)
    before = tree(site)
    write_files(source, {"trouble.json": dump(trouble())})
    result = invoke("import", "statuspage", source, cwd=site)
    assert "1 unchanged, 1 older in the source than here." in result.out
    assert tree(site) == before
    write_files(source, {"trouble.json": dump(trouble(MIDDLE))})
    assert "2 unchanged." in invoke("import", "statuspage", source, cwd=site).out


def test_a_second_component_of_a_known_name_gets_one_of_its_own(site: Path, source: Path, invoke: Run) -> None:
    (source / "trouble.json").unlink()
    write_files(source, {"components.json": dump({"page": PAGE, "components": [component("c2", "API")]})})
    assert invoke("import", "statuspage", source, cwd=site).code == 0
    assert "name: API (c2)" in (site / "site-data/services/api-c2.yaml").read_text()
    assert invoke("check", "--strict", cwd=site).code == 0
