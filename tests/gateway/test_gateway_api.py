"""The own API through real HTTP: what is written is one commit, and is read back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest
from gateway_door import Gateway, gateway, git, subjects
from openapi_spec_validator import OpenAPIV31SpecValidator

INCIDENT = {"title": "Slow API", "message": "We *look* into it.", "services": {"api": "warning"}}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, _session_environ: None) -> Iterator[Gateway]:
    """Yield one gateway for tests that do not disturb each other."""
    with gateway(tmp_path_factory.mktemp("gateway")) as one:
        yield one


def opened(one: Gateway, **fields: object) -> str:
    """Open an incident and return its id."""
    answer = one.ask("POST", "/v1/incidents", {**INCIDENT, **fields})
    assert answer.status == 201, answer
    return str(answer.json["id"])


def test_an_incident_is_opened_updated_and_resolved(shared: Gateway) -> None:
    answer = shared.ask("POST", "/v1/incidents", INCIDENT)
    assert answer.status == 201, answer
    event = answer.json
    assert event["title"] == "Slow API"
    assert event["state"] == "investigating"
    assert event["is_open"]
    assert event["updates"][0]["message"] == "We *look* into it."
    assert "<em>look</em>" in event["updates"][0]["html"]
    assert answer.headers["location"] == f"{shared.url}/v1/incidents/{event['id']}"
    commit = answer.headers["stashgen-commit"]
    body = git(shared.project, "log", "-1", "--format=%B", commit)
    assert "By: writer" in body
    assert "Via: rest" in body
    assert "warning" in body.splitlines()[0]

    place = f"/v1/incidents/{event['id']}"
    assert shared.ask("GET", place).json == event
    told = shared.ask("POST", f"{place}/updates", {"message": "A bad deploy.", "state": "identified"})
    assert told.status == 201, told
    assert shared.ask("GET", told.headers["location"].removeprefix(shared.url)).json == told.json
    done = shared.ask("POST", f"{place}/updates", {"message": "Rolled back.", "state": "resolved"})
    assert done.status == 201
    assert not shared.ask("GET", place).json["is_open"]
