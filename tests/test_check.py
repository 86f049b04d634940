"""stashgen check through the front door: one broken file and the exact message in tests/invalid/<case>/, and the rest.

A case holds the files that replace or join those of a sound site, and `expected.txt`: what the command prints.
To write `expected.txt` of a new case, run `stashgen check` on it and read every word of the answer.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

import pytest
from door import NOW, MakeProject, Run

CASES: Final = Path(__file__).parent / "invalid"
SOUND: Final = {
    "site-data/site.yaml": "title: Acme\n",
    "site-data/groups/core.yaml": "name: Core\n",
    "site-data/services/api.yaml": "name: API\ngroup: core\n",
}

EVENT: Final = {
    "site-data/events/2026/x.yaml": (
        "title: Slow\nservices: {api: slow}\nupdates:\n  - at: 2026-11-20T10:00:00Z\n    message: Slow.\n"
    ),
    "site-data/statuses/slow.yaml": "name: Slow\nlevel: WARNING\n",
}
PARTS: Final = ["expected.txt", "site-data"]


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_a_broken_file_gets_its_exact_message(case: Path, project: MakeProject, invoke: Run) -> None:
    root = project(SOUND)
    shutil.copytree(case / "site-data", root / "site-data", dirs_exist_ok=True)
    expected = (case / "expected.txt").read_text(encoding="utf-8")
    result = invoke("check", "-C", root, "--now", NOW)
    assert (result.out, result.err) == (expected, "")
    assert result.code == int(" error" in expected.splitlines()[-1])


def test_every_case_is_whole() -> None:
    assert [case.name for case in CASES.iterdir() if sorted(one.name for one in case.iterdir()) != PARTS] == []


def test_a_sound_site_is_told_so(project: MakeProject, invoke: Run) -> None:
    result = invoke("check", "-C", project(SOUND | EVENT))
    assert (result.code, result.out, result.err) == (0, "All is well: 1 service, 1 event.\n", "")


def test_a_missing_folder_leads_to_init(tmp_path: Path, invoke: Run) -> None:
    result = invoke("check")
    assert (result.code, result.out) == (1, "")
    assert result.err == f"error: there is no site-data/ in {tmp_path}: `stashgen init` makes one\n"


def test_warnings_stop_only_if_strict(project: MakeProject, invoke: Run) -> None:
    root = project(SOUND | {"site-data/services/web.yaml": "name: Web\nsince: 2027-01-01\n"})
    warning = "site-data/services/web.yaml:2: since: warning: lies in the future: there is no data until then\n"
    assert invoke("check", "-C", root, "--now", NOW) == (0, f"{warning}Found 1 warning.\n", "")
    assert invoke("check", "-C", root, "--now", NOW, "--strict") == (1, f"{warning}Found 1 warning.\n", "")
    assert invoke("check", "-C", root, "--now", "2027-01-02T00:00:00Z").code == 0


def test_a_page_without_services_is_warned_of(project: MakeProject, invoke: Run) -> None:
    result = invoke("check", "-C", project({"site-data/site.yaml": "title: Acme\n"}))
    warning = "site-data/services: warning: there is no service yet: add services/<id>.yaml with a `name`\n"
    assert result == (0, f"{warning}Found 1 warning.\n", "")


def test_pictures_are_found_in_static(project: MakeProject, invoke: Run) -> None:
    files: dict[str, str | bytes] = {
        "site-data/site.yaml": "title: Acme\nlogo: brand/logo.svg\nfavicon: icon.png\n",
        "site-data/statuses/down.yaml": "icon: fire.svg\n",
        "site-data/statuses/partial.yaml": "icon: half\n",
        "site-data/static/brand/logo.svg": "<svg/>",
        "site-data/static/icon.png": b"\x89PNG",
        "site-data/static/fire.svg": "<svg/>",
    }
    root = project({**SOUND, **files})
    assert invoke("check", "-C", root).code == 0
    (root / "site-data/static/icon.png").unlink()
    (root / "site-data/static/icon.png").symlink_to("/etc/passwd")
    assert invoke("check", "-C", root).out == (
        "site-data/site.yaml:3: favicon: there is no file static/icon.png\nFound 1 error.\n"
    )


def test_json_holds_every_part_of_a_problem(project: MakeProject, invoke: Run) -> None:
    root = project(SOUND | {"site-data/services/web.yaml": "name: Web\r\ngroup: cor\r\n"})
    result = invoke("check", "--format", "json", "-C", root.name)
    assert (result.code, result.err) == (1, "")
    assert json.loads(result.out) == {
        "version": 1,
        "errors": 1,
        "warnings": 1,
        "problems": [
            {
                "path": "site/site-data/services/web.yaml",
                "line": 1,
                "column": 1,
                "field": "",
                "message": "has line ends of Windows (CRLF): save it with LF",
                "severity": "warning",
            },
            {
                "path": "site/site-data/services/web.yaml",
                "line": 2,
                "column": 8,
                "field": "group",
                "message": "there is no group `cor` (did you mean `core`?)",
                "severity": "error",
            },
        ],
    }


def test_github_sees_annotations_beside_the_line(project: MakeProject, invoke: Run) -> None:
    root = project(SOUND | {"site-data/services/a,b: 100%.yaml": "name: Web\ngroup: 100%\n"}, name="pages")
    result = invoke("check", "--format", "github", "-C", root.name)
    assert result.code == 1
    assert result.out == (
        "::error file=pages/site-data/services/a%2Cb%3A 100%25.yaml::the file's name is the id, and "
        "`a,b: 100%25` is none: small letters, digits and dashes, such as `a-b-100.yaml`\n"
    )
    assert result.err == "Found 1 error.\n"


def test_all_problems_of_all_files_are_said_at_once(project: MakeProject, invoke: Run) -> None:
    broken = {f"site-data/services/s{number}.yaml": "nam: S\norder: x\n" for number in range(30)}
    result = invoke("check", "-C", project(SOUND | broken | {"site-data/site.yaml": "titel: Acme\n"}))
    assert result.out.splitlines()[-1] == "Found 61 errors."
    assert len(result.out.splitlines()) == 62


def test_one_file_does_not_flood_the_screen(project: MakeProject, invoke: Run) -> None:
    many = "".join(f"key{number}: 1\n" for number in range(500))
    result = invoke("check", "-C", project(SOUND | {"site-data/services/web.yaml": f"name: Web\n{many}"}))
    assert "site-data/services/web.yaml:27: and more problems from here on\n" in result.out
    assert result.out.splitlines()[-1] == "Found 26 errors."


def test_a_known_file_says_the_same_again(project: MakeProject, invoke: Run, home: Path) -> None:
    root = project(SOUND | EVENT | {"site-data/services/web.yaml": "name: api\r\n"})
    first = invoke("check", "-C", root, "--now", NOW)
    assert first.code == 1
    assert invoke("check", "-C", root, "--now", NOW) == first
    for memo in (home / ".cache").rglob("*.memo*"):
        memo.write_bytes(b"not a database at all" * 100)
    assert invoke("check", "-C", root, "--now", NOW) == first


def test_a_mended_file_is_believed_at_once(project: MakeProject, invoke: Run) -> None:
    root = project(SOUND | EVENT)
    service = root / "site-data/services/api.yaml"
    sound, broken = service.read_text(encoding="utf-8"), "name: API\ngroup: cor\n "
    for content, code in ((sound, 0), (broken, 1), (sound, 0), (broken, 1)):
        service.write_text(content, encoding="utf-8")
        assert invoke("check", "-C", root).code == code


def test_events_see_what_changed_around_them(project: MakeProject, invoke: Run) -> None:
    root = project(SOUND | EVENT | {"site-data/statuses/slow.yaml": "name: Slow\nlevel: WARNING\n"})
    assert invoke("check", "-C", root).code == 0
    (root / "site-data/services/api.yaml").rename(root / "site-data/services/apis.yaml")
    assert "there is no service `api` (did you mean `apis`?)" in invoke("check", "-C", root).out
    (root / "site-data/services/apis.yaml").rename(root / "site-data/services/api.yaml")
    (root / "site-data/statuses/slow.yaml").unlink()
    assert "there is no status `slow`" in invoke("check", "-C", root).out
