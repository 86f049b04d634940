"""Settings for Caddy, to be imported into a site block (https://caddyserver.com/docs/caddyfile)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from stashgen.hosting.patterns import filled, regex, regex_with_groups
from stashgen.media_types import TYPE_BY_SUFFIX
from stashgen.outputs.host_files.rules import PREFLIGHT, Rules

_INTRODUCTION: Final = """\
# Settings for Caddy 2.6 or newer. Copy this file to where Caddy keeps its own, and name it in a site block:
#
#     root {matcher} /srv/status        # the folder with index.html in it
#     import status.caddy
"""


def caddy(rules: Rules) -> str:
    """Return the text of the snippet."""
    base = rules.base.rstrip("/")
    opening = [f"redir {base} {base}/ 301", f"handle_path {base}/* {{"] if base else ["handle {"]
    steps = [*_rewritten(rules), *_missed(rules), *_headed(rules), *_served()]
    introduction = _INTRODUCTION.format(matcher=f"{base}/*" if base else "*")
    lines = [introduction, *opening, "    route {", *(f"        {step}" for step in steps), "    }", "}", ""]
    return "\n".join(lines)


def _rewritten(rules: Rules) -> Iterator[str]:
    """Yield what turns a URL into another, or into the path of a file."""
    yield from ("@stashgen_preflight method OPTIONS", "header @stashgen_preflight {")
    yield from (f'    {name} "{value}"' for name, value in PREFLIGHT.items())
    yield "}"
    for number, redirect in enumerate(rules.redirects, 1):
        name = f"stashgen_moved_{number}"
        target = filled(redirect.target, redirect.pattern, lambda group, name=name: f"{{re.{name}.{group}}}")  # type: ignore[misc]  # binds now
        yield f'@{name} path_regexp {name} "^/{regex_with_groups(redirect.pattern)}$"'
        yield f'redir @{name} "{rules.base}{target}" 301'
    for number, vacant in enumerate(rules.vacant, 1):
        name = f"stashgen_vacant_{number}"
        target = filled(vacant.target, vacant.pattern, lambda group, name=name: f"{{re.{name}.{group}}}")  # type: ignore[misc]  # binds now
        yield f"@{name} {{"
        yield f'    path_regexp {name} "^/{regex_with_groups(vacant.pattern)}?$"'
        yield from ("    not file {path}/index.html", "}", f'redir @{name} "{rules.base}{target}" 302')
    for number, rewrite in enumerate(rules.rewrites, 1):
        yield f"@stashgen_twin_{number} {_path(rewrite.patterns)}"
        yield f'rewrite @stashgen_twin_{number} "{{path}}{rewrite.suffix}"'
    yield from ("@stashgen_folder path */", "rewrite @stashgen_folder {path}index.html")


def _missed(rules: Rules) -> Iterator[str]:
    """Yield what turns to the page for missing files where there is none, or one that is not for readers."""
    # A folder is found by its page, to which file_server adds the slash; one without a page is nothing.
    yield from ("@stashgen_missing {", "    not {", "        file {path} {path}/index.html")
    yield from (r'        not path_regexp "/\."', "    }", "}", "vars @stashgen_missing stashgen_status 404")
    yield "@stashgen_is_missing vars {vars.stashgen_status} 404"
    for number, missing in enumerate(rules.missing, 1):
        yield f"@stashgen_missing_{number} {{"
        yield "    vars {vars.stashgen_status} 404"
        yield f"    {_path(missing.patterns)}"
        yield "}"
        yield f"vars @stashgen_missing_{number} stashgen_document /{missing.path}"
    yield "rewrite @stashgen_is_missing {vars.stashgen_document}"


def _headed(rules: Rules) -> Iterator[str]:
    kinds = [([f"*{suffix}"], kind) for suffix, kind in TYPE_BY_SUFFIX.items() if suffix]
    kinds += [(list(kind.patterns), kind.content_type) for kind in rules.types]
    said = [*((rule.patterns, rule.headers) for rule in rules.headers), *((p, {"Content-Type": k}) for p, k in kinds)]
    for number, (patterns, headers) in enumerate(said, 1):
        yield f"@stashgen_headers_{number} {_path(patterns)}"
        yield f"header @stashgen_headers_{number} {{"
        yield from (f'    {name} "{value}"' for name, value in headers.items())
        yield "}"


def _served() -> Iterator[str]:
    yield "respond @stashgen_preflight 204"
    # Caddy would answer a POST with the file, and a program would believe that it has written something.
    yield from ("@stashgen_write not method GET HEAD", "respond @stashgen_write 405")
    yield from ("file_server @stashgen_is_missing {", "    status 404", "}", "file_server")


def _path(patterns: Sequence[str]) -> str:
    return f'path_regexp "^/{regex(patterns)}$"'
