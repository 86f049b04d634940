"""Load, then every rule: the one way in which commands come to a site."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from stashgen import load
from stashgen.check import (
    automation_rules,
    event_rules,
    id_rules,
    notification_rules,
    publishing_rules,
    site_rules,
    verdicts,
)
from stashgen.errors import Finding, Problem
from stashgen.load import SITE_DATA
from stashgen.load.static import static_files
from stashgen.memo import Memo
from stashgen.model import Site
from stashgen.text import slug


class Reading(NamedTuple):
    """The valid part of site-data, and all problems in it, sorted by place."""

    site: Site
    problems: tuple[Problem, ...]


class Judgement(NamedTuple):
    """A site as it was loaded, what was wrong already, and what the rules may look at beside it."""

    site: Site
    problems: Iterable[Problem]
    root: Path  # site-data
    memo: Memo
    now: dt.datetime | None  # None: dates that should not lie in the future are not looked for


def read(project: Path, memo: Memo, now: dt.datetime | None = None) -> Reading:
    """Read the site-data of a project folder and check it; raise StashgenError when there is none.

    With `now`, dates that should not lie in the future are warned of too.
    """
    root = project / SITE_DATA
    site, problems = load.load(root, memo)
    return judged(Judgement(site, problems, root, memo, now), lambda path, findings: load.place(root, path, findings))


def judged(case: Judgement, place: Callable[[str, Sequence[Finding]], Iterable[Problem]]) -> Reading:
    """Return a loaded site without what the rules refuse, and all problems; `place` finds the line of a field."""
    site, problems, root, memo, now = case
    broken = _broken(problems)
    verdict = verdicts.judge(site, _event_scope(site, broken), memo)
    found = _about_events(site, broken, verdict, now)
    wrong = {event for event, findings in found.items() if any(one.severity == "error" for one in findings)}
    findings_by_path: dict[str, list[Finding]] = {}
    for event, findings in found.items():
        findings_by_path.setdefault(site.path_by_event[event], []).extend(findings)
    static = frozenset(name for name, _ in static_files(root)) if any(site_rules.image_names(site)) else frozenset()
    scope = site_rules.Scope(broken, static, now)
    shared = id_rules.shared_ids(site, verdicts.id_column(verdict))
    for path, finding in (
        *site_rules.findings(site, scope),
        *publishing_rules.findings(site),
        *automation_rules.findings(site, scope),
        *notification_rules.findings(site, scope),
        *shared,
    ):
        findings_by_path.setdefault(path, []).append(finding)
    placed = [problem for path, findings in findings_by_path.items() for problem in place(path, findings)]
    return Reading(load.without(site, wrong), tuple(sorted([*problems, *placed])))


def _broken(problems: Iterable[Problem]) -> Mapping[str, frozenset[str]]:
    """Return, by folder, the ids whose file has errors: what refers to them is not to blame."""
    broken: dict[str, set[str]] = {"statuses": set(), "groups": set(), "services": set(), "templates": set()}
    for problem in problems:
        match = re.fullmatch(r"[^/]+/(statuses|groups|services|templates)/(.+)\.ya?ml", problem.path, re.IGNORECASE)
        if match and problem.severity == "error":
            broken[match[1]] |= {match[2], slug(match[2])}
    return {folder: frozenset(names) for folder, names in broken.items()}


def _event_scope(site: Site, broken: Mapping[str, frozenset[str]]) -> event_rules.Scope:
    default = next((name for name, status in site.statuses.items() if status.default), "up")
    return event_rules.Scope(site.statuses, broken["statuses"], default)


def _about_events(
    site: Site, broken: Mapping[str, frozenset[str]], judged: verdicts.Verdicts, now: dt.datetime | None
) -> Mapping[str, list[Finding]]:
    found = {
        event: list(findings) for event, findings in verdicts.unknown_services(site, judged, broken["services"]).items()
    }
    if judged.findings_by_digest:
        for event, digest in site.digest_by_event.items():
            if digest in judged.findings_by_digest:
                found.setdefault(event, []).extend(judged.findings_by_digest[digest])
    for event, findings in verdicts.future_edits(site, judged, now) if now else ():
        found.setdefault(event, []).extend(findings)
    return found
