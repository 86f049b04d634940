"""A runner for the workflows that `init` writes: their jobs in order, their shell lines by bash, their actions by hand.

Each job gets an empty folder, as on GitHub; artifacts lie in folders, and what is deployed to Pages in one more. What
the host gives to no job, such as the right to push, is not there.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from code_hosts import Remote, Told, documents, evaluated, filled
from door import git

_ASKS_STATUS: Final = re.compile(r"\b(success|failure|always|cancelled)\(\)")
_NO_ACCESS: Final = "https://nobody@github.invalid/acme/status"


class Job(NamedTuple):
    """What became of a job."""

    result: str
    outputs: Mapping[str, str]
    told: Told
    ran: tuple[str, ...] = ()  # the names of the steps that ran


class Event(NamedTuple):
    """Why a workflow runs: name and payload of the event, and the ref that it is about."""

    name: str
    payload: Mapping[str, Any]
    ref: str = "refs/heads/main"

    @property
    def facts(self) -> dict[str, Any]:
        """Return what expressions know of it."""
        kind = {"refs/heads/": "branch", "refs/tags/": "tag"}.get(self.ref[: self.ref.find("/", 5) + 1], "")
        short = re.sub(r"^refs/(heads|tags|pull)/", "", self.ref)
        repository = {"default_branch": "main", "full_name": "acme/status"}
        event = {**({} if self.name == "schedule" else {"repository": repository}), **self.payload}
        return {"event_name": self.name, "event": event, "ref": self.ref, "ref_name": short, "ref_type": kind}


class Runner:
    """Runs workflows of a repository; artifacts and the live page stay between runs."""

    def __init__(
        self,
        remote: Remote,
        api: str = "http://127.0.0.1:9",
        *,
        secrets: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.remote, self.secrets, self.variables = remote, dict(secrets or {}), dict(variables or {})
        self.live, self.page_url = remote.scratch / "live", ""
        self.artifacts: dict[str, Path] = {}
        self.cache_keys: list[str] = []
        self.number, self.attempt, self._api = 40, "1", api
        self.environ: dict[str, str] = {}
        git(remote.bare, "config", "uploadpack.allowAnySHA1InWant", "true")

    def run(self, workflow: Mapping[str, Any], event: Event, jobs: dict[str, Job] | None = None) -> dict[str, Job]:
        """Run the jobs of a workflow, but for those that are given; return all of them."""
        self.number += 1
        done = dict(jobs or {})
        sha = git(self.remote.bare, "rev-parse", event.ref).strip()
        for name, job in workflow["jobs"].items():
            if name not in done:
                done[name] = self._job(job, self._context(workflow, {"sha": sha, **event.facts}, done, job))
        return done

    def _context(
        self, workflow: Mapping[str, Any], event: Mapping[str, Any], done: Mapping[str, Job], job: Mapping[str, Any]
    ) -> dict[str, Any]:
        needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
        facts = {"token": "the-token", "run_id": str(self.number + 9000), "run_attempt": self.attempt, **event}
        return {
            "github": facts,
            "needs": {name: {"result": done[name].result, "outputs": done[name].outputs} for name in needs},
            # An ancestor that was passed over, too, keeps a job from running that asks for nothing else.
            "failure": any(done[name].result != "success" for name in _ancestors(workflow, needs)),
            "secrets": self.secrets, "vars": self.variables, "steps": {},
            "permissions": job.get("permissions", workflow["permissions"]),
        }  # fmt: skip

    def _job(self, job: Mapping[str, Any], context: dict[str, Any]) -> Job:
        folder = Path(tempfile.mkdtemp(prefix="runner-", dir=self.remote.scratch))
        temp = folder.parent / f"{folder.name} temp"
        temp.mkdir()
        if not _wanted(job.get("if", ""), context):
            return Job("skipped", {}, Told({}))
        told = Told(self._variables(context, temp) | self.environ)
        context |= {"runner": {"temp": str(temp)}, "failure": False}
        ran = []
        for step in job["steps"]:
            if _wanted(step.get("if", ""), context):
                ran.append(step.get("name", step.get("uses", step.get("run", ""))))
                self._step(step, context, folder, told)
        outputs = {name: filled(text, context) for name, text in job.get("outputs", {}).items()}
        return Job("failure" if context["failure"] else "success", outputs, told, tuple(ran))

    def _variables(self, context: Mapping[str, Any], temp: Path) -> dict[str, str]:
        github = context["github"]
        (temp / "event.json").write_text(json.dumps(github["event"]), encoding="utf-8")
        names = {name: str(temp / name.lower()) for name in ("OUTPUT", "ENV", "STEP_SUMMARY")}
        for path in names.values():
            Path(path).touch()
        return {
            "RUNNER_TEMP": str(temp), "GITHUB_EVENT_PATH": str(temp / "event.json"), "GITHUB_SHA": github["sha"],
            "GITHUB_API_URL": self._api, "GITHUB_REPOSITORY": "acme/status", "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_RUN_NUMBER": str(self.number), "GITHUB_RUN_ATTEMPT": github["run_attempt"],
            "GITHUB_REF_NAME": github["ref_name"], **{f"GITHUB_{name}": path for name, path in names.items()},
        }  # fmt: skip

    def _step(self, step: Mapping[str, Any], context: dict[str, Any], folder: Path, told: Told) -> None:
        outputs: dict[str, str] = {}
        if "uses" in step:
            given = {name: filled(text, context) for name, text in step.get("with", {}).items()}
            outputs = self._action(step["uses"].partition("@")[0], given, context, folder)
            code = 0
        else:
            out = Path(context["runner"]["temp"]) / "output"
            out.write_text("")
            code = told.run(step["run"], folder, {n: filled(text, context) for n, text in step.get("env", {}).items()})
            outputs = dict(line.split("=", 1) for line in out.read_text().splitlines())
        outcome = "failure" if code else "success"
        context["steps"][step.get("id", "")] = {"outcome": outcome, "outputs": outputs}
        if code and step.get("continue-on-error") != "true":
            context["failure"] = True

    def _action(self, name: str, given: Mapping[str, str], context: Mapping[str, Any], folder: Path) -> dict[str, str]:
        if name == "actions/checkout":
            self._check_out(given, context, folder)
        elif name in {"actions/upload-artifact", "actions/upload-pages-artifact"}:
            self._upload(given, folder, is_hidden=given.get("include-hidden-files") == "true")
        elif name == "actions/download-artifact":
            shutil.copytree(self.artifacts[given["name"]], folder / given["path"])
        elif name == "actions/deploy-pages":
            assert context["permissions"] == {"pages": "write", "id-token": "write"}
            shutil.copytree(self.artifacts[given["artifact_name"]], self.live, dirs_exist_ok=True)
            return {"page_url": self.page_url}
        elif name.startswith("actions/cache"):
            self.cache_keys.append(given["key"])
            assert given["key"].startswith(given["restore-keys"])
        else:
            assert name in {"actions/setup-python", "actions/setup-node"}, name
        return {}

    def _check_out(self, given: Mapping[str, str], context: Mapping[str, Any], folder: Path) -> None:
        assert context["permissions"].get("contents") in {"read", "write"}
        assert not any(folder.iterdir()), "it would empty the folder"
        ref = given.get("ref", context["github"]["ref"])
        depth = given.get("fetch-depth", "1")
        shallow = [] if depth == "0" else [f"--depth={depth}"]
        git(folder, "init", "--quiet", "--template=")
        git(folder, "remote", "add", "origin", self.remote.bare.as_uri())
        git(folder, "fetch", "--quiet", *shallow, "origin", ref)
        git(folder, "checkout", "--quiet", "--detach", "FETCH_HEAD")
        may_push = context["permissions"]["contents"] == "write" and given.get("persist-credentials") != "false"
        if not may_push:
            git(folder, "remote", "set-url", "origin", _NO_ACCESS)

    def _upload(self, given: Mapping[str, str], folder: Path, *, is_hidden: bool) -> None:
        path = folder / given["path"]
        if not path.exists():
            assert given.get("if-no-files-found", "warn") != "error"
            return
        target = Path(tempfile.mkdtemp(prefix="artifact-", dir=self.remote.scratch))
        if path.is_file():
            shutil.copy(path, target)
        else:
            left_out = shutil.ignore_patterns() if is_hidden else shutil.ignore_patterns(".*")
            shutil.copytree(path, target, dirs_exist_ok=True, ignore=left_out)
        self.artifacts[given["name"]] = target


def workflow(project: Path, name: str) -> Mapping[str, Any]:
    """Return a workflow of a project."""
    (found,) = documents(project / ".github" / "workflows" / f"{name}.yml")
    return dict(found)


def _wanted(condition: str, context: Mapping[str, Any]) -> bool:
    expression = re.sub(r"^\$\{\{|\}\}$", "", condition.strip()) or "success()"
    if not _ASKS_STATUS.search(expression):
        expression = f"success() && ({expression})"
    return bool(evaluated(expression, context))


def _ancestors(flow: Mapping[str, Any], names: list[str]) -> set[str]:
    found = set(names)
    for name in names:
        needs = flow["jobs"][name].get("needs", [])
        found |= _ancestors(flow, [needs] if isinstance(needs, str) else needs)
    return found
