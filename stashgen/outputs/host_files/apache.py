"""Settings for Apache, to be included in a virtual host (https://httpd.apache.org/docs/2.4/)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from stashgen.hosting.patterns import ANYTHING, filled, regex, regex_with_groups
from stashgen.media_types import TYPE_BY_SUFFIX
from stashgen.outputs.host_files.rules import PREFLIGHT, Rules

_INTRODUCTION: Final = """\
# Settings for Apache 2.4 with its modules alias, dir, headers, mime and rewrite. Copy this file to where Apache
# keeps its own, and name it in a virtual host:
#
#     Define STASHGEN_ROOT /srv/status       # the folder with index.html in it
#     Include conf-available/status.conf
"""


def apache(rules: Rules) -> str:
    """Return the text of the snippet."""
    place = 'DocumentRoot "${STASHGEN_ROOT}"' if rules.base == "/" else f'Alias "{rules.base}" "${{STASHGEN_ROOT}}/"'
    lines = [
        _INTRODUCTION,
        *_to_the_folder(rules.base),
        place,
        '<Directory "${STASHGEN_ROOT}">',
        *(f"    {line}" for line in _directory(rules)),
        "</Directory>",
        *_headers(rules),
        "",
    ]
    return "\n".join(lines)


def _to_the_folder(base: str) -> Iterator[str]:
    if base != "/":
        yield f'RedirectMatch 301 "^{re.escape(base.rstrip("/"))}$" "{base}"'


def _directory(rules: Rules) -> Iterator[str]:
    yield from (
        "Require all granted",
        "AllowOverride None",
        "Options SymLinksIfOwnerMatch",
        "DirectoryIndex index.html",
    )
    # Its own slash would come before the rules below: `services` is a folder, and a URL of Stashboard too.
    yield from ("DirectorySlash Off", "AddDefaultCharset Off")
    yield from (f'AddType "{kind}" {suffix}' for suffix, kind in TYPE_BY_SUFFIX.items() if suffix)
    yield from ("RewriteEngine On", f'RewriteBase "{rules.base}"')
    yield from ("RewriteCond %{REQUEST_METHOD} =OPTIONS", 'RewriteRule "^" "-" [R=204,L]')
    # Apache would answer a POST with the file, and a program would believe that it has written something.
    yield from ("RewriteCond %{REQUEST_METHOD} !^(?:GET|HEAD)$", 'RewriteRule "^" "-" [R=405,L]')
    yield r'RewriteRule "(?:^|/)\." "-" [R=404,L]'
    for redirect in rules.redirects:
        target = filled(redirect.target, redirect.pattern, lambda group: f"${group}")
        yield f'RewriteRule "^{regex_with_groups(redirect.pattern)}$" "{rules.base}{target}" [R=301,L,NE]'
    for vacant in rules.vacant:
        target = filled(vacant.target, vacant.pattern, lambda group: f"${group}")
        yield 'RewriteCond "%{REQUEST_FILENAME}/index.html" !-f'
        yield f'RewriteRule "^{regex_with_groups(vacant.pattern)}?$" "{rules.base}{target}" [R=302,L,NE]'
    for rewrite in rules.rewrites:
        flags = f"[L,T={rewrite.content_type.partition(';')[0]}]"
        yield f'RewriteRule "^({regex(rewrite.patterns)})$" "$1{rewrite.suffix}" {flags}'
    yield 'RewriteCond "%{REQUEST_FILENAME}/index.html" -f'
    yield f'RewriteRule "^(.*[^/])$" "{rules.base}$1/" [R=301,L]'
    yield from ("RewriteCond %{REQUEST_FILENAME} -d", 'RewriteCond "%{REQUEST_FILENAME}/index.html" !-f')
    yield 'RewriteRule "^" "-" [R=404,L]'


def _headers(rules: Rules) -> Iterator[str]:
    for rule in rules.headers:
        yield from _section(rules.base, regex(rule.patterns), _set(rule.headers))
    for kind in rules.types:
        yield from _section(rules.base, regex(kind.patterns), [f'ForceType "{kind.content_type}"'])
    for missing in rules.missing:
        document = f'ErrorDocument 404 "{rules.base}{missing.path}"'
        yield from _section(rules.base, regex(missing.patterns), [document])
    asked = "\"expr=%{REQUEST_METHOD} == 'OPTIONS'\""
    yield from _section(rules.base, ANYTHING, [f"{line} {asked}" for line in _set(PREFLIGHT)])


def _set(headers: Mapping[str, str]) -> list[str]:
    return [f'Header always set {name} "{value}"' for name, value in headers.items()]


def _section(base: str, path: str, lines: list[str]) -> Iterator[str]:
    yield f'<LocationMatch "^{re.escape(base)}{path}$">'
    yield from (f"    {line}" for line in lines)
    yield "</LocationMatch>"
