"""metrics.prom: the state of the page and its age, for who watches the watcher.

Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). All are gauges: a file
tells what is, and a scraper that finds an old file sees it by its time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from stashgen import __version__, urls
from stashgen.derive.board import ServiceView
from stashgen.figures import floored_share
from stashgen.memo import digest
from stashgen.model import Level
from stashgen.outputs.context import Context, Output

_PREFIX: Final = "stashgen_"
_RANK: Final = 2  # with the pages that tell the news
_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_LEVELS: Final = ", ".join(f"{level.rank} {level.value}" for level in Level)


class _Sample(NamedTuple):
    value: float
    labels: tuple[tuple[str, str], ...] = ()


class _Metric(NamedTuple):
    """One metric with its samples; one without any is not told of."""

    name: str
    help: str
    samples: Iterable[_Sample]


def render(context: Context) -> Iterator[Output]:
    """Yield metrics.prom."""
    data = "".join(f"{line}\n" for line in _lines(context)).encode()
    yield Output(urls.METRICS, digest(data), lambda: data, _RANK)


def _lines(context: Context) -> Iterator[str]:
    for metric in (*_of_file(context), *_of_page(context), *_of_services(context)):
        samples = [*metric.samples]
        if samples:
            yield f"# HELP {_PREFIX}{metric.name} {metric.help}"
            yield f"# TYPE {_PREFIX}{metric.name} gauge"
            yield from (f"{_PREFIX}{metric.name}{_told(sample.labels)} {sample.value}" for sample in samples)


def _of_file(context: Context) -> Iterator[_Metric]:
    """Yield how new the file is and what it was made of."""
    board = context.board
    labels = (("version", __version__), ("commit", context.commit or ""), ("revision", context.revision))
    yield _Metric("build_info", "What the page was built with and from.", [_Sample(1, labels)])
    yield _Metric("build_timestamp_seconds", "When the page was built.", [_at(context.built_at)])
    yield _Metric(
        "next_change_timestamp_seconds",
        "From then on the page is stale: the same files give another one.",
        [_at(board.next_change_at)],
    )
    yield _Metric(
        "faulty_files",
        "Files with mistakes, which the page was built without, or without a part of.",
        [_Sample(context.faulty)],
    )


def _of_page(context: Context) -> Iterator[_Metric]:
    """Yield what the page says as a whole."""
    board = context.board
    level = board.overall.level.rank
    yield _Metric("level", f"The worst level of all services: {_LEVELS}.", [_Sample(level)])
    yield _Metric("incidents_open", "Incidents that are not resolved.", [_Sample(len(board.incidents))])
    yield _Metric("maintenances_running", "Maintenances that run now.", [_Sample(len(board.maintenances))])
    yield _Metric("maintenances_upcoming", "Maintenances to come.", [_Sample(len(board.upcoming))])
    yield _Metric("notices_running", "Running notices.", [_Sample(len(board.notices))])
    changed = [_at(board.updated_at)] if board.updated_at else []
    yield _Metric("last_change_timestamp_seconds", "When anything on the page changed last.", changed)


def _of_services(context: Context) -> Iterator[_Metric]:
    """Yield what it says of each service."""
    board, services = context.board, [*context.board.services.values()]
    yield _Metric(
        "service_info",
        "A service by its names.",
        [_Sample(1, (*_of(one), ("name", one.record.name), ("group", _group(context, one)))) for one in services],
    )
    yield _Metric(
        "service_level",
        f"The level of a service: {_LEVELS}.",
        [_Sample(board.statuses[one.status].level.rank, _of(one)) for one in services],
    )
    yield _Metric(
        "service_status",
        "1 for the status that a service is in, 0 for all others.",
        [
            _Sample(int(one.status == status), (*_of(one), ("status", status)))
            for one in services
            for status in sorted(board.statuses)
        ],
    )
    yield _Metric(
        "service_status_since_timestamp_seconds",
        "Since when a service has been in its status.",
        [_Sample(_at(one.status_since_at).value, _of(one)) for one in services if one.status_since_at],
    )
    yield _Metric(
        "service_uptime_ratio",
        "Uptime of a service over a window, rounded down; none where there is no data.",
        [
            _Sample(floored_share(window.ratio), (*_of(one), ("window", window.name)))
            for one in services
            for window in one.windows
            if window.ratio is not None
        ],
    )


def _of(service: ServiceView) -> tuple[tuple[str, str], ...]:
    return (("service", service.id),)


def _group(context: Context, service: ServiceView) -> str:
    # A group that is not there counts for none, as on the page.
    group = service.record.group
    return group if group is not None and group in context.site.groups else ""


def _at(instant: dt.datetime) -> _Sample:
    return _Sample(int(instant.timestamp()))


def _told(labels: Iterable[tuple[str, str]]) -> str:
    inside = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels)
    return f"{{{inside}}}" if inside else ""
