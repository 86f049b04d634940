"""GitLab's files for each host: valid, and each host's own program is called with what it needs and nothing else."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from code_hosts import Ran, copied
from door import NOW, git, run_stashgen
from gitlab_pipelines import Runner, read
from hostile_words import pwned
from jsonschema.validators import validator_for

from stashgen.scaffold.gitlab_files import HOSTS
from stashgen.scaffold.pins import PROGRAMS

SCHEMA: Final = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "gitlab-ci.json"
SECRETS: Final[Mapping[str, Mapping[str, str]]] = {
    "netlify": {"NETLIFY_AUTH_TOKEN": "nfp_1", "NETLIFY_SITE_ID": "site-1"},
    "cloudflare-pages": {"CLOUDFLARE_API_TOKEN": "cf-1", "CLOUDFLARE_ACCOUNT_ID": "a1", "CLOUDFLARE_PROJECT": "status"},
    "vercel": {"VERCEL_TOKEN": "vc_1", "VERCEL_ORG_ID": "team_1", "VERCEL_PROJECT_ID": "prj_1"},
    "s3": {"STASHGEN_TARGETS": "s3://one?region=eu-central-1\r\n\ns3://two/a b?region=x\n", "STASHGEN_ID_TOKEN": "jwt"},
    "rsync": {
        "STASHGEN_TARGETS": "status@one.example:/srv/status\n-e touch pwned",
        "STASHGEN_SSH_KEY": "a key\r\nof two lines",
        "STASHGEN_KNOWN_HOSTS": "one.example ssh-ed25519 AAAA",
    },
}
CALLS: Final[Mapping[str, list[str]]] = {
    "netlify": ["--yes", PROGRAMS["netlify"], "deploy", "--prod", "--no-build", "--dir=public"],
    "cloudflare-pages": [
        "--yes", PROGRAMS["wrangler"], "pages", "deploy", "public", "--project-name=status", "--branch=main",
        "--commit-message=Status page", "--commit-dirty=true",
    ],
    "vercel": ["--yes", PROGRAMS["vercel"], "deploy", "--cwd=public", "--prod", "--yes", "--token=vc_1"],
}  # fmt: skip
RECORDER: Final = """\
import json, os, pathlib, sys
call = {"name": sys.argv[1], "args": sys.argv[2:], "env": dict(os.environ)}
call["built"] = pathlib.Path("public/stashgen-manifest.json").exists()
names = [call["env"].get("AWS_WEB_IDENTITY_TOKEN_FILE")]
rsh = call["env"].get("RSYNC_RSH", "").split()
names += [word.partition("=")[2] or word for word in rsh if word.endswith(("/key", "/known_hosts"))]
call["files"] = {name: [pathlib.Path(name).read_text(), oct(os.stat(name).st_mode)] for name in names if name}
with open(os.environ["CALLS"], "a") as log:
    log.write(json.dumps(call) + "\\n")
"""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that returns a project as `init` makes it for a host; it is only looked at."""
    made: dict[str, Path] = {}

    def start(host: str) -> Path:
        if host not in made:
            folder = tmp_path_factory.mktemp("project") / "site"
            done = run_stashgen("init", folder, "--now", NOW, "--ci", "gitlab", "--host", host, cwd=folder.parent)
            assert done.code == 0, done.err
            made[host] = folder
        return made[host]

    return start


class Job:
    """What is there to run the job that publishes: other people's programs are recorders."""

    def __init__(self, project: Path, scratch: Path) -> None:
        git(project, "init", "--quiet", "--initial-branch=main")
        git(project, "add", "--all")
        git(project, "commit", "--quiet", '--message=`touch pwned`"$(touch pwned)"')
        git(project, "clone", "--quiet", "--bare", ".", str(scratch / "first.git"))
        self.remote = copied(scratch / "first.git", scratch)
        self.scratch, self.log = scratch, scratch / "calls"
        (scratch / "kept").mkdir()
        programs = scratch / "programs"
        programs.mkdir()
        (programs / "record.py").write_text(RECORDER)
        for name in ("npx", "apt-get"):
            self._program(name, f'exec python3 "{programs}/record.py" {name} "$@"')
        ours = 'exec python3 -m stashgen "$@"'
        self._program("stashgen", f'[ "$1" = publish ] || {ours}\nexec python3 "{programs}/record.py" stashgen "$@"')

    def _program(self, name: str, line: str) -> None:
        path = self.scratch / "programs" / name
        path.write_text("#!/bin/sh\n" + line.replace("python3", f'"{sys.executable}"') + "\n")
        path.chmod(0o755)

    def run(self, **facts: str) -> Ran:
        """Run the job `page`."""
        told = {"CI_DEFAULT_BRANCH": "main", "CI_REPOSITORY_URL": str(self.remote.bare), "CALLS": str(self.log)}
        runner = Runner(self.remote, self.scratch / "kept", told | facts, lambda *_: True)
        begun = runner.begin("push")
        assert begun.names == ["page", "live"]
        return runner.job(begun, "page")

    def calls(self, name: str) -> list[dict[str, Any]]:
        """Return the calls of a program."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [call for call in map(json.loads, lines) if call["name"] == name]


@pytest.fixture
def job(started: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Job]:
    def make(host: str) -> Job:
        (tmp_path / "project").mkdir()
        subprocess.run(["cp", "-r", f"{started(host)}/.", str(tmp_path / "project")], check=True)
        return Job(tmp_path / "project", tmp_path)

    return make


class _Strict(yaml.SafeLoader):
    pass


def _reference(loader: yaml.SafeLoader, node: Any) -> list[Any]:
    return list(loader.construct_sequence(node))


_Strict.add_constructor("!reference", _reference)


@pytest.mark.parametrize("host", HOSTS)
def test_gitlab_accepts_the_files_of_each_host(started: Callable[[str], Path], host: str) -> None:
    rules = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = validator_for(rules)(rules)
    for name in (".gitlab-ci.yml", ".gitlab/status-page.yml"):
        for document in yaml.load_all((started(host) / name).read_text(encoding="utf-8"), _Strict):
            assert [f"{name}: {error.message}" for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize("host", HOSTS)
def test_its_shell_is_sound_and_quoted(started: Callable[[str], Path], host: str) -> None:
    plan = read(started(host))
    for name, job in plan.jobs.items():
        if name.startswith("."):
            continue
        lines = [*job.get("before_script", []), *job["script"]]
        checked = subprocess.run(["bash", "-n"], input="\n".join(lines), text=True, capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, ""), name
        for line in lines:
            shell = re.sub(r"<<'EOF'.*?\nEOF", "", line, flags=re.DOTALL)
            bare = re.sub(r"\"[^\"]*\"|'[^']*'|\$\{(\w+):\+--[a-z]+=\"\$\1\"\}", "", shell)
            assert "$" not in bare, line


@pytest.mark.parametrize("host", HOSTS)
def test_the_readme_tells_what_to_do_once(started: Callable[[str], Path], host: str) -> None:
    readme = (started(host) / "README.md").read_text(encoding="utf-8")
    assert "@@" not in readme
    assert [name for name in SECRETS.get(host, {}) if name != "STASHGEN_ID_TOKEN" and f"`{name}`" not in readme] == []


def jobs(project: Path, **facts: str) -> list[str]:
    return read(project).chosen({"CI_DEFAULT_BRANCH": "main", "CI_PROJECT_ID": "7", **facts})


def test_each_pipeline_runs_what_it_is_for(started: Callable[[str], Path]) -> None:
    project = started("s3")
    main = {"CI_COMMIT_BRANCH": "main"}
    by_source = {
        source: jobs(project, CI_PIPELINE_SOURCE=source, **main)
        for source in ("push", "pipeline", "schedule", "web", "api", "trigger", "parent_pipeline", "chat")
    }
    assert by_source == {
        "push": ["page", "live"], "pipeline": ["page", "live"], "schedule": ["due"], "web": ["change"],
        "api": ["change"], "trigger": ["change"], "parent_pipeline": [], "chat": [],
    }  # fmt: skip
    for branch in ("feature", "main-2", "$(touch pwned)", 'main" || "x" == "x'):
        assert jobs(project, CI_PIPELINE_SOURCE="push", CI_COMMIT_BRANCH=branch) == []
    assert jobs(project, CI_PIPELINE_SOURCE="push", CI_COMMIT_TAG="main") == []


def test_a_merge_request_is_only_looked_at_and_a_fork_gets_no_token(started: Callable[[str], Path]) -> None:
    request = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "3"}
    ours = {**request, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "7"}
    for host in HOSTS:
        assert jobs(started(host), **ours) == ["check"]
        assert jobs(started(host), **ours, STATUS_NOTE_TOKEN="x") == ["check", "note"]
        fork = {**request, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "8", "STATUS_NOTE_TOKEN": "x"}
        assert jobs(started(host), **fork) == ["check"]


def test_nothing_that_is_being_done_is_cancelled_and_pages_come_one_at_a_time(started: Callable[[str], Path]) -> None:
    for host in HOSTS:
        plan = read(started(host))
        assert plan.workflow["auto_cancel"] == {"on_new_commit": "interruptible"}
        shown = {name: job for name, job in plan.jobs.items() if not name.startswith(".")}
        assert [name for name, job in shown.items() if job["interruptible"] == "true"] == ["check", "note"]
        groups = {name: job["resource_group"] for name, job in shown.items() if "resource_group" in job}
        assert groups == {"pages" if host == "gitlab-pages" else "page": "status-page"}


@pytest.mark.parametrize("host", sorted(CALLS))
def test_a_hosts_own_program_gets_the_built_page(job: Callable[[str], Job], host: str, tmp_path: Path) -> None:
    at_work = job(host)
    ran = at_work.run(**SECRETS[host])
    assert ran.code == 0, ran.err
    (call,) = at_work.calls("npx")
    assert (call["args"], call["built"]) == (CALLS[host], True)
    assert SECRETS[host].items() <= call["env"].items()
    assert [secret for secret in SECRETS[host].values() if "_" in secret and secret in ran.out + ran.err] == []
    assert pwned(tmp_path) == []


@pytest.mark.parametrize("host", sorted(SECRETS))
def test_a_variable_that_is_missing_is_named_before_anything_is_done(job: Callable[[str], Job], host: str) -> None:
    at_work = job(host)
    needed = [name for name in SECRETS[host] if name != "STASHGEN_ID_TOKEN"]
    for name in needed:
        ran = at_work.run(**{other: value for other, value in SECRETS[host].items() if other != name})
        assert ran.code != 0
        assert f"{name}: add this variable under Settings, CI/CD, Variables" in ran.err
    assert not at_work.log.exists()


def test_a_bucket_is_written_with_a_role_and_without_keys(job: Callable[[str], Job]) -> None:
    at_work = job("s3")
    keys = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s"}
    for role in ({}, {"AWS_ROLE_ARN": "arn:aws:iam::1:role/status"}):
        ran = at_work.run(**SECRETS["s3"], **keys, **role)
        assert ran.code == 0, ran.err
    by_keys, by_role = at_work.calls("stashgen")
    targets = ["s3://one?region=eu-central-1", "s3://two/a b?region=x"]
    assert by_keys["args"] == by_role["args"] == ["publish", "--output", "public", "--", *targets]
    assert keys.items() <= by_keys["env"].items()
    assert not keys.keys() & by_role["env"].keys()
    assert by_keys["files"] == {}
    assert list(by_role["files"].values()) == [["jwt", "0o100600"]]


@pytest.mark.parametrize("kind", ["Variable", "File"])
def test_a_server_is_reached_with_a_key_of_its_own_and_known_by_its_own(
    job: Callable[[str], Job], tmp_path: Path, kind: str
) -> None:
    at_work = job("rsync")
    facts = dict(SECRETS["rsync"])
    if kind == "File":
        for name in ("STASHGEN_SSH_KEY", "STASHGEN_KNOWN_HOSTS"):
            (tmp_path / name).write_text(facts[name])
            facts[name] = str(tmp_path / name)
    ran = at_work.run(**facts)
    assert ran.code == 0, ran.err
    (call,) = at_work.calls("stashgen")
    assert call["args"][:4] == ["publish", "--output", "public", "--"]
    assert call["args"][4:] == ["status@one.example:/srv/status", "-e touch pwned"]
    assert "STASHGEN_SSH_KEY" not in call["env"]
    key, known = call["files"].values()
    assert key == ["a key\nof two lines\n", "0o100600"]
    assert known == ["one.example ssh-ed25519 AAAA\n", "0o100600"]
    assert {"StrictHostKeyChecking=yes", "BatchMode=yes", "IdentitiesOnly=yes"} <= set(
        shlex.split(call["env"]["RSYNC_RSH"])
    )
    assert [one["args"][0] for one in at_work.calls("apt-get")] == ["update", "install"]
    assert pwned(tmp_path) == []
