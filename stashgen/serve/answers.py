"""Requests and their answers, as values: a small table of routes, and the files of the built site for all else."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from stashgen.media_types import TYPE_BY_SUFFIX
from stashgen.serve.stage import Edition, Stage
from stashgen.urls import NOT_FOUND

INDEX: Final = "index.html"
OWN_PATH: Final = "/__stashgen/"
# A little less than the shortest time after which proxies and browsers give a silent connection up.
_POLL_SECONDS: Final = 25.0


class Request(NamedTuple):
    """What a browser asks for; `target` is the path with its query, as it was sent."""

    target: str
    etag: str = ""  # of If-None-Match

    @property
    def path(self) -> str:
        """Return the decoded path."""
        return unquote(self.target.partition("?")[0], errors="replace")

    def query(self, name: str) -> str:
        """Return the first value of a parameter, or ""."""
        return parse_qs(urlsplit(self.target).query).get(name, [""])[0]


class Response(NamedTuple):
    """What is sent back; the length comes from `body`."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Place(NamedTuple):
    """Where answers come from."""

    root: Path  # the folder of the built site
    stage: Stage
    run: str  # tells this run of the server from others, so that an open page notices a restart


Answer = Callable[[Place, Request], Response]


def answer(place: Place, request: Request) -> Response:
    """Return the answer to a GET; it waits for a build that is due or running."""
    found = ROUTES.get(request.path, _file)(place, request)
    if found.headers:
        return found
    if found.status != 200:
        return found._replace(headers=(("Cache-Control", "no-store"),))
    etag = f'"{blake2b(found.body, digest_size=12).hexdigest()}"'
    caching = (("Cache-Control", "no-cache"), ("ETag", etag))
    if etag in re.split(r",\s*", request.etag.replace("W/", "")):
        return Response(304, found.content_type, b"", caching)
    return found._replace(headers=caching)


def _reload_script(place: Place, request: Request) -> Response:  # noqa: ARG001 - an answer like the others
    return Response(200, TYPE_BY_SUFFIX[".js"], (files("stashgen.serve") / "reload.js").read_bytes())


def _news(place: Place, request: Request) -> Response:
    epoch = request.query("epoch")
    edition = place.stage.news(int(epoch) if epoch.isdecimal() else -1, _POLL_SECONDS)
    news = {"epoch": edition.epoch, "page": _page_token(place, edition), "problems": edition.problems}
    return Response(200, TYPE_BY_SUFFIX[".json"], msgspec.json.encode(news), (("Cache-Control", "no-store"),))


def _file(place: Place, request: Request) -> Response:
    edition = place.stage.current()
    if edition.page == 0:
        return _page(place, edition, 503, _no_site_yet(edition))
    # A name too long for the disk, or a file that a newer build has just removed, is not found either.
    with suppress(OSError):
        path = next(filter(None, (_found(place.root, path) for path in _paths(request.path, edition.base))), None)
        if path is not None and path.name == INDEX and not request.path.endswith(("/", INDEX)):
            return _slash_added(request)
        if path is not None and path.suffix == ".html":
            return _page(place, edition, 200, path.read_bytes())
        if path is not None:
            return Response(200, TYPE_BY_SUFFIX.get(path.suffix.lower(), "application/octet-stream"), path.read_bytes())
    return _page(place, edition, 404, _not_found(place.root))


def _paths(path: str, base: str) -> Iterator[str]:
    # Links are relative, so the site works at `/`; what names the site's own URL is found below its path too.
    yield path.removeprefix("/")
    if base != "/" and f"{path}/".startswith(base):
        yield f"{path}/".removeprefix(base).removesuffix("/")


def _found(root: Path, path: str) -> Path | None:
    """Return the file that a decoded path names below the root, a folder's index for a folder; else None."""
    names = path.removesuffix("/").split("/") if path else []
    if any(not name or "\0" in name or "\\" in name or _is_private(name) for name in names):
        return None
    file = root.joinpath(*names)
    file = file / INDEX if file.is_dir() else file
    is_whole = not path.endswith("/") or file.name == INDEX
    return file if is_whole and file.is_file() and file.resolve().is_relative_to(root.resolve()) else None


def _is_private(name: str) -> bool:
    # `..` is among them, and so is `.git` in a folder that is pushed to a host.
    return name.startswith(".") and name != ".well-known"


def _slash_added(request: Request) -> Response:
    path, mark, query = request.target.partition("?")
    return Response(
        302, TYPE_BY_SUFFIX[".txt"], b"", (("Location", f"{path}/{mark}{query}"), ("Cache-Control", "no-cache"))
    )


def _not_found(root: Path) -> bytes:
    try:
        return (root / NOT_FOUND).read_bytes()
    except OSError:
        return b"<!doctype html><title>Not found</title><h1>Not found</h1>"


def _page(place: Place, edition: Edition, status: int, body: bytes) -> Response:
    token = html.escape(_page_token(place, edition))
    script = f'<script src="{OWN_PATH}reload.js" data-page="{token}" defer></script>'.encode()
    end = body.rfind(b"</body>")
    end = len(body) if end < 0 else end
    return Response(status, TYPE_BY_SUFFIX[".html"], body[:end] + script + body[end:])


def _page_token(place: Place, edition: Edition) -> str:
    return f"{place.run}-{edition.page}"


def _no_site_yet(edition: Edition) -> bytes:
    items = "".join(f"<li>{html.escape(problem)}</li>" for problem in edition.problems)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>No site yet</title>'
        f"<h1>No site yet</h1><p>It appears here as soon as these problems are solved:</p><ul>{items}</ul></html>"
    ).encode()


ROUTES: Final[Mapping[str, Answer]] = {
    f"{OWN_PATH}reload.js": _reload_script,
    f"{OWN_PATH}news": _news,
}
