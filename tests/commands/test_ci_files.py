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

CHANGING: Final = ("status-change.yml", "status-issue.yml")
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
    assert complaints("dependabot.json", strict_documents(github / ".github" / "dependabot.yml")[0]) == []
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


def bare_expansions(script: str) -> list[str]:
    """Return what a shell would split into words: expansions outside of quotes that are not all of an assignment."""
    script = re.sub(r"<<'EOF'.*?^EOF$", "", script, flags=re.MULTILINE | re.DOTALL)
    script = re.sub(r"^ *#.*\n|\$\{(\w+):\+--[a-z]+=\"\$\1\"\}", "", script, flags=re.MULTILINE)
    found, ends, at = [], [""], 0  # `ends`: what closes the quotes and commands that are open
    while at < len(script):
        one, is_quoted = script[at], ends[-1] == '"'
        if one == "\\":
            at += 1
        elif one == "'" and not is_quoted:
            at = script.index("'", at + 1)
        elif one == ends[-1]:
            ends.pop()
        elif one == '"':
            ends.append('"')
        elif one == "(" and (script[at - 1] == "$" or ends[-1] == ")"):
            ends.append(")")
        elif one == "$" and not is_quoted and script[at - 1] != "=":
            found.append(script[at : at + 20])
        at += 1
    assert ends == [""], script
    return found


def test_shell_variables_stand_in_quotes(github: Path, gitlab: Path) -> None:
    _, body = documents(gitlab / ".gitlab-ci.yml")
    lines = [step["run"] for step in steps(github) if "run" in step]
    lines += [line for job in body.values() if "script" in job for line in job["script"]]
    assert {line: bare for line in lines if (bare := bare_expansions(line))} == {}
    assert bare_expansions('a="$b" c=$(d "$e" \'$f\') g "$(h "$i")" ${T:+--t="$T"}') == []
    assert len(bare_expansions('a $b; c "$(d $e)" $(f) "${g[@]}"')) == 3


def test_only_the_jobs_that_commit_may_write(github: Path) -> None:
    by_name = workflows(github)
    assert {name: one["permissions"] for name, one in by_name.items()} == {
        "status-page.yml": {}, "status-change.yml": {}, "status-issue.yml": {}, "status-comment.yml": {},
        "status-check.yml": {"contents": "read"},
    }  # fmt: skip
    rights = {
        (name, job): facts["permissions"]
        for name, one in by_name.items()
        for job, facts in one["jobs"].items()
        if "permissions" in facts
    }
    assert rights == {
        ("status-page.yml", "due"): {"actions": "read", "contents": "read"},
        ("status-page.yml", "build"): {"contents": "read"},
        ("status-page.yml", "deploy"): {"pages": "write", "id-token": "write"},
        ("status-page.yml", "verify"): {"contents": "read"},
        ("status-page.yml", "notify"): {"contents": "write"},
        ("status-comment.yml", "comment"): {"actions": "read", "pull-requests": "write"},
        ("status-change.yml", "change"): {"contents": "write"},
        ("status-issue.yml", "change"): {"contents": "write", "issues": "write"},
    }


def test_no_change_waits_in_a_group_that_drops_it(github: Path) -> None:
    by_name = workflows(github)
    assert [name for name, one in by_name.items() if "concurrency" in one and name in CHANGING] == []
    assert [job for one in by_name.values() for job in one["jobs"].values() if "concurrency" in job] == []


def test_the_page_follows_the_workflows_that_change_it(github: Path) -> None:
    by_name = workflows(github)
    followed = by_name["status-page.yml"]["on"]["workflow_run"]["workflows"]
    assert followed == [by_name["status-change.yml"]["name"], by_name["status-issue.yml"]["name"]]


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
