"""Services, groups and statuses from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from changing_site import INCIDENT, NOW, SITE, count, repository
from door import Run, git
from pseudo_terminal import stashgen


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return repository(tmp_path / "site", {**SITE, **INCIDENT})


def file(site: Path, name: str) -> str:
    return (site / "site-data" / name).read_text(encoding="utf-8")


def test_a_service_is_added_edited_and_removed(site: Path, invoke: Run) -> None:
    added = invoke(
        "service", "add", "--name", "Größe", "--group", "Core", "--since", "2026-01-01", "--order", "3", "--hidden",
        "--now", NOW, cwd=site,
    )  # fmt: skip
    assert added.code == 0, added.err
    assert (
        file(site, "services/grosse.yaml") == 'name: "Größe"\ngroup: core\norder: 3\nsince: 2026-01-01\nhidden: true\n'
    )
    edited = invoke("service", "edit", "grosse", "--unset", "hidden", "--name", "Size", "--now", NOW, cwd=site)
    assert edited.code == 0, edited.err
    assert "Size: not shown → Operational" in edited.out
    assert invoke("service", "remove", "grosse", "--now", NOW, cwd=site).code == 0
    assert not (site / "site-data" / "services" / "grosse.yaml").exists()


def test_comments_stay_when_a_field_changes(site: Path, invoke: Run) -> None:
    assert invoke("service", "edit", "api", "--description", "For programs.", "--now", NOW, cwd=site).code == 0
    assert "name: API  # the big one\n" in file(site, "services/api.yaml")


def test_another_id_is_followed(site: Path, invoke: Run) -> None:
    result = invoke("service", "edit", "api", "--id", "public-api", "--now", NOW, cwd=site)
    assert result.code == 0, result.err
    assert "services: {public-api: down}" in file(site, "events/2026/2026-11-23-api-errors.yaml")
    assert "not shown" not in result.out
    assert invoke("check", cwd=site).code == 0
    assert git(site, "status", "--short") == ""
    # Whoever has the old id in a script goes on.
    assert invoke("set", "api", "up", "-m", "Well.", "--now", NOW, cwd=site).code == 0
    assert invoke("service", "edit", "api", "--order", "1", "--now", NOW, cwd=site).code == 0


def test_what_is_named_elsewhere_is_not_removed_by_mistake(site: Path, invoke: Run) -> None:
    refused = invoke("service", "remove", "api", "--now", NOW, cwd=site)
    assert refused.code == 1
    assert "--with-references" in refused.err
    assert count(site) == 0
    assert invoke("service", "remove", "api", "--with-references", "--now", NOW, cwd=site).code == 0
    assert invoke("check", cwd=site).code == 0


def test_groups_and_statuses(site: Path, invoke: Run) -> None:
    assert invoke("group", "add", "edge", "--name", "Edge", "--collapsed", "--now", NOW, cwd=site).code == 0
    assert file(site, "groups/edge.yaml") == "name: Edge\ncollapsed: true\n"
    assert invoke("statuses", "add", "--name", "Slow", "--level", "warning", "--downtime", "0.5", cwd=site).code == 0
    assert file(site, "statuses/slow.yaml") == "name: Slow\nlevel: WARNING\ndowntime: 0.5\n"
    renamed = invoke("statuses", "edit", "down", "--name", "Gone", "--now", NOW, cwd=site)
    assert renamed.code == 0, renamed.err
    assert "Gone" in invoke("statuses", "list", cwd=site).out
    assert invoke("group", "edit", "core", "--name", "Heart", "--no-collapsed", "--now", NOW, cwd=site).code == 0
    assert "Heart" in invoke("group", "list", cwd=site).out


def test_lists(site: Path, invoke: Run) -> None:
    shown = invoke("service", "list", "--now", NOW, cwd=site)
    assert shown.out == "✗ api  API · Major outage · core\n✓ web  Web site · Operational\n"
    told = json.loads(invoke("service", "list", "--json", cwd=site).out)
    assert [service["id"] for service in told["services"]] == ["api", "web"]


@pytest.mark.parametrize(
    ("args", "told", "code"),
    [
        (("add", "--name", "API"), "`api`", 1),
        (("add", "api", "--name", "Another"), "api", 1),
        (("add", "No Id", "--name", "Another"), "id", 1),
        (("add", "--name", "X", "--group", "cor"), "did you mean `core`?", 1),
        (("add", "--name", "X", "--order", "many"), "--order", 2),
        (("add", "--name", "X", "--since", "soon"), "--since", 2),
        (("edit", "apx", "--name", "X"), "did you mean `api`?", 1),
        (("edit", "api", "--unset", "name"), "--unset", 2),
        (("edit", "api", "--url", "nonsense"), "error: url: `nonsense` is not a web address", 1),
    ],
)
def test_a_mistake_is_told(site: Path, invoke: Run, args: tuple[str, ...], told: str, code: int) -> None:
    result = invoke("service", *args, cwd=site)
    assert told in result.err
    assert (result.code, count(site)) == (code, 0), result.err


def test_a_field_is_edited_in_a_conversation(site: Path) -> None:
    terminal = stashgen("service", "edit", cwd=site)
    terminal.expect("Service: ")
    terminal.type("web\n")
    terminal.expect("Field: ")
    terminal.type("order\n")
    terminal.expect("order (empty: take it away): ")
    terminal.type("7\n")
    terminal.expect("Go ahead?")
    terminal.type("\n")
    assert terminal.end() == 0, terminal.text
    assert file(site, "services/web.yaml") == "name: Web site\norder: 7\n"
