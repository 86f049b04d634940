"""The files by which GitHub and GitLab publish and change a page: valid, and no text becomes part of a command."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from code_hosts import documents, evaluated, filled
from door import NOW, Run
from jsonschema.validators import validator_for

SCHEMAS: Final = resources.files("check_jsonschema") / "builtin_schemas" / "vendor"


@pytest.fixture
def github(tmp_path: Path, invoke: Run) -> Path:
    assert invoke("init", "github", "--now", NOW, "--ci", "github").code == 0
    return tmp_path / "github"


@pytest.fixture
def gitlab(tmp_path: Path, invoke: Run) -> Path:
    assert invoke("init", "gitlab", "--now", NOW, "--ci", "gitlab").code == 0
    return tmp_path / "gitlab"


def complaints(schema: str, document: Any) -> list[str]:
    rules = json.loads((SCHEMAS / schema).read_text(encoding="utf-8"))
    found = validator_for(rules)(rules).iter_errors(document)
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in found]


def strict_documents(path: Path) -> list[Any]:
    """Return the documents of a file with the types that YAML 1.2 gives to scalars."""
    loaded = yaml.load_all(path.read_text(encoding="utf-8").replace("\non:", '\n"on":'), yaml.SafeLoader)
    return list(loaded)


def workflows(project: Path) -> Mapping[str, Any]:
    return {path.name: documents(path)[0] for path in (project / ".github" / "workflows").iterdir()}


def steps(project: Path) -> Iterator[Mapping[str, Any]]:
    for workflow in workflows(project).values():
        for job in workflow["jobs"].values():
            yield from job["steps"]


def test_github_accepts_them(github: Path) -> None:
    for path in (github / ".github" / "workflows").iterdir():
        assert complaints("github-workflows.json", strict_documents(path)[0]) == [], path.name
    (form,) = strict_documents(github / ".github" / "ISSUE_TEMPLATE" / "incident.yml")
    assert complaints("github-issue-forms.json", form) == []


def test_gitlab_accepts_it(gitlab: Path) -> None:
    header, body = strict_documents(gitlab / ".gitlab-ci.yml")
    assert complaints("gitlab-ci.json", header) == []
    assert complaints("gitlab-ci.json", body) == []
    for name, facts in header["spec"]["inputs"].items():
        assert facts["default"] in facts.get("options", [facts["default"]]), f"{name}: no pipeline could start"


def test_a_mistake_would_be_seen() -> None:
    assert complaints("github-workflows.json", {"on": "push", "jobs": {"x": {"runs-on": 3, "steps": []}}})
    assert complaints("github-issue-forms.json", {"name": "x", "description": "y", "body": [{"type": "dropdwn"}]})
    assert complaints("gitlab-ci.json", {"change": {"script": 3}})


def test_nothing_that_somebody_wrote_becomes_part_of_a_command(github: Path, gitlab: Path) -> None:
    for step in steps(github):
        assert "${{" not in step.get("run", ""), step
        assert not step.get("uses", "").startswith("actions/github-script"), "its script is code too"
    header, body = documents(gitlab / ".gitlab-ci.yml")
    scripts = [line for job in body.values() if "script" in job for line in job["script"]]
    assert len(scripts) > 5
    assert [line for line in scripts if "[[ inputs" in line] == []
    assert "variables" not in header
    for name, value in body["change"]["variables"].items():
        assert value["expand"] == "false", f"{name}: GitLab would replace $NAME in it by a variable, secret ones too"


def test_shell_variables_stand_in_quotes(github: Path, gitlab: Path) -> None:
    _, body = documents(gitlab / ".gitlab-ci.yml")
    lines = [step["run"] for step in steps(github) if "run" in step]
    lines += [line for job in body.values() if "script" in job for line in job["script"]]
    for line in lines:
        without = re.sub(r"\"[^\"]*\"|'[^']*'|\$\{(\w+):\+--[a-z]+=\"\$\1\"\}", "", line)
        assert "$" not in without.replace("$(jq", ""), line


def test_only_the_jobs_that_commit_may_write(github: Path) -> None:
    by_name = workflows(github)
    assert {name: one["permissions"] for name, one in by_name.items()} == {
        "status-page.yml": {"contents": "read"}, "status-change.yml": {}, "status-issue.yml": {},
    }  # fmt: skip
    rights = {
        (name, job): facts["permissions"]
        for name, one in by_name.items()
        for job, facts in one["jobs"].items()
        if "permissions" in facts
    }
    assert rights == {
        ("status-page.yml", "publish"): {"pages": "write", "id-token": "write"},
        ("status-change.yml", "change"): {"contents": "write"},
        ("status-issue.yml", "change"): {"contents": "write", "issues": "write"},
    }


def test_no_change_waits_in_a_group_that_drops_it(github: Path) -> None:
    by_name = workflows(github)
    assert [name for name, one in by_name.items() if "concurrency" in one] == ["status-page.yml"]
    assert [job for one in by_name.values() for job in one["jobs"].values() if "concurrency" in job] == []


def test_the_page_follows_the_workflows_that_change_it(github: Path) -> None:
    by_name = workflows(github)
    followed = by_name["status-page.yml"]["on"]["workflow_run"]["workflows"]
    assert followed == [by_name["status-change.yml"]["name"], by_name["status-issue.yml"]["name"]]
    wanted = by_name["status-page.yml"]["jobs"]["build"]["if"]
    for event, conclusion, is_built in [
        ("push", "", True), ("workflow_run", "success", True), ("workflow_run", "failure", True),
        ("workflow_run", "skipped", False),
    ]:  # fmt: skip
        context = {"github": {"event_name": event, "event": {"workflow_run": {"conclusion": conclusion}}}}
        assert evaluated(wanted, context) is is_built


def issue_event(**facts: Any) -> Mapping[str, Any]:
    issue = {"labels": [], "body": "### Affected services\n\napi", "number": 7} | facts
    return {"github": {"event": {"issue": issue}}}


@pytest.mark.parametrize(
    ("facts", "is_ours"),
    [
        ({}, True),
        ({"body": "The build is slow."}, False),
        ({"body": None}, False),
        ({"body": None, "labels": [{"name": "bug"}, {"name": "incident"}]}, True),
        ({"pull_request": {"url": "https://api.github.com/..."}}, False),
    ],
)
def test_only_issues_of_the_form_or_with_the_label_are_read(
    github: Path, facts: Mapping[str, Any], *, is_ours: bool
) -> None:
    wanted = workflows(github)["status-issue.yml"]["jobs"]["who"]["if"]
    assert bool(evaluated(wanted, issue_event(**facts))) is is_ours


def test_expressions_are_read_as_github_reads_them() -> None:
    context = {"github": {"token": "t", "event": {"labels": [{"name": "a"}, {"name": "b"}], "n": None}}, "inputs": {}}
    assert evaluated("contains(github.event.labels.*.name, 'b') && !github.event.n", context)
    assert evaluated("inputs.title || 'it''s'", context) == "it's"
    assert filled("x ${{ github.token }} ${{ inputs.title }}", context) == "x t "
