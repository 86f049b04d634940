"""A small page in a git repository that tells of its news, for tests of notify and compare."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from door import Result, Run, git, write_files
from news_receivers import Receiver

FIRST: Final = "2026-11-23T10:00:00Z"  # when the first run marks all as told
LATER: Final = "2026-11-23T10:30:00Z"
EVENT: Final = "site-data/events/2026/api-errors.yaml"
SITE: Final[Mapping[str, str]] = {
    "site-data/site.yaml": "title: Acme Status\nurl: https://status.acme.example\n",
    "site-data/groups/core.yaml": "name: Core\n",
    "site-data/services/api.yaml": "name: API\ngroup: core\n",
    "site-data/services/web.yaml": "name: Web site\n",
    "site-data/services/lab.yaml": "name: Lab\nhidden: true\n",
    "site-data/notifications.yaml": "channels:\n  - name: ops\n    urls_from: OPS_URLS\n",
}
OPENED: Final = """\
title: API errors
services: {api: down}
updates:
  - at: 2026-11-23T10:02:00Z
    state: investigating
    message: |
      We see **5xx** on a third of requests.
"""
RESOLVED: Final = """\
  - at: 2026-11-23T10:20:00Z
    state: resolved
    message: Back to normal.
"""


def repository(folder: Path, files: Mapping[str, str] = SITE) -> Path:
    """Write a page and commit it."""
    write_files(folder, files)
    git(folder, "init", "--quiet", "--initial-branch=main")
    return committed(folder)


def committed(folder: Path, files: Mapping[str, str] | None = None) -> Path:
    """Write more files and commit them."""
    write_files(folder, files or {})
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Change")
    return folder


def with_remote(folder: Path, files: Mapping[str, str] = SITE) -> Path:
    """Write a page, commit it and push it to a bare repository beside it."""
    project = repository(folder / "one", files)
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    git(project, "remote", "add", "origin", str(folder / "remote.git"))
    git(project, "push", "--quiet", "--set-upstream", "origin", "main")
    return project


def ledger(folder: Path) -> str:
    """Return what is kept of who was told, "" for nothing."""
    return git(folder, "cat-file", "blob", "refs/stashgen/notified:ledger.json", check=False)


def notify(invoke: Run, folder: Path, hook: Receiver | str, *options: str, now: str = LATER) -> Result:
    """Tell a receiver, or what some Apprise URLs name."""
    urls = hook if isinstance(hook, str) else hook.apprise
    return invoke("notify", "-C", folder, "--now", now, *options, env={"OPS_URLS": urls})
