"""What records must keep to among one another. A rule sees the site and yields findings by file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from stashgen.check.event_rules import meant_id
from stashgen.errors import Finding
from stashgen.model import BUILT_IN_STATUSES, Group, Level, Service, Site
from stashgen.text import did_you_mean, quoted


class Scope(NamedTuple):
    """What the rules may know beside the records."""

    broken: Mapping[str, frozenset[str]]  # folder -> ids whose file has errors
    static: frozenset[str]  # paths of the files below static/, if any record names one
    now: dt.datetime | None


Place = tuple[str, Finding]  # path relative to site-data
Rule = Callable[[Site, Scope], Iterator[Place]]


def known_groups(site: Site, scope: Scope) -> Iterator[Place]:
    """The group of a service exists."""
    for name, service in site.services.items():
        group = service.group
        if group is not None and group not in site.groups and group not in scope.broken["groups"]:
            hint = meant_id(group, site.groups, "groups")
            yield f"services/{name}.yaml", Finding(("group",), f"there is no group {quoted(group)}{hint}")


def service_names(site: Site, _scope: Scope) -> Iterator[Place]:
    """No two services share a name."""
    for name, other in _namesakes(site.services):
        message = f"services/{other}.yaml has the same name: readers cannot tell the two apart"
        yield f"services/{name}.yaml", Finding(("name",), message)


def group_names(site: Site, _scope: Scope) -> Iterator[Place]:
    """No two groups should share a name."""
    for name, other in _namesakes(site.groups):
        message = f"groups/{other}.yaml has the same name"
        yield f"groups/{name}.yaml", Finding(("name",), message, severity="warning")


def aliases(site: Site, _scope: Scope) -> Iterator[Place]:
    """A former id of a record is no id of another, neither now nor before."""
    for folder, records in (("services", site.services), ("groups", site.groups)):
        owner_by_alias: dict[str, str] = {}
        for name, record in records.items():
            for index, alias in enumerate(record.aliases):
                other = alias if alias in records else owner_by_alias.setdefault(alias, name)
                if other != name:
                    message = f"{quoted(alias)} leads to {folder}/{other}.yaml: take it away here"
                    yield f"{folder}/{name}.yaml", Finding(("aliases", index), message)


def default_status(site: Site, scope: Scope) -> Iterator[Place]:
    """One status is the default, and it means that all is well."""
    defaults = [name for name, status in site.statuses.items() if status.default]
    own = [name for name in site.statuses if site.statuses[name] is not BUILT_IN_STATUSES.get(name)]
    for name in own:
        status = site.statuses[name]
        if status.default and status.level is not Level.NORMAL:
            yield _status(name), Finding(("level",), "the default status has the level NORMAL")
        if status.default and len(defaults) > 1 and name != _kept(defaults, own):
            other = _kept(defaults, own)
            remedy = f"`default: false` in statuses/{other}.yaml makes this one the only one"
            yield _status(name), Finding(("default",), f"{quoted(other)} is the default status as well: {remedy}")
    if not defaults and not scope.broken["statuses"]:
        for name in own:
            if name in BUILT_IN_STATUSES and BUILT_IN_STATUSES[name].default:
                message = "no status is the default any more: give another one `default: true`"
                yield _status(name), Finding(("default",), message)


def some_service(site: Site, scope: Scope) -> Iterator[Place]:
    """A page without services says nothing."""
    if not site.services and not scope.broken["services"]:
        message = "there is no service yet: add services/<id>.yaml with a `name`"
        yield "services", Finding((), message, severity="warning")


def since_is_past(site: Site, scope: Scope) -> Iterator[Place]:
    """Data that begins in the future is probably a slip."""
    if scope.now is None:
        return
    for name, service in site.services.items():
        if service.since is not None and service.since > scope.now:
            yield f"services/{name}.yaml", Finding(("since",), _FUTURE, severity="warning")
    if site.settings.since is not None and site.settings.since > scope.now:
        yield "site.yaml", Finding(("since",), _FUTURE, severity="warning")


def images(site: Site, scope: Scope) -> Iterator[Place]:
    """Pictures lie in static/."""
    for path, field, name in image_names(site):
        if name not in scope.static:
            yield path, Finding((field,), _no_image(name, scope.static))


def image_names(site: Site) -> Iterator[tuple[str, str, str]]:
    """Yield (path, field, name) for every picture that a record takes from static/."""
    for field, name in (("logo", site.settings.logo), ("favicon", site.settings.favicon)):
        if name is not None:
            yield "site.yaml", field, name
    for status, record in site.statuses.items():
        # A plain word is the name of an icon of the theme.
        if "." in record.icon or "/" in record.icon:
            yield _status(status), "icon", record.icon


RULES: Final[tuple[Rule, ...]] = (
    known_groups, service_names, group_names, aliases, default_status, some_service, since_is_past, images,
)  # fmt: skip
_FUTURE: Final = "lies in the future: there is no data until then"


def findings(site: Site, scope: Scope) -> Iterable[Place]:
    """Yield what all rules find."""
    for rule in RULES:
        yield from rule(site, scope)


def _namesakes(records: Mapping[str, Group] | Mapping[str, Service]) -> Iterator[tuple[str, str]]:
    first_by_name: dict[str, str] = {}
    for name, record in records.items():
        first = first_by_name.setdefault(" ".join(record.name.casefold().split()), name)
        if first != name:
            yield name, first


def _kept(defaults: list[str], own: list[str]) -> str:
    """Return the default that the others are told about: a built-in one before a site's own."""
    return next((name for name in defaults if name not in own), defaults[0])


def _status(name: str) -> str:
    return f"statuses/{name}.yaml"


def _no_image(name: str, static: frozenset[str]) -> str:
    inside = name.removeprefix("/").removeprefix("static/")
    if inside in static:
        return f"the path is relative to static/: write `{inside}`"
    return f"there is no file static/{quoted(name)[1:-1]}{did_you_mean(name, static)}"
