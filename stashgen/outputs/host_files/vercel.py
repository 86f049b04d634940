"""vercel.json, as Vercel reads it in a folder that is deployed to it (https://vercel.com/docs/project-configuration).

Vercel asks redirects first, then looks for a file, and only then asks rewrites. Of two values for one header the later
counts. Patterns are path-to-regexp's, and fit a path as a whole, a slash at its end included.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from stashgen.hosting import HeaderRule
from stashgen.hosting.patterns import destination, holes, source
from stashgen.outputs.host_files.cloud import said_types
from stashgen.outputs.host_files.rules import Rules
from stashgen.urls import NOT_FOUND

_MOST_ROUTES: Final = 2_048  # https://vercel.com/docs/limits


def vercel(rules: Rules) -> str:
    """Return the text of vercel.json."""
    headers = [entry for rule in (*rules.headers, *said_types(rules)) for entry in _headers(rule)]
    rewrites = [*_rewrites(rules)]
    # Where a record was before lies a page that leads on: what there is no room for is found all the same.
    redirects = [*_redirects(rules)][: _MOST_ROUTES - len(headers) - len(rewrites)]
    document = {
        "$schema": "https://openapi.vercel.sh/vercel.json",
        "framework": None,
        "installCommand": "",
        "buildCommand": "",
        "outputDirectory": ".",
        "cleanUrls": False,
        "headers": headers,
        "redirects": redirects,
        "rewrites": rewrites,
    }
    return json.dumps(document, indent=1) + "\n"


def _headers(rule: HeaderRule) -> Iterator[Mapping[str, object]]:
    pairs = [{"key": name, "value": value} for name, value in rule.headers.items()]
    for pattern in rule.patterns:
        # A colon in a value would be taken for the name of a parameter, if there were any.
        yield {"source": f"/{source(pattern, is_named=False)}", "headers": pairs}


def _redirects(rules: Rules) -> Iterator[Mapping[str, object]]:
    lasting = sorted(rules.redirects, key=lambda redirect: not holes(redirect.pattern))
    # Vercel answers `services/api` with the page of `services/api/`, from where its links lead elsewhere.
    for old, new in (*((folder, f"{folder}/") for folder in rules.folders), *lasting):
        yield {**_route(old, new), "statusCode": 301}


def _rewrites(rules: Rules) -> Iterator[Mapping[str, object]]:
    for rewrite in rules.rewrites:
        yield from (_route(pattern, f"{pattern}{rewrite.suffix}") for pattern in rewrite.patterns)
    for missing in rules.missing:
        # Vercel sends the site's own 404.html by itself.
        if missing.path != NOT_FOUND:
            for pattern in missing.patterns:
                place = f"/{source(pattern, is_named=False)}"
                yield {"source": place, "destination": f"/{missing.path}", "statusCode": 404}


def _route(pattern: str, target: str) -> Mapping[str, object]:
    return {"source": f"/{source(pattern, is_named=True)}", "destination": f"/{destination(target)}"}
