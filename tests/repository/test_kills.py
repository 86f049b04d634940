"""kill -9 at any moment: afterwards everything acknowledged is there once, and nothing is half done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from clones import changes, cloned, git, hook, incident, is_sound, new_repository, opened, with_remote, word
from door import child_environ

_FALLIBLE = Path(__file__).with_name("fallible.py")
_APPLY = """
import sys
from pathlib import Path
from clones import incident, opened, word
with opened(Path(sys.argv[1])) as repository:
    if sys.argv[2]:
        repository.apply(word(sys.argv[2], "From the killed one"))
    else:
        repository.apply(incident("Killed"))
"""
_PUSH = """
import sys
from pathlib import Path
from clones import opened
with opened(Path(sys.argv[1])) as repository:
    repository.push()
"""


def _environ() -> dict[str, str]:
    here = os.pathsep.join([str(_FALLIBLE.parent), str(_FALLIBLE.parent.parent)])
    environ = child_environ({"PYTHONWARNINGS": "default"})
    return {**environ, "PYTHONPATH": os.pathsep.join([here, environ["PYTHONPATH"]])}


def _moments(site: Path, verb: str, every: int) -> int:
    done = subprocess.run(
        [sys.executable, str(_FALLIBLE), str(site), verb, str(every)],
        env=_environ(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[0])


def _killed(site: Path, event: str = "") -> None:
    """Carry a change out in a process of its own, which a hook kills with its git."""
    done = subprocess.run(
        [sys.executable, "-c", _APPLY, str(site), event],
        env=_environ(), capture_output=True, text=True, check=False, start_new_session=True,
    )  # fmt: skip
    assert done.returncode == -9, done.stderr


def test_at_every_moment_of_an_apply(tmp_path: Path) -> None:
    assert _moments(new_repository(tmp_path / "site"), "apply", 13) > 30


def test_at_many_moments_of_a_push_that_lost_a_race(tmp_path: Path) -> None:
    site, bare = with_remote(tmp_path)
    cloned(bare, "two")
    assert _moments(site, "push", 97) > 100


@pytest.mark.parametrize("name", ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"])
@pytest.mark.parametrize("is_new", [True, False])
def test_with_its_git_in_the_middle_of_a_commit(tmp_path: Path, name: str, *, is_new: bool) -> None:
    site = new_repository(tmp_path / "site")
    with opened(site) as repository:
        event = repository.apply(incident()).plan.change.record or ""
        hook(site, name, "kill -9 0")
        _killed(site, "" if is_new else event)
        (site / ".git/hooks" / name).unlink()
        repository.recover()
        assert is_sound(site)
        assert len(changes(site)) == (2 if name == "post-commit" else 1)
        repository.apply(word(event))
        assert len(repository.pending()) == 0
    assert is_sound(site)


@pytest.mark.parametrize("stage", ["prepared", "committed"])
def test_with_its_git_in_the_middle_of_the_branch(tmp_path: Path, stage: str) -> None:
    site = new_repository(tmp_path / "site")
    with opened(site) as repository:
        event = repository.apply(incident()).plan.change.record or ""
        hook(site, "reference-transaction", f'test "$1" = {stage} && kill -9 0; exit 0')
        _killed(site, event)
        (site / ".git/hooks/reference-transaction").unlink()
        repository.recover()
        assert git(site, "status", "--porcelain") == ""
        repository.apply(word(event))
    assert is_sound(site)


def test_while_the_files_of_others_come_in(tmp_path: Path) -> None:
    site, bare = with_remote(tmp_path)
    (site / ".gitattributes").write_text("*.yaml filter=deadly\n")
    git(site, "add", ".gitattributes")
    git(site, "commit", "--quiet", "--message", "Filter")
    with opened(site) as repository:
        assert repository.push().error is None
        with opened(cloned(bare, "two")) as other:
            for number in range(4):
                other.apply(incident(f"Theirs {number}"))
            assert other.push().is_up_to_date
        mine = repository.apply(incident("Mine"))
        # git runs the filter for each file that it writes: the third one in our work tree is the last of this process.
        ours = 'echo >> count; test "$(wc -l < count)" -ge 3 && kill -9 0'
        (tmp_path / "deadly").write_text(f'case "$PWD" in *stashgen-replay*) ;; *) {ours};; esac; cat')
        git(site, "config", "filter.deadly.smudge", f"cd . && sh {tmp_path / 'deadly'}")
        done = subprocess.run(
            [sys.executable, "-c", _PUSH, str(site)], env=_environ(), check=False, start_new_session=True
        )
        assert done.returncode == -9
        git(site, "config", "--unset", "filter.deadly.smudge")
        (site / "count").unlink()
        repository.recover()
        assert git(site, "rev-parse", "HEAD") == git(bare, "rev-parse", "main")
        assert repository.push().is_up_to_date
    assert changes(bare, "main")[mine.change_id] == 1
    assert is_sound(site)


def test_without_its_git_which_goes_on(tmp_path: Path) -> None:
    site = new_repository(tmp_path / "site")
    # The hook's git is a child of our process: it lives on, and whoever comes next waits for it.
    hook(site, "pre-commit", 'kill -9 "$(ps -o ppid= -p "$PPID" | tr -d " ")"; sleep 0.5')
    _killed(site)
    (site / ".git/hooks/pre-commit").unlink()
    with opened(site) as repository:
        repository.recover()
        assert len(changes(site)) == 1
        assert is_sound(site)


def test_an_index_lock_that_somebody_left(tmp_path: Path) -> None:
    site = new_repository(tmp_path / "site")
    lock = site / ".git/index.lock"
    lock.write_bytes(b"garbage")
    os.utime(lock, (1_700_000_000, 1_700_000_000))
    with opened(site) as repository:
        applied = repository.apply(incident())
    assert "was left by a git that is gone" in applied.remarks[0]
    assert (site / ".git/stashgen/index.lock.stale").read_bytes() == b"garbage"
    assert is_sound(site)


@pytest.mark.parametrize("length", [0, 10, 100])
def test_an_index_that_a_power_cut_tore(tmp_path: Path, length: int) -> None:
    site = new_repository(tmp_path / "site")
    index = site / ".git/index"
    torn = index.read_bytes()[:length]
    index.write_bytes(torn)
    with opened(site) as repository:
        repository.apply(incident())
    assert (site / ".git/index.torn").read_bytes() == torn
    assert is_sound(site)


def test_a_lock_that_a_killed_fetch_left(tmp_path: Path) -> None:
    site, bare = with_remote(tmp_path)
    with opened(cloned(bare, "two")) as other:
        other.apply(incident("Theirs"))
        assert other.push().is_up_to_date
    (site / ".git/refs/remotes/origin/main.lock").touch()
    with opened(site) as repository:
        mine = repository.apply(incident("Mine"))
        assert repository.push().is_up_to_date
    assert changes(bare, "main")[mine.change_id] == 1
    assert git(site, "rev-parse", "origin/main") == git(bare, "rev-parse", "main")
    assert is_sound(site)


def test_an_index_lock_that_somebody_holds(tmp_path: Path) -> None:
    site = new_repository(tmp_path / "site")
    hook(site, "pre-commit", "sleep 1")
    (site / "site-data/services/web.yaml").write_text("name: Web site\n")
    busy = subprocess.Popen(["git", "-C", str(site), "commit", "--quiet", "--all", "--message", "A person's"])
    while not (site / ".git/index.lock").exists():
        assert busy.poll() is None
    with opened(site) as repository:
        repository.apply(incident())
    assert busy.wait() == 0
    assert git(site, "log", "--format=%s").splitlines()[1] == "A person's"
    assert is_sound(site)
