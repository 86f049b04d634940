"""A composite action run as GitHub runs it: its shell lines by bash, other people's actions by what they would do here.

The cache is a folder that outlives the run, Python is a stand-in that makes an environment whose stashgen is this one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from code_hosts import Ran, documents, evaluated, filled
from door import child_environ

_PATIENCE_SECONDS: Final = 120
_SHELL: Final = ("bash", "--noprofile", "--norc", "-eo", "pipefail")  # what `shell: bash` stands for
_PYTHON: Final = """#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python"
    ln -s "{stashgen}" "$3/bin/stashgen"
elif [ "$1 $2" = "-m pip" ]; then
    printf '%s\\n' "$@" >>"{installed}"
else
    exec "{python}" "$@"
fi
"""


class Runner(NamedTuple):
    """A machine that jobs run on: a checkout, and what outlives a job."""

    checkout: Path
    home: Path

    @property
    def installed(self) -> str:
        """Return what pip was called with, an argument a line."""
        return (self.home / "installed").read_text(encoding="utf-8")

    def run(self, action: Path, inputs: Mapping[str, str], number: int = 1) -> Ran:
        """Run an action; the outputs are those of the action, under the name `action`."""
        (facts,) = documents(action)
        shutil.rmtree(self.home / "temp", ignore_errors=True)
        (self.home / "temp").mkdir(parents=True)
        job = _Job(self, _given(facts, inputs), number)
        for step in facts["runs"]["steps"]:
            if not job.take(step):
                break
        outputs = {name: filled(value["value"], job.scope) for name, value in facts["outputs"].items()}
        return Ran(job.code, job.out, job.err, {"action": outputs})


class _Job:
    def __init__(self, runner: Runner, inputs: Mapping[str, str], number: int) -> None:
        self.code, self.out, self.err = 0, "", ""
        self._runner, self._steps = runner, dict[str, Any]()
        self.scope = {
            "inputs": inputs,
            "steps": self._steps,
            "runner": {"os": "Linux"},
            "github": {"run_id": str(number), "run_attempt": "1"},
        }

    def take(self, step: Mapping[str, Any]) -> bool:
        """Take a step, if it is to be taken; tell whether the next ones are."""
        if not evaluated(step.get("if", "true"), self.scope):
            return True
        if "uses" in step:
            given = {name: filled(value, self.scope) for name, value in step["with"].items()}
            outputs = self._use(step["uses"], given)
        else:
            outputs = self._shell(step)
        self._steps[step.get("id", "")] = {"outputs": outputs}
        return self.code == 0

    def _use(self, uses: str, given: Mapping[str, str]) -> Mapping[str, str]:
        store = self._runner.home / "store"
        match uses.partition("@")[0]:
            case "actions/setup-python":
                assert given["update-environment"] == "false", "the job's Python is not ours to change"
                return {"python-path": str(_python(self._runner.home))}
            case "actions/cache/restore":
                kept = sorted(store.glob(f"{given['restore-keys'].strip()}*")) if store.exists() else []
                if kept:
                    shutil.copytree(kept[-1], given["path"])
                return {"cache-primary-key": given["key"]}
            case "actions/cache/save":
                if not (store / given["key"]).exists():  # what is kept under a key is never replaced
                    shutil.copytree(given["path"], store / given["key"])
                return {}
        raise AssertionError(uses)

    def _shell(self, step: Mapping[str, Any]) -> Mapping[str, str]:
        assert step["shell"] == "bash"
        output = self._runner.home / "output"
        output.write_text("", encoding="utf-8")
        script = self._runner.home / "script"
        script.write_text(step["run"], encoding="utf-8")
        own = {name: filled(value, self.scope) for name, value in step.get("env", {}).items()}
        base = {"GITHUB_OUTPUT": str(output), "RUNNER_TEMP": str(self._runner.home / "temp"), "no_proxy": "*"}
        done = subprocess.run(
            [*_SHELL, str(script)],
            cwd=self._runner.checkout,
            env=child_environ({**base, **own}),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
        self.code, self.out, self.err = done.returncode, self.out + done.stdout, self.err + done.stderr
        return dict(line.split("=", 1) for line in output.read_text(encoding="utf-8").splitlines())


def _given(facts: Mapping[str, Any], inputs: Mapping[str, str]) -> Mapping[str, str]:
    known = {name: one["default"] for name, one in facts["inputs"].items()}
    assert set(inputs) <= set(known), "GitHub only warns of an input that is not there"
    return {**known, **inputs}


def _python(home: Path) -> Path:
    programs = home / "programs"
    programs.mkdir(exist_ok=True)
    stashgen, python = programs / "stashgen", programs / "python"
    if not stashgen.exists():
        stashgen.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m stashgen "$@"\n', encoding="utf-8")
    places = {"stashgen": stashgen, "installed": home / "installed", "python": sys.executable}
    python.write_text(_PYTHON.format(**places), encoding="utf-8")
    for program in (stashgen, python):
        program.chmod(0o755)
    return python
