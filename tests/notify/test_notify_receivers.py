"""Receivers as they are: one of several that fails, slow ones, some that never answer, some that take few words."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from door import Result, Run, write_files
from news_receivers import Receiver, receiver
from news_site import EVENT, FIRST, OPENED, RESOLVED, notify, repository

PAGE = "https://status.acme.example/events/api-errors/#update-1"


@pytest.fixture
def site(tmp_path: Path, invoke: Run, hook: Receiver) -> Path:
    """Return a page whose first run has been."""
    folder = repository(tmp_path / "site")
    assert notify(invoke, folder, hook.apprise, now=FIRST).code == 0
    return folder


def test_of_several_recipients_of_one_url_each_is_told_once(site: Path, invoke: Run, hook: Receiver) -> None:
    topics = f"ntfy://127.0.0.1:{hook.server_port}/first/second/third"
    write_files(site, {EVENT: OPENED})
    hook.unwanted = b"second"
    for _ in range(2):
        told = notify(invoke, site, topics)
        assert told.code == 1
        assert "ops/2: [Investigating] API errors · API: it was refused with 400" in told.out
    assert sorted(message["topic"] for message in hook.messages) == ["first", "third"]
    hook.unwanted = b""
    assert notify(invoke, site, topics).out == "ops/2: [Investigating] API errors · API\n1 message told.\n"
    assert notify(invoke, site, topics).out == "There is nothing new to tell.\n"
    assert sorted(message["topic"] for message in hook.messages) == ["first", "second", "third"]


def test_who_answers_late_is_waited_for(site: Path, invoke: Run, hook: Receiver) -> None:
    write_files(site, {EVENT: OPENED})
    hook.held_from = 0
    threading.Timer(4.2, hook.gate.set).start()  # Apprise by itself gives up after four seconds
    assert notify(invoke, site, hook.apprise).code == 0
    assert len(hook.bodies) == 1


def test_who_never_answers_gets_it_twice_at_most(site: Path, invoke: Run, hook: Receiver) -> None:
    write_files(site, {EVENT: OPENED})
    hook.is_silent = True
    for _ in range(2):
        told = notify(invoke, site, hook.apprise)
        assert told.code == 1
        assert "it did not answer, so it may have been taken: it is tried once more at most" in told.out
    assert notify(invoke, site, hook.apprise) == (0, "There is nothing new to tell.\n", "")
    assert len(hook.bodies) == 2


def test_words_of_a_failure_in_a_message_are_no_failure(site: Path, invoke: Run, hook: Receiver) -> None:
    write_files(site, {EVENT: OPENED.replace("We see", "error=418, Read timed out, Socket Exception:")})
    hook.status = 503
    assert "it was refused with 503" in notify(invoke, site, hook.apprise).out


def test_a_message_that_nobody_wants_keeps_no_other_back(site: Path, invoke: Run, hook: Receiver) -> None:
    early = OPENED.replace("API errors", "Poison").replace("10:02", "10:01")
    write_files(site, {EVENT: OPENED, "site-data/events/poison.yaml": early})
    hook.unwanted = b"Poison"
    told = notify(invoke, site, hook.apprise)
    assert (told.code, hook.titles, hook.refused) == (1, ["[Investigating] API errors · API"], 1)


def test_what_is_too_long_for_a_service_is_cut_and_the_address_kept(site: Path, invoke: Run, hook: Receiver) -> None:
    write_files(site, {EVENT: OPENED.replace("We see", "Words " * 200)})
    assert notify(invoke, site, f"mastodon://t0ken@127.0.0.1:{hook.server_port}/").code == 0
    (toot,) = hook.messages
    assert len(toot["status"]) <= 500
    assert toot["status"].startswith("[Investigating] API errors · API")
    assert toot["status"].endswith(f"…\n\n{PAGE}")


def test_a_run_that_was_too_slow_sends_nothing_that_another_has_taken_over(
    site: Path, invoke: Run, hook: Receiver
) -> None:
    write_files(site, {EVENT: OPENED + RESOLVED})
    hook.held_from = 0
    results: list[Result] = []
    slow = threading.Thread(target=lambda: results.append(notify(invoke, site, hook.apprise)))
    slow.start()
    hook.wait_for(1)
    with receiver() as other:
        assert notify(invoke, site, other.apprise, now="2026-11-23T10:46:00Z").code == 0
        assert len(other.bodies) == 2
        hook.gate.set()
        slow.join()
    assert len(hook.bodies) == 1
    assert "[Resolved] API errors · API: another run has taken it over" in results[0].out
    assert json.loads(hook.bodies[0])["title"] == "[Investigating] API errors · API"
