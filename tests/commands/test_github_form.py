"""The form `Status change`: its steps run in a clone of a real remote, with whatever people and attackers type."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from code_hosts import Ran, Remote, documents, git, remote_of, run_github
from door import NOW, Run

PERSON: Final = {"GITHUB_ACTOR": "octo-cat", "GITHUB_ACTOR_ID": "583231"}
HOSTILE: Final = (
    "$(touch pwned) `touch pwned` ${IFS}touch${IFS}pwned",
    '"; touch pwned; echo "',
    "'; touch pwned; echo '",
    "first\n\nsecond\ntouch pwned\n",
    "first\r\nsecond",
    "--push --title=pwned",
    "-",
    "-- touch pwned",
    "Wir prüfen es. \U0001f525 عذرًا",
    "${{ github.token }} {{ set.x }} @@version@@ %s %n \\n \\x41",
    "* ? [a-z] ~ ! # & | < > ; \\",
)


@pytest.fixture
def remote(tmp_path: Path, invoke: Run) -> Remote:
    assert invoke("init", "site", "--now", NOW).code == 0
    return remote_of(tmp_path / "site", tmp_path)


def form(clone: Path, **inputs: str) -> Ran:
    """Press the button of the form."""
    (workflow,) = documents(clone / ".github" / "workflows" / "status-change.yml")
    context: Mapping[str, Any] = {
        "github": {"event_name": "workflow_dispatch", "ref_type": "branch", "event": {"inputs": inputs}},
        "inputs": {"title": "", **inputs},
    }
    return run_github(clone, workflow["jobs"]["change"], context, PERSON)


def newest_event(remote: Remote, name: str) -> Any:
    """Return the event that the newest commit of the remote touched."""
    path = git(remote.bare, "show", "--name-only", "--format=", "main").strip()
    assert path.startswith("site-data/events/"), path
    clone = remote.clone(name)
    return yaml.safe_load((clone / path).read_text(encoding="utf-8"))


def pwned(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name == "pwned"]


def test_the_form_changes_the_page_of_the_remote(remote: Remote, tmp_path: Path, invoke: Run) -> None:
    ran = form(remote.clone("job"), service="api", status="down", message="No answers.", title="The API is gone")
    assert ran.code == 0, ran.err
    event = newest_event(remote, "after")
    assert (event["title"], event["services"]) == ("The API is gone", {"api": "down"})
    author = git(remote.bare, "log", "-1", "--format=%an <%ae>", "main").strip()
    assert author == "octo-cat <583231+octo-cat@users.noreply.github.com>"
    assert len(remote.subjects()) == 2
    assert form(remote.clone("later"), service="api", status="up", message="It is back.").code == 0
    assert newest_event(remote, "resolved")["updates"][-1]["state"] == "resolved"
    assert invoke("status", cwd=remote.clone("page")).code == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_typed_is_only_ever_text(remote: Remote, tmp_path: Path, home: Path, text: str) -> None:
    ran = form(remote.clone("job"), service="api", status="warning", message=text, title=" ".join(text.split()))
    assert ran.code == 0, ran.err
    event = newest_event(remote, "after")
    assert event["updates"][0]["message"].strip() == text.replace("\r\n", "\n").strip()
    assert event["title"] == " ".join(text.split())
    assert pwned(tmp_path) == pwned(home) == []
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


def test_forms_sent_at_the_same_time_all_arrive(remote: Remote, tmp_path: Path, invoke: Run) -> None:
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
    shown = invoke("status", "--format", "json", cwd=remote.clone("page")).out
    for service, status in changes:
        assert f"About {service}." in git(remote.bare, "grep", "-h", "About", "main"), shown
        assert status
    git(remote.bare, "fsck", "--strict")
