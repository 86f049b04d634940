"""`_headers` and `_redirects`, as Netlify and Cloudflare Pages read them; one file must mean the same to both.

https://docs.netlify.com/routing/redirects/ and https://developers.cloudflare.com/pages/configuration/redirects/.
Netlify serves a file where there is one and only then looks at the rules; Cloudflare asks the rules first, so
none of them may fit the path of a file. Netlify takes the last of two rules for one header, Cloudflare joins
them unless the later one takes the header back (`! Name`), a line that Netlify skips.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from stashgen.hosting import ContentType, HeaderRule
from stashgen.hosting.patterns import glob, spelt_out
from stashgen.media_types import JSON, TYPE_BY_SUFFIX
from stashgen.outputs.host_files.rules import Rewrite, Rules
from stashgen.urls import API_NOT_FOUND, NOT_FOUND

# Cloudflare gives a missing file the type of its name, so a type is only said where a host may not know it.
_SAID_SUFFIXES: Final = (".atom", ".rss", ".ics", ".csv", ".md", ".prom", ".sig")


def headers_file(rules: Rules) -> str:
    """Return the text of `_headers`."""
    return "\n".join(_header_lines([*rules.headers, *said_types(rules)]))


def said_types(rules: Rules) -> list[HeaderRule]:
    """Return the types that a host in the cloud must be told."""
    types = [ContentType((f"*{suffix}",), TYPE_BY_SUFFIX[suffix]) for suffix in _SAID_SUFFIXES]
    types += [ContentType(missing.patterns, JSON) for missing in rules.missing if missing.path == API_NOT_FOUND]
    types += [
        ContentType(rewrite.patterns, rewrite.content_type)
        for rewrite in rules.rewrites
        if rewrite.content_type != JSON
    ]
    return [HeaderRule(kind.patterns, {"Content-Type": kind.content_type}) for kind in [*types, *rules.types]]


def redirects_file(rules: Rules) -> str:
    """Return the text of `_redirects`: rules without holes first, as Cloudflare wants them."""
    lines = [*_rewrite_lines(rules.rewrites), *_redirect_lines(rules)]
    lines.sort(key=lambda line: any(sign in line for sign in ":*"))
    return "\n".join([*lines, *_missing_lines(rules), ""])


def _header_lines(rules: Sequence[HeaderRule]) -> Iterator[str]:
    seen: set[str] = set()
    for rule in rules:
        for pattern in rule.patterns:
            yield f"/{glob(pattern)}"
            for name, value in rule.headers.items():
                if name in seen:
                    yield f"  ! {name}"
                yield f"  {name}: {value}"
        seen |= rule.headers.keys()
    yield ""


def _rewrite_lines(rewrites: Sequence[Rewrite]) -> Iterator[str]:
    for rewrite in rewrites:
        folders = sorted({pattern.partition("{")[0] for pattern in rewrite.patterns if pattern.endswith("}")})
        # A file itself, before Cloudflare reads its name as what a hole may hold.
        yield from (f"/{folder}*{rewrite.suffix} /{folder}:splat{rewrite.suffix} 200" for folder in folders)
        yield from (f"/{glob(path)} /{glob(path)}{rewrite.suffix} 200" for path in rewrite.patterns)


def _redirect_lines(rules: Rules) -> Iterator[str]:
    for redirect in rules.redirects:
        for pattern, target in spelt_out(redirect.pattern, redirect.target):
            yield f"/{glob(pattern)} /{glob(target)} 301"


def _missing_lines(rules: Rules) -> Iterator[str]:
    # Both hosts send the site's own 404.html by themselves.
    for missing in rules.missing:
        if missing.path != NOT_FOUND:
            yield from (f"/{glob(pattern)} /{missing.path} 404" for pattern in missing.patterns)
