"""What strange clients send is answered with a problem: never a page of HTML, never a failure of ours."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from gateway_door import Gateway, gateway, subjects

INCIDENT = {"title": "Slow API", "message": "We look.", "services": {"api": "warning"}}
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, _session_environ: None) -> Iterator[Gateway]:
    """Yield one gateway for tests that do not disturb each other."""
    with gateway(tmp_path_factory.mktemp("gateway"), {"limits": {"body_bytes": 4096, "idle_seconds": 1}}) as one:
        yield one


def raw(one: Gateway, data: bytes, *, is_all: bool = True) -> bytes:
    """Send bytes and return all that comes back until the connection is closed."""
    place = urlsplit(one.url)
    with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=PATIENCE_SECONDS) as line:
        line.sendall(data)
        if is_all:
            line.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := line.recv(65536):
            answer += piece
        return answer


def head(one: Gateway, first: str, **headers: str) -> bytes:
    fields = {"Host": "gate", "Authorization": f"Bearer {one.tokens['writer']}", "Connection": "close", **headers}
    lines = [first, *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/", 404), ("GET", "/v1", 404),
        ("GET", "/v1//services", 404), ("GET", "/v1/services/", 404), ("GET", "/v1/services/a%2Fb", 404),
        ("GET", "/v1/services/api%00", 404), ("GET", "/v1/services/%ff", 404), ("GET", "/v1/services/..%2f..", 404),
        ("GET", "/v1/services/%", 404), ("GET", "/v1/incidents/" + "a" * 5000, 404), ("GET", "/v1/services/日", 404),
        ("POST", "/v1/services/api", 405), ("DELETE", "/v1/services", 405), ("PUT", "/v1/incidents", 405),
        ("TRACE", "/v1/services", 405), ("BREW", "/v1/services", 405), ("POST", "/openapi.json", 405),
        ("POST", "/healthz", 405), ("DELETE", "/metrics", 405), ("GET", "/v1/services?limit=1", 400),
        ("GET", "/v1/incidents?limit=1&limit=2", 400), ("GET", "/v1/incidents?after=gone", 404),
        ("GET", "/v1/incidents?after=%00", 400), ("GET", "/v1/incidents?%ff=%ff", 400),
    ],
)  # fmt: skip
def test_every_refusal_is_a_problem(shared: Gateway, method: str, path: str, status: int) -> None:
    answer = shared.ask(method, path.encode().decode("latin-1") if path.isascii() else "/v1/services/%E6%97%A5")
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert ("allow" in answer.headers) == (status == 405)


def test_head_and_options_are_answered(shared: Gateway) -> None:
    for path in ("/v1/services", "/healthz", "/openapi.json"):
        head_, whole = shared.ask("HEAD", path), shared.ask("GET", path)
        assert (head_.status, head_.body) == (200, b"")
        assert head_.headers["content-length"] == whole.headers["content-length"]
    options = shared.ask("OPTIONS", "/v1/services", token=None, headers={"Origin": "https://evil.example"})
    assert options.status == 200
    assert "POST" in options.headers["allow"]
    assert not [name for name in options.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 422), ({"Sec-Fetch-Site": "none"}, 422),
    ],
)  # fmt: skip
def test_pages_of_other_sites_may_not_write(shared: Gateway, headers: dict[str, str], status: int) -> None:
    assert shared.ask("POST", "/v1/incidents", {}, headers=headers).status == status
    assert shared.ask("POST", "/v1/incidents", {}, headers={"Origin": shared.url}).status == 422
    assert shared.ask("GET", "/v1/services", headers=headers).status == 200


def test_answers_say_how_browsers_shall_take_them(shared: Gateway) -> None:
    for answer in (shared.ask("GET", "/v1/services"), shared.ask("GET", "/gone"), shared.ask("GET", "/metrics")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415), ({"Content-Type": ""}, 415),
        ({"Content-Type": "application/jsonx"}, 415),
        ({"Content-Type": "application/json; charset=latin-1"}, 415), ({"Content-Type": "multipart/form-data"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415),
        ({"Content-Type": "application/json", "Accept": "text/html"}, 406),
        ({"Content-Type": "application/json", "Accept": "application/json;q=0"}, 406),
        ({"Content-Type": "APPLICATION/JSON; charset=\"UTF-8\"", "Accept": "application/*"}, 201),
        ({"Content-Type": "application/json", "Accept": "*/*;q=0.1"}, 201),
        ({"Content-Type": "application/json", "Accept": "application/problem+json, application/json"}, 201),
    ],
)  # fmt: skip
def test_the_kind_of_a_body_is_looked_at(shared: Gateway, headers: dict[str, str], status: int) -> None:
    answer = shared.ask("POST", "/v1/incidents", json.dumps(INCIDENT).encode(), headers=headers)
    assert answer.status == status, answer


def test_bodies_come_in_every_way(shared: Gateway) -> None:
    body = json.dumps(INCIDENT).encode()
    chunks = b"5\r\n" + body[:5] + b"\r\n" + f"{len(body) - 5:x}\r\n".encode() + body[5:] + b"\r\n0\r\n\r\n"
    kind = {"Content_Type": "application/json"}
    assert b" 201 " in raw(
        shared, head(shared, "POST /v1/incidents HTTP/1.1", Transfer_Encoding="chunked", **kind) + chunks
    )
    length = {"Content_Length": str(len(body)), **kind}
    expecting = raw(shared, head(shared, "POST /v1/incidents HTTP/1.1", Expect="100-continue", **length) + body)
    assert expecting.startswith(b"HTTP/1.1 100 ")
    assert b" 201 " in expecting
    assert b" 201 " in raw(shared, head(shared, "POST /v1/incidents HTTP/1.0", **length) + body)


@pytest.mark.parametrize("size", [4097, 10**6, 10**12])
def test_a_body_that_is_too_large_is_refused(shared: Gateway, size: int) -> None:
    first = head(shared, "POST /v1/incidents HTTP/1.1", Content_Type="application/json", Content_Length=str(size))
    answer = raw(shared, first + b"x" * (size if size <= 10**6 else 0), is_all=False)
    assert b" 413 " in answer
    assert b"application/problem+json" in answer


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", b" 400 "),
        (b"GET /v1/services HTTP/9.9\r\n\r\n", None),
        (b"GET /v1/services HTTP/1.1\r\nA b: c\r\n\r\n", b" 400 "),
        (b"GET /v1/services HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 5_200 + b"\r\n", b" 431 "),
        (b"POST /v1/incidents HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b" 400 "),
        (b"POST /v1/incidents HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b" 400 "),
        (b"POST /v1/incidents HTTP/1.1\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n", b" 400 "),
        (b"POST /v1/incidents HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b" 400 "),
        (b"GET http://gate/v1/services HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n", b" 401 "),
        (b"GET /v1/services HTTP/1.1\r\nHost: a b<c>\r\nConnection: close\r\n\r\n", b" 400 "),
        (b"GET /v1/services?a=\xff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", None),
    ],
)
def test_what_is_no_http_is_refused(shared: Gateway, data: bytes, status: bytes | None) -> None:
    answer = raw(shared, data)
    assert b"<html" not in answer.lower()
    assert b" 500 " not in answer
    assert status is None or status in answer.partition(b"\r\n")[0], answer
    if status is not None:
        assert b"application/problem+json" in answer


def test_who_sends_too_slowly_is_cut_off(shared: Gateway) -> None:
    place = urlsplit(shared.url)
    with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=PATIENCE_SECONDS) as line:
        line.sendall(b"GET /v1/services HTTP/1.1\r\nX-Slow: ")
        deadline = time.monotonic() + PATIENCE_SECONDS
        with pytest.raises(OSError):
            while time.monotonic() < deadline:
                line.sendall(b"a")
                time.sleep(0.2)
    # Nobody else has noticed.
    assert shared.ask("GET", "/v1/services").status == 200


def test_a_stop_drops_no_request(tmp_path: Path) -> None:
    with gateway(tmp_path) as one:
        body = json.dumps(INCIDENT).encode()
        place = urlsplit(one.url)
        length = {"Content_Type": "application/json", "Content_Length": str(len(body))}
        lines = []
        for _ in range(4):
            line = socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=PATIENCE_SECONDS)
            line.sendall(head(one, "POST /v1/incidents HTTP/1.1", **length) + body)
            lines.append(line)
        # Only what has been read counts as begun.
        deadline = time.monotonic() + PATIENCE_SECONDS
        while one.log().count(" 201") < 1:
            assert time.monotonic() < deadline
        assert one.stop() == 0
        answers = []
        for line in lines:
            with line:
                answers.append(line.recv(65536))
        told = sum(b" 201 " in answer for answer in answers)
        assert told >= 1
        assert len(subjects(one.project)) == 1 + told
