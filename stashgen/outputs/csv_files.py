"""history.csv and uptime.csv: the page's past for spreadsheets.

RFC 4180 with a byte order mark, because Excel takes a file without one for text of an old code page. Instants are UTC
in the form that spreadsheets know for dates; figures are bare numbers with a point.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Final

import msgspec

from stashgen import urls
from stashgen.derive.board import EventView, ServiceView
from stashgen.figures import floored_percent
from stashgen.memo import digest, edition
from stashgen.outputs.context import Context, Output
from stashgen.text import printable

HISTORY_COLUMNS: Final = (
    "id", "kind", "title", "state", "level", "started_at", "ended_at", "planned_start_at", "planned_end_at",
    "seconds", "services", "service_names", "updates", "updated_at", "tags", "url",
)  # fmt: skip
MONTH_COLUMN: Final = "month"
_BYTE_ORDER_MARK: Final = "\ufeff"
_STEP: Final = "outputs.history-csv"
# A cell that begins so may be taken for a formula (https://owasp.org/www-community/attacks/CSV_Injection); the last
# four are what some spreadsheets make of full-width signs. Where a semicolon separates cells, as in German Excel, what
# follows one begins a cell as well.
_SIGN: Final = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
_FORMULA: Final = re.compile(rf'^(?=\s*{_SIGN})|;(?=[\s"]*{_SIGN})')

Cell = str | int | None


def render(context: Context) -> Iterator[Output]:
    """Yield both files."""
    facts = [
        (service.record.name, [(month.name, month.ratio) for month in service.months])
        for service in context.board.services.values()
    ]
    key = digest(edition(), msgspec.msgpack.encode(facts))
    yield Output(urls.UPTIME_CSV, key, lambda: _file([_encoded(_uptime_rows([*context.board.services.values()]))]))
    yield Output(urls.HISTORY_CSV, _history_key(context, context.board.phases), partial(_history, context))


def _file(parts: Iterable[bytes]) -> bytes:
    return _BYTE_ORDER_MARK.encode() + b"".join(parts)


def _encoded(rows: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_safe(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue().encode()


def _safe(text: str) -> str:
    return _FORMULA.sub(r"\g<0>'", printable(text))


def _uptime_rows(services: Sequence[ServiceView]) -> Iterator[Sequence[Cell]]:
    """Yield a row a month, the oldest first so that a chart runs with time, and a column a service."""
    yield [MONTH_COLUMN, *(service.record.name for service in services)]
    ratio_by_month = [{month.name: month.ratio for month in service.months} for service in services]
    for month in sorted({month for ratios in ratio_by_month for month in ratios}):
        yield [month, *(_percent(ratios.get(month)) for ratios in ratio_by_month)]


def _percent(ratio: float | None) -> Cell:
    return None if ratio is None else str(floored_percent(ratio))


def _history_key(context: Context, events: Iterable[str]) -> bytes:
    keys = context.key_by_event
    return digest(edition(), context.layout, *(part for event in events for part in (event.encode(), keys[event])))


def _history(context: Context) -> bytes:
    months = groupby(context.board.phases, key=lambda event: _month(context.board.phases[event].started_at))
    return _file([_encoded([HISTORY_COLUMNS]), *(_month_rows(context, [*events]) for _, events in months)])


def _month(at: dt.datetime) -> tuple[int, int]:
    return at.year, at.month


def _month_rows(context: Context, events: Sequence[str]) -> bytes:
    # Ten thousand events are looked at once: afterwards only the months in which one has changed.
    key = _history_key(context, events)
    rows = context.memo.recall(_STEP, key)
    if rows is None:
        rows = _encoded(_row(context, context.board.events[event]) for event in events)
        context.memo.keep(_STEP, [(key, rows)])
    return rows


def _row(context: Context, event: EventView) -> Sequence[Cell]:
    services = context.board.services
    return [
        event.id,
        event.kind,
        event.title,
        event.state,
        event.level.value,
        _instant(event.started_at),
        _instant(event.ended_at),
        _instant(event.planned_start_at),
        _instant(event.planned_end_at),
        event.seconds,
        "; ".join(f"{touched.service}: {touched.worst}" for touched in event.affected),
        "; ".join(services[touched.service].record.name for touched in event.affected),
        len(event.updates),
        _instant(event.updated_at),
        "; ".join(event.tags),
        context.public(urls.event_page(event.id)),
    ]


def _instant(at: dt.datetime | None) -> str | None:
    return None if at is None else at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
