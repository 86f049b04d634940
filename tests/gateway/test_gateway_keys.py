"""Idempotency keys: a request sent again is answered again and changes nothing, over kills and clones."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from door import git
from gateway_door import Answer, Gateway, gateway, make_clone, subjects

BODY = {"title": "Slow API", "message": "We look.", "services": {"api": "warning"}}


def send(one: Gateway, key: str, body: object = BODY, token: str = "writer") -> Answer:
    return one.ask("POST", "/v1/incidents", body, token=token, headers={"Idempotency-Key": key})


def kept(answer: Answer) -> tuple[int, str, str, bytes]:
    return answer.status, answer.headers["location"], answer.headers["stashgen-commit"], answer.body


def test_the_same_request_gets_the_same_answer(tmp_path: Path) -> None:
    with gateway(tmp_path) as one:
        first = send(one, "a")
        assert first.status == 201
        one.ask("POST", f"/v1/incidents/{first.json['id']}/updates", {"message": "More."})
        assert kept(send(one, "a")) == kept(first)
        assert kept(send(one, '"a"')) == kept(first)
        port = one.url
        one.stop(9)
        one.start()
        again = send(one, "a")
        assert again.body == first.body
        assert again.headers["location"] == first.headers["location"].replace(one.url, port)
        assert len(subjects(one.project)) == 3

        other = send(one, "a", {**BODY, "title": "Slow web"})
        assert (other.status, other.headers["content-type"]) == (422, "application/problem+json")
        # Keys are each caller's own.
        assert send(one, "a", token="admin").status == 201
        gone = f"/v1/incidents/{first.json['id']}"
        for _ in range(2):
            assert one.ask("DELETE", gone, headers={"Idempotency-Key": "d"}).status == 204
        assert one.ask("DELETE", gone, headers={"Idempotency-Key": "e"}).status == 404


def test_a_refused_request_may_be_mended_under_its_key(tmp_path: Path) -> None:
    with gateway(tmp_path) as one:
        assert send(one, "a", {**BODY, "services": {"gone": "down"}}).status == 422
        assert send(one, "a").status == 201


@pytest.mark.parametrize("key", ["", " ", "a" * 256, '"a', "ä", '"'])
def test_a_key_has_a_form(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    with gateway(tmp_path_factory.mktemp("keys")) as one:
        refused = one.ask("POST", "/v1/incidents", BODY, headers={"Idempotency-Key": key.encode().decode("latin-1")})
        assert refused.status == 400
        assert refused.json["errors"][0]["parameter"] == "Idempotency-Key"


def test_of_many_at_once_one_is_carried_out(tmp_path: Path) -> None:
    with gateway(tmp_path) as one:
        answers: list[Answer] = []
        threads = [threading.Thread(target=lambda: answers.append(send(one, "a"))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {answer.status for answer in answers} <= {201, 409}
        assert len({answer.body for answer in answers if answer.status == 201}) == 1
        assert all("retry-after" in answer.headers for answer in answers if answer.status == 409)
        assert len(subjects(one.project)) == 2


def test_one_request_on_two_clones_is_one_change(tmp_path: Path) -> None:
    with gateway(tmp_path, {"push": False}) as one:
        other = Gateway(make_clone(tmp_path / "remote.git", tmp_path / "other"), {"push": False})
        other.tokens = one.tokens
        other.config_file.write_bytes(one.config_file.read_bytes())
        other.start()
        try:
            first, second = send(one, "a"), send(other, "a")
        finally:
            other.stop()
        assert first.json["id"] == second.json["id"]
        ids = [git(gate.project, "log", "-1", "--format=%(trailers:key=Change-Id,valueonly)") for gate in (one, other)]
        assert ids[0] == ids[1] != "\n"
