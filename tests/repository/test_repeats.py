"""The same request twice is one change; things that others keep."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from clones import changes, cloned, git, incident, is_sound, new_repository, opened, with_remote, word

from stashgen.edit import EditError
from stashgen.intents import Author
from stashgen.repository import Wishes

NOW = dt.datetime(2026, 11, 23, 10, 30, tzinfo=dt.UTC)


def key(name: str) -> Wishes:
    return Wishes(key=name, now=NOW, has_suffix=True)


def test_the_same_key_again_tells_what_the_first_one_made(tmp_path: Path) -> None:
    site = new_repository(tmp_path / "site")
    with opened(site) as repository:
        first = repository.apply(incident(), wishes=key("a"))
        again = repository.apply(incident(), wishes=key("a"))
    with opened(site) as repository:
        later = repository.apply(incident(), wishes=key("a"))
        with pytest.raises(EditError, match="key was used") as raised:
            repository.apply(incident("Another"), wishes=key("a"))
        assert repository.apply(incident(), wishes=key("b")).commit != first.commit
    assert raised.value.reason == "conflict"
    assert not first.is_repeated
    for one in (again, later):
        assert one.is_repeated
        assert (one.commit, one.change_id, one.plan.change.record) == (
            first.commit, first.change_id, first.plan.change.record,
        )  # fmt: skip
    assert len(changes(site)) == 2


def test_a_request_that_came_to_the_other_clone_first(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    two = cloned(bare, "two")
    with opened(one) as first, opened(two) as second:
        made = first.apply(incident(), wishes=key("a"))
        first.push()
        git(two, "pull", "--quiet")
        again = second.apply(incident(), wishes=key("a"))
        assert (again.is_repeated, again.commit) == (True, made.commit)
        assert again.plan.change.record == made.plan.change.record
        assert again.plan.change.subject == made.plan.change.subject
        with pytest.raises(EditError, match="key was used"):
            second.apply(incident("Another"), wishes=key("a"))


def test_one_request_to_two_clones_at_once(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    two = cloned(bare, "two")
    with opened(one) as first, opened(two) as second:
        made = [
            repository.apply(incident(), Author(name=name), key("a"))
            for repository, name in ((first, "1"), (second, "2"))
        ]
        after = second.apply(word(made[1].plan.change.record or ""), wishes=key("b"))
        assert first.push().error is None
        pushed = second.push()
        assert (pushed.error, pushed.replayed, pushed.is_up_to_date) == (None, 1, True)
    assert made[0].change_id == made[1].change_id
    assert set(changes(bare, "main").items()) == {(made[0].change_id, 1), (after.change_id, 1)}
    assert len(list((two / "site-data/events").rglob("*.yaml"))) == 1
    assert is_sound(two)


def test_a_damaged_journal_is_begun_anew(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository:
        made = repository.apply(incident(), wishes=key("a"))
        repository.apply(incident("Second"))
    state = one / ".git/stashgen/state.db"
    state.write_bytes(b"\0garbage" * 1000)
    with opened(cloned(bare, "two")) as other:
        other.apply(incident("Faster"))
        other.push()
    with opened(one) as repository:
        again = repository.apply(incident(), wishes=key("a"))
        assert (again.is_repeated, again.commit) == (True, made.commit)
        assert "was damaged" in again.remarks[0]
        assert len(repository.pending()) == 2
        assert repository.push().error is None
    assert sorted(changes(bare, "main").values()) == [1, 1, 1]
    assert is_sound(one)


def test_a_change_that_was_taken_away_can_be_made_again(tmp_path: Path) -> None:
    site = new_repository(tmp_path / "site")
    with opened(site) as repository:
        repository.apply(incident(), wishes=key("a"))
        git(site, "reset", "--quiet", "--hard", "HEAD~1")
        assert not repository.apply(incident(), wishes=key("b")).is_repeated


def test_a_replay_tells_the_time_of_the_first_time(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository, opened(cloned(bare, "two")) as other:
        repository.apply(incident(), wishes=key("a"))
        other.apply(incident("Faster"))
        other.push()
        assert repository.push().replayed == 1
    texts = [path.read_text() for path in (one / "site-data/events").rglob("*.yaml")]
    assert sum("2026-11-23T10:30:00Z" in text for text in texts) == 1


def test_state_is_kept_by_kind_until_it_expires(tmp_path: Path) -> None:
    site = new_repository(tmp_path / "site")
    with opened(site, SOURCE_DATE_EPOCH="1700000000") as repository:
        state = repository.state
        moment = dt.datetime.fromtimestamp(1_700_000_000, dt.UTC)
        state.put("answers", "a", b"1")
        state.put("answers", "a", b"2")
        state.put("signals", "a", b"3", moment + dt.timedelta(seconds=10))
        state.put("signals", "b", b"4", moment - dt.timedelta(seconds=10))
        assert state.add("nonces", "n", b"")
        assert not state.add("nonces", "n", b"")
    with opened(site, SOURCE_DATE_EPOCH="1700000005") as repository:
        assert repository.state.get("answers", "a") == b"2"
        assert repository.state.all("signals") == {"a": b"3"}
        repository.state.drop("answers", "a")
        assert repository.state.get("answers", "a") is None
    with opened(site, SOURCE_DATE_EPOCH="1700000011") as repository:
        assert repository.state.all("signals") == {}
