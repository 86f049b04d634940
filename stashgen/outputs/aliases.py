"""What stands where a service or a group was before it got another id.

A page leads on to the new one, without a host's help: it is a file like all others. Everything that programs read is
there under its old name too, so that badges, feeds, calendars and clients go on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from html import escape
from typing import Final, NamedTuple

from stashgen import urls
from stashgen.memo import digest
from stashgen.outputs.context import Context, Output

_PAGE: Final = """\
<!DOCTYPE html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<title>{name}</title>
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="0; url={href}">
<link rel="canonical" href="{canonical}">
</head>
<body>
<p><a href="{href}">{name}</a></p>
</body>
</html>
"""
# Where files of a service or a group stand, up to its id.
_OF_SERVICE: Final = (
    "services/", "badges/services/", "embed/services/", "api/", f"{urls.STASHBOARD}/services/",
    f"{urls.STASHBOARD_ADMIN}/services/",
)  # fmt: skip
_OF_GROUP: Final = ("groups/", f"{urls.STASHBOARD}/service-lists/", f"{urls.STASHBOARD_ADMIN}/service-lists/")


class _Renamed(NamedTuple):
    """A record that had other ids."""

    name: str
    former: tuple[str, ...]


def moved(context: Context) -> Iterator[tuple[str, str]]:
    """Yield the page of each former id and the page that it leads to."""
    for service in context.board.services.values():
        for alias in _former(service.id, service.record.aliases, context.site.services):
            yield urls.service_page(alias), urls.service_page(service.id)
    for group in context.board.groups:
        if group.id is not None and group.record is not None:
            for alias in _former(group.id, group.record.aliases, context.site.groups):
                yield urls.group_page(alias), urls.group_page(group.id)


def twins(context: Context) -> Callable[[Output], Iterator[Output]]:
    """Return what yields the files that stand where a file was before."""
    services = {one.id: one.record for one in context.board.services.values()}
    groups = {one.id: one.record for one in context.board.groups if one.id is not None and one.record is not None}
    renamed: dict[str, _Renamed] = {}
    for starts, records, known in (
        (_OF_SERVICE, services, context.site.services),
        (_OF_GROUP, groups, context.site.groups),
    ):
        for name, record in records.items():
            former = _former(name, record.aliases, known)
            renamed |= {f"{start}{name}": _Renamed(record.name, former) for start in starts if former}
    if not renamed:
        return lambda _output: iter(())
    place = re.compile(f"({'|'.join(sorted(map(re.escape, renamed), key=len, reverse=True))})([/.].*)")

    def find(output: Output) -> Iterator[Output]:
        match = place.fullmatch(output.path)
        if match is not None:
            yield from _twins(context, output, renamed[match[1]], match[1].rpartition("/")[0], match[2])

    return find


def _twins(context: Context, output: Output, renamed: _Renamed, folder: str, rest: str) -> Iterator[Output]:
    for alias in renamed.former:
        path = f"{folder}/{alias}{rest}"
        if not path.endswith(".html"):
            yield output._replace(path=path)
            continue
        data = _page(context, path, output.path, renamed.name).encode()
        yield Output(path, digest(data), partial(bytes, data))


def _page(context: Context, path: str, target: str, name: str) -> str:
    href = urls.root(path) + target
    return _PAGE.format(
        language=escape(context.translator.language),
        direction=context.translator.direction,
        name=escape(name),
        href=escape(href),
        canonical=escape(urls.absolute(context.board.settings.url, target) or href),
    )


def _former(name: str, aliases: tuple[str, ...], known: Mapping[str, object]) -> tuple[str, ...]:
    # A record that got its first id back has it among the former ones.
    return tuple(alias for alias in dict.fromkeys(aliases) if alias != name and alias not in known)
