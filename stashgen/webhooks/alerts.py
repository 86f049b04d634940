"""The list of alerts that Alertmanager sends, and Grafana in the same shape."""

from __future__ import annotations

from collections.abc import Mapping

from stashgen.intents import Signal
from stashgen.webhooks.payload import Fields, digest, line
from stashgen.webhooks.source import PayloadError


def signals(source: str, fields: Fields) -> list[Signal]:
    """Return the alerts of a notification; raise PayloadError."""
    if not isinstance(fields.values.get("alerts"), list):
        fields.many("alerts")  # says what it is instead
        raise PayloadError("alerts", "is missing: it lists the alerts of the notification")
    # A notification of many alerts says `firing` as long as one of them is: each alert's own word counts.
    return [_signal(source, alert, fields.line("status")) for alert in fields.many("alerts")]


def _signal(source: str, alert: Fields, whole: str) -> Signal:
    labels, annotations = alert.below("labels").labels(), alert.below("annotations")
    is_resolved = _is_resolved(alert, whole)
    started_at, ended_at = alert.at("startsAt"), alert.at("endsAt")
    own = sorted(f"{name}={value}" for name, value in labels.items())
    fingerprint = alert.key("fingerprint")
    if not own and not fingerprint:
        raise PayloadError(
            alert.place("labels"), "are missing: without labels or a fingerprint no alert is known again"
        )
    return Signal(
        source=source,
        key=fingerprint or digest(own),
        services=services(labels),
        status=next((labels[name] for name in ("stashgen_status", "severity", "priority") if labels.get(name)), ""),
        title=annotations.line("summary", "title") or labels.get("alertname", ""),
        text=annotations.text("description") or annotations.text("message"),
        is_resolved=is_resolved,
        at=(ended_at or started_at) if is_resolved else started_at,
        labels=labels,
        url=alert.line("generatorURL"),
    )


def _is_resolved(alert: Fields, whole: str) -> bool:
    word = (alert.line("status") or whole).casefold()
    if word not in ("firing", "resolved"):
        raise PayloadError(alert.place("status"), "must be `firing` or `resolved`")
    return word == "resolved"


def services(labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return the services that labels name, the label made for this first; several stand between commas."""
    said = next((labels[name] for name in ("stashgen_service", "service", "services") if labels.get(name)), "")
    return tuple(dict.fromkeys(filter(None, map(line, said.split(",")))))
