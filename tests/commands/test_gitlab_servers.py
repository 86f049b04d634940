"""GitLab's jobs that publish by `stashgen publish`, for real: to a server behind sshd, and into a store like S3."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
from code_hosts import Ran, copied
from door import NOW, git, run_stashgen
from gitlab_pipelines import Runner
from moto.server import ThreadedMotoServer
from ssh_host import ssh_host

KEYS: Final = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}

Publish = Callable[[str, Mapping[str, str]], Ran]


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Return a function that runs the job which publishes on a host, with these variables."""

    def run(host: str, facts: Mapping[str, str]) -> Ran:
        site, programs = tmp_path / "site", tmp_path / "programs"
        done = run_stashgen("init", site, "--now", NOW, "--ci", "gitlab", "--host", host, cwd=tmp_path)
        assert done.code == 0, done.err
        git(site, "init", "--quiet", "--initial-branch=main")
        git(site, "add", "--all")
        git(site, "commit", "--quiet", "--message=Start")
        git(site, "clone", "--quiet", "--bare", ".", str(tmp_path / "first.git"))
        for folder in (programs, tmp_path / "kept"):
            folder.mkdir()
        (programs / "apt-get").write_text("#!/bin/sh\n")
        (programs / "apt-get").chmod(0o755)
        remote = copied(tmp_path / "first.git", tmp_path)
        told = {"CI_DEFAULT_BRANCH": "main", "CI_REPOSITORY_URL": str(remote.bare), **facts}
        runner = Runner(remote, tmp_path / "kept", told, lambda *_: True)
        return runner.job(runner.begin("push"), "page")

    return run


def test_a_server_of_ones_own_gets_the_page(publish: Publish, tmp_path: Path) -> None:
    (tmp_path / "ssh").mkdir()
    (tmp_path / "srv").mkdir()
    with ssh_host(tmp_path / "ssh") as server:
        targets = f"{server.target(tmp_path / 'srv' / 'a page')}\r\n\n{server.target(tmp_path / 'srv' / 'mirror')}"
        facts = {"STASHGEN_TARGETS": targets, "STASHGEN_SSH_KEY": server.key, "STASHGEN_KNOWN_HOSTS": server.known}
        ran = publish("rsync", facts)
    assert ran.code == 0, ran
    for name in ("a page", "mirror"):
        assert "All services operational" in (tmp_path / "srv" / name / "index.html").read_text(encoding="utf-8")
    assert "PRIVATE KEY" not in ran.out + ran.err


def test_a_server_that_is_another_one_gets_nothing(publish: Publish, tmp_path: Path) -> None:
    for name in ("ssh", "other", "srv"):
        (tmp_path / name).mkdir()
    with ssh_host(tmp_path / "ssh") as server, ssh_host(tmp_path / "other") as other:
        known = server.known.split(" ", 1)[0] + " " + other.known.split(" ", 1)[1]
        target = server.target(tmp_path / "srv" / "page")
        facts = {"STASHGEN_TARGETS": target, "STASHGEN_SSH_KEY": server.key, "STASHGEN_KNOWN_HOSTS": known}
        ran = publish("rsync", facts)
    assert ran.code == 1, ran
    assert list((tmp_path / "srv").iterdir()) == []


@pytest.fixture
def store() -> Iterator[str]:
    """Run an S3 and return its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_a_bucket_gets_the_page(publish: Publish, store: str) -> None:
    boto3: Any = import_module("boto3")  # it brings no types along
    client = boto3.client(
        "s3", endpoint_url=store, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
    )
    client.create_bucket(Bucket="status")
    target = f"s3://status/page?endpoint={store}&region=us-east-1"
    ran = publish("s3", {"STASHGEN_TARGETS": target, "STASHGEN_ID_TOKEN": "jwt", **KEYS})
    assert ran.code == 0, ran
    found = client.get_object(Bucket="status", Key="page/index.html")
    assert found["ContentType"].startswith("text/html")
    assert b"All services operational" in found["Body"].read()
