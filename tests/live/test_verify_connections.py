"""`stashgen verify`: certificates, redirects, and hosts that are silent, slow or broken."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import certificates
import pytest
from door import Run
from live_host import PATIENCE_SECONDS, Found, LiveHost, Reply, live, only, zipped

from stashgen import http


def certified(invoke: Run, built: Path, folder: Path, days: int, *arguments: str) -> Found:
    """Look at the site under a certificate that ends in so many days, as of the real time."""
    with live(built, context=certificates.context(folder, days)) as host:
        env = {"REQUESTS_CA_BUNDLE": str(folder / "authority.pem")}
        result = invoke("verify", "--json", "--quick", host.url, *arguments, env=env)
    return Found(result.code, json.loads(result.out))


@pytest.mark.parametrize(
    ("days", "least", "is_told"),
    [(30, "14", False), (13, "14", True), (30, "31", True), (1, "0", False)],
)
def test_a_certificate_is_watched_before_it_ends(
    invoke: Run, built: Path, tmp_path: Path, days: int, least: str, *, is_told: bool
) -> None:
    found = certified(invoke, built, tmp_path, days, "--min-certificate-days", least)
    assert (("certificate", "") in found.errors) is is_told
    assert not {"unreachable", "insecure"} & {kind for kind, _ in [*found.errors, *found.warnings]}
    assert found.report["sites"][0]["certificate_until"]


def test_a_certificate_that_has_ended_or_is_nobodys_is_told(invoke: Run, built: Path, tmp_path: Path) -> None:
    ended = certified(invoke, built, tmp_path, -2)
    assert ended.errors == [("unreachable", "")]
    assert "certificate has expired" in ended.messages
    with live(built, context=certificates.context(tmp_path, 30)) as host:
        result = invoke("verify", host.url)
    assert result.code == 1
    assert "its certificate is not trusted" in result.out


def test_a_mirror_that_only_leads_to_another_host_is_no_mirror(invoke: Run, host: LiveHost) -> None:
    with live(host.folder) as hollow:
        hollow.change = lambda path, _: Reply(302, {"Location": host.url + path}, b"")
        result = invoke("verify", hollow.url, "--now", "2026-11-23T10:30:00Z", "--quick")
    assert f"warning: redirect: leads to {host.url.rstrip('/')}, and so is gone when that is" in result.out


def test_a_redirect_within_the_site_is_fine_and_a_circle_is_not(invoke: Run, host: LiveHost) -> None:
    host.change = only("index.html", lambda _: Reply(301, {"Location": "/"}, b""))
    assert invoke("verify", host.url, "--now", "2026-11-23T10:30:00Z", "--quick").code == 0
    host.change = only("index.html", lambda _: Reply(301, {"Location": "/index.html"}, b""))
    round_and_round = invoke("verify", host.url, "--now", "2026-11-23T10:30:00Z", "--quick")
    assert "index.html: leads round in circles" in round_and_round.out


def test_a_host_that_stops_answering_in_the_middle_is_given_up(invoke: Run, host: LiveHost) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        nowhere = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
    host.change = lambda path, reply: (
        reply if path in ("stashgen-manifest.json", "status.json", "") else Reply(302, {"Location": nowhere}, b"")
    )
    began = time.monotonic()
    result = invoke("verify", host.url, "--now", "2026-11-23T10:30:00Z")
    assert "was not asked, as it had stopped answering" in result.out
    assert len(host.asked) < 40
    assert time.monotonic() - began < PATIENCE_SECONDS


@contextmanager
def said_by(*pieces: bytes, pause: float = 0.0) -> Iterator[str]:
    """Yield the address of a server that sends these bytes to each who comes, with pauses, whatever is asked."""
    over = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            for piece in pieces:
                try:
                    connection.sendall(piece)
                except OSError:
                    return
                if over.wait(pause):
                    return

    def listen() -> None:
        while not over.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        over.set()
        server.shutdown(socket.SHUT_RDWR)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n"
GZIP = HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")


@pytest.mark.parametrize(
    ("pieces", "pause", "why"),
    [
        ((), 60.0, ""),
        ((b"\x00\x01\x02 nothing of HTTP\r\n\r\n",), 0.0, ""),
        ((HEAD, b"x"), 0.0, "breaks off its answer"),
        ((HEAD, *[b"x"] * 200), 0.05, "does not finish its answer in time"),
        ((GZIP, b"no gzip" * 20_000), 0.0, "breaks off its answer"),
    ],
    ids=["closes", "gibberish", "stops", "drips", "no gzip"],
)  # fmt: skip
def test_the_door_to_the_web_waits_for_nobody_for_long(pieces: tuple[bytes, ...], pause: float, why: str) -> None:
    began = time.monotonic()
    with said_by(*pieces, pause=pause) as url, pytest.raises(http.HttpError, match=rf"^{url}: .*{why}"):
        http.Client(seconds=0.3, retries=0).get(url)
    assert time.monotonic() - began < 20


def test_the_door_to_the_web_tries_again_and_sets_its_own_pace(host: LiveHost) -> None:
    count = iter(range(10))

    def busy_twice(_: str, reply: Reply) -> Reply:
        return Reply(429, {"Retry-After": "86400"}, b"later") if next(count) < 2 else reply

    host.change = busy_twice
    assert http.Client(seconds=5, retries=2).get(f"{host.url}status.json").status == 200
    host.change = lambda _, reply: reply._replace(status=503)
    assert http.Client(seconds=5, retries=1).get(f"{host.url}status.json").status == 503


def test_the_door_to_the_web_keeps_no_more_than_a_host_takes(host: LiveHost) -> None:
    # A few kilobytes on the way, too much in memory.
    host.change = lambda path, reply: zipped(path, reply._replace(body=bytes(65 * 2**20)))
    with pytest.raises(http.HttpError, match="answers with more than 64 MiB"):
        http.Client(retries=0).get(host.url)
