"""Statuspage JSON for tests: small builders with the shapes of the public API. The company is invented."""

from __future__ import annotations

import json
from typing import Any

PAGE = {
    "id": "p4g3p4g3p4g3",
    "name": "Brennweite",
    "url": "https://status.brennweite.example",
    "time_zone": "Europe/Vienna",
    "updated_at": "2024-06-30T12:00:00.000Z",
}


def component(code: str, name: str, position: int = 1, **more: Any) -> dict[str, Any]:
    """Return a component as it stands in components.json."""
    fields = {
        "id": code,
        "name": name,
        "status": "operational",
        "created_at": "2020-01-01T00:00:00.000Z",
        "updated_at": "2024-06-01T00:00:00.000Z",
        "position": position,
        "description": None,
        "showcase": True,
        "start_date": None,
        "group_id": None,
        "page_id": PAGE["id"],
        "group": False,
        "only_show_if_degraded": False,
    }
    return {**fields, **more}


def row(code: str, name: str, old: str, new: str) -> dict[str, str]:
    """Return one affected component of an update."""
    return {"code": code, "name": name, "old_status": old, "new_status": new}


def update(status: str, at: str, body: str, rows: list[dict[str, str]] | None = None, **more: Any) -> dict[str, Any]:
    """Return one update; `at` is an instant such as 2024-05-01T10:00:00.123Z."""
    fields = {
        "id": f"u{at[11:16]}",
        "status": status,
        "body": body,
        "incident_id": "i",
        "created_at": at,
        "updated_at": at,
        "display_at": at,
        "affected_components": rows,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }
    return {**fields, **more}


def incident(code: str, name: str, updates: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return an incident; `updates` are given oldest first and stored newest first, as Statuspage does."""
    fields = {
        "id": code,
        "name": name,
        "status": updates[-1]["status"],
        "created_at": updates[0]["created_at"],
        "updated_at": updates[-1]["updated_at"],
        "monitoring_at": None,
        "resolved_at": updates[-1]["display_at"],
        "impact": "minor",
        "shortlink": f"https://stspg.io/{code}",
        "started_at": updates[0]["display_at"],
        "page_id": PAGE["id"],
        "incident_updates": updates[::-1],
        "components": [],
        "reminder_intervals": None,
    }
    return {**fields, **more}


def dump(document: object) -> bytes:
    """Return a document as the bytes of a file."""
    return json.dumps(document).encode()
