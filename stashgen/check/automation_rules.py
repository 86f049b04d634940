"""What automation.yaml and the templates must keep to among the other records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from stashgen.check.event_rules import meant_id, meant_status
from stashgen.check.site_rules import Place, Scope
from stashgen.errors import Field, Finding
from stashgen.model import SOURCES, Mapped, Rule, Site
from stashgen.templates import findings as holes
from stashgen.text import did_you_mean, listed, quoted

_FILE: Final = "automation.yaml"
_RESOLVED: Final = "resolved"


def statuses(site: Site, scope: Scope) -> Iterator[Place]:
    """Every status exists."""
    for path, field, status in _statuses_said(site):
        if status not in site.statuses and status not in scope.broken["statuses"]:
            yield path, Finding(field, f"there is no status {quoted(status)}{meant_status(status, site.statuses)}")


def services(site: Site, scope: Scope) -> Iterator[Place]:
    """Every service exists."""
    for path, field, service in _services_said(site):
        if service not in site.services and service not in scope.broken["services"]:
            hint = meant_id(service, site.services, "services")
            yield path, Finding(field, f"there is no service {quoted(service)}{hint}", is_key=path != _FILE)


def templates(site: Site, scope: Scope) -> Iterator[Place]:
    """The template of a rule exists and is one of an incident."""
    for place, rule in enumerate(site.automation.rules):
        field: Field = ("rules", place, "template")
        if rule.template is None or rule.template in scope.broken["templates"]:
            continue
        template = site.templates.get(rule.template)
        if template is None:
            hint = did_you_mean(rule.template, site.templates) or f": add templates/{rule.template}.yaml"
            yield _FILE, Finding(field, f"there is no template {quoted(rule.template)}{hint}")
        elif template.kind != "incident":
            yield _FILE, Finding(field, f"{quoted(rule.template)} is for a {template.kind}: monitors open incidents")


def sources(site: Site, _scope: Scope) -> Iterator[Place]:
    """Every source is known, and one of the site's own has a name of its own."""
    known = dict.fromkeys([*SOURCES, *site.automation.generic])
    for place, rule in enumerate(site.automation.rules):
        if rule.source is not None and rule.source not in known:
            hint = did_you_mean(rule.source, known) or f": there are {listed(known)}"
            yield _FILE, Finding(("rules", place, "source"), f"there is no source {quoted(rule.source)}{hint}")
        if rule.source == "icinga":
            message = "alerts of Icinga have the source `nagios`: the two send the same"
            yield _FILE, Finding(("rules", place, "source"), message)
    for name in site.automation.generic:
        if name in SOURCES:
            message = f"{quoted(name)} is read already: give yours another name"
            yield _FILE, Finding(("generic", name), message, is_key=True)


def reached(site: Site, _scope: Scope) -> Iterator[Place]:
    """Nothing stands below a rule that fits every alert."""
    rules = site.automation.rules
    for place, rule in enumerate(rules[:-1]):
        if rule.source is None and not rule.match:
            message = "fits every alert, so that the rules below never count: put it last"
            yield _FILE, Finding(("rules", place), message, severity="warning")


def ends(site: Site, _scope: Scope) -> Iterator[Place]:
    """Some word of a source means that an alert is over."""
    for name, mapped in site.automation.generic.items():
        if _RESOLVED not in mapped.statuses.values():
            message = f"no word means that an alert is over: give one the value `{_RESOLVED}`"
            yield _FILE, Finding(("generic", name, "statuses"), message, severity="warning")


def words(site: Site, _scope: Scope) -> Iterator[Place]:
    """The holes of a template can be filled, and only an incident has a state."""
    for name, template in site.templates.items():
        path = f"templates/{name}.yaml"
        yield from ((path, finding) for finding in holes(template))
        if template.state is not None and template.kind != "incident":
            message = f"only an incident begins with a state, and this is for a {template.kind}: delete it"
            yield path, Finding(("state",), message, is_key=True)


Said = tuple[str, Field, str]  # path, field, what it says


def _statuses_said(site: Site) -> Iterator[Said]:
    automation = site.automation
    yield _FILE, ("status",), automation.status
    yield from ((_FILE, ("statuses", word), status) for word, status in automation.statuses.items())
    for place, rule in enumerate(automation.rules):
        if rule.status is not None:
            yield _FILE, ("rules", place, "status"), rule.status
    for name, mapped in automation.generic.items():
        yield from ((_FILE, ("generic", name, "statuses", word), status) for word, status in _given(mapped))
    for name, template in site.templates.items():
        said = template.services.items()
        yield from ((f"templates/{name}.yaml", ("services", service), status) for service, status in said)


def _given(mapped: Mapped) -> Iterator[tuple[str, str]]:
    yield from ((word, status) for word, status in mapped.statuses.items() if status != _RESOLVED)


def _services_said(site: Site) -> Iterator[Said]:
    for place, rule in enumerate(site.automation.rules):
        yield from _of_rule(place, rule)
    for name, template in site.templates.items():
        yield from ((f"templates/{name}.yaml", ("services", service), service) for service in template.services)


def _of_rule(place: int, rule: Rule) -> Iterator[Said]:
    yield from ((_FILE, ("rules", place, "services", index), one) for index, one in enumerate(rule.services))


RULES: Final[tuple[Callable[[Site, Scope], Iterator[Place]], ...]] = (
    statuses, services, templates, sources, reached, ends, words,
)  # fmt: skip


def findings(site: Site, scope: Scope) -> Iterable[Place]:
    """Yield what all rules find."""
    for rule in RULES:
        yield from rule(site, scope)
