"""The manual of the gateway has every setting, operation and metric."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import inspect

from stashgen.gateway import config, metrics
from stashgen.gateway.api import ENDPOINTS
from stashgen.model import Record

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "gateway.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_manual() -> None:
    records = [
        one for one in vars(config).values() if isinstance(one, type) and issubclass(one, Record) and one is not Record
    ]
    for record in records:
        for field in inspect.type_info(record).fields:  # type: ignore[attr-defined] # a record is a StructType
            assert field.type.extra_json_schema["description"] in PAGE, f"{record.__name__}.{field.name}"


def test_every_scope_family_and_alert_is_in_the_manual() -> None:
    assert all(f"| `{scope}` |" in PAGE for scope in msgspec.inspect.type_info(config.Scope).values)  # type: ignore[attr-defined]
    assert all(
        f"/{endpoint.path.split('/')[2]}" in PAGE or endpoint.path.split("/")[2] in PAGE for endpoint in ENDPOINTS
    )
    gauges = [name for name, metric in metrics.METRICS.items() if metric.kind == "gauge"]
    assert [name for name in gauges if name not in PAGE and name != "last_push_timestamp_seconds"] == []
