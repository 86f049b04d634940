"""Prometheus Alertmanager: the webhook receiver's notification, version 4.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from __future__ import annotations

from stashgen.intents import Signal
from stashgen.model import Automation
from stashgen.webhooks import alerts
from stashgen.webhooks.payload import json_fields
from stashgen.webhooks.source import Post


def read(post: Post, automation: Automation) -> list[Signal]:  # noqa: ARG001 - the shelf's signature
    """Return one signal for each alert of the group; raise PayloadError."""
    return alerts.signals("alertmanager", json_fields(post))
