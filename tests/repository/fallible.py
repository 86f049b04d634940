"""A process that changes a site and is killed at a chosen moment: python fallible.py SITE push|apply EVERY.

Each thing that it does with the outside world (opening a file, renaming, starting a program, a word to SQLite) is a
moment. For each of them a child is forked that kills itself right there; then this process looks at what is left.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from clones import changes, git, incident, is_sound, opened, word

from stashgen.repository import Wishes

_MOMENTS = ("open", "os.", "subprocess.", "sqlite3.", "fcntl.", "shutil.")


def dies_at(moment: int, work: Callable[[], object]) -> bool:
    """Do something in a child that is killed at a moment; return whether it was."""
    child = os.fork()
    if child == 0:
        left = [moment]

        def count(event: str, _: object) -> None:
            if event.startswith(_MOMENTS):
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "it failed without being killed"
    return os.WIFSIGNALED(status)


def apply_until_it_lives(site: Path, every: int) -> int:
    """Kill an apply at each moment; each time the same request again must be the same one change."""
    moment, is_killed = 1, True
    while is_killed:
        wishes = Wishes(key=f"request-{moment}", has_suffix=True)
        asked = incident(f"Number {moment}")

        def work(asked: object = asked, wishes: Wishes = wishes) -> None:
            with opened(site) as repository:
                repository.apply(asked, wishes=wishes)  # type: ignore[arg-type]

        is_killed = dies_at(moment, work)
        with opened(site) as repository:
            repository.recover()
            assert is_sound(site)
            applied = repository.apply(asked, wishes=wishes)
            assert is_killed or applied.is_repeated
        assert changes(site)[applied.change_id] == 1
        assert max(changes(site).values()) == 1
        assert is_sound(site)
        moment += every
    return moment


def push_until_it_lives(site: Path, every: int) -> int:
    """Kill a push that has lost a race at each moment; the next push must bring everything, once."""
    other, bare = site.parent / "two", site.parent / "remote.git"
    with opened(site) as repository:
        event = repository.apply(incident("Shared")).plan.change.record or ""
        assert repository.push().is_up_to_date
        git(other, "pull", "--quiet")
    moment, is_killed = 1, True
    while is_killed:
        with opened(other) as faster:
            faster.apply(word(event, f"Faster {moment}"))
            assert faster.push().is_up_to_date
        with opened(site) as repository:
            mine = [repository.apply(word(event, f"Mine {moment} {number}")).change_id for number in range(2)]

        def work() -> None:
            with opened(site) as repository:
                assert repository.push().error is None

        is_killed = dies_at(moment, work)
        with opened(site) as repository:
            pushed = repository.push()
            assert pushed.error is None, pushed
            assert pushed.is_up_to_date
        there = changes(bare, "main")
        assert [there[one] for one in mine] == [1, 1]
        assert max(there.values()) == 1
        assert git(site, "rev-parse", "HEAD") == git(bare, "rev-parse", "main")
        assert is_sound(site)
        moment += every
    return moment


if __name__ == "__main__":
    verb = {"apply": apply_until_it_lives, "push": push_until_it_lives}[sys.argv[2]]
    print(verb(Path(sys.argv[1]), int(sys.argv[3])))
    subprocess.run(["git", "-C", sys.argv[1], "fsck", "--strict", "--no-dangling"], check=True)
