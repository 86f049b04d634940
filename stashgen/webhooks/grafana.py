"""Grafana: the webhook of its alerting, in Alertmanager's shape, and that of dashboards' alerts before version 9.

https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from stashgen.intents import Signal
from stashgen.model import Automation
from stashgen.webhooks import alerts
from stashgen.webhooks.payload import Fields, json_fields
from stashgen.webhooks.source import PayloadError, Post

_SILENT: Final = frozenset({"pending", "paused", "unknown"})


def read(post: Post, automation: Automation) -> list[Signal]:  # noqa: ARG001 - the shelf's signature
    """Return one signal for each alert; raise PayloadError."""
    fields = json_fields(post)
    if "alerts" not in fields.values and ("ruleId" in fields.values or "ruleName" in fields.values):
        return _of_a_dashboard(fields)
    return [_without_data(signal) for signal in alerts.signals("grafana", fields) if not _is_test(signal)]


def _is_test(signal: Signal) -> bool:
    # The button Test of a contact point, as long as nobody changes its labels.
    return signal.labels.get("alertname") == "TestAlert" and signal.labels.get("instance") == "Grafana"


def _without_data(signal: Signal) -> Signal:
    """Return the alert with which Grafana says that a rule cannot be looked at, by the rule's name."""
    if signal.labels.get("alertname") not in ("DatasourceNoData", "DatasourceError"):
        return signal
    title = signal.labels.get("rulename", "") if signal.title == signal.labels["alertname"] else signal.title
    return replace(signal, status=signal.status or "no data", title=title or signal.title)


def _of_a_dashboard(fields: Fields) -> list[Signal]:
    state = fields.needed("state").casefold()
    if state in _SILENT or fields.line("ruleName") == "Test notification":
        return []
    if state not in ("alerting", "no_data", "ok"):
        raise PayloadError("state", "must be `alerting`, `ok`, `no_data`, `pending` or `paused`")
    labels = fields.below("tags").labels()
    signal = Signal(
        source="grafana",
        key=fields.line("ruleId") or fields.needed("ruleName"),
        services=alerts.services(labels),
        status=labels.get("severity", "no data" if state == "no_data" else ""),
        title=fields.line("ruleName", "title"),
        text=fields.text("message"),
        is_resolved=state == "ok",
        labels=labels,
        url=fields.line("ruleUrl"),
    )
    return [signal]
