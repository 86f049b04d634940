"""Events of a service: requests to post and delete them -> intents."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterable
from typing import Final

from stashgen.derive.steps import BY_PLAN
from stashgen.edit import Change
from stashgen.gateway.problems import Refusal
from stashgen.gateway.stashboard.library import Shown
from stashgen.gateway.stashboard.orders import Order, Request, missing
from stashgen.intents import RetractUpdate, SetStatus
from stashgen.model import Event
from stashgen.outputs.stashboard_api.posts import Post
from stashgen.text import quoted
from stashgen.unmark import to_markdown

_INFORMATIONAL: Final = "true"  # this very word, as it was
_TICK: Final = dt.timedelta(milliseconds=1)


def post_event(request: Request) -> Order:
    """Say something of a service, and what status it is in; without a status it stays in the one that it is in."""
    message = request.required("message")
    (service,) = request.names
    if service not in request.shown.context.board.services:
        raise missing("service", service)
    status = request.optional("status")
    if status is not None and status not in request.shown.site.statuses:
        raise missing("status", status)
    is_same = status == request.shown.context.board.services[service].status
    is_note = status is None or (is_same and request.fields.get("informational") == _INFORMATIONAL)
    intent = SetStatus(
        service=service,
        status=None if is_note else status,
        message=plain(message),
        is_note=is_note,
        # What comes again under its key must be the same, so its time is left to whoever carries it out.
        at=None if request.is_keyed else _moment(request.shown, service),
    )
    return Order(intent=intent, resource=f"services/{service}/events", answer="posted")


def delete_event(request: Request) -> Order:
    """Take back what was said of a service."""
    service, sid = request.names
    if service not in request.shown.context.board.services:
        raise missing("service", service)
    post = _post(request.shown, service, sid)
    if post is None:
        raise missing("event", sid)
    if post.update == BY_PLAN:
        raise Refusal(400, f"nobody said this: {quoted(post.event)} went by its plan, which can be changed")
    others = [quoted(other) for other in _services(request.shown.site.events[post.event]) if other != service]
    if others:
        raise Refusal(400, f"this was said of {', '.join(others)} too: take it back as a whole, where it was said")
    intent = RetractUpdate(event=post.event, update=post.name, service=service)
    return Order(intent=intent, resource=f"services/{service}/events/{sid}", answer="wrapped")


def posted(shown: Shown, service: str, change: Change) -> str:
    """Return the resource of what a change has said of a service."""
    # A push that lost a race may have given the event another id meanwhile: it is the newest then.
    name = change.record or ""
    posts = shown.journal.posts(name) if name in shown.context.board.phases else ()
    own = [post for post in posts if post.service == service]
    named = [post for post in own if post.name == change.update] or own
    return f"services/{service}/events/{max(named).sid if named else 'current'}"


def plain(text: str) -> str:
    """Return Markdown that shows a plain text as it is, line by line."""
    lines = html.escape(text, quote=False).split("\n")
    return to_markdown("<br>".join(line.strip() for line in lines))


def _services(event: Event) -> Iterable[str]:
    return {*event.services, *(service for update in event.updates for service in update.services)}


def _post(shown: Shown, service: str, sid: str) -> Post | None:
    journal = shown.journal
    posts = (post for event in journal.events_by_service[service] for post in journal.posts(event))
    return next((post for post in posts if post.service == service and post.sid == sid), None)


def _moment(shown: Shown, service: str) -> dt.datetime:
    """Return when something is said: now, or a little after what was said of the service in this very second.

    Two words at one instant would have no order, and only one status between them.
    """
    now = shown.context.built_at.replace(microsecond=0)
    current = shown.journal.current(service)
    return now if current is None or current.at < now else current.at + _TICK
