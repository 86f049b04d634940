"""The recipes of docs/freshness.md: the script as it stands there, and alerts that name what there is."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

import pytest
import yaml
from door import BuildOnce, MakeProject, Run

PAGE: Final = (Path(__file__).parent.parent / "docs/freshness.md").read_text(encoding="utf-8")
SITE: Final = {"site-data/site.yaml": "title: T\nsince: 2026-01-01\n", "site-data/services/api.yaml": "name: API\n"}
METRIC: Final = re.compile(r"stashgen_[a-z_]+")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and keeps no log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback and yield its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Return the script of the page as a file."""
    (text,) = (block for block in blocks("sh") if block.startswith("#!/bin/sh"))
    path = tmp_path / "status-alive"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def look(script: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run([script, *arguments], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout


def test_the_script_tells_the_living_from_the_dead(script: Path, project: MakeProject, invoke: Run) -> None:
    site = project(SITE)
    assert invoke("build", "-C", site).code == 0
    with served(site / "build") as url:
        assert look(script, url) == (0, "")
        assert invoke("build", "-C", site, "--now", "2020-01-01T10:00:00Z").code == 0
        assert look(script, url) == (1, f"{url}: nobody has published it in time\n")
        assert look(script, url, "9999999999") == (0, "")
        for other in ("<title>Welcome</title>", "", "{}", '{"next_change_at": null}'):
            (site / "build/status.json").write_text(other, encoding="utf-8")
            assert look(script, url) == (1, f"{url}: gives no status.json\n")
        (site / "build/status.json").unlink()
        assert look(script, url) == (1, f"{url}: does not answer\n")


def test_a_host_that_is_gone_is_told(script: Path, tmp_path: Path) -> None:
    with served(tmp_path) as url:
        pass
    code, said = look(script, url)
    assert (code, said) == (1, f"{url}: does not answer\n")


def test_every_metric_is_described_and_alerts_name_no_other(build_once: BuildOnce) -> None:
    event = {
        "site-data/events/a.yaml": (
            "title: Errors\nservices: {api: down}\nupdates:\n  - {at: 2026-11-23T10:00:00Z, message: Gone.}\n"
        )
    }
    text = (build_once({**SITE, **event}) / "metrics.prom").read_text(encoding="utf-8")
    there = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    described = {
        name for row in re.findall(r"^\| (`stashgen_[^|]*)\|", PAGE, re.MULTILINE) for name in METRIC.findall(row)
    }
    assert described == there
    scrape, alerts = map(yaml.safe_load, blocks("yaml"))
    assert scrape["scrape_configs"][0]["metrics_path"] == "/metrics.prom"
    rules = alerts["groups"][0]["rules"]
    assert {name for rule in rules for name in METRIC.findall(rule["expr"])} <= there
    assert all(rule.keys() <= {"alert", "expr", "for", "annotations"} for rule in rules)
