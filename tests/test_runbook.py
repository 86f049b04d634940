"""The runbook's promises, with its own lines: in clones of a real remote."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from code_hosts import Remote, copied, events, first_remote, statuses
from door import Result, child_environ, git, run_stashgen

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "runbook.md"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return first_remote(tmp_path_factory.mktemp("runbook"), "none")


@pytest.fixture
def remote(first: Path, tmp_path: Path) -> Remote:
    return copied(first, tmp_path)


def lines(heading: str, number: int = 0) -> str:
    """Return a shell block of a part of the runbook."""
    part = re.split(r"^## ", PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2], flags=re.MULTILINE)[0]
    blocks: list[str] = re.findall(r"^```sh\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
    return blocks[number]


def shell(folder: Path, script: str) -> str:
    """Run lines of the runbook as somebody would who types them."""
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=folder, env=child_environ({"GIT_PAGER": "cat"}),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done
    return done.stdout


def said(folder: Path, *arguments: str) -> Result:
    """Run stashgen in a clone; fail when it does."""
    result = run_stashgen(*arguments, cwd=folder)
    assert result.code == 0, result
    return result


def page(remote: Remote) -> str:
    """Return the dashboard that the remote's newest commit makes."""
    clone = remote.clone("page")
    said(clone, "build")
    return (clone / "build" / "index.html").read_text(encoding="utf-8")


def test_a_revert_takes_a_mistake_back_and_the_page_follows(remote: Remote) -> None:
    mine = remote.clone("mine")
    said(mine, "set", "api", "down", "-m", "A false alarm.", "--push")
    assert statuses(remote, "before")["api"] == "down"
    assert "A false alarm." in page(remote)
    shell(remote.clone("somebody"), lines("Revert a mistake"))
    assert set(statuses(remote, "after").values()) == {"up"}
    assert "A false alarm." not in page(remote)
    # The clone that made it goes on, and does not make it again.
    said(mine, "set", "website", "warning", "-m", "Something else.", "--push")
    assert statuses(remote, "later") == {"api": "up", "website": "warning", "sign-in": "up"}
    assert "A false alarm." not in page(remote)


def test_an_update_alone_can_be_reverted(remote: Remote) -> None:
    mine = remote.clone("mine")
    said(mine, "set", "api", "down", "-m", "No answers.", "--push")
    said(mine, "set", "api", "up", "-m", "It is back, we thought.", "--push")
    assert statuses(remote, "before")["api"] == "up"
    shell(mine, lines("Revert a mistake"))
    assert statuses(remote, "after")["api"] == "down"
    said(mine, "set", "api", "up", "-m", "Now it is back.", "--push")
    (event,) = events(remote, "events").values()
    assert [update["message"].strip() for update in event["updates"]] == ["No answers.", "Now it is back."]


def test_two_people_resolve_at_once(remote: Remote) -> None:
    said(remote.clone("start"), "set", "api", "down", "-m", "No answers.", "--push")
    clones = [remote.clone("ada"), remote.clone("bob")]
    (name,) = events(remote, "events")
    for clone, words in zip(clones, ("Ada mended it.", "Bob saw it work."), strict=True):
        said(clone, "incident", "resolve", name, "-m", words)
    for clone in clones:
        said(clone, "set", "website", "warning", "-m", f"Also slow, says {clone.name}.", "--push")
    (event,) = [one for id_, one in events(remote, "after").items() if id_ == name]
    told = [update["message"].strip() for update in event["updates"]]
    assert sorted(told[1:]) == ["Ada mended it.", "Bob saw it work."]
    assert statuses(remote, "after")["api"] == "up"
    assert len(remote.subjects()) == 1 + 1 + 2 + 2
    refused = run_stashgen("incident", "resolve", name, "-m", "Me too.", cwd=remote.clone("late"))
    assert refused.code == 1
    assert "resolved already" in refused.err


def test_the_remote_is_down_and_comes_back(remote: Remote, tmp_path: Path) -> None:
    mine = remote.clone("mine")
    away = remote.bare.rename(tmp_path / "away.git")
    failed = run_stashgen("set", "api", "down", "-m", "No answers.", "--push", cwd=mine)
    assert failed.code == 1
    assert failed.err.startswith("not pushed:")
    said(mine, "build")
    assert "No answers." in (mine / "build" / "index.html").read_text(encoding="utf-8")
    away.rename(remote.bare)
    said(mine, "set", "website", "warning", "-m", "Slow.", "--push")
    assert statuses(remote, "after") == {"api": "down", "website": "warning", "sign-in": "up"}


def test_a_parked_change_is_found_and_let_go(remote: Remote) -> None:
    mine, theirs = remote.clone("mine"), remote.clone("theirs")
    said(mine, "set", "api", "down", "-m", "No answers.")
    git(theirs, "rm", "-q", "site-data/services/api.yaml")
    for event in list((theirs / "site-data" / "events").rglob("*.yaml")):
        git(theirs, "rm", "-q", str(event.relative_to(theirs)))
    git(theirs, "commit", "-q", "-m", "Take the API off the page")
    git(theirs, "push", "-q")
    pushed = run_stashgen("set", "website", "warning", "-m", "Slow.", "--push", cwd=mine)
    assert "parked, as it cannot be carried out on what the remote has" in pushed.err, pushed
    assert statuses(remote, "after") == {"website": "warning", "sign-in": "up"}
    find, look, _, away = lines("A parked change").splitlines()
    (found,) = shell(mine, find).splitlines()
    name = found.rpartition("/")[2]
    assert "No answers." in shell(mine, look.replace("ID", name))
    assert parked(mine) == 1
    shell(mine, away.replace("ID", name))
    assert parked(mine) == 0


def parked(clone: Path) -> int:
    """Return how many changes the gateway would tell of."""
    code = "import os; from pathlib import Path; from stashgen.repository import Repository\n"
    code += "with Repository(Path(), os.environ) as repository: print(len(repository.parked()))"
    return int(shell(clone, f"python3 - <<'PY'\n{code}\nPY\n".replace("python3", _python())))


def _python() -> str:
    return json.dumps(sys.executable)


def test_what_a_token_did_is_found_by_its_name(remote: Remote) -> None:
    mine = remote.clone("mine")
    event = {"event_type": "status", "client_payload": {"service": "api", "status": "down", "message": "Nonsense."}}
    done = run_stashgen(
        "ingest", "dispatch", "--push", cwd=mine, env={"GITHUB_ACTOR": "nagios"}, stdin=json.dumps(event)
    )
    assert done.code == 0, done
    look, revert, push = lines("Rotate a token", 1).splitlines()
    (found,) = shell(mine, look).splitlines()
    assert "down" in found
    shell(mine, "\n".join([revert.replace("COMMIT", found.split()[0]), push]))
    assert set(statuses(remote, "after").values()) == {"up"}


def test_a_storm_is_dropped_by_the_rule_of_the_runbook(remote: Remote) -> None:
    mine = remote.clone("mine")
    rule = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)[0]
    (mine / "site-data" / "automation.yaml").write_text(rule, encoding="utf-8")
    said(mine, "check", "--strict")
    alert = {"status": "firing", "labels": {"alertname": "FlappingDisk", "service": "api"}, "annotations": {}}
    body = json.dumps({"version": "4", "status": "firing", "alerts": [{**alert, "fingerprint": "f1"}]})
    told = run_stashgen("ingest", "alertmanager", cwd=mine, stdin=body)
    assert told.code == 0, told
    assert git(mine, "log", "--format=%s", "origin/main..main") == ""
