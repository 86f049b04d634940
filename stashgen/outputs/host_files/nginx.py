"""Settings for nginx, to be included in a server block (https://nginx.org/en/docs/)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from stashgen.hosting.patterns import ANYTHING, filled, regex, regex_with_groups
from stashgen.media_types import TYPE_BY_SUFFIX
from stashgen.outputs.host_files.rules import PREFLIGHT, Redirect, Rules

_INTRODUCTION: Final = """\
# Settings for nginx 1.12 or newer. Copy this file to where nginx keeps its own, and name it in a server block:
#
#     set $stashgen_root /srv/status;        # the folder with index.html in it
#     include snippets/status.conf;
"""
# A preflight needs no file.
_ANSWER: Final = ("if ($request_method = OPTIONS) { return 204; }",)


def nginx(rules: Rules) -> str:
    """Return the text of the snippet."""
    names = {name: _variable(name) for rule in rules.headers for name in rule.headers}
    names |= {name: _variable(name) for name in PREFLIGHT}
    lines = [
        _INTRODUCTION,
        *_variables(rules, names),
        "",
        *_to_the_folder(rules.base),
        f"location {'' if rules.base == '/' else '^~ '}{rules.base} {{",
        *(f"    {line}" if line else "" for line in _location(rules, names)),
        "}",
        "",
    ]
    return "\n".join(lines)


def _variable(header: str) -> str:
    return f"$stashgen_{header.lower().replace('-', '_')}"


def _variables(rules: Rules, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the headers as variables: an `add_header` further in would silence those further out, a variable does not.

    nginx sets them again when it turns to the page for a missing file.
    """
    yield from (f'set {variable} "";' for variable in [*names.values(), "$stashgen_missing"])
    for rule in rules.headers:
        values = {names[name]: value for name, value in rule.headers.items()}
        yield from _when(f"$uri ~ {_quoted(_whole(rules.base, regex(rule.patterns)))}", values)
    for missing in rules.missing:
        document = {"$stashgen_missing": f"{rules.base}{missing.path}"}
        yield from _when(f"$uri ~ {_quoted(_whole(rules.base, regex(missing.patterns)))}", document)
    yield from _when("$request_method = OPTIONS", {names[name]: value for name, value in PREFLIGHT.items()})


def _when(condition: str, values: Mapping[str, str]) -> Iterator[str]:
    yield f"if ({condition}) {{"
    yield from (f"    set {name} {_quoted(value)};" for name, value in values.items())
    yield "}"


def _to_the_folder(base: str) -> Iterator[str]:
    if base != "/":
        yield f"location = {base.rstrip('/')} {{ absolute_redirect off; return 301 {base}; }}"


def _location(rules: Rules, names: Mapping[str, str]) -> Iterator[str]:
    yield from ("root $stashgen_root;", "absolute_redirect off;", "error_page 404 $stashgen_missing;", "types {")
    kinds = [(suffix, kind) for suffix, kind in TYPE_BY_SUFFIX.items() if suffix]
    yield from (f"    {_quoted(kind)} {suffix.removeprefix('.')};" for suffix, kind in kinds)
    yield from ("}", "default_type application/octet-stream;")
    yield from (f"add_header {name} {variable} always;" for name, variable in names.items())
    yield ""
    yield from _block(_whole(rules.base, rf"(?:{ANYTHING}/)?\.{ANYTHING}"), ["return 404;"])
    for rewrite in rules.rewrites:
        yield from _typed(rules.base, rewrite.patterns, rewrite.content_type, f"{{stashgen_file}}{rewrite.suffix}")
    for kind in rules.types:
        yield from _typed(rules.base, kind.patterns, kind.content_type, "{stashgen_file}")
    slashes = [Redirect(vacant.pattern.rstrip("/"), vacant.pattern) for vacant in rules.vacant]
    for redirect in [*rules.redirects, *slashes]:
        yield from _redirect(rules.base, redirect)
    for vacant in rules.vacant:
        yield from _vacant(rules.base, vacant)
    yield from _files(rules.base)


def _typed(base: str, patterns: Sequence[str], content_type: str, file: str) -> Iterator[str]:
    lines = ["types { }", f"default_type {_quoted(content_type)};", f'try_files "/${file}" =404;']
    yield from _block(_whole(base, f"(?<stashgen_file>{regex(patterns)})"), [*_ANSWER, *lines])


def _redirect(base: str, redirect: Redirect) -> Iterator[str]:
    target = filled(redirect.target, redirect.pattern, lambda number: f"${number}")
    yield from _block(_whole(base, regex_with_groups(redirect.pattern)), [f"return 301 {_quoted(base + target)};"])


def _vacant(base: str, vacant: Redirect) -> Iterator[str]:
    # The whole path is the first group.
    target = filled(vacant.target, vacant.pattern, lambda number: f"${number + 1}")
    page = "${stashgen_file}index.html"
    lines = [
        *_ANSWER,
        f'if (!-f "$stashgen_root/{page}") {{ return 302 {_quoted(base + target)}; }}',
        f'try_files "/{page}" =404;',
    ]
    yield from _block(_whole(base, f"(?<stashgen_file>{regex_with_groups(vacant.pattern)})"), lines)


def _files(base: str) -> Iterator[str]:
    yield from _block(
        _whole(base, f"(?<stashgen_file>(?:{ANYTHING}/)?)"), [*_ANSWER, 'try_files "/${stashgen_file}index.html" =404;']
    )
    slash = f'return 301 "{base}$stashgen_file/$is_args$args";'
    yield from _block(
        _whole(base, "(?<stashgen_file>(?s:.+))"),
        [
            *_ANSWER,
            f'if (-f "$stashgen_root/$stashgen_file/index.html") {{ {slash} }}',
            'try_files "/$stashgen_file" =404;',
        ],
    )


def _block(path: str, lines: list[str]) -> Iterator[str]:
    yield f"location ~ {_quoted(path)} {{"
    yield from (f"    {line}" for line in lines)
    yield "}"


def _whole(base: str, path: str) -> str:
    # `$` would let a last line end pass.
    return rf"^{re.escape(base)}{path}\z"


def _quoted(text: str) -> str:
    return f'"{text}"'
