"""The form `Status change`: its steps run in a clone of a real remote, with whatever people and attackers type."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
from code_hosts import Ran, Remote, copied, documents, events, first_remote, run_github, statuses
from door import git
from hostile_words import HOSTILE, pwned

PERSON: Final = {"GITHUB_ACTOR": "octo-cat", "GITHUB_ACTOR_ID": "583231"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return first_remote(tmp_path_factory.mktemp("github"), "github")


@pytest.fixture
def remote(first: Path, tmp_path: Path) -> Remote:
    return copied(first, tmp_path)


def form(clone: Path, **inputs: str) -> Ran:
    """Press the button of the form."""
    (workflow,) = documents(clone / ".github" / "workflows" / "status-change.yml")
    context: Mapping[str, Any] = {
        "github": {"event_name": "workflow_dispatch", "ref_type": "branch", "event": {"inputs": inputs}},
        "inputs": {"title": "", **inputs},
    }
    return run_github(clone, workflow["jobs"]["change"], context, PERSON)


def test_the_form_changes_the_page_of_the_remote(remote: Remote) -> None:
    ran = form(remote.clone("job"), service="api", status="down", message="No answers.", title="The API is gone")
    assert ran.code == 0, ran.err
    assert statuses(remote, "down")["api"] == "down"
    (event,) = events(remote, "events").values()
    assert (event["title"], event["services"]) == ("The API is gone", {"api": "down"})
    author = git(remote.bare, "log", "-1", "--format=%an <%ae>", "main").strip()
    assert author == "octo-cat <583231+octo-cat@users.noreply.github.com>"
    assert len(remote.subjects()) == 2
    assert form(remote.clone("later"), service="api", status="up", message="It is back.").code == 0
    assert set(statuses(remote, "up").values()) == {"up"}


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_typed_is_only_ever_text(remote: Remote, tmp_path: Path, home: Path, text: str) -> None:
    ran = form(remote.clone("job"), service="api", status="warning", message=text, title=" ".join(text.split()))
    assert ran.code == 0, ran.err
    (event,) = events(remote, "after").values()
    assert event["updates"][0]["message"].strip() == text.replace("\r\n", "\n").strip()
    assert event["title"] == " ".join(text.split())
    assert pwned(tmp_path, home) == []
    assert len(remote.subjects()) == 2


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"service": "$(touch pwned)"}, "there is no service"),
        ({"service": "--help"}, "there is no service"),
        ({"service": "apii"}, "did you mean `api`"),
        ({"status": "../../etc/passwd"}, "there is no status"),
        ({"message": ""}, "message"),
        ({"message": " \n"}, "message"),
        ({"title": "one\ntwo"}, "title"),
    ],
)
def test_a_mistake_changes_nothing_and_is_named(
    remote: Remote, tmp_path: Path, inputs: Mapping[str, str], said: str
) -> None:
    ran = form(remote.clone("job"), **{"service": "api", "status": "down", "message": "No answers.", **inputs})
    assert ran.code != 0
    assert said in ran.err
    assert len(remote.subjects()) == 1
    assert pwned(tmp_path) == []


def test_forms_sent_at_the_same_time_all_arrive(remote: Remote) -> None:
    changes = [("api", "down"), ("website", "warning"), ("sign-in", "partial")]
    clones = [remote.clone(service) for service, _ in changes]
    with ThreadPoolExecutor(len(changes)) as pool:
        rans = list(
            pool.map(
                lambda pair: form(pair[0], service=pair[1][0], status=pair[1][1], message=f"About {pair[1][0]}."),
                zip(clones, changes, strict=True),
            )
        )
    assert [ran.err for ran in rans if ran.code] == []
    assert len(remote.subjects()) == 1 + len(changes)
    said = git(remote.bare, "grep", "-h", "-o", "About .*", "main").split("\n")
    assert sorted(filter(None, said)) == sorted(f"About {service}." for service, _ in changes)
    assert statuses(remote, "after") == dict(changes)
    git(remote.bare, "fsck", "--strict")
