"""Once is once: runs side by side, runs that are killed, clones that live for minutes, remotes that refuse."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from door import NOW, Run, child_environ, git, write_files
from news_receivers import PATIENCE_SECONDS, Receiver
from news_site import EVENT, FIRST, LATER, OPENED, RESOLVED, SITE, committed, ledger, notify, with_remote

AFTER_THE_CLAIM = "2026-11-23T10:46:00Z"


@pytest.fixture
def site(tmp_path: Path, invoke: Run, hook: Receiver) -> Path:
    """Return a clone of a page, with a remote, whose first run has been and that has two pieces of news."""
    folder = with_remote(tmp_path)
    assert "counts as told" in notify(invoke, folder, hook, now=FIRST).out
    committed(folder, {EVENT: OPENED + RESOLVED})
    git(folder, "push", "--quiet")
    return folder


def started(folder: Path, hook: Receiver, now: str = LATER) -> subprocess.Popen[str]:
    """Start a run in a process of its own."""
    command = [sys.executable, "-m", "stashgen", "notify", "-C", str(folder), "--now", now]
    env = child_environ({"OPS_URLS": hook.apprise})
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def killed_after(messages: int, folder: Path, hook: Receiver, now: str = LATER) -> None:
    """Kill a run once so many messages have come, the last of which is not answered."""
    run = started(folder, hook, now)
    hook.wait_for(messages)
    run.send_signal(signal.SIGKILL)
    run.communicate(timeout=PATIENCE_SECONDS)
    hook.gate.set()


def cloned(site: Path, name: str, *options: str) -> Path:
    folder = site.parent / name
    git(site.parent, "clone", "--quiet", *options, (site.parent / "remote.git").as_uri(), str(folder))
    return folder


def test_every_run_in_a_clone_of_its_own(site: Path, invoke: Run, hook: Receiver) -> None:
    for name in ("two", "three"):
        told = notify(invoke, cloned(site, name, "--depth=1"), hook)
        assert (told.code, told.err) == (0, "")
    assert hook.titles == ["[Investigating] API errors · API", "[Resolved] API errors · API"]
    assert ledger(site.parent / "remote.git") == ledger(site.parent / "two")
    assert git(site.parent / "remote.git", "rev-list", "--count", "refs/stashgen/notified") == "1\n", (
        "no history piles up"
    )


def test_runs_side_by_side(site: Path, hook: Receiver) -> None:
    folders = [site, site, cloned(site, "two"), cloned(site, "three")]
    runs = [started(folder, hook) for folder in folders]
    ends = [(run.communicate(timeout=PATIENCE_SECONDS), run.returncode) for run in runs]
    assert [code for _, code in ends] == [0, 0, 0, 0], ends
    assert sorted(hook.titles) == ["[Investigating] API errors · API", "[Resolved] API errors · API"]
    assert '"by"' not in ledger(site.parent / "remote.git"), "no claim is left"


def test_runs_side_by_side_while_the_receiver_fails(site: Path, invoke: Run, hook: Receiver) -> None:
    hook.failures = 7
    runs = [started(folder, hook) for folder in (site, cloned(site, "two"), cloned(site, "three"))]
    ends = [(run.communicate(timeout=PATIENCE_SECONDS), run.returncode) for run in runs]
    assert {code for _, code in ends} <= {0, 1}, ends
    assert all("Traceback" not in err for (_, err), _ in ends)
    assert notify(invoke, site, hook).code == int(hook.failures > 0)
    hook.failures = 0
    assert notify(invoke, site, hook).code == 0
    assert hook.titles == ["[Investigating] API errors · API", "[Resolved] API errors · API"]


def test_a_run_that_is_killed_leaves_a_claim_that_ends(site: Path, invoke: Run, hook: Receiver) -> None:
    hook.held_from = 0
    killed_after(1, site, hook)
    assert len(hook.bodies) == 1
    two = cloned(site, "two")
    held = notify(invoke, two, hook)
    assert held == (0, "Another run is telling 2 pieces of news: they are left to it.\n", "")
    assert len(hook.bodies) == 1
    assert notify(invoke, two, hook, now=AFTER_THE_CLAIM).code == 0
    # The first had left when the run died, before it could say so: twice is better than never.
    assert hook.titles[1:] == ["[Investigating] API errors · API", "[Resolved] API errors · API"]
    assert "nothing new" in notify(invoke, site, hook, now=AFTER_THE_CLAIM).out


def test_a_claim_of_a_machine_whose_clock_is_ahead_ends_too(site: Path, invoke: Run, hook: Receiver) -> None:
    hook.held_from = 0
    killed_after(1, site, hook, now="2026-11-24T08:00:00Z")
    assert notify(invoke, site, hook).out.splitlines()[-1] == "2 messages told."


def test_what_was_noted_before_a_kill_is_not_told_again(site: Path, invoke: Run, hook: Receiver) -> None:
    hook.held_from = 1
    killed_after(2, site, hook)
    assert notify(invoke, cloned(site, "two"), hook, now=AFTER_THE_CLAIM).code == 0
    assert hook.titles.count("[Investigating] API errors · API") == 1


def test_an_interrupt_gives_the_claim_back(site: Path, invoke: Run, hook: Receiver) -> None:
    hook.held_from = 0
    run = started(site, hook)
    hook.wait_for(1)
    run.send_signal(signal.SIGINT)
    threading.Timer(0.3, hook.gate.set).start()
    run.communicate(timeout=PATIENCE_SECONDS)
    assert run.returncode == 130
    assert notify(invoke, site, hook).code == 0
    assert hook.titles == ["[Investigating] API errors · API", "[Resolved] API errors · API"], "each once"


def test_a_remote_that_refuses_or_is_gone_lets_nobody_be_told(site: Path, invoke: Run, hook: Receiver) -> None:
    remote = site.parent / "remote.git"
    refuse = remote / "hooks/pre-receive"
    write_files(remote / "hooks", {"pre-receive": "#!/bin/sh\necho not for you >&2\nexit 1\n"})
    refuse.chmod(0o755)
    refused = notify(invoke, site, hook)
    assert refused.code == 1
    assert "refs/stashgen/notified at origin cannot be written" in refused.err
    assert "not for you" in refused.err
    assert "contents: write" in refused.err
    refuse.unlink()
    remote.rename(site.parent / "gone.git")
    gone = notify(invoke, site, hook)
    assert gone.code == 1
    assert "origin cannot be asked who was told, so nobody is now" in gone.err
    assert hook.bodies == []
    (site.parent / "gone.git").rename(remote)
    assert notify(invoke, site, hook).out.splitlines()[-1] == "2 messages told."


def test_since_a_commit(tmp_path: Path, invoke: Run, hook: Receiver) -> None:
    folder = with_remote(tmp_path, {**SITE, EVENT: OPENED})
    git(folder, "tag", "published")
    committed(folder, {EVENT: OPENED + RESOLVED})
    told = notify(invoke, folder, hook, "--since", "published")
    assert told.out == "ops: [Resolved] API errors · API\n1 message told.\n"
    assert "nothing new" in notify(invoke, folder, hook, "--since", "published").out, "asked again, told once"
    assert "nothing new" in notify(invoke, folder, hook).out
    absent = notify(invoke, folder, hook, "--since", "nowhere")
    assert (absent.code, absent.err) == (1, "error: there is no commit 'nowhere' in this repository\n")


def test_since_a_page(tmp_path: Path, invoke: Run, hook: Receiver, run: Run) -> None:
    folder = with_remote(tmp_path, {**SITE, EVENT: OPENED})
    assert run("build", "-C", folder, "--now", "2026-11-23T10:05:00Z").code == 0
    committed(folder, {EVENT: OPENED + RESOLVED, ".gitignore": "build/\n"})
    git(folder, "push", "--quiet")
    shallow = cloned(folder, "shallow", "--depth=1")
    page = str(folder / "build")
    unknown = notify(invoke, shallow, hook, "--published", page)
    assert unknown.code == 1
    assert "is not in this shallow clone: `git fetch --depth=1 origin" in unknown.err
    git(shallow, "fetch", "--quiet", "--depth=1", "origin", unknown.err.partition("origin ")[2].partition("`")[0])
    assert notify(invoke, shallow, hook, "--published", f"{page}/status.json").out.splitlines() == [
        "ops: [Resolved] API errors · API",
        "1 message told.",
    ]
    hook.page = (folder / "build/status.json").read_bytes()
    assert "nothing new" in notify(invoke, folder, hook, "--published", hook.url).out
    nothing = notify(invoke, folder, hook, "--published", f"{hook.url}elsewhere/")
    assert (nothing.code, nothing.err) == (1, f"error: {hook.url}elsewhere/status.json: answers with 404\n")
    both = notify(invoke, folder, hook, "--published", page, "--since", "HEAD")
    assert both.code == 2
    wrong = notify(invoke, folder, hook, "--published", str(folder / EVENT))
    assert "is no status.json of stashgen" in wrong.err


def test_a_page_from_outside_git_names_no_commit(tmp_path: Path, invoke: Run, hook: Receiver) -> None:
    folder = with_remote(tmp_path)
    write_files(tmp_path, {"status.json": f'{{"built_at": "{NOW}", "commit": null}}'})
    told = notify(invoke, folder, hook, "--published", str(tmp_path / "status.json"))
    assert told.code == 1
    assert "names no commit: say `--since REF`" in told.err


def test_what_a_page_says_of_itself_is_looked_at(tmp_path: Path, invoke: Run, hook: Receiver) -> None:
    folder = with_remote(tmp_path, {**SITE, EVENT: OPENED})
    page = tmp_path / "status.json"
    write_files(tmp_path, {"status.json": '{"built_at": "2026-11-23T10:00:00", "commit": "HEAD"}'})
    naive = notify(invoke, folder, hook, "--published", str(page))
    assert naive.code == 1
    assert "is no status.json of stashgen: it does not say when it was built, with the zone" in naive.err
    forced = "0" * 40
    write_files(tmp_path, {"status.json": f'{{"built_at": "{NOW}", "commit": "{forced}"}}'})
    gone = notify(invoke, folder, hook, "--published", str(page))
    assert gone.err == (
        f"error: there is no commit '{forced}' in this repository: "
        f"`git fetch origin {forced}` may bring it, if it was forced away\n"
    )


def test_a_first_run_says_what_it_passes_over_and_how_to_have_it_told(
    tmp_path: Path, invoke: Run, hook: Receiver
) -> None:
    folder = with_remote(tmp_path)
    git(folder, "tag", "before")
    committed(folder, {EVENT: OPENED + RESOLVED})
    first = notify(invoke, folder, hook)
    assert "2 pieces of news of the last two days too. To have that told, forget refs/stashgen/notified" in first.out
    git(folder, "push", "--quiet", "origin", ":refs/stashgen/notified")
    assert notify(invoke, folder, hook, "--since", "before").out.splitlines()[-1] == "2 messages told."


def test_a_run_on_older_files_takes_nothing_away(site: Path, invoke: Run, hook: Receiver) -> None:
    old = cloned(site, "old")
    git(old, "reset", "--quiet", "--hard", "HEAD~1")
    hook.status = 500
    assert notify(invoke, site, hook).code == 1
    hook.status = 200
    assert notify(invoke, old, hook).out == "There is nothing new to tell.\n"
    assert notify(invoke, site, hook).out.splitlines()[-1] == "2 messages told."
