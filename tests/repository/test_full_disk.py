"""A disk that is full at one place or another: refused with nothing changed, or done; never in between."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from clones import changes, git, incident, is_sound, new_repository, opened, word
from door import child_environ

_APPLY = """
import resource, sys
from pathlib import Path
from clones import incident, opened, word
from stashgen.errors import StashgenError
from stashgen.repository import Wishes
site, event, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
with opened(site) as repository:
    for intent, key in ((word(event, "Full " + "x" * 3000), "word"), (incident("Full"), "incident")):
        try:
            print(repository.apply(intent, wishes=Wishes(key=f"{key}-{limit}")).change_id)
        except StashgenError as error:
            print(error, file=sys.stderr)
"""
_LIMITS = (0, 100, 1000, 1500, 3000, 3600, 5000, 12_000, 20_000, 40_000, 400_000)


@pytest.mark.parametrize("limit", _LIMITS)
def test_no_file_can_grow_beyond_a_limit(tmp_path: Path, limit: int) -> None:
    site = new_repository(tmp_path / "site")
    with opened(site) as repository:
        event = repository.apply(incident()).plan.change.record or ""
    here = Path(__file__).parent
    environ = child_environ()
    python_path = os.pathsep.join([str(here), str(here.parent), environ["PYTHONPATH"]])
    done = subprocess.run(
        [sys.executable, "-c", _APPLY, str(site), event, str(limit)],
        env={**environ, "PYTHONPATH": python_path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    acknowledged = done.stdout.split()
    assert len(acknowledged) == {0: 0, _LIMITS[-1]: 2}.get(limit, len(acknowledged))
    with opened(site) as repository:
        repository.recover()
        assert is_sound(site)
        assert set(changes(site)) >= set(acknowledged)
        assert max(changes(site).values()) == 1
        repository.apply(word(event))
    assert is_sound(site)
    assert git(site, "log", "-1", "--format=%s")
