"""A site with an open outage, and how it is built when a build keeps going."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from door import NOW, Result, Run

SITE: Final = {
    "site-data/site.yaml": "title: Acme Status\nurl: https://status.example.com\n",
    "site-data/services/api.yaml": "name: API\n",
    "site-data/services/web.yaml": "name: Web\n",
    "site-data/events/old.yaml": (
        "title: Slow pages\nservices: {web: warning}\nupdates:\n"
        "  - {at: 2026-11-20T08:00:00Z, message: Slow.}\n"
        "  - {at: 2026-11-20T09:00:00Z, state: resolved, message: Fast again.}\n"
    ),
}
OPEN: Final = (
    "title: API gone\nservices: {api: down}\nupdates:\n"
    "  - at: 2026-11-23T09:00:00Z\n    message: The API is gone.\n"
    "  - at: 2026-11-23T09:30:00Z\n    state: identified\n    message: A cable.\n"
)


def build(invoke: Run, site: Path, *options: str) -> Result:
    """Build a site that keeps going, and see that nothing is said twice or in a traceback."""
    result = invoke("build", "-C", site, "--now", NOW, "--keep-going", *options)
    assert result.code in (0, 1), result.err
    assert "Traceback" not in result.err
    return result


def status(site: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((site / "build/status.json").read_text(encoding="utf-8"))
    return document


def page(site: Path, name: str = "index.html") -> str:
    return (site / "build" / name).read_text(encoding="utf-8")
