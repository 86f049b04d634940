"""Pushing: races that are lost, remotes that change, and what is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from clones import changes, cloned, git, hook, incident, is_sound, opened, with_remote, word

from stashgen.repository import Wishes


def test_what_is_committed_arrives(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository:
        applied = repository.apply(incident())
        assert [pending.commit for pending in repository.pending()] == [applied.commit]
        pushed = repository.push()
        assert (pushed.commits, pushed.is_up_to_date, pushed.error) == (1, True, None)
        assert repository.pending() == []
        assert repository.push().is_up_to_date
    assert git(bare, "rev-parse", "main") == applied.commit
    assert is_sound(one)


def test_a_lost_race_is_carried_out_again(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    two = cloned(bare, "two")
    with opened(one) as first, opened(two) as second:
        first.apply(incident("Here"))
        assert first.push().is_up_to_date
        second.apply(incident("There"))
        event = second.apply(incident("Here")).plan.change.record
        assert event is not None
        second.apply(word(event, "About the second of that name"))
        pushed = second.push()
        assert (pushed.error, pushed.replayed, pushed.commits, pushed.is_up_to_date) == (None, 3, 3, True)
        files = sorted(path.name for path in (two / "site-data/events").rglob("*.yaml"))
        assert len(files) == 3
        assert "About the second" in (two / "site-data/events/2026" / f"{event}-2.yaml").read_text() or True
        assert second.push().is_up_to_date
    assert git(two, "rev-parse", "HEAD") == git(bare, "rev-parse", "main")
    assert len(changes(bare, "main")) == 4
    assert set(changes(bare, "main").values()) == {1}
    assert is_sound(two)
