"""The action that builds a page in anybody's workflow: its steps run in a checkout, in the shell that GitHub uses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from code_hosts import Ran, documents
from composite_action import Runner
from door import git, write_files
from foreign import Reply, Station, running
from jsonschema.validators import validator_for

from stashgen import __version__

REPOSITORY: Final = Path(__file__).resolve().parent.parent
ACTION: Final = REPOSITORY / ".github" / "actions" / "build" / "action.yml"
SCHEMA: Final = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "github-actions.json"
EVENT: Final = """title: The API is slow
services: {{api: {status}}}
updates:
  - at: 2026-11-20T10:02:00Z
    state: {state}
    message: We are looking into it.
"""
BROKEN: Final = EVENT.format(status="wrning", state="investigating")
SITE: Final = {
    "site-data/site.yaml": "title: Status\nurl: https://status.example.com\n",
    "site-data/services/api.yaml": "name: API\n",
    "site-data/events/slow.yaml": EVENT.format(status="warning", state="resolved"),
}


def committed(folder: Path, files: Mapping[str, str]) -> Path:
    """Return a checkout with one more commit of these files."""
    write_files(folder, files)
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Change")
    return folder


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    home = tmp_path / "run ner"
    home.mkdir()
    return Runner(committed(tmp_path / "check out", SITE), home)


@pytest.fixture
def live() -> Iterator[Station]:
    with running(lambda path: None) as station:
        yield station


def outputs(ran: Ran) -> Mapping[str, str]:
    assert ran.code == 0, ran
    return ran.outputs["action"]


def serve(station: Station, folder: Path) -> None:
    """Let a station serve a copy of a built page."""
    state = (folder / "status.json").read_bytes()
    station.answer = lambda path: Reply(200, state, {}) if path == "/status.json" else Reply(404, b"", {})


def test_github_accepts_it() -> None:
    (action,) = yaml.safe_load_all(ACTION.read_text(encoding="utf-8"))
    rules = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = validator_for(rules)(rules)
    assert [error.message for error in validator.iter_errors(action)] == []
    assert list(validator.iter_errors({**action, "runs": {"using": "composite"}}))


def test_a_page_is_built_and_told_of(runner: Runner) -> None:
    ran = runner.run(ACTION, {})
    told = outputs(ran)
    assert told == {
        "folder": "./build",
        "complete": "true",
        "changed": "true",
        "next-change-at": told["next-change-at"],
        "commit": git(runner.checkout, "rev-parse", "HEAD").strip(),
        "program": told["program"],
    }
    state = json.loads((runner.checkout / "build" / "status.json").read_bytes())
    assert told["next-change-at"] == state["next_change_at"]
    assert Path(told["program"]).exists()
    assert runner.installed.splitlines()[-2:] == ["--", f"stashgen=={__version__}"]


def test_another_package_can_be_named(runner: Runner) -> None:
    outputs(runner.run(ACTION, {"package": "stashgen[s3]==0.1.0"}))
    assert runner.installed.splitlines()[-1] == "stashgen[s3]==0.1.0"


def test_a_second_run_finds_the_memo_of_the_first(runner: Runner) -> None:
    outputs(runner.run(ACTION, {}, number=1))
    outputs(runner.run(ACTION, {}, number=2))
    first, second = sorted((runner.home / "store").iterdir())
    assert first.name.rsplit("-", 2)[0] == second.name.rsplit("-", 2)[0]
    assert [path.name for path in (second / "stashgen").iterdir()] == [p.name for p in (first / "stashgen").iterdir()]
    outputs(runner.run(ACTION, {"cache": "false"}, number=3))
    assert len(list((runner.home / "store").iterdir())) == 2


def test_a_page_that_has_nothing_new_to_say_is_told_of(runner: Runner, live: Station) -> None:
    outputs(runner.run(ACTION, {}))
    serve(live, runner.checkout / "build")
    assert outputs(runner.run(ACTION, {"live": f"{live.url}/"}))["changed"] == "false"
    committed(runner.checkout, {"README.md": "Another commit\n"})
    assert outputs(runner.run(ACTION, {"live": live.url}))["changed"] == "true"


def test_whatever_is_in_doubt_counts_as_changed(runner: Runner, live: Station) -> None:
    outputs(runner.run(ACTION, {}))
    bodies = [b"<!doctype html>", b"[]", b'{"commit": null}\n{"commit": null}']
    replies = [None, Reply(500, b"{}", {}), *(Reply(200, body, {}) for body in bodies)]
    for reply in replies:
        live.answer = dict.fromkeys(["/status.json"], reply).get
        assert outputs(runner.run(ACTION, {"live": live.url}))["changed"] == "true", reply


def test_only_the_web_is_asked_what_is_published(runner: Runner) -> None:
    outputs(runner.run(ACTION, {}))
    assert outputs(runner.run(ACTION, {"live": f"file://{runner.checkout}/build"}))["changed"] == "true"


def test_a_broken_file_is_told_beside_its_line_and_fails(runner: Runner) -> None:
    committed(runner.checkout, {"site-data/events/slow.yaml": BROKEN})
    ran = runner.run(ACTION, {})
    assert ran.code == 1
    assert "::error file=site-data/events/slow.yaml,line=2," in ran.out
    assert not (runner.checkout / "build").exists()


def test_a_broken_file_does_not_stop_the_rest_where_that_is_wanted(runner: Runner) -> None:
    committed(runner.checkout, {"site-data/events/slow.yaml": BROKEN})
    ran = runner.run(ACTION, {"keep-going": "true"})
    assert outputs(ran)["complete"] == "false"
    assert "::error file=site-data/events/slow.yaml,line=2," in ran.out
    assert (runner.checkout / "build" / "index.html").is_file()


def test_nothing_is_handed_on_where_nothing_could_be_built(runner: Runner) -> None:
    outputs(runner.run(ACTION, {"keep-going": "true"}))
    committed(runner.checkout, {"site-data/site.yaml": "title: [\n"})
    ran = runner.run(ACTION, {"keep-going": "true"})
    assert ran.code == 1
    assert ran.outputs["action"]["folder"] == ""


def test_a_warning_fails_only_where_it_shall(runner: Runner) -> None:
    committed(runner.checkout, {"site-data/services/api.yaml": "name: API\nsince: 2090-01-01\n"})
    assert outputs(runner.run(ACTION, {}))["complete"] == "true"
    ran = runner.run(ACTION, {"strict": "true"})
    assert ran.code == 1
    assert "::warning file=site-data/services/api.yaml,line=" in ran.out


def test_several_pages_in_one_job_do_not_meet(runner: Runner) -> None:
    for name in ("one page", "صفحة"):
        committed(runner.checkout, {f"{name}/{path}": text for path, text in SITE.items()})
    first = outputs(runner.run(ACTION, {"directory": "one page", "output": "out/one page"}))
    second = outputs(runner.run(ACTION, {"directory": "صفحة"}))
    assert first["folder"] == "out/one page"
    assert second["folder"] == "صفحة/build"
    assert first["program"] != second["program"]
    for told in (first, second):
        assert (runner.checkout / told["folder"] / "index.html").is_file()


@pytest.mark.parametrize(
    "name", ['$(touch pwned) "; touch pwned; "', "`touch pwned` '; touch pwned; ' * ? && touch pwned"]
)
def test_no_input_becomes_part_of_a_command(runner: Runner, name: str) -> None:
    shutil.copytree(runner.checkout / "site-data", runner.checkout / name / "site-data")
    told = outputs(runner.run(ACTION, {"directory": name, "output": f"out/{name}", "package": f"stashgen {name}"}))
    assert (runner.checkout / told["folder"] / "index.html").is_file()
    assert runner.installed.splitlines()[-1] == f"stashgen {name}"
    assert list(runner.checkout.rglob("pwned")) == []


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"directory": "a\nprogram=/bin/false"}, "line break"),
        ({"package": "--index-url=https://example.com"}, "dash"),
        ({"output": "-o"}, "dash"),
        ({"version": "0.1.0 --pre"}, "no version"),
        ({"version": "latest"}, "no version"),
        ({"strict": "yes"}, "true or false"),
        ({"directory": "nowhere"}, "no site-data"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_word(runner: Runner, inputs: Mapping[str, str], said: str) -> None:
    ran = runner.run(ACTION, inputs)
    assert ran.code == 1
    assert ran.out.startswith("::error title=Build a status page::")
    assert said in ran.out
    assert ran.out.count("\n") == 1


def test_the_readme_names_every_input_and_output() -> None:
    (action,) = documents(ACTION)
    page = (ACTION.parent / "README.md").read_text(encoding="utf-8")
    for name, facts in action["inputs"].items():
        default = f"`{facts['default']}`" if facts["default"] else ""
        assert f"| `{name}` | {default}" in page, name
    assert [name for name in action["outputs"] if f"\n| `{name}` | " not in page] == []
    assert action["inputs"]["version"]["default"] == __version__


def test_a_value_reaches_the_shell_in_a_variable_only() -> None:
    (action,) = documents(ACTION)
    steps: list[Mapping[str, Any]] = action["runs"]["steps"]
    assert [step["id"] for step in steps if "${{" in step.get("run", "")] == []
