"""status.json: the state of the page now, small enough to be polled."""

from __future__ import annotations

from collections.abc import Iterator

from stashgen import urls
from stashgen.derive.board import EventView
from stashgen.documents import readable
from stashgen.documents.status import (
    EventState,
    GroupState,
    OverallState,
    Page,
    ServiceState,
    StatusDocument,
    StatusWord,
)
from stashgen.figures import floored_share
from stashgen.markup import to_plain
from stashgen.memo import digest
from stashgen.outputs.context import Context, Output


def render(context: Context) -> Iterator[Output]:
    """Yield status.json."""
    data = readable(document(context))
    yield Output(urls.STATUS_JSON, digest(data), lambda: data, rank=3)


def document(context: Context) -> StatusDocument:
    """Return the whole document for the context's board."""
    board, settings = context.board, context.board.settings
    overall = board.overall
    return StatusDocument(
        page=Page(
            title=settings.title,
            url=settings.url,
            language=settings.language,
            timezone=settings.timezone,
            mirrors=settings.mirrors,
        ),
        built_at=context.built_at,
        next_change_at=board.next_change_at,
        commit=context.commit,
        faulty_files=context.faulty,
        revision=context.revision,
        overall=OverallState(
            status=overall.status,
            level=overall.level,
            sentence=context.translator.sentence(board),
            since_at=overall.since_at,
            services=overall.services,
            open_incidents=overall.open_incidents,
        ),
        statuses=_status_words(context),
        groups=_groups(context),
        services=_services(context),
        incidents=_events(context, board.incidents),
        maintenances=_events(context, board.maintenances),
        upcoming=_events(context, board.upcoming),
        notices=_events(context, board.notices),
    )


def _status_words(context: Context) -> tuple[StatusWord, ...]:
    by_severity = sorted(context.board.statuses.items(), key=lambda item: (item[1].level.rank, item[0]))
    name = context.translator.status_name
    return tuple(StatusWord(id=key, name=name(key, status), level=status.level) for key, status in by_severity)


def _groups(context: Context) -> tuple[GroupState, ...]:
    return tuple(
        GroupState(
            id=group.id,
            name=group.record.name if group.record else None,
            status=group.status,
            services=group.services,
        )
        for group in context.board.groups
    )


def _services(context: Context) -> tuple[ServiceState, ...]:
    board = context.board
    return tuple(
        ServiceState(
            id=service.id,
            name=service.record.name,
            status=service.status,
            level=board.statuses[service.status].level,
            since_at=service.status_since_at,
            event=service.cause,
            uptime={
                window.name: None if window.ratio is None else floored_share(window.ratio) for window in service.windows
            },
            path=context.page(urls.service_page(service.id)),
        )
        for service in board.services.values()
    )


def _events(context: Context, events: tuple[str, ...]) -> tuple[EventState, ...]:
    return tuple(_event(context, context.board.events[event]) for event in events)


def _event(context: Context, event: EventView) -> EventState:
    newest = event.updates[0].index if event.updates else 0
    return EventState(
        id=event.id,
        kind=event.kind,
        title=event.title,
        state=event.state,
        level=event.level,
        started_at=event.started_at,
        updated_at=event.updated_at,
        planned_start_at=event.planned_start_at,
        planned_end_at=event.planned_end_at,
        services={
            one.service: one.worst if event.is_upcoming else one.current or one.worst
            for one in event.affected
            if event.is_upcoming or one.current
        },
        message=to_plain(context.texts(event.id).messages[newest]),
        path=context.page(urls.event_page(event.id)),
    )
