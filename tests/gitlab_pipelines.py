"""GitLab's pipelines as far as the files that `init` writes know them: which jobs run, with what, one after another.

`.gitlab-ci.yml` is put together as GitLab does it: `include`, `extends`, `!reference`, `rules`. The lines of the jobs
are run for real, by bash, in a fresh clone each, with what artifacts and caches bring along.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from code_hosts import Ran, Remote, run_gitlab_lines
from door import git

_RULE: Final = re.compile(r'"[^"]*"|\$\w+|==|!=|&&|\|\||[()]')
_KEYWORDS: Final = frozenset(
    {"include", "stages", "default", "workflow", "variables", "spec", "image", "cache", "before_script"}
)


class Reference(NamedTuple):
    """`!reference [job, key]`."""

    path: tuple[str, ...]


class _Loader(yaml.BaseLoader):
    pass


def _reference(loader: Any, node: Any) -> Reference:
    return Reference(tuple(loader.construct_sequence(node)))


_Loader.add_constructor("!reference", _reference)


class Pipeline(NamedTuple):
    """What GitLab made of the files: `variables` are those of the whole pipeline."""

    stages: Sequence[str]
    jobs: Mapping[str, Mapping[str, Any]]
    workflow: Mapping[str, Any]
    variables: Mapping[str, str]

    def chosen(self, facts: Mapping[str, str]) -> list[str]:
        """Return the jobs that run in a pipeline with these variables, in the order of their stages."""
        if self.workflow and _decided(self.workflow["rules"], facts) is None:
            return []
        names = [name for name, job in self.jobs.items() if not name.startswith(".") and _decided(job["rules"], facts)]
        return sorted(names, key=lambda name: self.stages.index(self.jobs[name]["stage"]))


def read(project: Path) -> Pipeline:
    """Read the files of a project."""
    *_, main = yaml.load_all((project / ".gitlab-ci.yml").read_text(encoding="utf-8"), _Loader)
    whole: dict[str, Any] = {}
    for included in main.get("include", []):
        whole = _merged(whole, yaml.load((project / included["local"]).read_text(encoding="utf-8"), _Loader))
    whole = _merged(whole, main)
    jobs = {name: job for name, job in whole.items() if name not in _KEYWORDS and isinstance(job, dict)}
    extended = {name: _extended(job, jobs) for name, job in jobs.items()}
    resolved = {name: {key: _resolved(value, extended) for key, value in job.items()} for name, job in extended.items()}
    finished = {name: _merged(whole["default"], job) for name, job in resolved.items()}
    return Pipeline(whole["stages"], finished, whole["workflow"], whole["variables"])


class Begun(NamedTuple):
    """A pipeline that runs: pipelines that begin later have greater numbers."""

    number: int
    plan: Pipeline
    names: Sequence[str]
    facts: Mapping[str, str]
    artifacts: Path


class Runner(NamedTuple):
    """A runner of one project: what it keeps between jobs, and what every job is told."""

    remote: Remote
    kept: Path
    facts: Mapping[str, str]
    deploy: Callable[[int, str, Path], bool]  # what GitLab does with `public/` of a job that ended well

    def run(self, source: str, commit: str = "", **facts: str) -> dict[str, Ran]:
        """Run a pipeline for a commit, by default the newest; a job that fails keeps later stages from running."""
        begun = self.begin(source, commit, **facts)
        rans: dict[str, Ran] = {}
        for name in begun.names:
            job = begun.plan.jobs[name]
            failed = [one for one, ran in rans.items() if ran.code and begun.plan.jobs[one]["stage"] != job["stage"]]
            if not failed or _decided(job["rules"], begun.facts) == "always":
                rans[name] = self.job(begun, name)
        return rans

    def begin(self, source: str, commit: str = "", **facts: str) -> Begun:
        """Return a pipeline of which no job has run yet; what a fact is empty for is not told at all."""
        commit = commit or git(self.remote.bare, "rev-parse", "main").strip()
        told = {"CI_COMMIT_BRANCH": "main", "CI_COMMIT_SHA": commit, "CI_PIPELINE_SOURCE": source}
        told = {name: value for name, value in {**told, **self.facts, **facts}.items() if value}
        number = len(list(self.kept.glob("artifacts-*"))) + 1
        artifacts = self.kept / f"artifacts-{number}"
        artifacts.mkdir()
        plan = read(self._clone(commit))
        return Begun(number, plan, plan.chosen(told), told, artifacts)

    def job(self, begun: Begun, name: str) -> Ran:
        """Run a job in a clone of its own, whose HEAD is detached as it is there."""
        job = begun.plan.jobs[name]
        variables = {**begun.plan.variables, **job.get("variables", {})}
        clone = self._clone(begun.facts["CI_COMMIT_SHA"], is_empty=variables.get("GIT_STRATEGY") == "none")
        cached = self.kept / f"cache-{job['cache']['key']}" if "cache" in job else None
        for source in filter(None, [cached, begun.artifacts]):
            if source.exists():
                shutil.copytree(source, clone, dirs_exist_ok=True)
        environ = {**begun.facts, "CI_PROJECT_DIR": str(clone), **_expanded(variables, clone)}
        ran = run_gitlab_lines([*job.get("before_script", []), *job["script"]], clone, environ)
        _keep(clone, begun.artifacts, job.get("artifacts", {}), has_failed=ran.code != 0)
        if cached and job["cache"].get("policy") != "pull":
            _keep(clone, cached, job["cache"], has_failed=ran.code != 0)
        if name == "pages" and not ran.code:
            self.deploy(begun.number, begun.facts["CI_COMMIT_SHA"], begun.artifacts / "public")
        return ran

    def _clone(self, commit: str, *, is_empty: bool = False) -> Path:
        clone = self.remote.clone("job")
        git(clone, "checkout", "--quiet", "--detach", commit)
        if is_empty:
            for path in clone.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return clone


def _expanded(variables: Mapping[str, Any], clone: Path) -> Mapping[str, str]:
    """Return the variables of a job when nobody has given an input."""
    texts = {name: value if isinstance(value, str) else value["value"] for name, value in variables.items()}
    return {
        name: re.sub(r"\$\[\[.*\]\]", "", text).replace("$CI_PROJECT_DIR", str(clone)) for name, text in texts.items()
    }


def _keep(clone: Path, store: Path, facts: Mapping[str, Any], *, has_failed: bool) -> None:
    if facts.get("when", "on_success") != "always" and has_failed:
        return
    reports = facts.get("reports", {}).values()
    for path in [*facts.get("paths", []), *reports]:
        source, target = clone / path, store / path
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def _merged(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **{key: _merged(below.get(key), value) for key, value in above.items()}}
    return above


def _extended(job: Mapping[str, Any], jobs: Mapping[str, Any]) -> Mapping[str, Any]:
    if "extends" not in job:
        return job
    merged: Mapping[str, Any] = _merged(_extended(jobs[job["extends"]], jobs), job)
    return merged


def _resolved(value: Any, jobs: Mapping[str, Any]) -> Any:
    """Return a value with its references looked up; a list in a list becomes part of it."""
    return list(_flat(value, jobs)) if isinstance(value, list) else value


def _flat(items: Sequence[Any], jobs: Mapping[str, Any]) -> Iterator[Any]:
    for item in items:
        if isinstance(item, Reference):
            job, key = item.path
            yield from _flat(jobs[job][key], jobs)
        else:
            yield item


def _decided(rules: Sequence[Mapping[str, str]], facts: Mapping[str, str]) -> str | None:
    """Return when the job runs by its rules: the first that fits counts; None: not at all."""
    for rule in rules:
        if _fits(rule["if"], facts):
            when = rule.get("when", "on_success")
            return None if when == "never" else when
    return None


def _fits(rule: str, facts: Mapping[str, str]) -> bool:
    words = {"&&": "and", "||": "or"}
    assert not re.sub(r"\s", "", _RULE.sub("", rule)), f"this is more than these tests know of rules: {rule}"
    tokens = _RULE.findall(rule)
    code = " ".join(
        f"facts.get({token[1:]!r})" if token.startswith("$") else words.get(token, token) for token in tokens
    )
    return bool(eval(code, {"facts": facts}))
