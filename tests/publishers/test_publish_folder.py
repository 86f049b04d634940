"""`stashgen publish FOLDER`, and what is the same for every kind of target."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from door import Run, child_environ, git, write_files
from publish_sites import (
    CLAIMS,
    SERVICES,
    States,
    await_that,
    counts,
    differences,
    ended,
    listed,
    outcomes,
    publishing,
    tree,
)

from stashgen.files import MANIFEST

PLACE: Final = "a web 'root' حالة"


def published(invoke: Run, built: Path, target: Path | str, *more: str) -> tuple[str, int, int, int]:
    done = invoke("publish", "-o", built, target, "--json", *more)
    assert done.code == 0, done
    return counts(done)


def test_a_folder_becomes_the_site_and_then_only_what_differs_is_sent(
    invoke: Run, states: States, tmp_path: Path
) -> None:
    target = tmp_path / PLACE
    everything = len(listed(states.old))
    assert published(invoke, states.old, target) == ("published", everything + 1, 0, 0)
    assert differences(tree(states.old), tree(target)) == []
    before = {path: path.stat().st_mtime_ns for path in target.rglob("*")}
    assert published(invoke, states.old, target) == ("unchanged", 0, everything, 0)
    assert {path: path.stat().st_mtime_ns for path in target.rglob("*")} == before
    changed = differences(tree(states.old), tree(states.new))
    outcome, sent, unchanged, removed = published(invoke, states.new, target)
    assert (outcome, removed) == ("published", 0)
    assert sent == len(changed)
    assert unchanged == len(listed(states.new)) - (len(changed) - 1)
    assert differences(tree(states.new), tree(target)) == []


def test_strangers_stay_and_what_is_of_the_site_no_longer_goes(invoke: Run, states: States, tmp_path: Path) -> None:
    target = tmp_path / "out"
    published(invoke, states.new, target)
    strangers = {".well-known/acme": b"token", "static/new/theirs.txt": b"theirs", "shop/index.html": b"shop"}
    write_files(target, strangers)
    outcome, _, _, removed = published(invoke, states.again, target)
    assert (outcome, removed) == ("published", len(listed(states.new) - listed(states.again)))
    assert differences({**tree(states.again), **strangers}, tree(target)) == []
    assert not (target / "events" / "2026-11-23-down").exists(), "empty folders go as well"


def test_a_dry_run_lists_and_touches_nothing(invoke: Run, states: States, tmp_path: Path) -> None:
    target = tmp_path / "out"
    done = invoke("publish", "-o", states.new, target, "--dry-run")
    assert (done.code, done.err, target.exists()) == (0, "", False)
    assert "  + index.html\n" in done.out
    published(invoke, states.new, target)
    before = tree(target)
    done = invoke("publish", "-o", states.again, target, "--dry-run")
    assert "  - static/new/file.txt\n" in done.out
    assert "would publish" in done.out
    told = outcomes(invoke("publish", "-o", states.again, target, "--dry-run", "--json"))
    assert "static/new/file.txt" in told[0]["files"]["remove"]
    assert tree(target) == before


def test_what_is_newer_is_left_and_told(invoke: Run, states: States, tmp_path: Path) -> None:
    target = tmp_path / "out"
    published(invoke, states.new, target)
    done = invoke("publish", "-o", states.old, target)
    assert done.code == 0
    assert "left as it is" in done.out
    assert "newer (built 2026-11-23 12:00:00 UTC; here: built 2026-11-23 11:00:00 UTC)" in done.err
    assert differences(tree(states.new), tree(target)) == []
    assert published(invoke, states.old, target, "--force")[0] == "published"
    assert differences(tree(states.old), tree(target)) == []


def test_a_later_commit_is_newer_whenever_it_was_built(invoke: Run, tmp_path: Path) -> None:
    project, target, first = write_files(tmp_path / "site", SERVICES), tmp_path / "out", tmp_path / "first"
    git(project, "init", "--quiet")
    for title, output, hour in (("First", first, 12), ("Second", project / "build", 11)):
        (project / "site-data" / "site.yaml").write_text(f"title: {title}\n")
        git(project, "add", "site-data")
        git(project, "commit", "--quiet", "-m", title)
        assert invoke("build", "-C", project, "-o", output, "--now", f"2026-11-23T{hour}:00:00Z").code == 0
    assert invoke("publish", "-C", project, "-o", first, target).code == 0
    assert "published" in invoke("publish", "-C", project, target).out
    left = invoke("publish", "-C", project, "-o", first, target)
    assert (left.code, "left as it is" in left.out) == (0, True)
    assert b"Second" in (target / "index.html").read_bytes()


def test_an_interrupted_publishing_is_put_right_by_the_next(invoke: Run, states: States, tmp_path: Path) -> None:
    target = tmp_path / "out"
    published(invoke, states.old, target)
    # A folder of somebody else stands where a page shall be, so this stops in the middle.
    write_files(target, {"events/2026-11-23-down/index.html/theirs": "x"})
    failed = invoke("publish", "-o", states.new, target, "--retries", "0")
    assert failed.code == 1
    assert "Is a directory" in failed.err
    assert (target / "static/new/file.txt").exists()
    shutil.rmtree(target / "events/2026-11-23-down/index.html")
    back = invoke("publish", "-o", states.old, target)
    assert "put right" in back.err, "what was whole there last was not newer"
    assert differences(tree(states.old), tree(target)) == []
    assert not (target / CLAIMS).exists()


@pytest.mark.parametrize("moment", [".json", "/new/file.txt", "/events/2026-11-23-down/index.html", MANIFEST])
def test_one_that_is_killed_while_it_writes_leaves_nothing_for_ever(
    invoke: Run, states: States, tmp_path: Path, moment: str
) -> None:
    target = tmp_path / "out"
    published(invoke, states.old, target)
    # The last word of it is a file that is written, and not yet in its place.
    killing = (
        "import os, sys; from stashgen.__main__ import main\n"
        "def hook(event, args):\n"
        f"    if event == 'os.rename' and str(args[1]).endswith({moment!r}): os.kill(os.getpid(), 9)\n"
        "sys.addaudithook(hook); sys.argv[0] = 'stashgen'; main()\n"
    )
    command = [sys.executable, "-c", killing, "publish", "-o", str(states.new), str(target)]
    assert subprocess.run(command, env=child_environ(), check=False).returncode == -signal.SIGKILL
    assert (target / CLAIMS / ".part").exists()
    published(invoke, states.old, target)
    assert differences(tree(states.old), tree(target)) == []
    assert not (target / CLAIMS).exists()


@pytest.mark.parametrize("name", ["x" * 256, "/".join(["x"] * 2100)], ids=["name", "path"])
def test_a_manifest_with_names_that_cannot_be_is_damaged(
    invoke: Run, states: States, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "out"
    published(invoke, states.old, target)
    (target / MANIFEST).write_text(json.dumps({"version": 1, "files": {name: {"sha256": "0" * 64, "size": 1}}}))
    done = invoke("publish", "-o", states.new, target)
    assert (done.code, f"{MANIFEST} is damaged: all files are sent" in done.err) == (0, True), done
    assert differences(tree(states.new), tree(target)) == []


@pytest.mark.parametrize("manifest", [None, b"{", b"[" * 100_000, b'{"files": {"../../x": {"sha256": "", "size": 0}}}'])
def test_a_lost_manifest_is_told_and_all_files_are_sent(
    invoke: Run, states: States, tmp_path: Path, manifest: bytes | None
) -> None:
    target = tmp_path / "out"
    published(invoke, states.old, target)
    (target / MANIFEST).unlink()
    if manifest is not None:
        (target / MANIFEST).write_bytes(manifest)
    (target / "robots.txt").write_text("altered")
    done = invoke("publish", "-o", states.old, target)
    assert done.code == 0
    assert f"{MANIFEST} is {'missing' if manifest is None else 'damaged'}: all files are sent" in done.err
    assert differences(tree(states.old), tree(target)) == []


def test_a_claim_that_cannot_be_read_makes_all_files_be_sent(invoke: Run, states: States, tmp_path: Path) -> None:
    target = tmp_path / "out"
    published(invoke, states.old, target)
    write_files(target, {"robots.txt": "altered", f"{CLAIMS}/torn.json": '{"run": "x', f"{CLAIMS}/note": "theirs"})
    assert "does not tell" in invoke("publish", "-o", states.old, target).err
    (target / CLAIMS / "note").unlink()
    (target / CLAIMS).rmdir()
    assert differences(tree(states.old), tree(target)) == []


def test_a_page_of_somebody_else_is_not_written_over(invoke: Run, states: States, tmp_path: Path) -> None:
    target = write_files(tmp_path / "out", {"index.html": "my shop", "shop.html": "x"})
    done = invoke("publish", "-o", states.old, target)
    assert (done.code, done.out) == (1, "")
    assert "of no site of stashgen" in done.err
    assert tree(target) == {"index.html": b"my shop", "shop.html": b"x"}
    published(invoke, states.old, target, "--force")
    assert differences({**tree(states.old), "shop.html": b"x"}, tree(target)) == []


def test_force_puts_right_what_was_altered_there(invoke: Run, states: States, tmp_path: Path) -> None:
    target = tmp_path / "out"
    published(invoke, states.old, target)
    (target / "index.html").write_text("defaced")
    assert published(invoke, states.old, target)[0] == "unchanged"
    assert published(invoke, states.old, target, "--force")[:2] == ("published", len(listed(states.old)) + 1)
    assert differences(tree(states.old), tree(target)) == []


def test_a_file_takes_the_place_of_a_folder_and_back(invoke: Run, tmp_path: Path) -> None:
    project, target = tmp_path / "site", tmp_path / "out"
    for hour, names in enumerate((["x/y", "z"], ["x", "z/y/w"], ["x/y", "z"]), 10):
        write_files(project, {**SERVICES, **{f"site-data/static/{name}": name for name in names}})
        assert invoke("build", "-C", project, "--now", f"2026-11-23T{hour}:00:00Z").code == 0
        published(invoke, project / "build", target)
        assert differences(tree(project / "build"), tree(target)) == []
        shutil.rmtree(project)


def test_a_signature_comes_with_its_manifest_and_goes_with_it(invoke: Run, states: States, tmp_path: Path) -> None:
    signed, target = tmp_path / "signed", tmp_path / "out"
    shutil.copytree(states.old, signed)
    (signed / f"{MANIFEST}.sig").write_text("a signature")
    published(invoke, states.old, target)
    assert published(invoke, signed, target) == ("published", 1, len(listed(signed)), 0)
    assert differences(tree(signed), tree(target)) == []
    published(invoke, states.new, target)
    assert differences(tree(states.new), tree(target)) == []


def test_only_a_whole_site_is_published(invoke: Run, states: States, tmp_path: Path) -> None:
    target = tmp_path / "out"
    nothing = invoke("publish", "-o", tmp_path, target)
    assert (nothing.code, "run `stashgen build` first" in nothing.err) == (1, True)
    for name, change in (("robots.txt", "x"), (MANIFEST, "{")):
        altered = tmp_path / f"altered-{name}"
        shutil.copytree(states.old, altered)
        (altered / name).write_text(change)
        done = invoke("publish", "-o", altered, target)
        assert (done.code, name in done.err, "stashgen build`" in done.err) == (1, True, True)
    itself = invoke("publish", "-o", states.old, states.old / "static")
    assert (itself.code, "the built folder itself" in itself.err) == (1, True)
    assert not target.exists()


def test_a_link_does_not_lead_out_of_the_target(invoke: Run, states: States, tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "out", write_files(tmp_path / "elsewhere", {"keep": "x"})
    target.mkdir()
    (target / "services").symlink_to(elsewhere)
    done = invoke("publish", "-o", states.old, target)
    assert (done.code, "a link leads there" in done.err) == (1, True)
    assert tree(elsewhere) == {"keep": b"x"}


def test_one_that_fails_does_not_stop_the_others(invoke: Run, states: States, tmp_path: Path) -> None:
    write_files(tmp_path, {"file": "x"})
    targets = [tmp_path / "one", tmp_path / "file" / "below", tmp_path / "two"]
    done = invoke("publish", "-o", states.old, *targets, "--json", "--retries", "1")
    assert done.code == 1
    assert [one["outcome"] for one in outcomes(done)] == ["published", "failed", "published"]
    assert [one["tries"] for one in outcomes(done)] == [1, 2, 1]
    assert "Not a directory" in outcomes(done)[1]["error"]
    assert "trying again" in done.err
    for target in (targets[0], targets[2]):
        assert differences(tree(states.old), tree(target)) == []
    lines = invoke("publish", "-o", states.old, *targets, "--retries", "0")
    assert [line.count("below: failed: ") for line in lines.err.splitlines()] == [1]


def test_where_nobody_may_write_is_told_at_once(invoke: Run, states: States) -> None:
    done = invoke("publish", "-o", states.old, "/sys/stashgen")  # not even root may
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "/sys/stashgen: cannot be written" in done.err


def test_usage_is_checked(invoke: Run, states: States, tmp_path: Path) -> None:
    assert invoke("publish", "-o", states.old).code == 2
    twice = invoke("publish", "-o", states.old, "x", "x")
    assert (twice.code, "given twice" in twice.err, (tmp_path / "x").exists()) == (2, True, False)


def test_of_two_at_once_the_newest_is_whole_at_the_end(states: States, tmp_path: Path) -> None:
    target = tmp_path / "out"
    with (
        publishing("-o", states.new, target, cwd=tmp_path) as new,
        publishing("-o", states.old, target, cwd=tmp_path) as old,
    ):
        assert (ended(new).code, ended(old).code) == (0, 0)
    assert differences(tree(states.new), tree(target)) == []


def test_a_full_disk_is_one_line_and_the_next_publishing_finishes(states: States, tmp_path: Path) -> None:
    disk, publish = tmp_path / "disk", f"{sys.executable} -m stashgen publish --retries 0"
    script = f"""
        mount -t tmpfs -o size=1m tmpfs {disk} || exit 77
        {publish} -o {states.old} {disk}/out || exit 78
        dd if=/dev/zero of={disk}/filler bs=4k 2>/dev/null
        {publish} -o {states.new} {disk}/out; code=$?
        rm {disk}/filler
        {publish} -o {states.new} {disk}/out || exit 79
        cp -r {disk}/out {tmp_path}/copy
        umount {disk}; exit $code
    """
    disk.mkdir()
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert [line for line in done.stderr.splitlines() if "the disk there is full" in line]
    assert differences(tree(states.new), tree(tmp_path / "copy")) == []


def test_a_disk_that_is_mounted_below_the_folder_takes_its_part(states: States, tmp_path: Path) -> None:
    target, publish = tmp_path / "out", f"{sys.executable} -m stashgen publish --retries 0"
    (target / "static").mkdir(parents=True)
    script = f"""
        mount -t tmpfs -o size=1m tmpfs {target}/static || exit 77
        {publish} -o {states.new} {target} && cp -r {target} {tmp_path}/copy
    """
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert differences(tree(states.new), tree(tmp_path / "copy")) == []


def test_interrupt_ends_it_at_once(states: States, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    lock = os.open(target, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with publishing("-o", states.old, target, tmp_path / "other", "--json", cwd=tmp_path) as process:
        await_that((tmp_path / "other" / MANIFEST).exists)
        process.send_signal(signal.SIGINT)
        done = ended(process)
    os.close(lock)
    assert (done.code, tree(target)) == (130, {})
    assert done.out == ""
