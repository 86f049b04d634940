"""What hosts, web servers and crawlers look for beside the pages: headers, redirects, settings, CNAME, robots.txt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from stashgen import urls
from stashgen.documents import NOT_FOUND, compact
from stashgen.memo import digest
from stashgen.outputs.context import Context, Output
from stashgen.outputs.host_files import crawlers
from stashgen.outputs.host_files.apache import apache
from stashgen.outputs.host_files.caddy import caddy
from stashgen.outputs.host_files.cloud import headers_file, redirects_file
from stashgen.outputs.host_files.nginx import nginx
from stashgen.outputs.host_files.rules import rules
from stashgen.outputs.host_files.signing_keys import signing_keys
from stashgen.outputs.host_files.vercel import vercel

# What a path may hold to stand in settings as it is, and to be the same encoded and decoded.
_PLAIN_BASE: Final = re.compile(r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*")


def render(context: Context) -> Iterator[Output]:
    """Yield the files; those that need the site's URL only where it has one."""
    told = rules(context)
    yield _file(".nojekyll", "")
    yield _file("_headers", headers_file(told))
    yield _file("_redirects", redirects_file(told))
    yield _file("vercel.json", vercel(told))
    if _PLAIN_BASE.fullmatch(told.base):
        yield _file(urls.host_file("nginx.conf"), nginx(told))
        yield _file(urls.host_file("Caddyfile"), caddy(told))
        yield _file(urls.host_file("apache.conf"), apache(told))
    for path in (urls.API_NOT_FOUND, *urls.API_NOT_FOUND_PAGES):
        yield _file(path, compact(NOT_FOUND).decode())
    for path, text in (*crawlers.files(context), *signing_keys(context)):
        yield _file(path, text)


def _file(path: str, text: str) -> Output:
    data = text.encode()
    return Output(path, digest(data), lambda: data)
