"""The updates of one event as Statuspage tells them: every state is an update, and every update names all components.

A state that came by plan alone becomes an update with a ready-made text, as the original makes them; so does a
postmortem, whose date nobody knows: it gets that of the newest update.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from stashgen import identity
from stashgen.derive.board import Affected, EventView, PlannedTurn, UpdateView
from stashgen.documents.statuspage import AffectedComponent
from stashgen.model import State, StatuspageWord
from stashgen.outputs.statuspage_api.bodies import light
from stashgen.outputs.statuspage_api.components import full_name
from stashgen.outputs.statuspage_api.desk import Desk, date
from stashgen.outputs.statuspage_api.words import OPERATIONAL


class Entry(NamedTuple):
    """One update, said or made: what it says and how the event's services stand from then on."""

    id: str
    at: dt.datetime
    said_at: str  # the same as a date
    edited_at: str
    state: State | None
    is_postmortem: bool
    is_said: bool
    body: str
    words: Mapping[str, StatuspageWord]  # by service, in the order of the page


def entries(desk: Desk, event: EventView) -> list[Entry]:
    """Return the updates of an event, oldest first."""
    names = identity.update_names(event.updates)
    event_id = desk.event_id(event.id)
    words: Mapping[str, StatuspageWord] = dict.fromkeys((one.service for one in event.affected), OPERATIONAL)
    result: list[Entry] = []
    for moment in _moments(event):
        words = _stand(desk, event, moment, words)
        is_said = isinstance(moment, UpdateView)
        name = names[moment.index] if isinstance(moment, UpdateView) else f"{moment.at:%Y%m%dT%H%M%SZ}-{moment.state}"
        edited_at = moment.edited_at if isinstance(moment, UpdateView) else None
        said_at = date(moment.at)
        result.append(
            Entry(
                id=identity.short_id(identity.UPDATE, f"{event_id}/{name}"),
                at=moment.at,
                said_at=said_at,
                edited_at=max(date(edited_at), said_at) if edited_at else said_at,
                state=moment.state,
                is_postmortem=False,
                is_said=is_said,
                body=_body(desk, event, moment),
                words=words,
            )
        )
    return [*result, *_postmortem(desk, event, result[-1])]


def chain(desk: Desk, told: Sequence[Entry]) -> Iterator[tuple[AffectedComponent, ...] | None]:
    """Yield for each update what it did to every component of the event; the oldest first."""
    names = {service: full_name(desk, service) for service in told[0].words}
    before: Mapping[str, StatuspageWord] = dict.fromkeys(names, OPERATIONAL)
    for entry in told:
        links = [
            AffectedComponent(
                code=desk.component_ids[service], name=names[service], old_status=before[service], new_status=status
            )
            for service, status in entry.words.items()
        ]
        yield tuple(links) or None
        before = entry.words


def _moments(event: EventView) -> list[UpdateView | PlannedTurn]:
    # Of two at one instant the word comes before what the plan makes of it.
    moments: list[UpdateView | PlannedTurn] = [*reversed(event.updates), *reversed(event.turns)]
    return sorted(moments, key=lambda moment: moment.at)


def _stand(
    desk: Desk, event: EventView, moment: UpdateView | PlannedTurn, before: Mapping[str, StatuspageWord]
) -> Mapping[str, StatuspageWord]:
    if event.kind == "maintenance":
        # It may hold services without a word.
        return {one.service: desk.words[_status(desk, one, moment.at)] for one in event.affected}
    changes = moment.changes if isinstance(moment, UpdateView) else {}
    return {**before, **{service: desk.words[status] for service, status in changes.items()}}


def _status(desk: Desk, affected: Affected, at: dt.datetime) -> str:
    for stretch in affected.stretches:
        if stretch.start_at <= at and (stretch.end_at is None or at < stretch.end_at):
            return stretch.status
    return desk.context.board.default_status


def _body(desk: Desk, event: EventView, moment: UpdateView | PlannedTurn) -> str:
    if isinstance(moment, PlannedTurn):
        return desk.translator.text(f"statuspage.{moment.state}")
    body = _light(desk, event, desk.context.texts(event.id).messages[moment.index])
    if moment.state == "cancelled" and moment.is_state_new:
        return f"<b>{desk.translator.text('state.cancelled')}</b><br />{body}"
    return body


def _postmortem(desk: Desk, event: EventView, newest: Entry) -> Iterator[Entry]:
    text = desk.context.texts(event.id).postmortem if event.has_postmortem and not event.is_open else None
    if text is not None:
        yield newest._replace(
            id=identity.short_id(identity.UPDATE, f"{desk.event_id(event.id)}/postmortem"),
            edited_at=newest.said_at,
            is_postmortem=True,
            is_said=True,
            body=_light(desk, event, text),
        )


def _light(desk: Desk, event: EventView, markup: str) -> str:
    return light(markup, desk.root_url, desk.event_url(event.id))
