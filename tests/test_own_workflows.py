"""This project's own workflows: valid, pinned, least rights; their shell lines run, from a tag to what is published."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from importlib import metadata, resources
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from code_hosts import documents
from door import child_environ, write_files
from jsonschema.validators import validator_for

from stashgen import __version__
from stashgen.scaffold.pins import ACTIONS

REPOSITORY: Final = Path(__file__).resolve().parent.parent
GITHUB: Final = REPOSITORY / ".github"
WORKFLOWS: Final = sorted((GITHUB / "workflows").glob("*.yml"))
SCHEMAS: Final = resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
USES: Final = re.compile(r"^\s*(?:- )?uses: (\S+)(?: # (\S+))?$", re.MULTILINE)
PIN: Final = re.compile(r"([\w-]+/[\w-]+)((?:/[\w-]+)*)@([0-9a-f]{40})")
SOURCES: Final = ("stashgen", "themes", "docs", "site-data", ".ci", "benchmarks", ".github", "Makefile")
TOP_FILES: Final = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md")
LEFT: Final = shutil.ignore_patterns("__pycache__", "*.pyc")
HEADING: Final = f"## [{__version__}] - 2026-11-23\n\n"
OLDER: Final = "## [0.0.1] - 2020-01-01\n\n- Old.\n"
RELEASED: Final = f"# Changelog\n\n## [Unreleased]\n\n{HEADING}- It is new.\n\n{OLDER}"


def read(name: str) -> Any:
    """Return a workflow."""
    return documents(GITHUB / "workflows" / name)[0]


def complaints(schema: str, path: Path) -> list[str]:
    """Return what a schema of the host has against a file."""
    rules = json.loads((SCHEMAS / schema).read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8").replace("\non:", '\n"on":')
    return [error.message for error in validator_for(rules)(rules).iter_errors(yaml.safe_load(text))]


def steps(workflow: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the steps of all jobs."""
    for job in workflow["jobs"].values():
        yield from job.get("steps", ())


def script(name: str, job: str, words: str) -> str:
    """Return the one shell step of a job that holds these words."""
    (found,) = [step["run"] for step in read(name)["jobs"][job]["steps"] if words in step.get("run", "")]
    return str(found)


def bash(folder: Path, text: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a shell step as GitHub does where no shell is named."""
    return subprocess.run(
        ["bash", "-e", "-c", text],
        cwd=folder,
        env=child_environ({"PYTHONWARNINGS": "", "PYTHONPATH": str(folder), **environ}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the files of this repository that a release is made of, with a changelog that knows of it."""
    folder = tmp_path_factory.mktemp("clone")
    for name in (*SOURCES, *TOP_FILES):
        source, target = REPOSITORY / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=LEFT)
        else:
            shutil.copy(source, target)
    return write_files(folder, {"CHANGELOG.md": RELEASED})


@pytest.fixture(scope="module")
def dist(clone: Path) -> Path:
    """Return the folder with what the release workflow builds."""
    done = bash(clone, script("release.yml", "build", "hatchling build"), {"PATH": programs(clone)})
    assert done.returncode == 0, done.stderr
    return clone / "dist"


def programs(folder: Path) -> str:
    """Return a PATH on which `python` is the one that runs the tests."""
    place = write_files(folder / "programs", {"python": f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'})
    (place / "python").chmod(0o755)
    return f"{place}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_github_accepts_them(path: Path) -> None:
    assert complaints("github-workflows.json", path) == []


def test_dependabot_accepts_its_file_and_finds_what_it_names() -> None:
    assert complaints("dependabot.json", GITHUB / "dependabot.yml") == []
    (facts,) = documents(GITHUB / "dependabot.yml")
    wanted = {"github-actions": ("action.yml", ".github"), "pip": ("pyproject.toml", "requirements.txt", "release.txt")}
    for update in facts["updates"]:
        for folder in update["directories"]:
            names = {one.name for one in (REPOSITORY / folder.strip("/")).iterdir()}
            assert names & set(wanted[update["package-ecosystem"]]), folder


@pytest.mark.parametrize("path", [*WORKFLOWS, GITHUB / "actions" / "build" / "action.yml"], ids=lambda path: path.stem)
def test_other_peoples_actions_are_pinned_as_in_what_init_writes(path: Path) -> None:
    ours = {line.partition("@")[0]: line for line in ACTIONS.values()}
    for uses, version in USES.findall(path.read_text(encoding="utf-8")):
        if uses.startswith("./"):
            assert (REPOSITORY / uses).exists()
            continue
        match = PIN.fullmatch(uses)
        assert match and re.fullmatch(r"v\d+\.\d+\.\d+", version), f"{uses}: pin a commit, and say which version it is"
        repository, _, commit = match.groups()
        assert ours.get(repository, f"{repository}@{commit} # {version}") == f"{repository}@{commit} # {version}"


def test_no_value_becomes_part_of_a_command() -> None:
    for path in WORKFLOWS:
        assert [step["run"] for step in steps(documents(path)[0]) if "${{" in step.get("run", "")] == []


def test_no_checkout_leaves_its_token_behind() -> None:
    for path in WORKFLOWS:
        for step in steps(documents(path)[0]):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] == "false", path.name


def test_no_job_has_more_rights_than_it_needs() -> None:
    rights = {
        (path.stem, name): job.get("permissions", workflow["permissions"])
        for path in WORKFLOWS
        for workflow in documents(path)
        for name, job in workflow["jobs"].items()
    }
    reading = {"contents": "read"}
    assert {place: facts for place, facts in rights.items() if facts != reading} == {
        ("pages", "publish"): {"pages": "write", "id-token": "write"},
        ("release", "attest"): {"id-token": "write", "attestations": "write"},
        ("release", "publish"): {"id-token": "write"},
        ("release", "tell"): {"contents": "write"},
    }


def test_every_python_that_is_promised_is_tried() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    promised = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    assert read("ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"] == promised
    assert read("release.yml")["jobs"]["try"]["strategy"]["matrix"]["python"] == promised
    assert project["requires-python"] == f">={promised[0]}"


def test_continuous_integration_runs_what_the_readme_names() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    run = [step.get("run", "") for step in read("ci.yml")["jobs"]["test"]["steps"]]
    assert [command for command in ("make site", "make test") if f"\n{command} " in readme] == run[-2:]
    known = re.findall(r"^([\w-]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for path in WORKFLOWS:
        for step in steps(documents(path)[0]):
            assert set(re.findall(r"\bmake ([\w-]+)", step.get("run", ""))) <= set(known)


def test_what_is_published_was_built_once_and_tried() -> None:
    release = read("release.yml")
    jobs = release["jobs"]
    assert release["on"] == {"push": {"tags": ["v*"]}}
    assert jobs["attest"]["needs"] == ["build", "ci", "try"]
    assert (jobs["publish"]["needs"], jobs["tell"]["needs"]) == ("attest", "publish")
    assert jobs["publish"]["environment"] == "pypi"
    builds = [name for name, job in jobs.items() for step in job.get("steps", ()) if " build" in step.get("run", "")]
    assert builds == ["build"]
    assert [step for step in steps(release) if "password" in step.get("with", {})] == []
    assert "workflow_call" in read("ci.yml")["on"]
    assert jobs["ci"]["uses"] == "./.github/workflows/ci.yml"


def test_the_demo_is_published_from_the_default_branch_only() -> None:
    job = read("pages.yml")["jobs"]["publish"]
    assert job["if"] == "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)"


@pytest.mark.parametrize(
    ("changes", "tag", "said"),
    [
        ({}, f"v{__version__}", ""),
        ({}, "v9.9.9", "stashgen/__init__.py says"),
        ({}, __version__, "stashgen/__init__.py says"),
        ({"CHANGELOG.md": "## [Unreleased]\n\n- Much.\n"}, f"v{__version__}", "has no heading"),
        ({"CHANGELOG.md": HEADING + OLDER}, f"v{__version__}", "says nothing"),
        ({".github/actions/build/action.yml": "    default: \"0.0.1\"\n"}, f"v{__version__}", "another version"),
    ],
    ids=["right", "another-tag", "no-v", "unreleased", "nothing-said", "old-action"],
)  # fmt: skip
def test_tag_version_changelog_and_action_agree(
    tmp_path: Path, changes: Mapping[str, str], tag: str, said: str
) -> None:
    for name in (".ci", ".github/actions", "stashgen/__init__.py"):
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
        copy(REPOSITORY / name, place)
    write_files(tmp_path, {"CHANGELOG.md": RELEASED, **changes})
    done = bash(tmp_path, script("release.yml", "build", "check-release"), {"GITHUB_REF_NAME": tag})
    assert (done.returncode == 0) is (said == ""), done.stderr
    assert said in done.stderr
    if not said:
        assert (tmp_path / "notes.md").read_text(encoding="utf-8").strip() == "- It is new."


def test_what_builds_a_release_is_whole_and_named_by_hashes() -> None:
    lines = (REPOSITORY / ".ci" / "release.txt").read_text(encoding="utf-8").splitlines()
    pinned = [re.fullmatch(r"([a-z-]+)==[\w.]+ --hash=sha256:[0-9a-f]{64}", line) for line in lines if line[0] != "#"]
    names = {match[1] for match in pinned if match}
    assert len(names) == len(pinned)
    assert "hatchling" in names
    for name in names:
        needs = [
            line for line in metadata.requires(name) or () if "extra ==" not in line and "python_version <" not in line
        ]
        assert {re.split(r"[^\w-]", need)[0].lower().replace("_", "-") for need in needs} <= names


def test_a_release_is_a_wheel_and_its_sources(dist: Path) -> None:
    assert sorted(path.name for path in dist.iterdir()) == [
        f"stashgen-{__version__}-py3-none-any.whl",
        f"stashgen-{__version__}.tar.gz",
    ]


def test_the_sources_make_the_same_wheel(dist: Path, tmp_path: Path) -> None:
    (wheel,), (sources,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    subprocess.run(["tar", "-xzf", sources, "-C", tmp_path], check=True)
    again = tmp_path / f"stashgen-{__version__}"
    done = bash(again, script("release.yml", "build", "hatchling build"), {"PATH": programs(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert (again / "dist" / wheel.name).read_bytes() == wheel.read_bytes()


def test_the_wheel_is_tried_in_an_environment_of_its_own(dist: Path, tmp_path: Path) -> None:
    done = bash(dist.parent, script("release.yml", "try", "try-wheel"), needed(tmp_path, dist.parent))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"stashgen, version {__version__}\n")


def test_a_wheel_without_themes_is_refused(dist: Path, tmp_path: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    (tmp_path / "dist").mkdir()
    with zipfile.ZipFile(wheel) as whole, zipfile.ZipFile(tmp_path / "dist" / wheel.name, "w") as torn:
        for name in whole.namelist():
            if not name.startswith("stashgen/themes/classic/"):
                torn.writestr(name, whole.read(name))
    shutil.copytree(REPOSITORY / ".ci", tmp_path / ".ci")
    done = bash(tmp_path, script("ci.yml", "package", "try-wheel"), {"PATH": programs(tmp_path)})
    assert done.returncode == 1
    assert "stashgen/themes/classic/theme.yaml is missing" in done.stderr


def needed(folder: Path, programs_in: Path) -> Mapping[str, str]:
    """Return an environment in which pip needs no network: what stashgen requires is at hand, it itself is not."""
    packages = folder / "packages"
    packages.mkdir()
    for entry in Path(metadata.distribution("click").locate_file("")).iterdir():  # type: ignore[arg-type]
        if not re.match(r"_?_?(main_editable|editable|stashgen|pip|pycache)", entry.name):
            (packages / entry.name).symlink_to(entry)
    path = {"PATH": programs(programs_in), "PYTHONPATH": str(packages)}
    return {**path, "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_COMPILE": "1"}


def test_the_release_is_told_with_what_was_built(clone: Path, tmp_path: Path) -> None:
    gh = write_files(tmp_path / "bin", {"gh": '#!/bin/sh\nprintf "%s\\n" "$@"\n'})
    (gh / "gh").chmod(0o755)
    write_files(tmp_path, {"dist/a.whl": "", "dist/a.tar.gz": "", "notes/notes.md": "", "wheel/a.whl": ""})
    environ = {"PATH": f"{gh}{os.pathsep}{os.environ['PATH']}", "GITHUB_REF_NAME": "v1.0.0", "GITHUB_REPOSITORY": "o/s"}
    done = bash(tmp_path, script("release.yml", "tell", "gh release"), environ)
    assert done.stdout.split() == [
        "release", "create", "v1.0.0", "--repo", "o/s", "--verify-tag", "--title", "v1.0.0",
        "--notes-file", "notes/notes.md", "dist/a.tar.gz", "dist/a.whl",
    ]  # fmt: skip


def test_the_demo_and_the_manual_are_put_together(clone: Path) -> None:
    # What `make` would install first is there already.
    write_files(clone, {".venv/bin/python": f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', ".venv/.docs": ""})
    (clone / ".venv" / "bin" / "python").chmod(0o755)
    environ = {
        "PAGES_URL": "", "GITHUB_REPOSITORY": "An-Owner/stashgen", "GITHUB_REPOSITORY_OWNER": "An-Owner",
        "GITHUB_SERVER_URL": "https://code.example.com", "GITHUB_SHA": "0" * 40,
    }  # fmt: skip
    done = bash(clone, script("pages.yml", "build", "make pages"), environ)
    assert done.returncode == 0, done.stderr
    pages = clone / "build-pages"
    assert json.loads((pages / "status.json").read_bytes())["page"]["url"] == "https://an-owner.github.io/stashgen"
    assert not (pages / "CNAME").exists(), "GitHub would take the demo's domain for ours"
    assert "The manual" in (pages / "docs" / "index.html").read_text(encoding="utf-8")
    source = f"https://code.example.com/An-Owner/stashgen/blob/{'0' * 40}/benchmarks/"
    assert source in (pages / "docs" / "benchmarks.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("url", ["status.example.com", "https://example.com/$(touch pwned)", "https://example.com|e"])
def test_an_address_that_is_none_is_refused(clone: Path, url: str) -> None:
    done = bash(clone, "sh .ci/pages python out", {"URL": url, "NOW": "2026-11-23T10:30:00Z"})
    assert done.returncode == 1
    assert done.stderr.startswith("pages: ")
    assert not (clone / "out").exists()
