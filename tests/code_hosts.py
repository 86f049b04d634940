"""GitHub and GitLab as far as the files that `init` writes know them: their expressions, their jobs, their clones.

The shell lines of the jobs are run for real, by bash, in a fresh clone of a bare repository; only what the host itself
does (checking out, installing Python and stashgen) is done here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

import yaml
from door import NOW, child_environ, git, run_stashgen
from gitlab_api import JOB_TOKEN, gitlab_api

from stashgen.model import Family

Values = Mapping[str, Any]

_TOKEN: Final = re.compile(r"'(?:[^']|'')*'|&&|\|\||==|!=|!|[(),]|[A-Za-z_][\w.*-]*|\S")
_WORDS: Final = {"&&": " and ", "||": " or ", "!": " not ", "==": "==", "!=": "!=", "true": "True", "false": "False"}
_INSTALLS: Final = re.compile(r"python -m pip install .*")
_PATIENCE_SECONDS: Final = 120


class Ran(NamedTuple):
    """What became of a job: `outputs` are those of its steps, by id."""

    code: int
    out: str
    err: str
    outputs: Mapping[str, Mapping[str, str]] = {}


class Remote(NamedTuple):
    """A bare repository, and a folder for the clones of jobs."""

    bare: Path
    scratch: Path

    def clone(self, name: str) -> Path:
        """Return a fresh clone of the branch `main`."""
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.scratch))
        git(folder, "clone", "--quiet", "--template=", "--branch", "main", str(self.bare), ".")
        return folder

    def workflow(self, name: str) -> Mapping[str, Any]:
        """Return a workflow of GitHub's as the newest commit of `main` has it."""
        text = git(self.bare, "show", f"main:.github/workflows/{name}.yml")
        return dict(yaml.load(text, yaml.BaseLoader))

    def subjects(self) -> list[str]:
        """Return the subjects of all commits, newest first."""
        return git(self.bare, "log", "--format=%s", "main").splitlines()


# What is of no matter to those who publish would only take time.
_NEEDED: Final = {"host-files", "pages", "static-files", "status-json"}
FEW_FILES: Final = "\noutputs:\n" + "".join(f"  {name}: false\n" for name in sorted({*get_args(Family)} - _NEEDED))


def first_remote(scratch: Path, host: str, *options: str, settings: str = "") -> Path:
    """Return a bare repository with a site as `init` makes it at NOW and these settings; tests work on copies of it."""
    started = run_stashgen("init", "site", "--now", NOW, "--ci", host, *options, cwd=scratch)
    assert started.code == 0, started.err
    site, bare = scratch / "site", scratch / "first.git"
    with (site / "site-data" / "site.yaml").open("a", encoding="utf-8") as file:
        file.write(settings)
    git(scratch, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(bare))
    git(site, "init", "--quiet", "--template=", "--initial-branch=main")
    git(site, "add", "--all")
    git(site, "commit", "--quiet", "--message=Start a status page")
    git(site, "push", "--quiet", str(bare), "main")
    return bare


def copied(first: Path, scratch: Path) -> Remote:
    """Return a remote of one's own."""
    shutil.copytree(first, scratch / "remote.git")
    return Remote(scratch / "remote.git", scratch)


def statuses(remote: Remote, name: str) -> dict[str, str]:
    """Return the status of every service on the page that the remote's newest commit makes."""
    clone = remote.clone(name)
    checked = run_stashgen("check", "--strict", cwd=clone)
    assert checked.code == 0, checked
    shown = json.loads(run_stashgen("status", "--json", cwd=clone).out)
    return {one["id"]: one["status"] for one in shown["services"]}


def events(remote: Remote, name: str) -> dict[str, Any]:
    """Return the events that came after the first commit, by id, as the remote's newest commit has them."""
    clone = remote.clone(name)
    paths = [path for path in (clone / "site-data" / "events").rglob("*.yaml") if "slow-responses" not in path.name]
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(paths)}


def documents(path: Path) -> list[Any]:
    """Return the documents of a YAML file, read the way that the hosts do: `on` is a word."""
    return list(yaml.load_all(path.read_text(encoding="utf-8"), yaml.BaseLoader))


def evaluated(expression: str, context: Values) -> Any:
    """Return the value of a GitHub expression."""
    tokens = _TOKEN.findall(expression)
    scope = {
        "contains": _contains, "format": lambda text, *words: _Text(text.format(*words)), "fromJSON": json.loads,
        "success": lambda: not context["failure"], "failure": lambda: context["failure"],
        "always": lambda: True, "cancelled": lambda: context.get("cancelled", False), "at": _lookup,
    }  # fmt: skip
    code = "".join(_python(token, after, scope) for token, after in zip(tokens, [*tokens[1:], ""], strict=True))
    value = eval(code, {**scope, "context": context, "Text": _Text})
    return str(value) if isinstance(value, _Text) else value


def filled(text: str, context: Values) -> str:
    """Return a text with its `${{ ... }}` evaluated."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: _text(evaluated(match[1], context)), text)


def run_github(clone: Path, job: Mapping[str, Any], context: Values, environ: Mapping[str, str]) -> Ran:
    """Run the steps of a job on GitHub; a step that fails ends it, but for those that wait for a failure."""
    temp = Path(tempfile.mkdtemp(prefix=f"{clone.name}-", dir=clone.parent))
    (temp / "event.in.json").write_text(json.dumps(context["github"]["event"]), encoding="utf-8")
    output = temp / "output"
    base = {"RUNNER_TEMP": str(temp), "GITHUB_EVENT_PATH": str(temp / "event.in.json"), "GITHUB_OUTPUT": str(output)}
    told = Told({**base, **environ})
    steps: dict[str, Any] = {}
    for step in job["steps"]:
        scope = {**context, "failure": told.code != 0, "steps": steps}
        wanted = evaluated(step.get("if", "true"), scope)
        if not wanted or "uses" in step or (told.code and "failure()" not in step.get("if", "")):
            continue
        output.write_text("")
        code = told.run(step["run"], clone, {name: filled(text, scope) for name, text in step.get("env", {}).items()})
        pairs = dict(line.split("=", 1) for line in output.read_text().splitlines())
        steps[step.get("id", "")] = {"outcome": "failure" if code else "success", "outputs": pairs}
    outputs = {name: step["outputs"] for name, step in steps.items()}
    return Ran(told.code, told.out, told.err, outputs)


# What pip would fetch is here already, so a virtual environment needs no pip either.
_GITLAB_INSTALLS: Final = (
    (
        re.compile(r'python -m pip install --quiet --requirement \.stashgen/requirements\.txt( "stashgen\[\w+\]")?'),
        "true",
    ),
    (re.compile(r"python3 -m venv"), "python3 -m venv --without-pip"),
)


def run_gitlab(clone: Path, job: Mapping[str, Any], inputs: Mapping[str, str], environ: Mapping[str, str]) -> Ran:
    """Run the script of a job on GitLab, in a clone whose HEAD is detached as it is there.

    Among the outputs is how many pipelines it began, by branch.
    """
    git(clone, "checkout", "--quiet", "--detach")
    variables = {name: _input(facts, inputs) for name, facts in job.get("variables", {}).items()}
    with gitlab_api() as gitlab:
        api = {"CI_API_V4_URL": gitlab.url, "CI_PROJECT_ID": "7", "CI_JOB_TOKEN": JOB_TOKEN}
        ran = run_gitlab_lines(job["script"], clone, {**api, **environ, **variables})
        begun = {branch: str(gitlab.begun.count(branch)) for branch in gitlab.begun}
    return ran._replace(outputs={"begun": begun})


def run_gitlab_lines(lines: Sequence[str], clone: Path, environ: Mapping[str, str]) -> Ran:
    """Run the lines of a job as GitLab's runner does: all in one bash, which the first failure ends."""
    script = "\n".join(["set -o pipefail", *lines])
    for pattern, instead in _GITLAB_INSTALLS:
        script = pattern.sub(instead, script)
    told = Told(environ)
    told.run(script, clone, {})
    return Ran(told.code, told.out, told.err)


class Told:
    """What bash said so far, and the code of the first script that failed."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.code, self.out, self.err = 0, "", ""
        kept = {name: value for name, value in child_environ().items() if not name.startswith(("GIT_AUTH", "GIT_COMM"))}
        self._environ = {**kept, **environ}

    def run(self, script: str, folder: Path, environ: Mapping[str, str]) -> int:
        """Run a script, but for the line that installs stashgen; return its code."""
        done = subprocess.run(
            ["bash", "-e", "-c", _INSTALLS.sub("true", script)],
            cwd=folder,
            env={**self._environ, **environ, "PATH": f"{_programs(folder)}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
        self.out += done.stdout.decode()
        self.err += done.stderr.decode()
        self.code = self.code or done.returncode
        return done.returncode


def _programs(folder: Path) -> Path:
    programs = folder.parent / "programs"
    programs.mkdir(exist_ok=True)
    # Not every machine has a `python`, as the hosts' have.
    for name, start in (("python", ""), ("stashgen", "-m stashgen ")):
        if not (programs / name).exists():
            made = programs / f"{name}-{folder.name}"
            made.write_text(f'#!/bin/sh\nexec "{sys.executable}" {start}"$@"\n')
            made.chmod(0o755)
            made.rename(programs / name)
    return programs


def _input(facts: Any, inputs: Mapping[str, str]) -> str:
    assert facts["expand"] == "false", "GitLab would replace $NAME in it by a variable"
    match = re.fullmatch(r"\$\[\[ inputs\.(\w+) \]\]", facts["value"])
    assert match, facts
    return inputs[match[1]]


def _python(token: str, after: str, scope: Values) -> str:
    if token.startswith("'"):
        text = token[1:-1].replace("''", "'")
        return f"Text({text!r})"
    if token in _WORDS:
        return _WORDS[token]
    if not re.match(r"[A-Za-z_]", token):
        return token
    return token if after == "(" and token in scope else f"at(context, {token.split('.')!r})"


def _lookup(context: Any, path: Sequence[str]) -> Any:
    value = context
    for place, name in enumerate(path):
        if name == "*":
            return [_lookup(one, path[place + 1 :]) for one in value]
        value = value.get(name) if isinstance(value, Mapping) else None
    return _Text(value) if isinstance(value, str) else value


class _Text(str):
    """A text that is the same as another whatever the case of their letters, as GitHub compares them."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.lower() == other.lower()

    def __ne__(self, other: object) -> bool:
        return not self == other


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return what in where
    return _text(what).lower() in _text(where).lower()


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    return str(value)
