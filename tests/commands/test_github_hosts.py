"""Every host of `init --host` from GitHub: what its job hands over, to whom, and what it says when a setting misses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any, Final, Protocol

import pytest
from code_hosts import copied, first_remote
from door import Run, git
from github_runner import Event, Job, Runner, workflow
from moto.server import ThreadedMotoServer
from ssh_host import ssh_host

HOSTS: Final = ("github-pages", "netlify", "cloudflare-pages", "vercel", "s3", "rsync")
BY_PROGRAM: Final[Mapping[str, tuple[Mapping[str, str], Mapping[str, str], str]]] = {
    "netlify": (
        {"NETLIFY_AUTH_TOKEN": "nfp_secret"}, {"NETLIFY_SITE_ID": "site-1"},
        r"--yes netlify-cli@[\d.]+ deploy --prod --no-build --dir=build",
    ),
    "cloudflare-pages": (
        {"CLOUDFLARE_API_TOKEN": "cf_secret"}, {"CLOUDFLARE_ACCOUNT_ID": "acc", "CLOUDFLARE_PROJECT": "a b"},
        r"--yes wrangler@[\d.]+ pages deploy build --project-name=a b --branch=main --commit-hash=\w{40} --.*",
    ),
    "vercel": (
        {"VERCEL_TOKEN": "v_secret"}, {"VERCEL_ORG_ID": "org", "VERCEL_PROJECT_ID": "prj"},
        r"--yes vercel@[\d.]+ deploy --cwd=build --prod --yes --token=v_secret",
    ),
}  # fmt: skip
KEYS: Final = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return first_remote(tmp_path_factory.mktemp("github"), "github")


@pytest.fixture(scope="module")
def built(first: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Runner, Job]:
    """Build once: the job is the same for every host but one."""
    runner = Runner(copied(first, tmp_path_factory.mktemp("built")))
    flow = workflow(runner.remote.clone("reading"), "status-page")
    jobs = runner.run({**flow, "jobs": {name: flow["jobs"][name] for name in ("due", "build")}}, Event("push", {}))
    return runner, jobs["build"]


@pytest.fixture
def runner(built: tuple[Runner, Job], first: Path, tmp_path: Path) -> Runner:
    made = Runner(copied(first, tmp_path))
    made.artifacts = built[0].artifacts
    return made


def add_program(scratch: Path, name: str, line: str) -> None:
    path = scratch / "programs" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def flows(invoke: Run, tmp_path: Path, host: str) -> Mapping[str, Any]:
    assert invoke("init", host, "--host", host).code == 0
    return workflow(tmp_path / host, "status-page")


class Deploy(Protocol):
    """Type of the `deploy` fixture."""

    def __call__(self, host: str) -> Job:
        """Run the job that publishes on a host."""
        ...


@pytest.fixture
def deploy(invoke: Run, tmp_path: Path, runner: Runner, built: tuple[Runner, Job]) -> Deploy:
    def run(host: str) -> Job:
        flow = flows(invoke, tmp_path, host)
        only = {**flow, "jobs": {name: flow["jobs"][name] for name in ("due", "build", "deploy")}}
        done = {"due": Job("skipped", {}, built[1].told), "build": built[1]}
        return runner.run(only, Event("push", {}), done)["deploy"]

    return run


def test_all_hosts_get_the_same_folder_from_the_same_jobs(invoke: Run, tmp_path: Path) -> None:
    by_host = {host: flows(invoke, tmp_path, host) for host in HOSTS}
    pages = by_host.pop("github-pages")
    pages["jobs"]["build"]["steps"].pop()
    for host, flow in by_host.items():
        assert flow["on"] == pages["on"]
        for job in pages["jobs"].keys() - {"deploy"}:
            assert flow["jobs"][job] == pages["jobs"][job], (host, job)
        assert "id-token" not in json.dumps(flow) or host == "s3"


@pytest.mark.parametrize("host", BY_PROGRAM)
def test_the_hosts_own_program_is_called(tmp_path: Path, runner: Runner, deploy: Deploy, host: str) -> None:
    record = tmp_path / "record"
    add_program(tmp_path, "npx", f'{{ echo "$@"; ls -A build; env; }} > "{record}"')
    runner.secrets, runner.variables = dict(BY_PROGRAM[host][0]), dict(BY_PROGRAM[host][1])
    job = deploy(host)
    assert job.result == "success", job.told.err
    call, *rest = record.read_text().splitlines()
    assert re.fullmatch(BY_PROGRAM[host][2], call), call
    assert {"index.html", "status.json", "stashgen-manifest.json", ".nojekyll"} <= set(rest)
    for name, value in {**BY_PROGRAM[host][0], **BY_PROGRAM[host][1]}.items():
        assert f"{name}={value}" in rest or name == "CLOUDFLARE_PROJECT"


def test_an_old_build_is_not_published_again_over_a_newer_one(tmp_path: Path, runner: Runner, deploy: Deploy) -> None:
    add_program(tmp_path, "npx", f'touch "{tmp_path}/called"')
    runner.secrets, runner.variables = dict(BY_PROGRAM["netlify"][0]), dict(BY_PROGRAM["netlify"][1])
    runner.attempt = "2"  # somebody ran the failed job again
    job = deploy("netlify")
    assert job.result == "failure"
    assert "Run all jobs again" in job.told.out
    assert not (tmp_path / "called").exists()


@pytest.mark.parametrize(
    ("host", "missing"),
    [(host, name) for host, (secrets, variables, _) in BY_PROGRAM.items() for name in (*secrets, *variables)]
    + [("s3", "STASHGEN_TARGETS"), ("s3", "AWS_ACCESS_KEY_ID"), ("s3", "AWS_SECRET_ACCESS_KEY")]
    + [("rsync", name) for name in ("STASHGEN_TARGETS", "STASHGEN_SSH_KEY", "STASHGEN_KNOWN_HOSTS")],
)
def test_a_missing_setting_is_named(tmp_path: Path, runner: Runner, deploy: Deploy, host: str, missing: str) -> None:
    add_program(tmp_path, "npx", f'touch "{tmp_path}/called"')
    secrets, variables, _ = BY_PROGRAM.get(host, ({}, {}, ""))
    known = {"STASHGEN_TARGETS": "s3://x", "STASHGEN_KNOWN_HOSTS": "x"}
    runner.secrets = {n: v for n, v in {**secrets, "STASHGEN_SSH_KEY": "x", **KEYS}.items() if n != missing}
    runner.variables = {n: v for n, v in {**variables, **known}.items() if n != missing}
    job = deploy(host)
    assert job.result == "failure"
    assert missing in job.told.err
    assert "set th" in job.told.err
    assert not (tmp_path / "called").exists()


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


def bucket(store: str, name: str) -> Any:
    """Return a new bucket, seen by a client that has nothing to do with ours."""
    keys = {"aws_access_key_id": "AKIAREADER", "aws_secret_access_key": "x"}
    return (
        import_module("boto3")
        .resource("s3", endpoint_url=store, region_name="us-east-1", **keys)
        .create_bucket(Bucket=name)
    )


def test_s3_gets_it_by_keys_and_so_does_every_other_target(
    tmp_path: Path, runner: Runner, deploy: Deploy, store: str
) -> None:
    kept, folder = bucket(store, "one"), tmp_path / "another $(touch pwned) target"
    targets = [f"s3://one?endpoint={store}&region=us-east-1", str(folder)]
    runner.secrets, runner.variables = KEYS, {"STASHGEN_TARGETS": "\r\n".join(["", *targets, ""])}
    job = deploy("s3")
    assert job.result == "success", job.told.err
    status = (runner.artifacts["site-1"] / "status.json").read_bytes()
    assert kept.Object("status.json").get()["Body"].read() == (folder / "status.json").read_bytes() == status
    assert "secret" not in job.told.out + job.told.err


class Issuer(BaseHTTPRequestHandler):
    """Says who a job is, as GitHub does."""

    def do_GET(self) -> None:
        is_right = self.headers["Authorization"] == "Bearer ask" and self.path == "/t?x=1&audience=sts.amazonaws.com"
        data = json.dumps({"value": "e30.e30.e30"}).encode() if is_right else b"{}"
        self.send_response(200 if is_right else 403)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_s3_gets_it_by_a_role_without_any_secret(runner: Runner, deploy: Deploy, store: str) -> None:
    kept = bucket(store, "two")
    issuer = ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    thread = Thread(target=issuer.serve_forever, args=(0.05,))
    thread.start()
    runner.environ = {
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "ask", "AWS_ENDPOINT_URL_STS": store,
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{issuer.server_address[1]}/t?x=1",
    }  # fmt: skip
    runner.variables = {
        "STASHGEN_TARGETS": f"s3://two?endpoint={store}&region=us-east-1",
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/status-page",
    }
    try:
        job = deploy("s3")
    finally:
        issuer.shutdown()
        thread.join()
        issuer.server_close()
    assert job.result == "success", job.told.err
    assert kept.Object("status.json").get()["Body"].read() == (runner.artifacts["site-1"] / "status.json").read_bytes()


@pytest.mark.parametrize("is_known", [True, False])
def test_a_server_gets_it_by_a_key_if_it_is_the_server_that_was_meant(
    tmp_path: Path, runner: Runner, deploy: Deploy, *, is_known: bool
) -> None:
    (tmp_path / "sshd").mkdir()
    target = tmp_path / "srv" / "status"
    target.mkdir(parents=True)
    with ssh_host(tmp_path / "sshd") as host:
        other = host.known.replace("127.0.0.1", "127.0.0.2")
        # As they come out of a form: without the last end of line, or with those of Windows.
        runner.secrets = {"STASHGEN_SSH_KEY": host.key.rstrip("\n").replace("\n", "\r\n")}
        runner.variables = {
            "STASHGEN_TARGETS": host.target(target), "STASHGEN_KNOWN_HOSTS": host.known if is_known else other,
        }  # fmt: skip
        job = deploy("rsync")
    assert job.result == ("success" if is_known else "failure"), job.told.err
    assert (target / "status.json").is_file() is is_known
    assert host.key.splitlines()[1] not in job.told.out + job.told.err


def test_what_does_not_go_together_is_refused(invoke: Run, tmp_path: Path) -> None:
    for host, ci, remedy in [
        ("github-pages", "gitlab", "take --host gitlab-pages"), ("gitlab-pages", "github", "take --host github-pages"),
        ("github-pages", "none", "leave out --ci none"),
    ]:  # fmt: skip
        result = invoke("init", "site", "--host", host, "--ci", ci)
        assert result.code == 2
        assert remedy in result.err
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("options", "remote", "file"),
    [
        (["--host", "gitlab-pages"], "", ".gitlab-ci.yml"),
        (["--host", "gitlab-pages"], "https://github.com/acme/status", ".gitlab-ci.yml"),
        (["--host", "netlify"], "https://gitlab.com/acme/status", ".gitlab-ci.yml"),
        (
            ["--host", "netlify", "--ci", "github"],
            "https://gitlab.com/acme/status",
            ".github/workflows/status-page.yml",
        ),
        (["--host", "s3"], "", ".github/workflows/status-page.yml"),
        (["--host", "s3", "--ci", "none"], "", ".stashgen/requirements.txt"),
    ],
)
def test_the_code_host_follows_from_what_is_known(
    invoke: Run, tmp_path: Path, options: list[str], remote: str, file: str
) -> None:
    git(tmp_path, "init", "--quiet")
    if remote:
        git(tmp_path, "remote", "add", "origin", remote)
    assert invoke("init", *options).code == 0
    files = {".gitlab-ci.yml", ".github/workflows/status-page.yml"}
    assert {name for name in files if (tmp_path / name).is_file()} == files & {file}
    assert (tmp_path / file).is_file()
