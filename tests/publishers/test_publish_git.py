"""`stashgen publish git:REMOTE#BRANCH` to real bare repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest
from door import Run, git, write_files
from publish_sites import (
    SERVICES,
    States,
    counts,
    differences,
    ended,
    listed,
    outcomes,
    publishing,
    tree,
)

from stashgen.files import MANIFEST

BRANCH: Final = "gh-pages"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """Return an empty bare repository in a folder with odd letters."""
    folder = tmp_path / "bare 'repo' حالة.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(folder))
    return folder


@pytest.fixture
def clone(tmp_path: Path, bare: Path) -> Path:
    """Return a project with a commit, changes in its index and in its work tree, and the remote `origin`."""
    project = write_files(tmp_path / "site", {**SERVICES, ".gitignore": "build/\n"})
    git(project, "init", "--quiet", "--initial-branch=main")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "-m", "First")
    git(project, "remote", "add", "origin", os.path.relpath(bare, project))
    git(project, "push", "--quiet", "origin", "main")
    write_files(project, {"staged": "x", "changed": "x"})
    git(project, "add", "staged")
    return project


def branch_tree(bare: Path, scratch: Path, branch: str = BRANCH) -> dict[str, bytes]:
    """Return the files of a branch, as a clone gets them."""
    subprocess.run(["rm", "-rf", str(scratch)], check=True)
    git(bare, "clone", "--quiet", "--branch", branch, "--depth=1", str(bare), str(scratch))
    subprocess.run(["rm", "-rf", str(scratch / ".git")], check=True)
    return tree(scratch)


def of_project(project: Path) -> dict[str, bytes]:
    """Return all of a project's repository, but what a mere look may refresh."""
    return {name: data for name, data in tree(project).items() if name != ".git/index"}


def commits(bare: Path, branch: str = BRANCH) -> int:
    return len(git(bare, "rev-list", branch).split())


def test_a_branch_becomes_the_site_and_the_project_is_not_touched(
    invoke: Run, states: States, clone: Path, bare: Path, tmp_path: Path
) -> None:
    before, status = of_project(clone), git(clone, "status", "--porcelain")
    target, everything = f"git:origin#{BRANCH}", len(listed(states.old))
    first = invoke("publish", "-C", clone, "-o", states.old, target, "--json")
    assert counts(first) == ("published", everything + 1, 0, 0), first
    assert differences(tree(states.old), branch_tree(bare, tmp_path / "c")) == []
    again = invoke("publish", "-C", clone, "-o", states.old, target, "--json")
    assert counts(again) == ("unchanged", 0, everything, 0)
    changed = differences(tree(states.old), tree(states.new))
    assert counts(invoke("publish", "-C", clone, "-o", states.new, target, "--json"))[1] == len(changed)
    assert counts(invoke("publish", "-C", clone, "-o", states.again, target, "--json"))[3] > 0
    assert differences(tree(states.again), branch_tree(bare, tmp_path / "c")) == []
    assert commits(bare) == 1, "squashed"
    assert (of_project(clone), git(clone, "status", "--porcelain")) == (before, status)
    assert git(clone, "for-each-ref", "--format=%(refname)").split() == ["refs/heads/main", "refs/remotes/origin/main"]


def test_a_history_grows_when_asked_to(invoke: Run, states: States, clone: Path, bare: Path, tmp_path: Path) -> None:
    for number, state in enumerate((states.old, states.new, states.new, states.again), 1):
        done = invoke("publish", "-C", clone, "-o", state, f"git:origin#{BRANCH}", "--history", "growing")
        assert done.code == 0, done
        assert commits(bare) == min(number, 2) + (number == 4)
    assert differences(tree(states.again), branch_tree(bare, tmp_path / "c")) == []


def test_the_commit_names_its_source_and_who_made_it(invoke: Run, clone: Path, bare: Path) -> None:
    assert invoke("build", "-C", clone, "--now", "2026-11-23T10:30:00Z").code == 0
    source = git(clone, "rev-parse", "HEAD").strip()
    for environ, name in (({}, "Test Author"), ({"GIT_COMMITTER_NAME": "", "EMAIL": ""}, "stashgen")):
        args = ("publish", "-C", clone, f"git:origin#{name.split()[0]}")
        assert invoke(*args, env={**environ, "SOURCE_DATE_EPOCH": "1795432800"}).code == 0
        told = git(bare, "log", "-1", "--format=%an%n%cn%n%aI%n%B", name.split()[0])
        assert told.splitlines()[:3] == [name, name, "2026-11-23T11:20:00+00:00"]
        assert f"Source: {source}" in told


def test_strangers_on_the_branch_stay(invoke: Run, states: States, clone: Path, bare: Path, tmp_path: Path) -> None:
    target = f"git:./{os.path.relpath(bare, tmp_path)}#{BRANCH}"
    assert invoke("publish", "-C", clone, "-o", states.new, target).code == 0
    there = tmp_path / "there"
    git(bare, "clone", "--quiet", "--branch", BRANCH, str(bare), str(there))
    strangers = {"google123.html": b"proof", "static/new/theirs": b"x"}
    git(write_files(there, strangers), "add", ".")
    git(there, "commit", "--quiet", "-m", "Ours")
    git(there, "push", "--quiet")
    for history in ("squashed", "growing"):
        for state in (states.again, states.new):
            done = invoke("publish", "-C", clone, "-o", state, target, "--history", history, "--force")
            assert done.code == 0, done
            assert differences({**tree(state), **strangers}, branch_tree(bare, tmp_path / "c")) == []


def test_what_is_newer_is_left_and_a_foreign_branch_too(
    invoke: Run, states: States, clone: Path, bare: Path, tmp_path: Path
) -> None:
    target = f"git:origin#{BRANCH}"
    assert invoke("publish", "-C", clone, "-o", states.new, target).code == 0
    left = invoke("publish", "-C", clone, "-o", states.old, target)
    assert (left.code, "left as it is" in left.out) == (0, True)
    assert differences(tree(states.new), branch_tree(bare, tmp_path / "c")) == []
    write_files(clone, {"index.html": "a shop"})
    git(clone, "add", "index.html")
    git(clone, "commit", "--quiet", "-m", "Shop")
    git(clone, "push", "--quiet", "origin", "HEAD:shop")
    foreign = invoke("publish", "-C", clone, "-o", states.old, "git:origin#shop")
    assert (foreign.code, "of no site of stashgen" in foreign.err) == (1, True)
    assert branch_tree(bare, tmp_path / "c", "shop")["index.html"] == b"a shop"


def test_a_dry_run_moves_nothing(invoke: Run, states: States, clone: Path, bare: Path) -> None:
    done = invoke("publish", "-C", clone, "-o", states.old, f"git:origin#{BRANCH}", "--dry-run", "--json")
    assert outcomes(done)[0]["outcome"] == "planned"
    assert MANIFEST in outcomes(done)[0]["files"]["send"]
    assert git(bare, "branch", "--list", BRANCH) == ""


def hook(bare: Path, script: str) -> None:
    path = bare / "hooks" / "pre-receive"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("rival", ["older", "newer"])
def test_a_lost_race_is_decided_again(
    invoke: Run, states: States, *, clone: Path, bare: Path, tmp_path: Path, rival: str
) -> None:
    # While our push is on its way, the branch moves to what another one has pushed meanwhile.
    state = {"older": states.old, "newer": states.again}[rival]
    assert invoke("publish", "-C", clone, "-o", state, "git:origin#rival").code == 0
    hook(
        bare,
        f"unset GIT_QUARANTINE_PATH; [ -e raced ] || {{ touch raced; git update-ref refs/heads/{BRANCH} "
        f"{git(bare, 'rev-parse', 'rival').strip()}; }}",
    )
    done = invoke("publish", "-C", clone, "-o", states.new, f"git:origin#{BRANCH}")
    assert (bare / "raced").exists()
    assert (done.code, ("left as it is" in done.out)) == (0, rival == "newer"), done
    won = states.again if rival == "newer" else states.new
    assert differences(tree(won), branch_tree(bare, tmp_path / "c")) == []


def test_many_at_once_end_with_the_newest(states: States, clone: Path, bare: Path, tmp_path: Path) -> None:
    args = ("-C", clone, f"git:origin#{BRANCH}", "--history", "growing")
    with (
        publishing("-o", states.again, *args, cwd=tmp_path) as again,
        publishing("-o", states.new, *args, cwd=tmp_path) as new,
        publishing("-o", states.old, *args, cwd=tmp_path) as old,
    ):
        done = [ended(process) for process in (again, new, old)]
    assert [one.code for one in done] == [0, 0, 0], done
    assert differences(tree(states.again), branch_tree(bare, tmp_path / "c")) == []


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("git:orign#x", "there is no remote `orign` (did you mean `origin`?)"),
        ("git:./nowhere#x", "there is no such repository"),
        ("git:origin#a..b", "give a remote and a branch"),
        ("git:ssh://127.0.0.1:9/x#y", "port 9"),
        ("git:https://user:s3cret@127.0.0.1:9/x#y", "127.0.0.1"),
    ],
)
def test_what_will_not_work_is_one_line(invoke: Run, states: States, clone: Path, target: str, words: str) -> None:
    done = invoke("publish", "-C", clone, "-o", states.old, target, "--retries", "0")
    assert (done.code, words in done.err, done.err.count("\n")) == (1, True, 1), done.err
    assert "s3cret" not in done.err + done.out


def test_a_rule_of_the_remote_is_told_in_its_words(invoke: Run, states: States, clone: Path, bare: Path) -> None:
    hook(bare, "echo 'pages are frozen' >&2; exit 1")
    done = invoke("publish", "-C", clone, "-o", states.old, f"git:origin#{BRANCH}")
    assert (done.code, "the remote does not take it" in done.err) == (1, True), done
    assert "pages are frozen" in done.err


def test_settings_of_the_project_reach_the_remote(
    invoke: Run, states: States, clone: Path, bare: Path, tmp_path: Path
) -> None:
    # What a job of a code host does: the way to the remote stands in the clone's own settings, and nowhere else.
    git(clone, "config", f"url.{bare}.insteadOf", "https://code.example.com/site.git")
    done = invoke("publish", "-C", clone, "-o", states.old, f"git:https://code.example.com/site.git#{BRANCH}")
    assert done.code == 0, done
    assert differences(tree(states.old), branch_tree(bare, tmp_path / "c")) == []


def test_a_hook_of_the_project_has_no_say(invoke: Run, states: States, clone: Path, tmp_path: Path) -> None:
    write_files(clone, {".git/hooks/pre-push": f"#!/bin/sh\ntouch {tmp_path}/asked\nexit 1\n"})
    (clone / ".git/hooks/pre-push").chmod(0o755)
    assert invoke("publish", "-C", clone, "-o", states.old, f"git:origin#{BRANCH}").code == 0
    assert not (tmp_path / "asked").exists()
