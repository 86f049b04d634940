"""Pushing: races that are lost, remotes that change, and what is told of it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from clones import changes, cloned, git, hook, incident, is_sound, new_repository, opened, with_remote, word

from stashgen.repository import Pushed, Repository, Wishes


def told(pushed: Pushed) -> tuple[str | None, int, int, bool]:
    return pushed.error, pushed.commits, pushed.replayed, pushed.is_up_to_date


def file_of(project: Path, event: str | None) -> Path:
    return next((project / "site-data/events").rglob(f"{event}.yaml"))


def lose_a_race(bare: Path) -> str:
    """Let another clone push an incident."""
    other = cloned(bare, "faster")
    with opened(other) as repository:
        repository.apply(incident("Faster"))
        assert repository.push().is_up_to_date
    return git(other, "rev-parse", "HEAD")


def test_what_is_committed_arrives(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository:
        applied = repository.apply(incident())
        assert [pending.commit for pending in repository.pending()] == [applied.commit]
        assert told(repository.push()) == (None, 1, 0, True)
        assert repository.pending() == []
        assert told(repository.push()) == (None, 0, 0, True)
    assert git(bare, "rev-parse", "main") == applied.commit
    assert is_sound(one)


def test_a_lost_race_is_carried_out_again_with_ids_given_anew(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    two = cloned(bare, "two")
    with opened(one) as first, opened(two) as second:
        first.apply(incident("Here"))
        first.push()
        second.apply(incident("There"))
        event = second.apply(incident("Here", "From the second.")).plan.change.record or ""
        second.apply(word(event, "About the second of that name"))
        assert told(second.push()) == (None, 3, 3, True)
        assert second.push().is_up_to_date
    renamed = file_of(two, f"{event}-2").read_text()
    assert "From the second." in renamed
    assert "About the second" in renamed
    assert "About the second" not in file_of(two, event).read_text()
    assert git(two, "rev-parse", "HEAD") == git(bare, "rev-parse", "main")
    assert sorted(changes(bare, "main").values()) == [1, 1, 1, 1]
    assert is_sound(two)


def test_who_did_it_when_stays_when_it_is_done_again(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one, GIT_AUTHOR_NAME="Mona", GIT_AUTHOR_DATE="1700000000 +0100") as repository:
        repository.apply(incident())
        lose_a_race(bare)
        assert repository.push().replayed == 1
    assert git(one, "log", "-1", "--format=%an %ad %cn", "--date=raw") == "Mona 1700000000 +0100 Test Author"


def test_what_somebody_is_working_on_stays(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository:
        repository.apply(incident())
        lose_a_race(bare)
        (one / "site-data/services/web.yaml").write_text("name: Web, better\n")
        (one / "site-data/services/new.yaml").write_text("name: New\n")
        git(one, "add", "site-data/services/new.yaml")
        assert told(repository.push()) == (None, 1, 1, True)
    assert git(one, "status", "--porcelain").splitlines() == [
        "A  site-data/services/new.yaml",
        " M site-data/services/web.yaml",
    ]
    assert git(one, "rev-parse", "HEAD") == git(bare, "rev-parse", "main")


def test_a_file_that_is_in_the_way_keeps_the_branch_but_not_the_news(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository:
        lose_a_race(bare)
        event = git(bare, "ls-tree", "-r", "--name-only", "main", "site-data/events")
        (one / event).parent.mkdir(parents=True)
        (one / event).write_text("title: mine, not committed\n")
        applied = repository.apply(incident("Mine"))
        pushed = repository.push()
        assert told(pushed) == (None, 1, 1, True)
        assert any("stays where it is" in remark for remark in pushed.remarks)
        assert git(one, "rev-parse", "HEAD") == applied.commit
        repository.apply(incident("Later"))
        assert repository.push().error is None
        (one / event).unlink()
        assert repository.push().is_up_to_date
    assert (one / event).read_text() != "title: mine, not committed\n"
    assert sorted(changes(bare, "main").values()) == [1, 1, 1]
    assert git(one, "rev-parse", "HEAD") == git(bare, "rev-parse", "main")
    assert is_sound(one)


def test_commits_of_people_are_taken_along(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository:
        repository.apply(incident())
        (one / "README").write_text("Hello\n")
        git(one, "add", "README")
        git(one, "commit", "--quiet", "--message", "A person's")
        repository.apply(incident("Second"))
        lose_a_race(bare)
        assert told(repository.push()) == (None, 2, 2, True)
    assert git(bare, "log", "--format=%s", "main").splitlines()[1] == "A person's"
    assert (one / "README").read_text() == "Hello\n"
    assert is_sound(one)


def test_a_commit_of_a_person_that_does_not_fit_waits_for_the_person(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    other = cloned(bare, "other")
    for place, name in ((other, "Theirs"), (one, "Mine")):
        (place / "site-data/services/web.yaml").write_text(f"name: {name}\n")
        git(place, "commit", "--all", "--quiet", "--message", name)
    git(other, "push", "--quiet")
    with opened(one) as repository:
        repository.apply(incident())
        pushed = repository.push()
        assert told(pushed) == (None, 1, 1, True)
        assert any("Mine" in remark and "git pull --rebase" in remark for remark in pushed.remarks)
    assert (one / "site-data/services/web.yaml").read_text() == "name: Mine\n"
    assert git(bare, "show", "main:site-data/services/web.yaml") == "name: Theirs"
    assert sorted(changes(bare, "main").values()) == [1]
    assert is_sound(one)


def test_a_rewritten_remote_gets_back_what_was_acknowledged(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository:
        first = repository.apply(incident("First"))
        repository.push()
        other = cloned(bare, "other")
        git(other, "reset", "--quiet", "--hard", "HEAD~1")
        (other / "README").write_text("Rewritten\n")
        git(other, "add", "README")
        git(other, "commit", "--quiet", "--amend", "--message", "Start, rewritten")
        git(other, "push", "--quiet", "--force")
        repository.apply(incident("Second"))
        assert told(repository.push()) == (None, 1, 2, True)
    assert first.change_id in changes(bare, "main")
    assert sorted(changes(bare, "main").values()) == [1, 1]
    assert git(bare, "log", "--format=%s", "main").splitlines()[-1] == "Start, rewritten"
    assert len(git(bare, "log", "--format=%s", "main").splitlines()) == 3
    assert is_sound(one)


@pytest.mark.parametrize("again", ["squashed", "in other words", "from nothing"])
def test_what_a_rewritten_remote_has_without_trailers_is_not_done_twice(tmp_path: Path, again: str) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository:
        event = repository.apply(incident("First")).plan.change.record or ""
        for number in range(4):
            repository.apply(word(event, f"Word {number}."))
        assert repository.push().is_up_to_date
        other = cloned(bare, "other")
        if again == "squashed":
            git(other, "reset", "--quiet", "--soft", "HEAD~3")
        if again == "from nothing":
            git(other, "checkout", "--quiet", "--orphan", "new")
        (other / "readme").write_text("Made anew\n")
        git(other, "add", "--all")
        options = ["--amend"] if again == "in other words" else []
        git(other, "commit", "--quiet", "--message", "Tidy up", *options)
        git(other, "push", "--quiet", "--force", "origin", "HEAD:main")
        repository.apply(incident("Second"))
        assert repository.push().is_up_to_date
        assert repository.parked() == []
        text = (one / f"site-data/events/{event[:4]}/{event}.yaml").read_text()
    assert [text.count(f"Word {number}.") for number in range(4)] == [1] * 4
    assert len(list((one / "site-data/events").rglob("*.yaml"))) == 2
    assert git(one, "rev-parse", "HEAD") == git(bare, "rev-parse", "main")
    assert is_sound(one)


def test_what_somebody_took_off_the_remote_does_not_come_back_by_us(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    other = cloned(bare, "other")
    (other / "secret").write_text("Secret\n")
    git(other, "add", "secret")
    git(other, "commit", "--quiet", "--message", "A mistake")
    git(other, "push", "--quiet")
    with opened(one) as repository:
        first = repository.apply(incident("First"))
        assert repository.push().is_up_to_date
        git(other, "reset", "--quiet", "--hard", "HEAD~1")
        (other / "mine").write_text("Theirs\n")
        git(other, "add", "mine")
        git(other, "commit", "--quiet", "--message", "No mistake")
        git(other, "push", "--quiet", "--force")
        (one / "mine").write_text("In the way\n")
        for title in ("Second", "Third"):
            repository.apply(incident(title))
            assert repository.push().error is None
        (one / "mine").unlink()
        assert repository.push().is_up_to_date
    assert "secret" not in git(bare, "ls-tree", "--name-only", "main").split()
    assert not (one / "secret").exists()
    assert sorted(changes(bare, "main").values()) == [1, 1, 1]
    assert first.change_id in changes(bare, "main")
    assert is_sound(one)


def test_a_history_of_its_own_at_the_remote(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    other = new_repository(tmp_path / "other")
    git(other, "commit", "--quiet", "--amend", "--message", "Another beginning", "--date", "1700000000 +0000")
    with opened(one) as repository:
        repository.apply(incident("First"))
        repository.push()
        git(other, "push", "--quiet", "--force", str(bare), "main")
        repository.apply(incident("Second"))
        assert repository.push().is_up_to_date
    assert git(bare, "log", "--format=%s", "main").splitlines()[-1] == "Another beginning"
    assert sorted(changes(bare, "main").values()) == [1, 1]
    assert is_sound(one)


def test_a_branch_that_is_gone_or_was_never_there(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository:
        repository.apply(incident("First"))
        git(bare, "update-ref", "-d", "refs/heads/main")
        assert repository.push().is_up_to_date
    assert git(bare, "rev-parse", "main") == git(one, "rev-parse", "main")
    fresh = new_repository(tmp_path / "fresh")
    git(tmp_path, "init", "--quiet", "--bare", "empty.git")
    git(fresh, "remote", "add", "origin", str(tmp_path / "empty.git"))
    with opened(fresh) as repository:
        repository.apply(incident("First"))
        assert repository.push().is_up_to_date
    assert git(tmp_path / "empty.git", "rev-parse", "main") == git(fresh, "rev-parse", "main")


def test_where_a_branch_goes(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    git(tmp_path, "clone", "--quiet", "--bare", str(bare), "fork.git")
    git(one, "remote", "add", "fork", str(tmp_path / "fork.git"))
    with opened(one) as repository:
        git(one, "config", "remote.pushDefault", "fork")
        first = repository.apply(incident("First"))
        assert repository.push().is_up_to_date
        git(one, "config", "branch.main.pushRemote", "origin")
        git(one, "config", "branch.main.merge", "refs/heads/published")
        second = repository.apply(incident("Second"))
        assert repository.push().is_up_to_date
    assert git(tmp_path / "fork.git", "rev-parse", "main") == first.commit
    assert git(bare, "rev-parse", "published") == second.commit


@pytest.mark.parametrize("name", ["-force", "a/--b", "üñ í-code", "heads"])
def test_branches_that_look_like_something_else(tmp_path: Path, name: str) -> None:
    one, bare = with_remote(tmp_path)
    branch = name.replace(" ", "_")
    git(one, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
    git(one, "update-ref", f"refs/heads/{branch}", "refs/heads/main")
    with opened(one) as repository:
        applied = repository.apply(incident())
        assert repository.push().is_up_to_date
        assert repository.pending() == []
    assert git(bare, "rev-parse", f"refs/heads/{branch}") == applied.commit
    assert is_sound(one)


def test_a_remote_that_refuses_is_not_a_race(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    hook(bare, "pre-receive", "echo 'main is protected, open a pull request' >&2; exit 1")
    with opened(one) as repository:
        repository.apply(incident())
        pushed = repository.push()
        assert pushed.error is not None
        assert "main is protected, open a pull request" in pushed.error
        assert "pre-receive hook declined" in pushed.error
        assert len(repository.pending()) == 1


def test_a_hook_of_ours_that_refuses_the_push(tmp_path: Path) -> None:
    one, _ = with_remote(tmp_path)
    hook(one, "pre-push", "echo 'not on Fridays' >&2; exit 1")
    with opened(one) as repository:
        repository.apply(incident())
        assert "not on Fridays" in (repository.push().error or "")


def test_a_remote_that_comes_and_goes(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository:
        repository.apply(incident("First"))
        bare.rename(tmp_path / "away.git")
        assert repository.push().error
        repository.apply(incident("Second"))
        assert len(repository.pending()) == 2
    (tmp_path / "away.git").rename(bare)
    with opened(one) as repository:
        assert told(repository.push()) == (None, 2, 0, True)


def test_nothing_waits_for_a_password_or_for_ever(tmp_path: Path) -> None:
    one, _ = with_remote(tmp_path)
    with opened(one, GIT_SSH_COMMAND="sleep 60;") as repository:
        git(one, "remote", "set-url", "origin", "ssh://nobody@localhost/x.git")
        repository.apply(incident())
        assert "took more than" in (repository.push(seconds=1).error or "")


def test_without_a_remote_and_on_no_branch(tmp_path: Path) -> None:
    one = new_repository(tmp_path / "one")
    with opened(one) as repository:
        repository.apply(incident("First"))
        assert repository.pending() == []
        pushed = repository.push()
        assert pushed.error is None
        assert "there is no remote" in pushed.remarks[0]
        git(one, "switch", "--quiet", "--detach")
        assert "HEAD is detached" in repository.apply(incident("Second")).remarks[0]
        assert "HEAD is detached" in (repository.push().error or "")


def test_what_people_push_or_take_away_themselves(tmp_path: Path) -> None:
    one, _ = with_remote(tmp_path)
    with opened(one) as repository:
        repository.apply(incident("First"))
        git(one, "push", "--quiet")
        assert repository.pending() == []
        repository.apply(incident("Second"))
        git(one, "commit", "--quiet", "--amend", "--no-edit", "--date", "1700000000 +0000")
        assert len(repository.pending()) == 1
        git(one, "push", "--quiet")
        assert repository.pending() == []
        third = repository.apply(incident("Third"))
        git(one, "reset", "--quiet", "--hard", "HEAD~1")
        assert "took this commit off" in repository.push().remarks[0]
        assert repository.pending() == []
    assert third.change_id not in changes(one)


def test_an_event_that_somebody_removed_comes_back_with_what_was_said_of_it(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository:
        event = repository.apply(incident("Shared")).plan.change.record or ""
        repository.push()
        other = cloned(bare, "other")
        file_of(other, event).unlink()
        git(other, "commit", "--all", "--quiet", "--message", "Remove it")
        git(other, "push", "--quiet")
        repository.apply(word(event))
        assert told(repository.push()) == (None, 1, 1, True)
    assert "One more word." in file_of(one, event).read_text()
    assert is_sound(one)


def test_a_change_that_cannot_be_done_again_is_parked(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository:
        event = repository.apply(incident("Shared")).plan.change.record or ""
        repository.push()
        other = cloned(bare, "other")
        file_of(other, event).write_text("title: [broken\n")
        git(other, "commit", "--all", "--quiet", "--message", "Break it")
        git(other, "push", "--quiet")
        applied = repository.apply(word(event))
        kept = repository.apply(incident("Another"))
        pushed = repository.push()
        assert (pushed.error, pushed.parked, pushed.replayed, pushed.is_up_to_date) == (None, 1, 1, True)
        assert "parked" in pushed.remarks[0]
        assert [one.change_id for one in repository.parked()] == [applied.change_id]
    assert git(one, "rev-parse", f"refs/stashgen/parked/{applied.change_id}") == applied.commit
    assert set(changes(bare, "main")) > {kept.change_id}
    assert is_sound(one)


def test_a_shallow_clone(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository:
        for number in range(3):
            repository.apply(incident(f"Number {number}"))
        repository.push()
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{bare}", "shallow")
    shallow = tmp_path / "shallow"
    with opened(shallow) as repository:
        repository.apply(incident("Shallow"))
        lose_a_race(bare)
        assert told(repository.push()) == (None, 1, 1, True)
    assert git(shallow, "rev-parse", "HEAD") == git(bare, "rev-parse", "main")
    assert is_sound(shallow)


def test_two_sites_in_one_repository(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    shutil.copytree(one / "site-data", one / "second" / "site-data")
    git(one, "add", "--all")
    git(one, "commit", "--quiet", "--message", "A second site")
    git(one, "push", "--quiet")
    with opened(one) as first, opened(one / "second") as second:
        made = [repository.apply(incident("Same"), wishes=Wishes(key="a")) for repository in (first, second)]
        event = made[1].plan.change.record or ""
        second.apply(word(event))
        lose_a_race(bare)
        assert told(first.push()) == (None, 3, 3, True)
    assert made[0].change_id != made[1].change_id
    assert sorted(changes(bare, "main").values()) == [1, 1, 1, 1]
    assert "One more word." in file_of(one / "second", event).read_text()
    assert is_sound(one)


def test_site_data_deep_in_a_repository(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    deep = one / "in [a] dir*" / "status"
    deep.mkdir(parents=True)
    shutil.copytree(one / "site-data", deep / "site-data")
    git(one, "add", "--all")
    git(one, "commit", "--quiet", "--message", "Deep")
    git(one, "push", "--quiet")
    with Repository(deep, os.environ) as repository:
        repository.apply(incident("Deep"))
        lose_a_race(bare)
        assert told(repository.push()) == (None, 1, 1, True)
    assert git(one, "show", "--name-only", "--format=", "HEAD").startswith("in [a] dir*/status/site-data/events/")
    assert is_sound(one)
