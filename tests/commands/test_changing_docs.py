"""The worked incident of docs/changing.md, and what the README types when something breaks, run as they are written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from changing_site import count
from door import Run, child_environ, git

REPOSITORY = Path(__file__).resolve().parent.parent.parent
# Ten minutes pass between two commands.
CLOCK = """
epoch=1795428000
stashgen() { epoch=$((epoch + 600)); SOURCE_DATE_EPOCH=$epoch "$PYTHON" -m stashgen "$@"; }
"""


def blocks(page: str, heading: str) -> list[str]:
    """Return the shell blocks of a section."""
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("page", "heading", "commits"),
    [("docs/changing.md", "A worked incident", 7), ("README.md", "When something breaks", 3)],
)
def test_it_goes_as_it_is_written(tmp_path: Path, run: Run, page: str, heading: str, commits: int) -> None:
    site = tmp_path / "site"
    assert run("init", site, "--now", "2026-11-23T09:00:00Z").code == 0
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    git(site, "init", "--quiet", "--initial-branch=main")
    git(site, "add", ".")
    git(site, "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "Begin")
    git(site, "remote", "add", "origin", str(tmp_path / "remote.git"))
    git(site, "push", "--quiet", "-u", "origin", "main")
    script = "\n".join(blocks(page, heading))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", CLOCK + script],
        cwd=site,
        env=child_environ({"PYTHON": sys.executable, "PATH": os.environ["PATH"]}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert count(site) == commits
    assert git(site, "status", "--short") == ""
    after = run("status", "--now", "2026-11-23T18:00:00Z", cwd=site, env={"COLUMNS": "100"})
    assert "All services operational" in after.out
