"""`stashgen build`: what it says and how it ends. What it writes is looked at elsewhere."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from door import NOW, MakeProject, Run, child_environ

SITE: Final = {
    "site-data/site.yaml": "title: Acme Status\n",
    "site-data/services/api.yaml": "name: API\n",
}
BROKEN: Final = {**SITE, "site-data/services/web.yaml": "name: Web\nnmae: Web\n"}
ODD: Final = {**SITE, "site-data/services/web.conf": "Ask Ann about the web shop.\n"}
SUMMARY: Final = re.compile(
    r"Built (\d+) files into (\S+): (\d+) written, (\d+) unchanged, (\d+) removed \(\d+\.\d s\)\n"
)


def counts(said: str) -> tuple[int, int, int, int]:
    match = SUMMARY.fullmatch(said)
    assert match, said
    files, _, written, unchanged, removed = match.groups()
    return int(files), int(written), int(unchanged), int(removed)


def test_one_line_says_what_was_done(run: Run, project: MakeProject) -> None:
    folder = project({**SITE, "site-data/services/web.yaml": "name: Web shop\n"})
    first = run("build", "--now", NOW, cwd=folder)
    files, written, unchanged, removed = counts(first.out)
    assert first.code == 0
    assert (written, unchanged, removed) == (files, 0, 0)
    assert " into build: " in first.out

    assert counts(run("build", "--now", NOW, cwd=folder).out) == (files, 0, files, 0)

    (folder / "site-data/services/web.yaml").unlink()
    fewer, written, unchanged, removed = counts(run("build", "--now", NOW, cwd=folder).out)
    assert fewer == written + unchanged < files
    assert 0 < removed == files - fewer


def test_the_output_goes_where_it_is_asked_to(run: Run, project: MakeProject, tmp_path: Path) -> None:
    folder = project(SITE)
    assert run("build", "-C", folder, "-o", tmp_path / "out", "--now", NOW).code == 0
    assert (tmp_path / "out" / "index.html").is_file()
    assert not (folder / "build").exists()


def test_problems_stop_it_and_are_lines_on_stderr(run: Run, project: MakeProject) -> None:
    folder = project(BROKEN)
    done = run("build", "-C", folder, "--now", NOW)
    assert (done.code, done.out) == (1, "")
    problem, last = done.err.splitlines()
    assert problem.startswith("site-data/services/web.yaml:2: nmae: ")
    assert last == "Nothing was written: 1 error."
    assert not (folder / "build").exists()


def test_problems_as_json_are_the_whole_of_stdout(run: Run, project: MakeProject) -> None:
    done = run("build", "--now", NOW, "--format", "json", cwd=project(BROKEN))
    told = json.loads(done.out)
    assert (done.code, told["errors"], told["warnings"]) == (1, 1, 0)
    (problem,) = told["problems"]
    assert (problem["path"], problem["line"], problem["field"]) == ("site-data/services/web.yaml", 2, "nmae")
    fine = run("build", "-C", project(SITE, name="fine"), "--now", NOW, "--format", "json")
    told = json.loads(fine.out)
    assert (fine.code, told["errors"], told["warnings"], told["problems"]) == (0, 0, 0, [])
    assert counts(fine.err)


def test_problems_as_annotations(run: Run, project: MakeProject) -> None:
    folder = project(BROKEN)
    done = run("build", "-C", folder.name, "--now", NOW, "--format", "github", cwd=folder.parent)
    assert done.code == 1
    assert done.out.startswith(f"::error file={folder.name}/site-data/services/web.yaml,line=2,")


def test_warnings_are_told_and_stop_only_when_strict(run: Run, project: MakeProject) -> None:
    folder = project(ODD)
    done = run("build", "-C", folder, "--now", NOW)
    assert done.code == 0
    assert done.err.startswith("site-data/services/web.conf: warning: ")
    assert counts(done.out)
    strict = run("build", "-C", folder, "-o", folder / "strict", "--now", NOW, "--strict")
    assert strict.code == 1
    assert "Nothing was written: 1 warning." in strict.err
    assert not (folder / "strict").exists()


def test_a_folder_of_somebody_else_is_refused_in_one_line(run: Run, project: MakeProject, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "letter.txt").write_text("Dear\n", encoding="utf-8")
    done = run("build", "-C", project(SITE), "-o", tmp_path / "precious", "--now", NOW)
    assert (done.code, done.out) == (1, "")
    (line,) = done.err.splitlines()
    assert line.startswith("error: ")
    assert "precious" in line


def test_a_folder_without_site_data_is_told_in_words(run: Run, tmp_path: Path) -> None:
    done = run("build", "-C", tmp_path, "--now", NOW)
    assert (done.code, done.out) == (1, "")
    assert "site-data" in done.err
    assert "Traceback" not in done.err


@pytest.fixture
def many(project: MakeProject) -> Path:
    events = {
        f"site-data/events/e{number}.yaml": (
            f"title: Event {number}\nservices: {{api: warning}}\nupdates:\n"
            f"  - {{at: 2026-0{1 + number % 9}-01T10:00:00Z, message: Hm.}}\n"
            f"  - {{at: 2026-0{1 + number % 9}-01T11:00:00Z, state: resolved, message: Fine.}}\n"
        )
        for number in range(520)
    }
    return project({**SITE, **events})


def test_long_work_is_a_few_plain_lines_without_a_terminal(run: Run, many: Path) -> None:
    done = run("build", "-C", many, "--now", NOW)
    assert done.code == 0
    lines = done.err.splitlines()
    assert 1 <= len(lines) <= 4
    assert all(re.fullmatch(r"Writing pages: \d+ of \d+", line) for line in lines)


def test_an_interrupted_build_is_quiet_and_leaves_the_old_site(run: Run, many: Path) -> None:
    events = sorted((many / "site-data/events").iterdir())
    for event in events:
        event.rename(many / event.name)
    assert run("build", "-C", many, "--now", NOW).code == 0
    before = {path: path.read_bytes() for path in (many / "build").rglob("*") if path.is_file()}
    for event in events:
        (many / event.name).rename(event)
    with subprocess.Popen(
        [sys.executable, "-m", "stashgen", "build", "-C", many, "--now", NOW],
        env=child_environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as building:  # fmt: skip
        assert building.stderr is not None
        assert building.stderr.readline().startswith("Writing pages: ")
        building.send_signal(signal.SIGINT)
        out, err = building.communicate(timeout=120)
    assert (building.returncode, out) == (130, "")
    assert [line for line in err.splitlines() if line and not line.startswith("Writing pages: ")] == []
    site = (path for path in (many / "build").rglob("*") if ".stashgen" not in str(path.relative_to(many)))
    assert {path: path.read_bytes() for path in site if path.is_file()} == before


def test_long_work_is_a_bar_on_a_terminal(many: Path) -> None:
    leader, follower = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "stashgen", "build", "-C", many, "--now", NOW],
        env=child_environ({"TERM": "xterm"}), stdout=subprocess.PIPE, stderr=follower, text=True,
    )  # fmt: skip
    os.close(follower)
    shown = b""
    while chunk := _read(leader):
        shown += chunk
    os.close(leader)
    out, _ = done.communicate(timeout=120)
    assert done.returncode == 0
    assert b"Writing pages" in shown
    total = max(map(int, re.findall(rb"/(\d+)", shown)))
    assert b"%d/%d" % (total, total) in shown
    assert b"\r" in shown
    assert counts(out)


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 65536)
    except OSError:  # Linux says EIO when the other side is closed
        return b""
