"""events/<id>.json: one event for programs, its whole timeline included."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from stashgen import urls
from stashgen.derive.board import Affected, EventView
from stashgen.documents import readable
from stashgen.documents.event import EventDocument, HeldStretch, Said, TouchedService
from stashgen.outputs.context import Context, Output


def render(context: Context) -> Iterator[Output]:
    """Yield a file for every event that has been spoken of."""
    for event, key in context.key_by_event.items():
        yield Output(urls.event_json(event), context.layout + key, partial(_encode, context, event))


def _encode(context: Context, event: str) -> bytes:
    return readable(document(context, event))


def document(context: Context, event_id: str) -> EventDocument:
    """Return the document of one event of the context's board."""
    event, texts = context.board.events[event_id], context.texts(event_id)
    return EventDocument(
        id=event.id,
        kind=event.kind,
        title=event.title,
        state=event.state,
        level=event.level,
        is_open=event.is_open,
        started_at=event.started_at,
        ended_at=event.ended_at,
        planned_start_at=event.planned_start_at,
        planned_end_at=event.planned_end_at,
        tags=event.tags,
        services=tuple(_touched(context, affected) for affected in event.affected),
        updates=_said(event, texts.messages),
        postmortem_html=texts.postmortem,
        path=urls.event_page(event.id),
    )


def _touched(context: Context, affected: Affected) -> TouchedService:
    return TouchedService(
        id=affected.service,
        name=context.board.services[affected.service].record.name,
        worst=affected.worst,
        current=affected.current,
        stretches=tuple(
            HeldStretch(status=stretch.status, start_at=stretch.start_at, end_at=stretch.end_at)
            for stretch in affected.stretches
        ),
    )


def _said(event: EventView, messages: tuple[str, ...]) -> tuple[Said, ...]:
    return tuple(
        Said(
            at=update.at,
            edited_at=update.edited_at,
            state=update.state,
            services=dict(update.changes),
            html=messages[update.index],
            path=f"{urls.event_page(event.id)}#{urls.update_anchor(update.index)}",
        )
        for update in event.updates
    )
