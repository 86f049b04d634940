"""What is said beside the bytes: held against what `hosting` says of the file.

Many hosts cannot be told headers, and a page is read without most of them: only what keeps readers from the news, or
browsers from showing it, is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from stashgen import hosting, urls
from stashgen.errors import Severity
from stashgen.http import Answer
from stashgen.live.findings import Finding
from stashgen.media_types import HTML, JSON, SCRIPT, SVG

_CACHE: Final = "cache-control"
_POLICY: Final = "content-security-policy"
_READERS: Final = "access-control-allow-origin"
_ELSEWHERE: Final = frozenset({"content-type", _CACHE, _POLICY, _READERS, "x-robots-tag"})  # have rules of their own
# With another type a browser shows the source, or nothing at all.
_STRICT: Final = frozenset({HTML, "text/css", SCRIPT, JSON, SVG})
_SAME: Final[Mapping[str, str]] = {
    "application/javascript": SCRIPT, "application/x-javascript": SCRIPT, "text/xml": "application/xml",
    "image/vnd.microsoft.icon": "image/x-icon", "application/rss+xml": "application/xml",
    "application/atom+xml": "application/xml", "application/feed+json": JSON, "text/markdown": "text/plain",
}  # fmt: skip
_FRAMED: Final = re.compile(r"embed/(?:[^/]+/)?(?:index\.html)?")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def about(path: str, answer: Answer, origins: Sequence[str]) -> Iterator[Finding]:
    """Yield what is wrong with the headers of a file that has the right bytes."""
    wanted = hosting.headers(path, origins)
    yield from _type(path, answer, wanted["Content-Type"])
    yield from _cache(path, answer.headers)
    yield from _others(path, answer.headers, origins)
    for name, value in wanted.items():
        if name.lower() not in _ELSEWHERE and name.lower() not in answer.headers:
            yield _warning(path, f"sends no {name}: {value}")


def _type(path: str, answer: Answer, wanted: str) -> Iterator[Finding]:
    want, want_charset = _media_type(wanted)
    have, charset = _media_type(answer.headers.get("content-type", ""))
    if path == urls.SIGNATURE:
        return  # programs read it, and none of them minds
    if _SAME.get(have, have) != _SAME.get(want, want):
        severity: Severity = "error" if want in _STRICT else "warning"
        shown = have or "no type at all"
        yield Finding(kind="type", path=path, message=f"comes as {shown}, not as {want}", severity=severity)
    elif charset and charset not in ("utf-8", "utf8", "us-ascii"):
        yield Finding(kind="type", path=path, message=f"comes in {charset}: its letters are UTF-8")
    elif want_charset and not charset and want.startswith("text/") and want not in (HTML, "text/css", SCRIPT):
        yield Finding(kind="type", path=path, message="comes without charset=utf-8", severity="warning")


def _media_type(value: str) -> tuple[str, str]:
    kind, *parameters = (part.strip().lower() for part in value.split(";"))
    charset = next((one.partition("=")[2] for one in parameters if one.startswith("charset=")), "")
    return kind, charset.strip('"')


def _cache(path: str, headers: Mapping[str, str]) -> Iterator[Finding]:
    said = headers.get(_CACHE, "").lower()
    if path.startswith(urls.asset("")) or (hosting.turn(path) == 0 and not said):
        return
    if not said:
        yield _warning(path, "sends no Cache-Control: how long an old one is shown is up to each browser")
        return
    if "immutable" in said:
        yield Finding(kind="header", path=path, message="is sent as immutable: readers would never see the next one")
        return
    seconds = _fresh_seconds(said)
    tolerable, bad = (10 * _MINUTE, _HOUR) if hosting.turn(path) >= 2 else (_HOUR, _DAY)
    if seconds > tolerable:
        message = f"may be kept for {_span(seconds)} (Cache-Control: {said}): readers see the news that much later"
        yield Finding(kind="header", path=path, message=message, severity="error" if seconds > bad else "warning")


def _fresh_seconds(said: str) -> int:
    if re.search(r"no-cache|no-store", said):
        return 0
    counts = dict(re.findall(r"(s-maxage|max-age)\s*=\s*\"?(\d{1,10})", said))
    return max(map(int, counts.values()), default=0)


def _others(path: str, headers: Mapping[str, str], origins: Sequence[str]) -> Iterator[Finding]:
    if headers.get(_READERS) not in ("*", "https://reader.invalid"):
        # Pages of a mirror ask for it when their own host is gone.
        is_needed = path == urls.STATUS_JSON and len(origins) > 1
        message = "sends no Access-Control-Allow-Origin: *: scripts of other sites, mirrors too, cannot read it"
        yield Finding(kind="header", path=path, message=message, severity="error" if is_needed else "warning")
    if "Content-Security-Policy" not in hosting.headers(path):
        return
    policy = headers.get(_POLICY)
    if policy is None:
        yield _warning(path, "sends no Content-Security-Policy")
    elif blocked := [origin for origin in origins if origin not in policy and "connect-src" in policy]:
        yield _warning(path, f"its Content-Security-Policy keeps pages from asking {', '.join(blocked)}")
    is_framed = _FRAMED.fullmatch(path) is not None
    if is_framed and "x-frame-options" in headers:
        yield Finding(kind="header", path=path, message="sends X-Frame-Options: frames on other sites stay empty")
    if not is_framed and "noindex" in headers.get("x-robots-tag", ""):
        yield _warning(path, "sends X-Robots-Tag: noindex: search engines leave it out")


def _span(seconds: int) -> str:
    for size, name in ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} seconds"


def _warning(path: str, message: str) -> Finding:
    return Finding(kind="header", path=path, message=message, severity="warning")
