"""GitLab's pipeline: the job that changes the page, in a clone of a real remote, by its form and by its API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
from code_hosts import Ran, Remote, copied, documents, events, first_remote, run_gitlab, statuses
from door import git
from hostile_words import EVERYTHING, pwned

PERSON: Final = {"GITLAB_USER_NAME": "Tanuki Roe", "GITLAB_USER_EMAIL": "tanuki@example.com"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return first_remote(tmp_path_factory.mktemp("gitlab"), "gitlab")


@pytest.fixture
def remote(first: Path, tmp_path: Path) -> Remote:
    return copied(first, tmp_path)


def job(remote: Remote, name: str) -> tuple[Path, Mapping[str, Any], Mapping[str, str]]:
    """Return a clone, the jobs of its pipeline, and what the inputs are when nobody gives any."""
    clone = remote.clone(name)
    header, jobs = documents(clone / ".gitlab-ci.yml")
    return clone, jobs, {name: facts["default"] for name, facts in header["spec"]["inputs"].items()}


def environ(remote: Remote) -> Mapping[str, str]:
    return {**PERSON, "CI_REPOSITORY_URL": str(remote.bare), "CI_COMMIT_BRANCH": "main"}


def pipeline(remote: Remote, name: str, **inputs: str) -> Ran:
    """Run the job `change`."""
    clone, jobs, defaults = job(remote, name)
    assert inputs.keys() <= defaults.keys(), "GitLab refuses inputs that it does not know"
    git(clone, "remote", "set-url", "origin", "https://nobody@gitlab.invalid/acme/status.git")
    return run_gitlab(clone, jobs["change"], {**defaults, **inputs}, environ(remote))


def test_the_form_changes_the_page_of_the_remote(remote: Remote) -> None:
    ran = pipeline(remote, "job", service="api", status="down", message="No answers.", title="The API is gone")
    assert ran.code == 0, ran.err
    (event,) = events(remote, "events").values()
    assert (event["title"], event["services"]) == ("The API is gone", {"api": "down"})
    author = git(remote.bare, "log", "-1", "--format=%an <%ae>", "main").strip()
    assert author == "Tanuki Roe <tanuki@example.com>"
    assert len(remote.subjects()) == 2
    assert statuses(remote, "after")["api"] == "down"


def test_what_is_typed_is_only_ever_text(remote: Remote, tmp_path: Path, home: Path) -> None:
    title = " ".join(EVERYTHING.split())[:280]
    ran = pipeline(remote, "job", service="api", status="warning", message=EVERYTHING, title=title)
    assert ran.code == 0, ran.err
    (event,) = events(remote, "after").values()
    assert event["updates"][0]["message"].strip() == EVERYTHING
    assert event["title"] == title
    assert pwned(tmp_path, home) == []


@pytest.mark.parametrize("field", ["service", "status", "source", "payload"])
def test_no_field_becomes_a_command_where_a_list_is_not_kept(remote: Remote, tmp_path: Path, field: str) -> None:
    payload = {"payload": "{}"} if field == "source" else {}
    ran = pipeline(remote, "job", **{"service": "api", "status": "down", "message": "x", **payload, field: EVERYTHING})
    assert ran.code == 1, ran
    assert pwned(tmp_path) == []
    assert len(remote.subjects()) == 1


def test_an_empty_form_changes_nothing(remote: Remote) -> None:
    ran = pipeline(remote, "job")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("No service was chosen: the page is published as it is.\n")
    assert ran.outputs["begun"] == {"main": "1"}
    assert len(remote.subjects()) == 1


def test_pipelines_at_the_same_time_all_arrive(remote: Remote) -> None:
    changes = {"api": "down", "website": "warning", "sign-in": "partial"}
    with ThreadPoolExecutor(len(changes)) as pool:
        rans = list(
            pool.map(
                lambda pair: pipeline(remote, pair[0], service=pair[0], status=pair[1], message="x"), changes.items()
            )
        )
    assert [ran.err for ran in rans if ran.code] == []
    assert statuses(remote, "after") == changes
    git(remote.bare, "fsck", "--strict")


def test_a_program_sends_the_same_json_as_to_github(remote: Remote) -> None:
    asked = {"event_type": "status", "client_payload": {"service": "api", "status": "down", "message": "$HOME"}}
    ran = pipeline(remote, "job", payload=json.dumps(asked))
    assert ran.code == 0, ran.err
    (event,) = events(remote, "after").values()
    assert event["updates"][0]["message"].strip() == "$HOME"


def test_a_change_begins_the_pipeline_that_publishes_it_and_a_mistake_does_not(remote: Remote) -> None:
    assert pipeline(remote, "job", service="api", status="down", message="x").outputs["begun"] == {"main": "1"}
    wrong = pipeline(remote, "wrong", service="ap", status="down", message="x")
    assert (wrong.code, wrong.outputs["begun"]) == (1, {})
