"""Pull requests: checked without rights or secrets, and told in one comment what they would change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import markdown
import pytest
from code_hosts import FEW_FILES, Remote, copied, evaluated, first_remote
from door import git, write_files
from github_api import GitHub
from github_runner import Event, Job, Runner, workflow
from hostile_words import EVERYTHING, HOSTILE, pwned

SHA: Final = "a" * 40
MARK: Final = "<!-- stashgen: what would change -->"
BRANCHES: Final = ("main", "feature/x&per_page=1", "$(touch${IFS}pwned)", "`touch pwned`;#", "a'b\"c", "ü-عذرًا")


class Desk(NamedTuple):
    """A repository on GitHub with its API."""

    runner: Runner
    github: GitHub

    def check(self, files: Mapping[str, str], branch: str = "change") -> Job:
        """Run the check of a pull request that changes these files."""
        clone = self.runner.remote.clone("fork")
        git(clone, "checkout", "--quiet", "-b", branch)
        write_files(clone, files)
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "--message=Change")
        git(clone, "checkout", "--quiet", "--detach", "origin/main")
        git(clone, "merge", "--quiet", "--no-ff", "--message=Merge", branch)
        git(clone, "push", "--quiet", "--force", "origin", "HEAD:refs/pull/3/merge")
        event = Event("pull_request", {"pull_request": {"number": 3}}, "refs/pull/3/merge")
        return self.runner.run(workflow(clone, "status-check"), event)["check"]

    def comment(self, branch: str = "change", sha: str = SHA, owner: str = "mallory") -> Job:
        """Run what follows the check."""
        repository = {"owner": {"login": owner}, "full_name": f"{owner}/status"}
        run = {
            "id": 77, "event": "pull_request", "conclusion": "success", "head_sha": sha, "head_branch": branch,
            "head_repository": repository, "pull_requests": [],
        }  # fmt: skip
        flow = self.runner.remote.workflow("status-comment")
        return self.runner.run(flow, Event("workflow_run", {"workflow_run": run}))["comment"]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return first_remote(tmp_path_factory.mktemp("github"), "github", settings=FEW_FILES)


@pytest.fixture
def desk(first: Path, tmp_path: Path) -> Iterator[Desk]:
    remote: Remote = copied(first, tmp_path)
    with GitHub(remote.bare).running() as github:
        github.pulls = [pull(3, "change")]
        yield Desk(Runner(remote, github.url), github)


def pull(number: int, branch: str, sha: str = SHA, owner: str = "mallory") -> dict[str, Any]:
    return {"number": number, "owner": owner, "branch": branch, "head": {"sha": sha}}


def test_a_good_change_has_a_preview_and_a_summary(desk: Desk) -> None:
    job = desk.check({"site-data/services/mail.yaml": "name: Mail\n"})
    assert job.result == "success", job.told.err
    preview = desk.runner.artifacts["preview"]
    assert "Mail" in (preview / "index.html").read_text()
    change = (desk.runner.artifacts["change"] / "change.md").read_text()
    assert "mail" in change.lower()
    (summary,) = [path for path in desk.runner.remote.scratch.glob("* temp/step_summary") if path.stat().st_size]
    assert summary.read_text() == f"### On the status page\n\n{change}"


def test_a_broken_file_is_named_beside_its_line_and_the_rest_is_shown(desk: Desk) -> None:
    job = desk.check(
        {"site-data/services/mail.yaml": "nam: Mail\n", "site-data/services/search.yaml": "name: Search\n"}
    )
    assert job.result == "failure"
    assert re.search(r"^::error file=site-data/services/mail.yaml,line=\d", job.told.out, re.MULTILINE), job.told.out
    assert "Search" in (desk.runner.artifacts["preview"] / "index.html").read_text()
    assert "change" in desk.runner.artifacts


def test_where_nothing_can_be_read_the_comment_says_so(desk: Desk) -> None:
    clone = desk.runner.remote.clone("fork")
    git(clone, "rm", "-r", "--quiet", "site-data")
    git(clone, "commit", "--quiet", "--message=Merge")
    git(clone, "push", "--quiet", "origin", "HEAD:refs/pull/3/merge")
    event = Event("pull_request", {"pull_request": {"number": 3}}, "refs/pull/3/merge")
    assert desk.runner.run(workflow(clone, "status-check"), event)["check"].result == "failure"
    assert (desk.runner.artifacts["change"] / "change.md").read_text() == "That cannot be told: the check says why.\n"


def test_the_check_of_a_fork_needs_nothing_and_may_write_nothing(desk: Desk) -> None:
    flow = desk.runner.remote.workflow("status-check")
    assert list(flow["on"]) == ["pull_request"], "pull_request_target would run it with secrets"
    assert flow["permissions"] == {"contents": "read"}
    assert "permissions" not in flow["jobs"]["check"]
    text = json.dumps(flow)
    assert "secrets." not in text
    assert "github.token" not in text
    assert [step for step in flow["jobs"]["check"]["steps"] if "actions/cache@" in step.get("uses", "")] == []


def test_what_a_pull_request_says_is_only_ever_text(desk: Desk, tmp_path: Path, home: Path) -> None:
    files = {}
    for number, text in enumerate(HOSTILE):
        name = re.sub(r"[^\w$(){}` ;-]", "", " ".join(text.split()))[:60].strip() or "x"
        files[f"site-data/static/{name}.txt"] = text
        files[f"site-data/services/s{number}.yaml"] = f"name: {json.dumps(text)}\n"
    job = desk.check(files)
    assert "Say what would change" in job.ran
    assert "change" in desk.runner.artifacts
    assert pwned(tmp_path, home) == []


def test_one_comment_follows_the_pull_request(desk: Desk) -> None:
    desk.github.change = b"API: up -> **down**\n"
    assert desk.comment().result == "success"
    (said,) = desk.github.comments
    assert said["body"].startswith(f"{MARK}\n### On the status page\n\nAPI: up -> **down**\n")
    assert "(https://github.com/acme/status/actions/runs/77#artifacts)" in said["body"]
    desk.github.change = b"Nothing changes.\n"
    strangers = [{"id": number, "user": {"login": "mallory"}, "body": MARK} for number in range(100)]
    desk.github.comments[:0] = strangers
    assert desk.comment().result == "success"
    assert [one["body"] for one in desk.github.comments[:100]] == [MARK] * 100
    assert len(desk.github.comments) == 101
    assert "Nothing changes." in desk.github.comments[100]["body"]


@pytest.mark.parametrize("branch", BRANCHES)
def test_the_name_of_a_branch_is_only_ever_text(desk: Desk, tmp_path: Path, home: Path, branch: str) -> None:
    desk.github.change = b"Nothing changes.\n"
    desk.github.pulls = [pull(4, branch, owner="somebody"), pull(5, branch, "b" * 40), pull(6, branch)]
    job = desk.comment(branch)
    assert job.result == "success", job.told.err
    assert len(desk.github.comments) == 1
    assert pwned(tmp_path, home) == []


@pytest.mark.parametrize("facts", [{"sha": "b" * 40}, {"branch": "other"}, {"owner": "eve"}])
def test_nothing_is_said_of_what_is_no_open_pull_request_any_more(desk: Desk, facts: Mapping[str, str]) -> None:
    desk.github.change = b"Nothing changes.\n"
    assert desk.comment(**facts).result == "success"
    assert desk.github.comments == []


def test_a_check_that_broke_off_says_nothing(desk: Desk) -> None:
    assert desk.comment().result == "success"
    assert desk.github.comments == []


BAIT: Final = (
    "[win](https://evil.example/x) ![](https://evil.example/p.png) <https://evil.example> https://evil.example "
    "www.evil.example WWW.evil.example a@evil.example @acme/everybody &#64;acme &commat;acme acme/status#1 #12 GH-12\n"
    '<a href="//evil.example">x</a> <img src=x> <!-- --> <details>\n\n[y]\n\n[y]: https://evil.example\n\n'
    '[z](https:&#47;&#47;evil.example) \\[w](//evil.example) \\\\<a href="https&colon;//evil.example">\n\n'
    '```mermaid\ngraph TD; a; click a "http:evil.example"\n```'
)


def test_what_was_made_by_others_becomes_no_link_and_calls_nobody(desk: Desk) -> None:
    desk.github.change = f"- **API**: `up` &lt;b&gt; a < b\n\n{BAIT}\n\n{EVERYTHING}".encode()
    assert desk.comment().result == "success"
    body = desk.github.comments[0]["body"].removeprefix(MARK)
    text, _, foot = body.rpartition("\n---\n")
    assert foot.count("](https://github.com/acme/status/actions/runs/77") == 2
    html = markdown.markdown(text)
    assert re.findall(r"<(?!/?(?:h3|p|ul|li|strong|em|code|br|hr|pre|blockquote|ol)\b)[a-z!/]", html) == []
    bait = r"@[a-z]|://|www\.|#\d|GH-\d|&(?=[#a-z])(?!lt;|gt;|amp;|quot;)|mermaid$"
    assert re.findall(bait, text, re.IGNORECASE | re.MULTILINE) == []
    assert "<strong>API</strong>: <code>up</code> &lt;b&gt;" in html


@pytest.mark.parametrize("data", [b"<a" * 100_000, "@\U0001f525".encode() * 30_000, b"\xff\xfe" * 40_000, b""])
def test_a_comment_is_never_longer_than_github_takes(desk: Desk, data: bytes) -> None:
    desk.github.change = data
    job = desk.comment()
    assert job.result == "success", job.told.err
    assert len(desk.github.comments[0]["body"]) <= 65_536


def test_the_comment_is_written_for_pull_requests_alone_and_runs_nothing_of_theirs(desk: Desk) -> None:
    flow = desk.runner.remote.workflow("status-comment")
    job = flow["jobs"]["comment"]
    assert flow["permissions"] == {}
    assert job["permissions"] == {"actions": "read", "pull-requests": "write"}
    assert [step for step in job["steps"] if "uses" in step] == []
    for event, conclusion, is_posted in [
        ("pull_request", "success", True), ("pull_request", "failure", True), ("pull_request", "cancelled", False),
        ("push", "success", False),
    ]:  # fmt: skip
        run = {"workflow_run": {"event": event, "conclusion": conclusion}}
        assert evaluated(job["if"], {"github": {"event": run}}) is is_posted
