"""metrics.prom as Prometheus reads it, by its own Python library, and as its linter would have it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from door import NOW, BuildOnce, MakeProject, Run, git
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

HOSTILE: Final = 'Café "\\n" {a="b"} \\ # HELP x \U0001f525'
SITE: Final = {
    "site-data/site.yaml": "title: T\nurl: https://status.example.com\nsince: 2026-01-01\n",
    "site-data/groups/core.yaml": "name: Core\n",
    "site-data/statuses/slow.yaml": "name: Slow\nlevel: WARNING\n",
    "site-data/services/api.yaml": "name: API\ngroup: core\n",
    "site-data/services/web.yaml": f"name: {json.dumps(HOSTILE, ensure_ascii=False)}\n",
    "site-data/services/secret.yaml": "name: Secret\nhidden: true\n",
    "site-data/services/new.yaml": "name: New\nsince: 2027-01-01\n",
    "site-data/events/a.yaml": (
        "title: Errors\nservices: {api: down}\nupdates:\n  - {at: 2026-11-23T10:00:00Z, message: Gone.}\n"
    ),
    "site-data/events/b.yaml": (
        "title: Upgrade\nkind: maintenance\nservices: [web]\n"
        "planned: {start: 2026-11-23T12:00:00Z, end: 2026-11-23T13:00:00Z}\nupdates:\n"
        "  - {at: 2026-11-20T10:00:00Z, message: We upgrade.}\n"
    ),
    "site-data/events/c.yaml": (
        "title: Hello\nkind: notice\nupdates:\n  - {at: 2026-11-20T10:00:00Z, message: We have moved.}\n"
    ),
}


class Scraped:
    """The samples of a file by name and labels."""

    def __init__(self, text: str) -> None:
        self.families = [*text_string_to_metric_families(text)]
        self.samples: list[Sample] = [sample for family in self.families for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        (found,) = [
            sample.value for sample in self.samples if sample.name == f"stashgen_{name}" and sample.labels == labels
        ]
        return found

    def labels(self, name: str) -> list[Mapping[str, str]]:
        return [sample.labels for sample in self.samples if sample.name == f"stashgen_{name}"]


def text(root: Path) -> str:
    return (root / "metrics.prom").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def scraped(build_once: BuildOnce) -> Scraped:
    """Return what a scraper finds at the site."""
    return Scraped(text(build_once(SITE)))


def seconds(instant: str) -> float:
    return dt.datetime.fromisoformat(instant).timestamp()


def test_it_tells_its_age_and_when_it_will_be_stale(scraped: Scraped) -> None:
    assert scraped.value("build_timestamp_seconds") == seconds(NOW)
    assert scraped.value("next_change_timestamp_seconds") == seconds("2026-11-23T12:00:00Z")
    assert scraped.value("last_change_timestamp_seconds") == seconds("2026-11-23T10:00:00Z")
    assert scraped.value("faulty_files") == 0


def test_it_tells_what_the_page_says(scraped: Scraped, build_once: BuildOnce) -> None:
    status = json.loads((build_once(SITE) / "status.json").read_text())
    assert scraped.value("level") == 4
    assert scraped.value("incidents_open") == len(status["incidents"]) == 1
    assert scraped.value("maintenances_upcoming") == len(status["upcoming"]) == 1
    assert scraped.value("maintenances_running") == len(status["maintenances"]) == 0
    assert scraped.value("notices_running") == len(status["notices"]) == 1
    assert [labels["service"] for labels in scraped.labels("service_level")] == [
        service["id"] for service in status["services"]
    ]
    for service in status["services"]:
        name = service["id"]
        on = [
            labels["status"]
            for labels in scraped.labels("service_status")
            if labels["service"] == name and scraped.value("service_status", **labels)
        ]
        assert on == [service["status"]]
        for window, ratio in service["uptime"].items():
            if ratio is None:
                assert {"service": name, "window": window} not in scraped.labels("service_uptime_ratio")
            else:
                assert scraped.value("service_uptime_ratio", service=name, window=window) == ratio
    assert scraped.value("service_level", service="api") == 4
    since = scraped.value("service_status_since_timestamp_seconds", service="api")
    assert since == seconds("2026-11-23T10:00:00Z")


def test_names_stand_in_one_metric_whatever_is_in_them(scraped: Scraped) -> None:
    names = {labels["service"]: labels for labels in scraped.labels("service_info")}
    assert names["web"] == {"service": "web", "name": HOSTILE, "group": ""}
    assert names["api"] == {"service": "api", "name": "API", "group": "core"}
    assert names.keys() == {"api", "web", "new"}  # hidden services are in no output


def test_it_is_as_the_linter_of_prometheus_wants_it(scraped: Scraped, build_once: BuildOnce) -> None:
    lines = text(build_once(SITE)).splitlines()
    names = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
    assert names == [line.split()[2] for line in lines if line.startswith("# HELP ")] == list(dict.fromkeys(names))
    for family in scraped.families:
        assert re.fullmatch(r"stashgen_[a-z_]+", family.name)
        assert family.type == "gauge"
        assert not family.name.endswith(("_total", "_count", "_sum", "_bucket"))
        assert family.documentation.endswith(".")
        assert ("timestamp" in family.name) == family.name.endswith("_timestamp_seconds")
    keys = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in scraped.samples]
    assert len(set(keys)) == len(keys)
    assert text(build_once(SITE)).endswith("\n")


def test_a_page_without_services_has_no_metrics_of_any(project: MakeProject, invoke: Run) -> None:
    site = project({"site-data/site.yaml": "title: T\n"})
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    empty = Scraped(text(site / "build"))
    assert [family.name for family in empty.families if "service" in family.name] == []
    assert [family.name for family in empty.families if not family.samples] == []
    assert empty.value("level") == 0
    assert "last_change" not in text(site / "build")


def test_the_commit_is_told_and_order_is_stable(project: MakeProject, invoke: Run) -> None:
    site = project(SITE)
    git(site, "init", "-q")
    git(site, "add", ".")
    git(site, "commit", "-q", "-m", "First")
    for folder in ("one", "two"):
        assert invoke("build", "-C", site, "-o", site / folder, "--now", NOW).code == 0
    (info,) = Scraped(text(site / "one")).labels("build_info")
    assert info["commit"] == git(site, "rev-parse", "HEAD").strip()
    assert info["revision"] == json.loads((site / "one/status.json").read_text())["revision"]
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", info["version"])
    assert text(site / "one") == text(site / "two")


def test_it_can_be_switched_off(project: MakeProject, invoke: Run) -> None:
    site = project({**SITE, "site-data/site.yaml": "title: T\noutputs: {metrics: false}\n"})
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    assert not (site / "build/metrics.prom").exists()
    assert "metrics.prom" not in (site / "build/api/index.json").read_text()
