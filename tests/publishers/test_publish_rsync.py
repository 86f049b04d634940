"""`stashgen publish user@host:/path` to a real sshd on loopback."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest
from door import Run, write_files
from own_sshd import Sshd, held_rsh, sshd_running
from publish_sites import (
    CLAIMS,
    States,
    await_that,
    counts,
    differences,
    ended,
    killed,
    listed,
    outcomes,
    publishing,
    tree,
)
from webservers import free_port, program

from stashgen.files import MANIFEST

PLACE: Final = "web 'root' حالة"


@pytest.fixture(scope="module")
def jail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the only folder that the restricted key reaches."""
    return tmp_path_factory.mktemp("jail")


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory, jail: Path, _session_environ: None) -> Iterator[Sshd]:
    """Yield a server that all tests of this module share."""
    with sshd_running(tmp_path_factory.mktemp("sshd"), jail) as running:
        yield running


def test_a_folder_there_becomes_the_site_and_then_only_what_differs_is_sent(
    invoke: Run, states: States, sshd: Sshd, tmp_path: Path
) -> None:
    env, place, everything = sshd.rsh(), tmp_path / PLACE, len(listed(states.new))
    target = f"ssh://{sshd.user}@127.0.0.1:{sshd.port}{quote(str(place))}"
    first = invoke("publish", "-o", states.new, target, "--json", env=env)
    assert first.code == 0, first
    assert counts(first) == ("published", everything + 1, 0, 0)
    assert differences(tree(states.new), tree(place)) == []
    assert (place / "index.html").stat().st_mode & 0o777 == 0o644
    assert counts(invoke("publish", "-o", states.new, target, "--json", env=env)) == ("unchanged", 0, everything, 0)
    strangers = {".well-known/acme": b"token", "static/new/theirs.txt": b"theirs"}
    write_files(place, strangers)
    before, after = tree(states.new), tree(states.again)
    gone = len(before.keys() - after.keys())
    sent = len([name for name in differences(before, after) if name in after])
    last = invoke("publish", "-o", states.again, target, "--json", env=env)
    assert counts(last) == ("published", sent, everything - gone - (sent - 1), gone)
    assert differences({**after, **strangers}, tree(place)) == []
    assert not (place / "events" / "2026-11-23-down").exists(), "empty folders go as well"


@pytest.mark.parametrize(
    ("key", "hosts", "words"),
    [
        ("key", "no_hosts", "the host's key is not in known_hosts"),
        ("key", "other_hosts", "the host's key is not in known_hosts, or another one is"),
        ("stranger", "known_hosts", "the host does not let us in"),
    ],
)
def test_whom_we_do_not_know_and_who_does_not_know_us(
    invoke: Run, states: States, *, sshd: Sshd, tmp_path: Path, key: str, hosts: str, words: str
) -> None:
    env = sshd.rsh(key=key, hosts=hosts, port=sshd.port)
    before = (sshd.folder / hosts).read_text()
    done = invoke("publish", "-o", states.old, sshd.target(tmp_path / "out"), env=env)
    assert (done.code, done.err.count("\n"), words in done.err) == (1, 1, True), done.err
    assert (sshd.folder / hosts).read_text() == before
    assert not (tmp_path / "out").exists()


def test_a_host_that_is_down_is_tried_again(invoke: Run, states: States) -> None:
    done = invoke("publish", "-o", states.old, f"ssh://127.0.0.1:{free_port()}/x", "--json", "--retries", "1")
    assert (done.code, outcomes(done)[0]["tries"]) == (1, 2)
    assert "the host cannot be reached" in outcomes(done)[0]["error"]


def test_a_folder_whose_parent_is_missing_is_told(invoke: Run, states: States, sshd: Sshd, tmp_path: Path) -> None:
    target = sshd.target(tmp_path / "no" / "such")
    done = invoke("publish", "-o", states.old, target, env=sshd.rsh(port=sshd.port))
    assert (done.code, done.err.count("\n"), "make it first" in done.err) == (1, 1, True), done.err


def test_a_key_that_can_only_rsync_is_enough(invoke: Run, states: States, sshd: Sshd, jail: Path) -> None:
    env = sshd.rsh(key="jailed", port=sshd.port)
    missing = invoke("publish", "-o", states.new, f"{sshd.user}@127.0.0.1:site", env=env)
    assert (missing.code, "is not there; make it first" in missing.err) == (1, True), missing
    assert invoke("publish", "-o", states.new, jail / "site").code == 0
    done = invoke("publish", "-o", states.again, f"{sshd.user}@127.0.0.1:site", env=env)
    assert done.code == 0, done
    assert differences(tree(states.again), tree(jail / "site")) == []


def test_a_killed_publishing_is_put_right_by_the_next(invoke: Run, states: States, sshd: Sshd, tmp_path: Path) -> None:
    place = tmp_path / "out"
    assert invoke("publish", "-o", states.old, place).code == 0
    # It looks, lays its claim, asks for others, looks again, sends; then it asks before each turn whether to go on.
    env = {**held_rsh(sshd, tmp_path / "h", at=6), "TMPDIR": str(tmp_path)}  # who is killed does not tidy up
    with publishing("-o", states.new, sshd.target(place), cwd=tmp_path, env=env) as one:
        await_that((tmp_path / "h" / "held").exists)
        killed(one)
    (tmp_path / "h" / "open").touch()
    assert (place / "static/new/file.txt").exists()
    assert (place / MANIFEST).read_bytes() == (states.old / MANIFEST).read_bytes()
    assert any((place / CLAIMS).iterdir())
    back = invoke("publish", "-o", states.old, sshd.target(place), env=sshd.rsh(port=sshd.port))
    assert (back.code, "put right" in back.err) == (0, True), back
    assert differences(tree(states.old), tree(place)) == []


def test_the_older_of_two_makes_way(states: States, sshd: Sshd, tmp_path: Path) -> None:
    place = tmp_path / "out"
    target = sshd.target(place)
    with publishing("-o", states.old, target, cwd=tmp_path, env=held_rsh(sshd, tmp_path / "h", at=6)) as old:
        await_that((tmp_path / "h" / "held").exists)
        with publishing("-o", states.new, target, cwd=tmp_path, env=sshd.rsh(port=sshd.port)) as new:
            await_that(lambda: len(list((place / CLAIMS).glob("*.json"))) == 2)
            (tmp_path / "h" / "open").touch()
            done = ended(old), ended(new)
    assert [one.code for one in done] == [0, 0], done
    assert ("left as it is" in done[0].out, "published" in done[1].out) == (True, True), done
    assert differences(tree(states.new), tree(place)) == []


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[str]:
    """Yield the address of a module of a real rsync daemon."""
    port, place = free_port(), tmp_path / "module"
    place.mkdir()
    ids = "uid = 0\ngid = 0\n" if os.getuid() == 0 else ""
    (tmp_path / "rsyncd.conf").write_text(
        f"use chroot = no\n{ids}[site]\npath = {place}\nread only = no\n", encoding="utf-8"
    )
    command = [program("rsync"), "--daemon", "--no-detach", f"--port={port}", "--address=127.0.0.1"]
    process = subprocess.Popen([*command, f"--config={tmp_path / 'rsyncd.conf'}"], stdin=subprocess.DEVNULL)
    try:
        await_that(lambda: _listens(port))
        yield f"rsync://127.0.0.1:{port}/site"
    finally:
        process.terminate()
        process.wait(60)


def _listens(port: int) -> bool:
    return subprocess.run(["rsync", f"rsync://127.0.0.1:{port}/"], capture_output=True, check=False).returncode == 0


def test_a_daemon_of_rsync_takes_the_site_too(invoke: Run, states: States, daemon: str, tmp_path: Path) -> None:
    assert invoke("publish", "-o", states.new, tmp_path / "module").code == 0
    done = invoke("publish", "-o", states.again, daemon)
    assert done.code == 0, done
    assert differences(tree(states.again), tree(tmp_path / "module")) == []


@pytest.mark.parametrize(("target", "words"), [("-oProxyCommand=x:/y", "dash"), ("ssh://host", "give a host")])
def test_what_is_no_address_is_told(invoke: Run, states: States, target: str, words: str) -> None:
    done = invoke("publish", "-o", states.old, "--", target)
    assert (done.code, words in done.err, done.err.count("\n")) == (1, True, 1), done.err
