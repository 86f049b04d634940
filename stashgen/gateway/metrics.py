"""Counters and gauges in the text format of Prometheus (0.0.4).

Labels have few values: names of operations and statuses, never ids, addresses or tokens.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX: Final = "stashgen_gateway_"
_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class Metric(NamedTuple):
    """A metric as scrapers are told of it."""

    kind: Literal["counter", "gauge"]
    help: str


METRICS: Final[Mapping[str, Metric]] = {
    "requests_total": Metric("counter", "Requests answered, by operation and status."),
    "changes_total": Metric("counter", "Changes committed, by the way they came."),
    "unchanged_total": Metric("counter", "Requests that had nothing to change, by the way they came."),
    "refused_changes_total": Metric("counter", "Changes that were refused, by the way they came."),
    "alerts_total": Metric("counter", "Alerts taken in, by what became of them."),
    "auth_failures_total": Metric("counter", "Requests with credentials that are unknown or wrong."),
    "rate_limited_total": Metric("counter", "Requests that came too often."),
    "pushes_total": Metric("counter", "Pushes that the remote took."),
    "push_failures_total": Metric("counter", "Pushes and looks at the remote that failed; each is tried again."),
    "pulls_total": Metric("counter", "Looks at the remote that succeeded."),
    "pending_commits": Metric("gauge", "Commits that the remote does not have."),
    "parked_changes": Metric("gauge", "Changes that others' pushes made impossible; a person must look."),
    "last_push_timestamp_seconds": Metric("gauge", "When the remote last took a push; 0: not since the start."),
    "site_problems": Metric("gauge", "Errors in site-data."),
    "ready": Metric("gauge", "1 while changes can be made."),
}  # fmt: skip

# These begin with the first that is counted, since nobody knows the labels before.
_LABELLED: Final = frozenset(
    {"requests_total", "changes_total", "unchanged_total", "refused_changes_total", "alerts_total"}
)

Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Numbers by metric and labels, safe to be used by several threads."""

    def __init__(self) -> None:
        self._values: dict[str, Counter[Labels]] = {name: Counter() for name in METRICS}
        for name, values in self._values.items():
            if name not in _LABELLED:
                values[()] = 0
        self._lock = threading.Lock()

    def count(self, name: str, **labels: str) -> None:
        """Add one to a counter."""
        with self._lock:
            self._values[name][tuple(sorted(labels.items()))] += 1

    def set(self, name: str, value: float) -> None:
        """Set a gauge."""
        with self._lock:
            self._values[name][()] = value  # type: ignore[assignment] # gauges may be fractions

    def text(self) -> str:
        """Return all of them as scrapers read them."""
        with self._lock:
            return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        for name, metric in METRICS.items():
            values = self._values[name]
            if values:
                yield f"# HELP {_PREFIX}{name} {metric.help}"
                yield f"# TYPE {_PREFIX}{name} {metric.kind}"
                for labels, value in sorted(values.items()):
                    yield f"{_PREFIX}{name}{_told(labels)} {value}"


def _told(labels: Labels) -> str:
    inside = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels)
    return f"{{{inside}}}" if inside else ""
