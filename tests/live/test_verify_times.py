"""`stashgen verify`: sites that are old, behind, moving, silent, and waiting for them."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from door import NOW, BuildOnce, Run, child_environ, run_stashgen, write_files
from live_host import PATIENCE_SECONDS, SMALL, LiveHost, Reply, live, only, verified

LATER = "2026-11-23T11:00:00Z"
MANIFEST = "stashgen-manifest.json"


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory, _session_environ: None) -> Path:
    """Return the same site, built later with more to tell."""
    folder = write_files(
        tmp_path_factory.mktemp("newer"),
        {**SMALL, "site-data/services/web.yaml": "name: Web\nsince: 2026-11-01\n"},
    )
    result = run_stashgen("build", "-C", folder, "--now", LATER, cwd=folder)
    assert result.code == 0, result.err
    return folder / "build"


def test_an_older_build_than_the_one_here_is_stale(invoke: Run, host: LiveHost, newer: Path) -> None:
    found = verified(invoke, host.url, "--against", newer, now=LATER)
    assert found.code == 1
    kinds = {kind for kind, _ in found.errors}
    assert kinds == {"stale", "missing"}
    assert ("stale", "") in found.errors
    assert ("stale", "status.json") in found.errors
    assert ("missing", "services/web/index.html") in found.errors
    assert "was built at 2026-11-23 10:30:00 UTC, before the build in" in found.messages


def test_a_newer_build_than_the_one_here_is_no_mistake(invoke: Run, built: Path, newer: Path) -> None:
    with live(newer) as host:
        found = verified(invoke, host.url, "--against", built, now=LATER)
    assert (found.code, found.errors, found.warnings) == (0, [], [("newer", "")])


def test_a_build_of_the_same_time_with_other_files_is_stale(invoke: Run, copy: Path, built: Path) -> None:
    manifest = json.loads((copy / MANIFEST).read_text())
    del manifest["files"]["calendar.ics"]
    (copy / MANIFEST).write_text(json.dumps(manifest))
    with live(copy) as host:
        assert ("stale", "") in verified(invoke, host.url, "--against", built).errors


def test_age_is_counted_from_what_status_json_says(invoke: Run, host: LiveHost) -> None:
    def kinds(now: str, *arguments: str) -> set[str]:
        found = verified(invoke, host.url, "--quick", *arguments, now=now)
        return {kind for kind, _ in [*found.errors, *found.warnings]}

    assert kinds("2026-11-23T11:30:00Z", "--max-age", "1h") == set()
    assert kinds("2026-11-23T11:30:01Z", "--max-age", "1h") == {"old"}
    assert kinds("2026-11-23T10:26:00Z") == set()
    assert kinds("2026-11-23T10:20:00Z") == {"future"}
    host.change = only("status.json", lambda reply: reply._replace(body=b"{}"))
    assert kinds(NOW, "--max-age", "1h") == {"old", "altered"}


def test_a_page_that_should_have_been_built_anew_is_overdue(invoke: Run, host: LiveHost) -> None:
    # The day rolls over at midnight: the same files give another page.
    soon = verified(invoke, host.url, "--quick", now="2026-11-24T00:30:00Z")
    assert (soon.code, soon.warnings) == (0, [("overdue", "")])
    late = verified(invoke, host.url, "--quick", now="2026-11-24T01:30:00Z")
    assert (late.code, late.errors) == (1, [("overdue", "")])
    assert "1 hour 30 minutes ago" in late.messages


def test_of_several_sites_the_one_that_lags_behind_is_named(invoke: Run, built: Path, newer: Path) -> None:
    with live(built) as old, live(newer) as new, live(newer) as twin:
        found = verified(invoke, old.url, new.url, twin.url, now=LATER)
    first, second, third = found.report["sites"]
    assert [one["kind"] for one in first["findings"]] == ["behind"]
    assert new.url in first["findings"][0]["message"]
    assert second["findings"] == third["findings"] == []


def test_a_site_that_is_down_does_not_hide_what_is_wrong_with_others(invoke: Run, host: LiveHost) -> None:
    with live(host.folder) as dead:
        url = dead.url
    host.change = only("status.json", lambda reply: reply._replace(body=b"{}"))
    found = verified(invoke, url, host.url)
    assert found.errors == [("unreachable", ""), ("altered", "status.json")]
    assert "cannot be reached (Connection refused)" in found.messages


def test_questions_at_once_are_bounded_over_all_sites(invoke: Run, built: Path) -> None:
    def slowly(_: str, reply: Reply) -> Reply:
        time.sleep(0.002)
        return reply

    with live(built) as one, live(built) as two:
        one.change = two.change = slowly
        verified(invoke, one.url, two.url, "--jobs", "3")
        assert one.most_open + two.most_open <= 6
        assert max(one.most_open, two.most_open) <= 3
        assert verified(invoke, one.url, "--jobs", "1").code == 0


def test_a_site_that_is_published_while_it_is_looked_at_is_looked_at_again(
    invoke: Run, copy: Path, newer: Path
) -> None:
    with live(copy) as host:
        lock, asked = threading.Lock(), [0]

        def publish(path: str, reply: Reply) -> Reply:
            with lock:
                asked[0] += 1
                if asked[0] == 40:
                    shutil.copytree(newer, copy, dirs_exist_ok=True)
            return reply

        host.change = publish
        found = verified(invoke, host.url, now=LATER)
    assert (found.errors, found.report["sites"][0]["built_at"]) == ([], LATER)


def test_waiting_ends_when_all_has_arrived(invoke: Run, copy: Path, newer: Path) -> None:
    with live(copy) as host:
        seen = threading.Event()

        def publish_when_seen(path: str, reply: Reply) -> Reply:
            if path == "status.json" and not seen.is_set():
                seen.set()
                threading.Timer(0.2, lambda: shutil.copytree(newer, copy, dirs_exist_ok=True)).start()
            return reply

        host.change = publish_when_seen
        found = verified(invoke, host.url, "--against", newer, "--wait", "1m", now=LATER)
    assert (found.code, found.errors) == (0, [])


def test_waiting_ends_in_time_with_what_is_still_wrong(invoke: Run, host: LiveHost, newer: Path) -> None:
    began = time.monotonic()
    found = verified(invoke, host.url, "--against", newer, "--wait", "1s", "--quick", now=LATER)
    assert ("stale", "") in found.errors
    assert 1 <= time.monotonic() - began < PATIENCE_SECONDS / 2


def test_what_time_does_not_mend_is_not_waited_for(invoke: Run, host: LiveHost) -> None:
    host.change = only(
        "status.json", lambda reply: reply._replace(headers={**reply.headers, "Content-Type": "text/html"})
    )
    began = time.monotonic()
    assert verified(invoke, host.url, "--wait", "5m").errors == [("type", "status.json")]
    assert time.monotonic() - began < PATIENCE_SECONDS


def test_interrupted_it_ends_at_once_whatever_a_host_does(host: LiveHost, tmp_path: Path) -> None:
    host.hang.set()
    command = [sys.executable, "-m", "stashgen", "verify", host.url]
    with subprocess.Popen(command, cwd=tmp_path, env=child_environ(), stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not host.asked and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert process.wait(PATIENCE_SECONDS) == 130
        assert time.monotonic() - began < 5


def test_the_sites_own_addresses_are_looked_at_when_none_is_named(
    invoke: Run, build_once: BuildOnce, built: Path, tmp_path: Path
) -> None:
    with live(built) as own, live(built) as mirror:
        settings = f"title: T\nurl: {own.url}\nmirrors: [{mirror.url}]\n"
        project = write_files(tmp_path / "a project", {"site-data/site.yaml": settings})
        found = verified(invoke, "-C", project)
    assert [site["url"] for site in found.report["sites"]] == [own.url, mirror.url]
    assert found.errors == []
