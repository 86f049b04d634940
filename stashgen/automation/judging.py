"""Rules and tables: a signal -> a case, or why it is none."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final

from stashgen.automation.cases import Case, Outcome, outcome
from stashgen.intents import Signal
from stashgen.model import Level, Rule, Site
from stashgen.text import did_you_mean, nearest, quoted, slug

# Words of monitors for how bad it is, in lower case. What is only information is no news for readers.
SEVERITIES: Final[Mapping[str, str]] = {
    "critical": "down", "fatal": "down", "emergency": "down", "alert": "down", "disaster": "down", "error": "down",
    "page": "down", "high": "down", "p1": "down", "sev1": "down", "sev-1": "down", "major": "partial", "p2": "partial",
    "sev2": "partial", "sev-2": "partial", "average": "partial", "warning": "warning", "warn": "warning",
    "minor": "warning", "medium": "warning", "low": "warning", "p3": "warning", "sev3": "warning", "sev-3": "warning",
    "degraded": "warning", "unknown": "warning", "no data": "warning", "p4": "up", "p5": "up", "sev4": "up",
    "sev-4": "up", "sev5": "up", "sev-5": "up", "info": "up", "information": "up", "informational": "up",
    "notice": "up", "debug": "up", "none": "up", "ok": "up",
}  # fmt: skip
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_KEY_LENGTH: Final = 160
_MOST_DETAIL: Final = 5


def span(duration: str) -> dt.timedelta:
    """Return the length of a duration such as `1h30m`."""
    return dt.timedelta(
        seconds=sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"(\d+)([smhd])", duration))
    )


def name(signal: Signal) -> str:
    """Return what an alert is called in the map `signals`: its source and key, of a bounded length."""
    whole = " ".join(f"{signal.source}:{signal.key}".split())
    if len(whole) <= _KEY_LENGTH:
        return whole
    return f"{whole[: _KEY_LENGTH - 17]}~{hashlib.sha256(whole.encode()).hexdigest()[:16]}"


def default_status(site: Site) -> str:
    """Return the status of a service that nothing holds."""
    defaults = [status for status, record in site.statuses.items() if record.default]
    return next((status for status in defaults if status != "up"), defaults[0] if defaults else "up")


class Judge:
    """The rules of one site, made ready for many signals."""

    def __init__(self, site: Site) -> None:
        self.site, self.automation = site, site.automation
        self._rules = [(rule, _patterns(rule)) for rule in self.automation.rules]
        self._own_words = _folded(self.automation.statuses)
        self._name_by_status = {_plain(record.name): status for status, record in site.statuses.items()}
        self._ids: dict[str, str] = {}
        for service, record in site.services.items():
            self._ids.setdefault(_plain(record.name), service)
        self._ids |= {_plain(one): service for service, record in site.services.items() for one in record.aliases}
        self._ids |= {_plain(service): service for service in site.services}

    def judge(self, signal: Signal) -> Case | Outcome:
        """Return a signal as the rules see it, or what becomes of it instead."""
        rule = next((rule for rule, patterns in self._rules if _fits(rule, patterns, signal)), Rule())
        if rule.ignore:
            return outcome(signal, "ignored", detail="a rule drops it")
        services, complaint = ({}, "") if signal.is_resolved or signal.is_only_said else self._services(signal, rule)
        if complaint and self.automation.unknown != "incident":
            is_refused = self.automation.unknown == "refuse"
            return outcome(signal, "refused" if is_refused else "ignored", detail=complaint)
        status = next(iter(services.values()), None) or self._status(signal, rule)
        if not signal.is_resolved and not signal.is_only_said and self._is_harmless(status):
            return outcome(signal, "ignored", detail=f"its severity {quoted(signal.status)} means no disturbance")
        return Case(
            name=name(signal),
            signal=signal,
            services=services,
            template=rule.template,
            quiet=span(rule.quiet or self.automation.quiet),
            stay=span(rule.stay or self.automation.stay),
        )

    def _services(self, signal: Signal, rule: Rule) -> tuple[dict[str, str], str]:
        """Return status by service, and a complaint about what is not on the page."""
        status = self._status(signal, rule)
        template = self.site.templates.get(rule.template or "")
        if rule.services:
            return dict.fromkeys((one for one in rule.services if one in self.site.services), status), ""
        found = {service: status for word in signal.services if (service := self._ids.get(_plain(word)))}
        missing = [word for word in signal.services if _plain(word) not in self._ids]
        if not found and template is not None and template.services:
            return dict(template.services), ""
        if missing and (self.automation.unknown == "refuse" or not found):
            return found, "; ".join(
                f"there is no service {quoted(one)}{self._meant(one)}" for one in missing[:_MOST_DETAIL]
            )
        if not found:
            return {}, "it names no service: let it, or add a rule with `services` to automation.yaml"
        return found, ""

    def _meant(self, word: str) -> str:
        names = {record.name: service for service, record in self.site.services.items()}
        by_name = nearest(word, names)
        hint = did_you_mean(word, self.site.services) or (f" (did you mean `{names[by_name]}`?)" if by_name else "")
        return hint or ": a rule of automation.yaml can say which it is"

    def _status(self, signal: Signal, rule: Rule) -> str:
        word, statuses = " ".join(signal.status.casefold().split()), self.site.statuses
        said = (
            rule.status,
            self._own_words.get(word),
            word,
            SEVERITIES.get(word),
            self._name_by_status.get(_plain(word)) if word else None,
            self.automation.status,
        )
        return next((one for one in said if one and one in statuses), "down")

    def _is_harmless(self, status: str) -> bool:
        record = self.site.statuses.get(status)
        return record is not None and record.level is Level.NORMAL


def touched(site: Site, signals: Iterable[Signal]) -> set[str]:
    """Return the services that signals may change: those they concern, and those of incidents that they belong to."""
    judge, found, names = Judge(site), set[str](), set[str]()
    for signal in signals:
        case = judge.judge(signal)
        if isinstance(case, Case):
            names.add(case.name)
            found |= case.services.keys()
    for event in site.events.values():
        if event.signals and not names.isdisjoint(event.signals):
            found |= {service for alert in names & event.signals.keys() for service in event.signals[alert].services}
    return found


def _fits(rule: Rule, patterns: Mapping[str, re.Pattern[str]], signal: Signal) -> bool:
    if rule.source is not None and rule.source != signal.source:
        return False
    return all(pattern.fullmatch(_label(signal, label)) for label, pattern in patterns.items())


def _label(signal: Signal, label: str) -> str:
    # What every source has can be matched too, where no label of the alert's own has that name.
    ours = {"key": signal.key, "title": signal.title, "severity": signal.status, "service": ",".join(signal.services)}
    return signal.labels.get(label, ours.get(label, ""))


def _patterns(rule: Rule) -> dict[str, re.Pattern[str]]:
    return {
        label: re.compile(".*".join(map(re.escape, pattern.split("*"))), re.IGNORECASE | re.DOTALL)
        for label, pattern in rule.match.items()
    }


def _folded(statuses: Mapping[str, str]) -> dict[str, str]:
    return {" ".join(word.casefold().split()): status for word, status in statuses.items()}


def _plain(word: str) -> str:
    return slug(word) or " ".join(word.casefold().split())


def rank(site: Site, status: str) -> int:
    """Return how bad a status is."""
    record = site.statuses.get(status)
    return -1 if record is None else record.level.rank


def worst(site: Site, statuses: Iterable[str]) -> str | None:
    """Return the worst of some statuses, the first of equals; None of none."""
    return max(statuses, key=lambda status: rank(site, status), default=None)
