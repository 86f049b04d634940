"""Merge requests on GitLab: what is wrong beside its line, the page as it would be, and one comment that says it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from code_hosts import Ran, Remote, copied, first_remote
from door import MakeProject, Run, git, write_files
from gitlab_api import BOT, NOTE_TOKEN, GitLab, gitlab_api
from gitlab_pipelines import Begun, Runner
from hostile_words import EVERYTHING, pwned

MARK: Final = "<!-- stashgen compare -->"
EVENT: Final = """\
title: {title}
services: {{api: down}}
updates:
  - at: 2026-11-24T10:00:00Z
    message: {message}
"""
WHERE: Final = "site-data/events/2026/2026-11-24-gone.yaml"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return first_remote(tmp_path_factory.mktemp("gitlab"), "gitlab")


class Request:
    """A merge request."""

    def __init__(self, remote: Remote, gitlab: GitLab, scratch: Path) -> None:
        self.remote, self.gitlab, self.scratch = remote, gitlab, scratch
        (scratch / "kept").mkdir()
        self.begun: Begun | None = None

    def run(self, files: Mapping[str, str], **facts: str) -> dict[str, Ran]:
        """Run its pipeline for a commit that is not on the default branch."""
        clone = self.remote.clone("request")
        base = git(clone, "rev-parse", "HEAD").strip()
        git(clone, "checkout", "--quiet", "-b", "$(touch${IFS}pwned)`touch${IFS}pwned`;touch${IFS}pwned")
        write_files(clone, files)
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "--allow-empty", "--message=$(touch pwned)")
        git(clone, "push", "--quiet", "--force", "origin", "HEAD:refs/heads/request")
        told = {
            "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_BRANCH": "", "CI_API_V4_URL": self.gitlab.url, "CI_PROJECT_ID": "7",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "7", "CI_MERGE_REQUEST_IID": "3",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "STATUS_NOTE_TOKEN": NOTE_TOKEN,
        }  # fmt: skip
        runner = Runner(self.remote, self.scratch / "kept", told | facts, lambda *_: False)
        self.begun = runner.begin("merge_request_event", git(clone, "rev-parse", "HEAD").strip())
        return {name: runner.job(self.begun, name) for name in self.begun.names}

    @property
    def artifacts(self) -> Path:
        """Return what the pipeline kept."""
        assert self.begun is not None
        return self.begun.artifacts

    @property
    def notes(self) -> list[str]:
        """Return the comments that the bot wrote."""
        return [note["body"] for note in self.gitlab.notes.values() if note["author"]["id"] == BOT]


@pytest.fixture
def request_(first: Path, tmp_path: Path) -> Iterator[Request]:
    with gitlab_api() as gitlab:
        yield Request(copied(first, tmp_path), gitlab, tmp_path)


def problems(request: Request) -> Any:
    return json.loads((request.artifacts / "gl-code-quality-report.json").read_text(encoding="utf-8"))


def test_a_good_one_shows_the_page_as_it_would_be_and_what_changes(request_: Request) -> None:
    event = EVENT.format(title="The API is gone", message="No answers.")
    rans = request_.run({WHERE: event})
    assert [(name, ran.code, ran.err) for name, ran in rans.items() if ran.code] == []
    assert "The API is gone" in (request_.artifacts / "preview" / "index.html").read_text(encoding="utf-8")
    assert problems(request_) == []
    (note,) = request_.notes
    assert note.startswith(f"{MARK}\n")
    assert "The API is gone" in note
    assert "The API is gone" in rans["check"].out
    request_.run({WHERE: event})
    assert [asked for asked in request_.gitlab.asked if not asked.startswith("GET")] == [
        "POST /api/v4/projects/7/merge_requests/3/notes"
    ], "nothing is written again that is said already"


def test_a_mistake_stands_beside_its_line_and_the_rest_is_shown_all_the_same(request_: Request) -> None:
    rans = request_.run(
        {
            WHERE: EVENT.format(title="The API is gone", message="No answers."),
            "site-data/services/website.yaml": "name: Website\nordr: 1\n",
        }
    )
    assert (rans["check"].code, rans["note"].code) == (1, 0), rans
    (problem,) = problems(request_)
    assert problem["location"] == {"path": "site-data/services/website.yaml", "lines": {"begin": 2}}
    assert problem["description"].startswith("ordr: is not a field here")
    assert "site-data/services/website.yaml:2: ordr: is not a field" in rans["check"].out
    assert "The API is gone" in (request_.artifacts / "preview" / "index.html").read_text(encoding="utf-8")
    assert "website.yaml" in request_.notes[0]


def test_what_is_written_in_one_gives_no_orders(request_: Request, tmp_path: Path, home: Path) -> None:
    lines = "\n".join(["/approve", "  /merge", "/assign @root", "@all look", *EVERYTHING.split("\n")])
    message = "|\n" + "\n".join(f"      {line}" for line in lines.split("\n"))
    title = json.dumps(("/merge @all " + " ".join(EVERYTHING.split()))[:200], ensure_ascii=False)
    rans = request_.run(
        {WHERE: EVENT.format(title=title, message=message), "site-data/services/$(touch pwned).yaml": ""}
    )
    assert rans["note"].code == 0, rans["note"].err
    (note,) = request_.notes
    assert re.findall(r"(?m)^\s*/.*", note) == []
    assert "@all" not in note
    assert pwned(tmp_path, home) == []
    assert NOTE_TOKEN not in rans["note"].out + rans["note"].err


def test_the_comment_is_found_among_many_and_is_never_somebody_elses(request_: Request) -> None:
    request_.gitlab.say(1, f"{MARK}\nI pretend to be the bot.")
    for number in range(150):
        request_.gitlab.say(1, f"Comment {number}.")
    request_.gitlab.say(BOT, f"{MARK}\nWhat it said before.")
    rans = request_.run({})
    assert rans["note"].code == 0, rans["note"].err
    (note,) = request_.notes
    assert "What it said before" not in note
    assert (len(request_.gitlab.notes), request_.gitlab.refused) == (152, [])


def test_a_token_that_is_refused_is_said_and_not_shown(request_: Request) -> None:
    rans = request_.run({}, STATUS_NOTE_TOKEN="glpat-of-yesterday")
    assert (rans["check"].code, rans["note"].code) == (0, 1)
    assert "401" in rans["note"].err
    assert "glpat-of-yesterday" not in rans["note"].out + rans["note"].err


def test_problems_are_told_apart_and_stay_the_same_when_lines_move(project: MakeProject, invoke: Run) -> None:
    bad = "title: X\nservices: {api: down}\nupdates:\n  - at: soon\n    message: a\n  - at: soon\n    message: a\n"
    files = {"site-data/site.yaml": "title: A\n", "site-data/services/api.yaml": "name: API\n"}

    def report(text: str, name: str) -> list[Mapping[str, Any]]:
        result = invoke(
            "check", "--format", "gitlab", cwd=project(files | {"site-data/events/x.yaml": text}, name=name)
        )
        assert (result.code, result.err) == (1, "Found 2 errors.\n")
        found: list[Mapping[str, Any]] = json.loads(result.out)
        return found

    before, after = report(bad, "before"), report(f"# A comment.\n{bad}", "after")
    assert [one["fingerprint"] for one in before] == [one["fingerprint"] for one in after]
    assert len({one["fingerprint"] for one in before}) == 2
    assert [one["location"]["lines"]["begin"] for one in before] == [4, 6]
    assert [one["location"]["lines"]["begin"] for one in after] == [5, 7]
    assert {one["severity"] for one in before} == {"major"}


def test_the_report_is_one_document_whatever_is_found(project: MakeProject, invoke: Run) -> None:
    files = {"site-data/site.yaml": "title: A\n", "site-data/services/api.yaml": "name: API\r\n"}
    root = project(files, name="pages")
    checked = invoke("check", "--format", "gitlab", "-C", "pages")
    (problem,) = json.loads(checked.out)
    assert (problem["severity"], problem["location"]["path"]) == ("minor", "pages/site-data/services/api.yaml")
    built = invoke("build", "--format", "gitlab", "-C", root)
    assert (built.code, len(json.loads(built.out))) == (0, 1)
    (root / "site-data/services/api.yaml").write_bytes(b"name: API\n")
    assert invoke("check", "--format", "gitlab", "-C", root).out == "[]\n"
