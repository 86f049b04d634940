"""`stashgen publish s3://...` to a store on loopback; what became of it is looked at by plain HTTP."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest
from door import Run
from gated_store import KEYS, Gate, Store, gated, objects, store_running
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

from stashgen.files import MANIFEST
from stashgen.hosting import turn

MakeBucket = Callable[[], str]
NAMES: Final = count(1)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """Yield a store that all tests of this module share."""
    with store_running() as running:
        yield running


@pytest.fixture
def gate(store: Store) -> Iterator[Gate]:
    """Yield a gate of this test's own before the store."""
    with gated(store.direct) as own:
        yield own


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bucket(store: Store) -> str:
    """Return an empty bucket."""
    return store.make(f"bucket-{next(NAMES)}")


def through(gate: Gate, bucket: str) -> str:
    return f"s3://{bucket}?endpoint=http://127.0.0.1:{gate.port}"


def test_a_bucket_becomes_the_site_and_then_only_what_differs_is_sent(
    invoke: Run, states: States, store: Store, bucket: str
) -> None:
    target = store.target(bucket, "a/b")
    everything = len(listed(states.old))
    sent = invoke("publish", "-o", states.old, target, "--json")
    assert counts(sent) == ("published", everything + 1, 0, 0), sent
    assert differences(tree(states.old), objects(store, bucket, "a/b/")) == []
    assert counts(invoke("publish", "-o", states.old, target, "--json")) == ("unchanged", 0, everything, 0)
    assert store.ask("PUT", f"/{bucket}/a/b/static/theirs.txt", b"theirs")[0] == 200
    changed = differences(tree(states.old), tree(states.new))
    assert counts(invoke("publish", "-o", states.new, target, "--json"))[1] == len(changed)
    assert counts(invoke("publish", "-o", states.again, target, "--json"))[3] > 0
    expected = {**tree(states.again), "static/theirs.txt": b"theirs"}
    assert differences(expected, objects(store, bucket, "a/b/")) == []
    assert objects(store, bucket).keys() == {f"a/b/{name}" for name in expected}


def test_objects_have_their_type_and_say_how_long_they_may_be_kept(
    invoke: Run, states: States, store: Store, bucket: str
) -> None:
    assert invoke("publish", "-o", states.new, store.target(bucket)).code == 0
    expected = {
        "index.html": ("text/html; charset=utf-8", "max-age=60"),
        "status.json": ("application/json", "max-age=15"),
        "feeds/updates.atom": ("application/atom+xml; charset=utf-8", "max-age=60"),
        "static/new/file.txt": ("text/plain; charset=utf-8", "max-age=600"),
        next(name for name in listed(states.new) if name.startswith("assets/") and name.endswith(".css")): (
            "text/css; charset=utf-8",
            "immutable",
        ),
    }
    for name, (content_type, cache) in expected.items():
        status, headers, body = store.ask("GET", f"/{bucket}/{quote(name)}")
        assert (status, headers["content-type"], cache in headers["cache-control"]) == (200, content_type, True), name
        assert body == (states.new / name).read_bytes()


def test_the_news_come_last_and_what_is_gone_goes_after_them(
    invoke: Run, states: States, gate: Gate, bucket: str
) -> None:
    for state in (states.new, states.again):
        gate.asked.clear()
        assert invoke("publish", "-o", state, through(gate, bucket)).code == 0
        written = [path.removeprefix(f"/{bucket}/") for path in gate.written() if CLAIMS not in path]
        turns = [turn(name) for name in written]
        assert turns == sorted(turns)
        assert set(written[-3:-1]) == {"status.json", "index.html"}
        assert written[-1] == MANIFEST
        last_put = max(number for number, one in enumerate(gate.asked) if one.method == "PUT")
        first_delete = min(number for number, one in enumerate(gate.asked) if one.method == "DELETE")
        assert last_put < first_delete
    assert not [one for one in gate.asked if any(name.lower() == "x-amz-acl" for name in one.headers)]


def test_an_acl_is_set_only_when_asked_for(invoke: Run, states: States, gate: Gate, bucket: str) -> None:
    assert invoke("publish", "-o", states.old, f"{through(gate, bucket)}&acl=public-read").code == 0
    acls = {one.headers.get("x-amz-acl") for one in gate.asked if one.method == "PUT" and CLAIMS not in one.path}
    assert acls == {"public-read"}


def test_a_busy_store_is_asked_again(invoke: Run, states: States, gate: Gate, bucket: str) -> None:
    refusals = iter(range(2))
    gate.refuse = lambda asked: asked.path.endswith("/robots.txt") and next(refusals, None) is not None
    assert invoke("publish", "-o", states.old, through(gate, bucket)).code == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda target: target.replace("s3://bucket", "s3://no-bucket"), "there is no bucket of this name"),
        (lambda target: f"{target}&regoin=x", "there is no setting `regoin` (did you mean `region`?)"),
        (lambda _: "s3:///x", "give a bucket"),
    ],
)
def test_what_will_not_work_is_one_line(
    invoke: Run, states: States, *, store: Store, bucket: str, change: Callable[[str], str], words: str
) -> None:
    done = invoke("publish", "-o", states.old, change(store.target(bucket)), "--json")
    assert done.code == 1
    assert words in outcomes(done)[0]["error"]
    assert (outcomes(done)[0]["tries"], "\n" in outcomes(done)[0]["error"]) == (1, False)


def test_without_keys_or_store_it_is_one_line(
    invoke: Run, states: States, store: Store, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = invoke("publish", "-o", states.old, "s3://bucket?endpoint=http://127.0.0.1:9", "--retries", "0")
    assert (down.code, down.err.count("\n")) == (1, 1)
    assert "127.0.0.1:9" in down.err
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    none = invoke("publish", "-o", states.old, store.target(bucket))
    assert (none.code, "there are no credentials" in none.err, none.err.count("\n")) == (1, True, 1)


def test_without_boto3_it_says_what_to_install(states: States, tmp_path: Path, run: Run) -> None:
    blocker = tmp_path / "boto3"
    blocker.mkdir()
    (blocker / "__init__.py").write_text("raise ModuleNotFoundError('No module named boto3', name='boto3')\n")
    root = Path(__file__).parents[2]
    path = os.pathsep.join(map(str, (tmp_path, root / "tests" / "fence", root)))
    done = run("publish", "-o", states.old, "s3://bucket", env={"PYTHONPATH": path})
    assert (done.code, "pip install 'stashgen[s3]'" in done.err) == (1, True), done


def test_a_killed_publishing_is_put_right_by_the_next(
    invoke: Run, states: States, *, store: Store, gate: Gate, bucket: str, tmp_path: Path
) -> None:
    assert invoke("publish", "-o", states.old, store.target(bucket)).code == 0
    gate.hold = lambda asked: asked.method == "PUT" and asked.path.endswith("/status.json")
    with publishing("-o", states.new, through(gate, bucket), cwd=tmp_path) as process:
        assert gate.is_holding.wait(60)
        killed(process)
    gate.opened.set()
    there = objects(store, bucket)
    assert there["static/new/file.txt"] == b"new\n"
    assert [name for name in there if name.startswith(CLAIMS)]
    back = invoke("publish", "-o", states.old, store.target(bucket))
    assert (back.code, "put right" in back.err) == (0, True), back
    assert differences(tree(states.old), objects(store, bucket)) == []


@pytest.mark.parametrize("place", ["middle", "removals"])
def test_wherever_it_breaks_off_the_state_before_can_be_had_again(
    invoke: Run, run: Run, states: States, *, store: Store, gate: Gate, bucket: str, place: str
) -> None:
    assert invoke("publish", "-o", states.new, store.target(bucket)).code == 0
    after = tree(states.again)
    sent = len([name for name in differences(tree(states.new), after) if name in after])
    most, done = {"middle": sent // 2, "removals": sent + 1}[place], count()
    gate.refusal = 400
    gate.refuse = lambda asked: asked.method in {"PUT", "DELETE"} and next(done) >= most
    broken = run("publish", "-o", states.again, through(gate, bucket), "--retries", "0")
    assert (broken.code, broken.err.count("\n")) == (1, 1), broken
    if place == "middle":  # else the newer state is there, but for what is to be removed
        assert invoke("publish", "-o", states.new, store.target(bucket)).code == 0
        assert differences(tree(states.new), objects(store, bucket)) == []
    assert invoke("publish", "-o", states.again, store.target(bucket)).code == 0
    assert differences(after, objects(store, bucket)) == []


def test_who_is_taken_for_dead_says_that_the_newest_is_to_be_published_again(
    invoke: Run, states: States, *, store: Store, gate: Gate, bucket: str, tmp_path: Path
) -> None:
    gate.hold = lambda asked: asked.method == "PUT" and asked.path.endswith("/status.json")
    with publishing("-o", states.old, through(gate, bucket), "--json", cwd=tmp_path) as old:
        assert gate.is_holding.wait(60)
        # Somewhere else nobody can see whether it lives: what is left of it is taken away after some time.
        for name in objects(store, bucket):
            if name.startswith(CLAIMS):
                store.ask("DELETE", f"/{bucket}/{name}")
        assert invoke("publish", "-o", states.new, store.target(bucket), "--force").code == 0
        gate.opened.set()
        done = ended(old)
    assert (done.code, "publish the newest again" in outcomes(done)[0]["error"]) == (1, True), done
    assert (outcomes(done)[0]["tries"], "took this one for dead" in outcomes(done)[0]["error"]) == (1, True)
    assert counts(invoke("publish", "-o", states.new, store.target(bucket), "--json"))[0] == "published"
    assert differences(tree(states.new), objects(store, bucket)) == []


def test_the_older_of_two_makes_way_in_the_middle(
    invoke: Run, states: States, *, store: Store, gate: Gate, bucket: str, tmp_path: Path
) -> None:
    # The older one is held while it writes a page; the newer one begins, and may not end before the older one knows.
    page = re.compile(r".*/events/index\.html|.*/history/index\.html")
    gate.hold = lambda asked: asked.method == "PUT" and page.fullmatch(asked.path) is not None
    with gated(store.direct) as newer, publishing("-o", states.old, through(gate, bucket), cwd=tmp_path) as old:
        assert gate.is_holding.wait(60)
        with publishing("-o", states.new, through(newer, bucket), cwd=tmp_path) as new:
            # It looks, lays its claim, looks again, and has asked twice since whether the older one has ended.
            await_that(lambda: len([one for one in newer.asked if one.path == f"/{bucket}"]) >= 4)
            assert MANIFEST not in {path.rpartition("/")[2] for path in newer.written()}
            gate.opened.set()
            done = ended(old), ended(new)
    assert [one.code for one in done] == [0, 0], done
    assert "left as it is" in done[0].out
    assert "published" in done[1].out
    assert differences(tree(states.new), objects(store, bucket)) == []


def test_the_older_one_that_has_gone_first_does_not_win(
    invoke: Run, states: States, *, store: Store, gate: Gate, bucket: str, tmp_path: Path
) -> None:
    # The older one has looked, found nothing newer, and is held before it lays its claim.
    gate.hold = lambda asked: asked.method == "PUT"
    with publishing("-o", states.old, through(gate, bucket), cwd=tmp_path) as old:
        assert gate.is_holding.wait(60)
        assert invoke("publish", "-o", states.new, store.target(bucket), "--force").code == 0
        gate.opened.set()
        done = ended(old)
    assert (done.code, "left as it is" in done.out) == (0, True), done
    assert differences(tree(states.new), objects(store, bucket)) == []


def test_one_that_ends_while_another_looks_is_seen(
    invoke: Run, states: States, *, store: Store, gate: Gate, bucket: str, tmp_path: Path
) -> None:
    # The older one has laid its claim, and asks for that of the newer one at the moment in which that one ends.
    gate.hold = lambda asked: asked.method == "PUT" and asked.path.endswith("/status.json")
    with gated(store.direct) as older, publishing("-o", states.new, through(gate, bucket), cwd=tmp_path) as new:
        older.hold = lambda asked: asked.method == "GET" and f"/{CLAIMS}/" in asked.path and bool(older.written())
        assert gate.is_holding.wait(60)
        with publishing("-o", states.old, through(older, bucket), cwd=tmp_path) as old:
            assert older.is_holding.wait(60)
            gate.opened.set()
            first = ended(new)
            older.opened.set()
            done = first, ended(old)
    assert [one.code for one in done] == [0, 0], done
    assert "left as it is" in done[1].out
    assert differences(tree(states.new), objects(store, bucket)) == []


def test_many_at_once_end_with_the_newest(states: States, store: Store, bucket: str, tmp_path: Path) -> None:
    target = store.target(bucket)
    with (
        publishing("-o", states.old, target, cwd=tmp_path) as old,
        publishing("-o", states.again, target, cwd=tmp_path) as again,
        publishing("-o", states.new, target, cwd=tmp_path) as new,
    ):
        done = [ended(process) for process in (old, again, new)]
    assert [one.code for one in done] == [0, 0, 0], done
    assert differences(tree(states.again), objects(store, bucket)) == []


def test_interrupt_lets_the_next_know(
    invoke: Run, states: States, *, store: Store, gate: Gate, bucket: str, tmp_path: Path
) -> None:
    gate.hold = lambda asked: asked.method == "PUT" and asked.path.endswith("/status.json")
    with publishing("-o", states.new, through(gate, bucket), cwd=tmp_path) as process:
        assert gate.is_holding.wait(60)
        process.send_signal(signal.SIGINT)
        gate.opened.set()
        done = ended(process)
    assert (done.code, done.err.strip()) == (130, "")
    claims = [body for name, body in objects(store, bucket).items() if name.startswith(CLAIMS)]
    assert [b'"is_over":true' in body for body in claims] == [True]
    assert invoke("publish", "-o", states.old, store.target(bucket)).code == 0
    assert differences(tree(states.old), objects(store, bucket)) == []
