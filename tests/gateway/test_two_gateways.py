"""Eight writers, two gateways, a command line, one remote that comes and goes, and kills: nothing acknowledged is lost.

What counts is what a new clone of the remote holds in the end: every acknowledged word once, none twice.
"""

from __future__ import annotations

import http.client
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from door import git, run_stashgen
from gateway_door import Gateway, make_clone, make_remote

from stashgen.load.file import read as read_file

SEED: Final = 7
CHANGES: Final = 5  # of each writer
PATIENCE_SECONDS: Final = 120.0
LIMITS: Final = {"limits": {"requests_per_minute": 100_000, "burst": 10_000}, "pull_seconds": 5}


class Ledger:
    """What was acknowledged, by which writer."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._lock = threading.Lock()

    def add(self, word: str) -> None:
        with self._lock:
            self.words.append(word)


def ask(one: Gateway, path: str, body: object, key: str) -> int:
    """Send a write until somebody answers; a gateway that is down or busy is asked again with the same key."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            answer = one.ask("POST", path, body, headers={"Idempotency-Key": key})
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
            continue
        if answer.status < 500 and answer.status not in (409, 429):
            return answer.status
        time.sleep(0.1)
    return 0


def api_writer(one: Gateway, name: str, ledger: Ledger) -> Callable[[], None]:
    """Return a writer that opens an incident, then tells more of it, then sets statuses."""

    def write() -> None:
        for number in range(CHANGES):
            word = f"word-{name}-{number}."
            body = {"status": "down" if number % 2 else "warning", "message": word}
            if number % 3 == 0:
                path, body = "/v1/incidents", {"title": f"Trouble of {name}", "message": word}
            else:
                path = f"/v1/services/{('api', 'web', 'mail')[number % 3]}/status"
            if 200 <= ask(one, path, body, f"{name}-{number}") < 300:
                ledger.add(word)

    return write


def command_writer(project: Path, name: str, ledger: Ledger) -> Callable[[], None]:
    """Return a writer that types commands, and pushes when it can."""

    def write() -> None:
        for number in range(CHANGES):
            word = f"word-{name}-{number}."
            words: list[str | Path] = ["incident", "open", f"Seen by {name}", "-m", word, "-C", project, "--json"]
            done = run_stashgen(*words, "--push" if number % 2 else "--no-push", cwd=project)
            # With a remote that is away the change is committed, and the exit code tells of the push.
            if word in git(project, "log", "-p", "--format=", "-20", "--", "site-data"):
                ledger.add(word)
            else:
                assert done.code != 0, done

    return write


def disturb(gateways: list[Gateway], remote: Path, is_over: threading.Event) -> None:
    """Kill gateways and take the remote away, again and again."""
    dice = random.Random(SEED)
    away = remote.with_name("away.git")
    while not is_over.wait(dice.uniform(0.3, 2.0)):
        if dice.random() < 0.5:
            victim = dice.choice(gateways)
            victim.kill()
            time.sleep(dice.uniform(0, 0.2))
            victim.start()
        else:
            remote.rename(away)
            time.sleep(dice.uniform(0.1, 0.6))
            away.rename(remote)


def settle(gateways: list[Gateway], typed: Path, remote: Path) -> None:
    """Wait until the remote has everything."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        states = [one.ask("GET", "/healthz", token=None).json for one in gateways]
        if not any(state["pending"] for state in states):
            break
        time.sleep(0.3)
    while git(typed, "rev-parse", "HEAD") not in git(remote, "log", "--format=%H", "main"):
        assert time.monotonic() < deadline
        run_stashgen("incident", "open", "Last", "-m", "The end.", "-C", typed, "--push", cwd=typed)


def words_in(folder: Path) -> Counter[str]:
    """Count the words in all events."""
    files = sorted((folder / "site-data").rglob("events/**/*.yaml"))
    text = "\n".join(read_file(folder / "site-data", str(f.relative_to(folder / "site-data"))).decode() for f in files)
    return Counter(word.strip("'\"") for word in text.split() if word.strip("'\"").startswith("word-"))


def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(tmp_path: Path) -> None:
    remote = make_remote(tmp_path)
    gateways = [Gateway(make_clone(remote, tmp_path / name), LIMITS) for name in ("one", "two")]
    typed = make_clone(remote, tmp_path / "typed")
    ledger, is_over = Ledger(), threading.Event()
    for one in gateways:
        one.start()
    writers = [api_writer(one, f"{place}{number}", ledger) for place, one in enumerate(gateways) for number in range(3)]
    writers += [command_writer(typed, f"typed{number}", ledger) for number in range(2)]
    threads = [threading.Thread(target=writer) for writer in writers]
    chaos = threading.Thread(target=disturb, args=(gateways, remote, is_over))
    try:
        for thread in (*threads, chaos):
            thread.start()
        for thread in threads:
            thread.join()
        is_over.set()
        chaos.join()
        settle(gateways, typed, remote)
    finally:
        is_over.set()
        for one in gateways:
            one.stop()
    final = make_clone(remote, tmp_path / "final")
    found = words_in(final)
    assert len(ledger.words) == 8 * CHANGES
    assert sorted(set(ledger.words) - set(found)) == []
    assert {word: count for word, count in found.items() if count > 1} == {}
    assert run_stashgen("check", "-C", final, cwd=final).code == 0
    for clone in (remote, final, typed, *(one.project for one in gateways)):
        subprocess.run(["git", "-C", str(clone), "fsck", "--strict"], check=True, capture_output=True)
