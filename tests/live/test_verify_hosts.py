"""`stashgen verify`: the manners of hosts that are no mistake, as their documentation describes them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Final

import pytest
from door import Run
from live_host import LiveHost, Reply, verified

_GITHUB_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".json": "application/json; charset=utf-8",
    ".js": "application/javascript; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml", ".atom": "application/atom+xml", ".rss": "application/rss+xml",
    ".ics": "text/calendar; charset=utf-8", ".csv": "text/csv; charset=utf-8", ".md": "text/markdown; charset=utf-8",
}  # fmt: skip


def github(host: LiveHost, path: str, reply: Reply) -> Reply:
    """All of a folder is there, ten minutes long, and nothing else is said."""
    suffix = PurePosixPath(path if path and not path.endswith("/") else "index.html").suffix
    kind = _GITHUB_TYPES[".html"] if reply.status == 404 else _GITHUB_TYPES.get(suffix, "application/octet-stream")
    headers = {"Content-Type": kind, "Cache-Control": "max-age=600", "Access-Control-Allow-Origin": "*"}
    return reply._replace(headers=headers)


def cloudflare(host: LiveHost, path: str, reply: Reply) -> Reply:
    """Its own files are taken away, pages lead to their names without suffix, the nearest 404.html speaks."""
    if re.fullmatch(r"_headers|_redirects", path):
        return host.reply("/404.html")._replace(status=404)
    if path.endswith("index.html"):
        return Reply(308, {"Location": f"/{path.removesuffix('index.html')}"}, b"")
    if path.endswith(".html"):
        return Reply(308, {"Location": f"/{path.removesuffix('.html')}"}, b"")
    bare = host.reply(f"/{path}.html")
    return bare if reply.status == 404 and bare.status == 200 else reply


def bucket(host: LiveHost, path: str, reply: Reply) -> Reply:
    """A store of objects as a website: headers as they were uploaded, none for other sites unless they ask."""
    return reply if reply.status == 200 else Reply(404, {"Content-Type": "text/html"}, reply.body)


@pytest.mark.parametrize("manner", [github, cloudflare, bucket])
def test_manners_of_hosts_are_no_mistakes(
    invoke: Run, host: LiveHost, manner: Callable[[LiveHost, str, Reply], Reply]
) -> None:
    host.change = lambda path, reply: manner(host, path, reply)
    found = verified(invoke, host.url)
    assert (found.code, found.errors) == (0, [])
    kinds = {kind for kind, _ in found.warnings}
    assert kinds - {"type"} == ({"header"} if manner is github else set()), found.messages
    assert {path for kind, path in found.warnings if kind == "type"} <= {"metrics.prom"}


def test_a_store_that_knows_no_folders_is_told(invoke: Run, host: LiveHost) -> None:
    host.change = lambda path, reply: Reply(403, {}, b"denied") if path.endswith("/") and path else reply
    found = verified(invoke, host.url)
    assert [kind for kind, _ in found.errors] == ["missing"]
    assert found.errors[0][1].endswith("/index.html")


def test_a_host_that_writes_into_every_page_is_told_on_one_line(invoke: Run, host: LiveHost) -> None:
    snippet = b"<script src=/analytics.js></script>"

    def into_pages(_: str, reply: Reply) -> Reply:
        is_page = reply.headers.get("Content-Type", "").startswith("text/html")
        return reply._replace(body=reply.body.replace(b"</body>", snippet + b"</body>")) if is_page else reply

    host.change = into_pages
    result = invoke("verify", host.url, "--now", "2026-11-23T10:30:00Z")
    assert f"more: has {len(snippet)} bytes more than the manifest says" in result.out
    assert len(result.out.splitlines()) <= 3
    manifest = json.loads((host.folder / "stashgen-manifest.json").read_text())
    assert result.code == 1
    assert "index.html" in manifest["files"]
