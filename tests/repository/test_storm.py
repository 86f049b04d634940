"""Eight writers on two clones, kills, a remote that comes and goes: all that was acknowledged is there once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from clones import changes, cloned, git, incident, is_sound, opened, with_remote
from door import child_environ

_WRITER = Path(__file__).with_name("writer.py")
_SECONDS = 9.0
_WRITERS = 8


class _Storm:
    def __init__(self, clones: list[Path], bare: Path, event: str) -> None:
        self._clones, self._bare, self._event = clones, bare, event
        self._chance = random.Random(4)
        self.acknowledged = bare.with_name("acknowledged")
        self.kills = 0
        self._writers = [self._start(number) for number in range(_WRITERS)]

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        site = self._clones[number % len(self._clones)]
        python_path = os.pathsep.join(
            [str(_WRITER.parent), str(_WRITER.parent.parent), str(_WRITER.parent.parent.parent)]
        )
        with self.acknowledged.with_name("said").open("ab") as said:
            return subprocess.Popen(
                [sys.executable, str(_WRITER), str(site), f"w{number}", str(self.acknowledged), self._event],
                env={**child_environ(), "PYTHONPATH": python_path},
                stdout=subprocess.DEVNULL, stderr=said, start_new_session=True,
            )  # fmt: skip

    def blow(self, seconds: float) -> None:
        """Kill writers, now with what they have started and now alone; take the remote away and bring it back."""
        away, ends_at = self._bare.with_name("away.git"), time.monotonic() + seconds
        while time.monotonic() < ends_at:
            time.sleep(self._chance.uniform(0.05, 0.6))
            number = self._chance.randrange(_WRITERS)
            self._kill(self._writers[number], is_alone=self._chance.random() < 0.5)
            self._writers[number] = self._start(number)
            if self._chance.random() < 0.2:
                here, there = (self._bare, away) if self._bare.exists() else (away, self._bare)
                here.rename(there)
        for writer in self._writers:
            self._kill(writer, is_alone=False)
        if away.exists():
            away.rename(self._bare)

    def _kill(self, writer: subprocess.Popen[bytes], *, is_alone: bool) -> None:
        assert writer.poll() is None, self.acknowledged.with_name("said").read_text()
        (os.kill if is_alone else os.killpg)(writer.pid, signal.SIGKILL)
        writer.wait()
        self.kills += 1


def test_every_acknowledged_change_is_there_once(tmp_path: Path) -> None:
    one, bare = with_remote(tmp_path)
    with opened(one) as repository:
        event = repository.apply(incident("Shared")).plan.change.record or ""
        assert repository.push().is_up_to_date
    clones = [one, cloned(bare, "two")]
    storm = _Storm(clones, bare, event)
    storm.blow(_SECONDS)
    for site in (*clones, *clones):
        with opened(site) as repository:
            pushed = repository.push(seconds=60)
            assert pushed.error is None, pushed
            assert repository.pending() == repository.parked() == []
    acknowledged = dict(line.split() for line in storm.acknowledged.read_text().splitlines())
    there = changes(bare, "main")
    assert len(acknowledged) > _WRITERS
    assert [change for change in acknowledged if there[change] != 1] == []
    assert [change for change, count in there.items() if count != 1] == []
    text = "".join(path.read_text() for path in (clones[1] / "site-data/events").rglob("*.yaml"))
    lost = [token for token in acknowledged.values() if text.count(f"{token}\n") + text.count(f"{token}.\n") != 1]
    assert lost == []
    for site in clones:
        assert git(site, "rev-parse", "HEAD") == git(bare, "rev-parse", "main")
        assert is_sound(site)
    assert git(bare, "fsck", "--strict", "--no-dangling") == ""
    print(len(acknowledged), "acknowledged,", storm.kills, "kills")
