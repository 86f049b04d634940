"""The URLs of Stashboard's API, below both of its bases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar
from urllib.parse import quote

import flask
from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from stashgen import urls
from stashgen.edit import EditError
from stashgen.errors import DataError, StashgenError
from stashgen.gateway import keys, problems
from stashgen.gateway.callers import Caller
from stashgen.gateway.gate import Gate
from stashgen.gateway.problems import Refusal
from stashgen.gateway.stashboard import asking, deeds
from stashgen.gateway.stashboard.library import Desk, Shown
from stashgen.gateway.stashboard.orders import Fields, Order, Request
from stashgen.gateway.stashboard.posting import posted
from stashgen.media_types import TYPE_BY_SUFFIX
from stashgen.repository import Applied
from stashgen.stashboard import Question, Reply, reply
from stashgen.stashboard.questions import READABLE, read_json
from stashgen.stashboard.rebase import rebased
from stashgen.stashboard.wording import error, refused_callback, spoken

_BASES: Final = (urls.STASHBOARD, urls.STASHBOARD_ADMIN)
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
_API: Final = ("/api", "/api/", "/api/<path:_>", "/admin/api", "/admin/api/", "/admin/api/<path:_>")
_BELOW: Final = ("/api/", "/admin/api/")
_PICTURES: Final = (f"/{urls.static_file('<path:_>')}", "/images/icons/<path:_>")
_PAGES: Final = ("/", "/services/<path:_>", "/service-lists/<path:_>", "/summary")
_FEEDS: Final = ("/rss", "/services/<_>/rss")
# Another process may write between a look at the records and one at their texts.
_ATTEMPTS: Final = 3
_TURN_SECONDS: Final = 30.0
_BEFORE: Final = ("before", "wrapped")
_UNKNOWN: Final = 401
_FORBIDDEN: Final = 403


Value = TypeVar("Value")


def part(gate: Gate) -> Blueprint:
    """Return the part of the gateway that speaks to Stashboard's clients."""
    blueprint, counter = Blueprint("stashboard", __name__), _Counter(gate)
    for rule in _API:
        blueprint.add_url_rule(rule, "api", counter.api, methods=_METHODS, provide_automatic_options=False)
    for rule in (*_PICTURES, *_FEEDS):
        blueprint.add_url_rule(rule, "file", counter.file, methods=["GET"])
    for rule in _PAGES:
        blueprint.add_url_rule(rule, "page", counter.page, methods=["GET"])
    blueprint.before_app_request(counter.lost)
    blueprint.register_error_handler(Refusal, lambda refusal: _refused(refusal, ""))  # of the guard, before any of this
    return blueprint


class _Counter:
    """Where clients are served."""

    def __init__(self, gate: Gate) -> None:
        self._gate, self._desk = gate, Desk(gate)
        # What is said in one second has an order: one looks at what was said last, and speaks, at a time.
        self._turn = threading.Lock()

    def api(self, _: str = "") -> Response:
        """Answer a request to the API."""
        request = flask.request
        callback = ""
        try:
            if request.method in READABLE:
                return _response(self._read())
            fields = asking.fields(request)
            callback = fields.get("callback", "")
            return _response(refused_callback(callback) or self._write(fields, callback))
        except Refusal as refusal:
            return _refused(refusal, callback)
        except (StashgenError, OSError) as wrong:
            return _refused(problems.refusal(wrong), callback)
        except HTTPException as wrong:
            return _refused(Refusal(wrong.code or 500, wrong.description or wrong.name), callback)

    def page(self, _: str = "") -> Response:
        """Send a person to the page itself: old clients open it where their API is."""
        self._gate.guard.anybody()
        site_url, path = (self._desk.shown().site_url or "").rstrip("/"), flask.request.path
        if not site_url or site_url == self._gate.guard.base_url():
            raise Refusal(404, "the page is not served here")
        return Response("", 302, {"Location": f"{site_url}{quote(path)}"}, content_type="text/plain")

    def lost(self) -> Response | None:
        """Answer what no rule knows, such as a slash too many: below our bases it is an error of this API."""
        request = flask.request
        is_lost = request.routing_exception is not None and request.path.startswith(_BELOW)
        return self.api() if is_lost else None

    def file(self, _: str = "") -> Response:
        """Answer a request for a feed or a picture: absolute links of the API lead here."""
        return _response(self._read())

    def _read(self) -> Reply:
        self._gate.guard.anybody()
        question = self._question()
        return self._looked_up(lambda shown: _told(shown, question))

    def _looked_up(self, find: Callable[[Shown], Value]) -> Value:
        """Return what is found in the site as it is, although others may write between two looks at a file."""
        for _ in range(_ATTEMPTS):
            try:
                return find(self._desk.shown())
            except DataError:
                self._desk.forget()
        return find(self._desk.shown())

    def _question(self) -> Question:
        request = flask.request
        return Question(
            method=request.method,
            origin=self._gate.guard.base_url(),
            prefix="",
            path=request.path.removeprefix("/"),
            query=request.query_string.decode("utf-8", "replace"),
            now=self._gate.now(),
        )

    def _write(self, fields: Fields, callback: str) -> Reply:
        request = flask.request
        path = request.path.removeprefix("/")
        base = next((base for base in _BASES if path.startswith(f"{base}/")), "")
        resource = self._looked_up(lambda shown: shown.present(path.removeprefix(f"{base}/")))
        methods = deeds.allowed(resource) if base else ()
        if not methods:
            raise Refusal(404, f"there is nothing at /{path}")
        found = deeds.find(request.method, resource)
        if found is None or (base == urls.STASHBOARD and not _is_signed(fields)):
            return _not_allowed(base, methods if found is None else READABLE, callback)
        deed, names = found
        caller = self._gate.guard.caller(deed.scope)
        with self._in_turn():
            order, before = self._looked_up(lambda shown: _ordered(deed, shown, names, fields))
            applied = self._applied(order, caller, _key(caller))
            site_url, body = self._looked_up(lambda shown: (shown.site_url, _after(shown, order, applied, names)))
        if order.answer in _BEFORE:
            body = {"error": False, "code": order.code, "message": before} if order.answer == "wrapped" else before
        answer = spoken(order.code, rebased(body, site_url, self._gate.guard.base_url(), base), callback)
        return answer if applied is None else answer._replace(headers=tuple(self._gate.told(applied)))

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=_TURN_SECONDS):
            raise Refusal(503, "others are changing the page; nothing has changed", headers={"Retry-After": "5"})
        try:
            yield
        finally:
            self._turn.release()

    def _applied(self, order: Order, caller: Caller, key: str) -> Applied | None:
        if order.intent is None:
            return None
        try:
            return self._gate.apply(order.intent, caller, "stashboard", key)
        except EditError as wrong:
            code = {"unknown": 404, "conflict": order.conflict}.get(wrong.reason, 400)
            code = 409 if wrong.field == "key" else code
            raise Refusal(code, wrong.message) from wrong
        except DataError as wrong:
            raise Refusal(400, "; ".join(problem.message for problem in wrong.problems)) from wrong


def _ordered(deed: deeds.Deed, shown: Shown, names: tuple[str, ...], fields: Fields) -> tuple[Order, Any]:
    """Return what is to be done, and the resource as it is before."""
    is_keyed = keys.HEADER in flask.request.headers
    order = deed.order(Request(shown=shown, names=names, fields=fields, is_keyed=is_keyed))
    return order, _document(shown, order.resource) if order.answer in _BEFORE else None


def _after(shown: Shown, order: Order, applied: Applied | None, names: tuple[str, ...]) -> Any:
    if order.answer == "posted" and applied is not None:
        return _document(shown, posted(shown, names[0], applied.plan.change))
    return _document(shown, order.resource)


def _told(shown: Shown, question: Question) -> Reply:
    question = question._replace(path=shown.present(question.path))
    found = reply(shown, question)
    if found is not None:
        return found
    data = shown.read(question.path)
    if data is None:
        return spoken(404, error(404, f"there is nothing at /{question.path}"))
    suffix = question.path[question.path.rfind(".") :]
    return Reply(200, TYPE_BY_SUFFIX.get(suffix, "application/octet-stream"), data)


def _is_signed(fields: Fields) -> bool:
    """Tell whether somebody says who he is, in the header or, as OAuth allows, among the parameters."""
    return "Authorization" in flask.request.headers or "oauth_signature" in fields


def _key(caller: Caller) -> str:
    header = keys.read(flask.request.headers.get(keys.HEADER))
    return f"{caller.name}/{header}" if header else ""


def _document(shown: Shown, resource: str) -> Any:
    return read_json(shown, urls.stashboard(urls.STASHBOARD, resource))


def _not_allowed(base: str, methods: tuple[str, ...], callback: str) -> Reply:
    method = flask.request.method
    message = (
        None if base == urls.STASHBOARD_ADMIN else f"{method} is not answered here without a key: see /{_BASES[1]}"
    )
    return spoken(405, error(405, message), callback)._replace(headers=(("Allow", ", ".join(methods)),))


def _refused(refusal: Refusal, callback: str) -> Response:
    """Return a refusal in Stashboard's words: its clients know 403, and no other answer to a key that is wrong."""
    code = _FORBIDDEN if refusal.status == _UNKNOWN else refusal.status
    headers: Mapping[str, str] = {name: text for name, text in refusal.headers.items() if name != "WWW-Authenticate"}
    answer = spoken(code, error(code, refusal.detail), callback)
    return _response(answer._replace(headers=tuple(headers.items())))


def _response(answer: Reply) -> Response:
    return Response(answer.body, answer.status, list(answer.headers), content_type=answer.content_type)
