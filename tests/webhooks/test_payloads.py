"""Recorded bodies of every monitor, and the signals that each gives, in tests/payloads/<source>/.

Beside `down.json` lies `down.signals.json`. To write that of a new body, set WRITE_SIGNALS=1, run this, and read every
line of what came out.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import pytest

from stashgen import webhooks
from stashgen.model import SOURCES, Automation, Mapped
from stashgen.webhooks import Post

PAYLOADS: Final = Path(__file__).resolve().parent.parent / "payloads"
CONTENT_TYPES: Final[Mapping[str, str]] = {
    ".json": "application/json",
    ".form": "application/x-www-form-urlencoded",
    ".txt": "text/plain",
    ".multipart": "multipart/form-data; boundary=----b0undary",
    ".query": "",
}
AUTOMATION: Final = Automation(
    generic={
        "backup": Mapped(
            key="job.id", status="job.result", statuses={"failed": "warning", "OK": "resolved"}, services="job.target",
            title="job.name", text="job.log", at="finished", labels={"node": "job.node"},
        ),
        "checks": Mapped(
            items="results", key='["k8s.name"]', services='["k8s.name"]', status="up", labels={"tag": "tags[0]"},
            statuses={"false": "down", "true": "resolved"},
        ),
    }
)  # fmt: skip


def bodies() -> list[Path]:
    """Return every recorded body."""
    return sorted(path for path in PAYLOADS.rglob("*") if path.suffix in CONTENT_TYPES and ".signals" not in path.name)


def post_of(path: Path) -> Post:
    """Return a recorded body as it comes in."""
    body, headers = path.read_bytes(), {}
    if path.parent.name == "github" and "comment" in path.name:
        headers = {"x-github-event": "issue_comment"}
    if path.suffix == ".query":
        return Post(body=b"", query=body.decode().strip())
    return Post(body=body.strip(b"\n"), content_type=CONTENT_TYPES[path.suffix], headers=headers)


@pytest.mark.parametrize("path", bodies(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_body_gives_its_signals(path: Path) -> None:
    signals = webhooks.read(path.parent.name, post_of(path), AUTOMATION)
    expected = path.with_name(f"{path.name}.signals.json")
    written = msgspec.json.format(msgspec.json.encode(signals), indent=2) + b"\n"
    if os.environ.get("WRITE_SIGNALS"):
        expected.write_bytes(written)
    assert written.decode() == expected.read_text(encoding="utf-8")


def test_every_source_has_bodies_and_nothing_is_left_over() -> None:
    sources = {path.parent.name for path in bodies()}
    assert sources == {*SOURCES, *AUTOMATION.generic} - {"icinga"}
    expected = {path.with_name(f"{path.name}.signals.json") for path in bodies()}
    assert set(PAYLOADS.rglob("*.signals.json")) == expected


def test_every_source_of_the_model_is_read() -> None:
    assert set(webhooks.BOOKS) == set(SOURCES)
