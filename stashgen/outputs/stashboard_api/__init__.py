"""Stashboard's API as files, below api/v1/ and admin/api/v1/, and its feed.

Both trees say the same, because clients read from both; each links to itself. What files cannot answer (`start`,
`end`, `callback`) is answered by `stashgen.stashboard` where a program serves them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from stashgen import urls
from stashgen.documents import escaped
from stashgen.documents.stashboard import StashboardLevels
from stashgen.memo import digest
from stashgen.outputs.context import Context, Output
from stashgen.outputs.stashboard_api.histories import list_outputs, month_outputs, post_key, single_outputs
from stashgen.outputs.stashboard_api.images import image_outputs
from stashgen.outputs.stashboard_api.posts import Journal
from stashgen.outputs.stashboard_api.records import Tree, listed_groups, trees
from stashgen.outputs.stashboard_api.rss import rss_outputs


def render(context: Context) -> Iterator[Output]:
    """Yield the files."""
    journal = Journal(context)
    both = trees(journal)
    yield from image_outputs(context)
    yield from single_outputs(both, journal)
    yield from month_outputs(both[0], journal)
    for service in context.board.services:
        yield from list_outputs(both, journal, service)
    for tree in both:
        yield from _catalogue(tree)
        yield from _services(tree)
    yield from rss_outputs(both[0])


def _catalogue(tree: Tree) -> Iterator[Output]:
    """Yield what the site is made of: it changes with the settings only."""
    context = tree.context
    key = digest(context.layout, msgspec.msgpack.encode([*listed_groups(context).items()]))
    resources: dict[str, Callable[[], msgspec.Struct]] = {
        "statuses": tree.statuses,
        "service-lists": tree.lists,
        "status-images": tree.images,
        "levels": StashboardLevels,
    }
    resources |= {f"statuses/{name}": partial(tree.status_by_id.__getitem__, name) for name in tree.status_by_id}
    resources |= {f"service-lists/{name}": partial(tree.list_by_id.__getitem__, name) for name in tree.list_by_id}
    for resource, make in resources.items():
        yield Output(urls.stashboard(tree.base, resource), key, partial(_encode, make))


def _services(tree: Tree) -> Iterator[Output]:
    keys = {service: _service_key(tree, service) for service in tree.context.board.services}
    for service, key in keys.items():
        path = urls.stashboard(tree.base, f"services/{service}")
        yield Output(path, key, partial(_encode, partial(tree.service, service)), rank=1)
    yield Output(
        urls.stashboard(tree.base, "services"), digest(*keys.values()), partial(_encode, tree.services), rank=2
    )


def _service_key(tree: Tree, service: str) -> bytes:
    context = tree.context
    record, current = context.board.services[service].record, tree.journal.current(service)
    facts = msgspec.msgpack.encode((service, record, context.site.groups.get(record.group or "")))
    return digest(context.layout, facts, post_key(context, current) if current else b"")


def _encode(make: Callable[[], msgspec.Struct]) -> bytes:
    return escaped(make())
