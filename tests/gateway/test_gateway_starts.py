"""The gateway starts, says what is wrong with its settings, and makes tokens that it then accepts."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from door import Run, write_files
from gateway_door import SITE, gateway

from stashgen.gateway import tokens


def test_it_listens_and_refuses_what_is_not_there(tmp_path: Path) -> None:
    with gateway(tmp_path) as gate:
        answer = gate.ask("GET", "/nothing")
        assert answer.status == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json["instance"] == "/nothing"


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ("tokenz: {}\n", r"gateway.yaml:1: tokenz: is not a field here"),
        ("tokens:\n  a: {sha256: abc, scopes: [read]}\n", r"gateway.yaml:2: tokens.a.sha256: .abc. is not a hash"),
        ("tokens:\n  a: {sha256: " + "0" * 64 + ", scopes: [reed]}\n", r"gateway.yaml:2: .*did you mean .read."),
        ("allow: [10.0.0.1/8]\n", r"gateway.yaml:1: allow\[0\]: is no address or network"),
        ("webhooks:\n  pagerduty: {secret: {env: NOBODY_SET_IT}}\n", r"gateway.yaml:2: .*NOBODY_SET_IT is empty"),
        ("webhooks:\n  pagerduty: {secret: {file: gone.txt}}\n", r"gateway.yaml:2: .*gone.txt cannot be read: No such"),
        ("webhooks:\n  pagerduty: {secret: {}}\n", r"gateway.yaml:2: .*needs either .env. or .file."),
        ("listen: somewhere\n", r"gateway.yaml:1: listen: .somewhere. is not HOST:PORT"),
    ],
)
def test_what_is_wrong_with_the_config_is_said_with_its_line(
    invoke: Run, tmp_path: Path, config: str, complaint: str
) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(config, encoding="utf-8")
    result = invoke("gateway", "--config", path, "-C", tmp_path)
    assert result.code == 1
    assert re.search(complaint, result.err), result.err


def test_a_new_token_is_printed_once_with_the_lines_for_the_config(invoke: Run) -> None:
    result = invoke("token", "new", "nagios", "--scope", "events", "--service", "api")
    assert result.code == 0
    token = result.out.strip()
    assert tokens.PATTERN.fullmatch(token)
    assert token not in result.err
    assert f'sha256: "{tokens.digest(token)}"' in result.err
    assert 'services: ["api"]' in result.err


def test_a_token_has_a_sound_name(invoke: Run) -> None:
    assert invoke("token", "new", "a b\nBy: root", "--scope", "read").code == 2


def test_a_missing_extra_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text("{}\n", encoding="utf-8")
    blocked = "raise ModuleNotFoundError(\"No module named 'flask'\", name='flask')\n"
    write_files(tmp_path / "without", {"flask.py": blocked})
    arguments = ("gateway", "--config", tmp_path / "gateway.yaml", "-C", tmp_path)
    result = run(*arguments, env={"PYTHONPATH": f"{tmp_path / 'without'}:{Path(__file__).parents[2]}"})
    assert result.code == 1
    assert "flask, which is not installed: pip install 'stashgen[gateway]'" in result.err
    assert run("token", "new", "a", "--scope", "read").code == 0


def test_it_needs_a_repository_and_a_free_port(run: Run, tmp_path: Path) -> None:
    write_files(tmp_path, {**SITE, "gateway.yaml": "{}\n"})
    arguments = ("gateway", "--config", "gateway.yaml")
    result = run(*arguments, "--listen", "127.0.0.1:0")
    assert (result.code, "is not in a git repository" in result.err) == (1, True), result
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run(*arguments, "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert (result.code, "cannot listen on" in result.err) == (1, True), result
    assert run(*arguments, "--listen", "nonsense").code == 2


def test_a_config_that_others_may_read_is_warned_of(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text("{}\n", encoding="utf-8")
    path.chmod(0o644)
    result = run("gateway", "--config", path, "--listen", "127.0.0.1:0")
    assert "warning: may be read or changed by others (mode 644): `chmod 600` keeps them out" in result.err
