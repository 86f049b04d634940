"""An operation of the own API as data: the routes and openapi.json are both made of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from stashgen.gateway.callers import Caller
from stashgen.gateway.config import Scope
from stashgen.gateway.gate import Gate
from stashgen.gateway.strictjson import Body
from stashgen.gateway.views import View
from stashgen.intents import Intent
from stashgen.model import Id, Record
from stashgen.repository import Applied

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


# fmt: off
class Nothing(Record, frozen=True, kw_only=True):
    """A query without parameters."""


class Page(Record, frozen=True, kw_only=True):
    """Which events are asked for."""

    state: Annotated[Literal["all", "open", "closed"], Meta(description="`open`: not resolved, completed, cancelled or ended.")] = "all"
    limit: Annotated[int, Meta(ge=1, le=100, description="How many at most.")] = 50
    after: Annotated[Id | None, Meta(description="Id of the last event of the page before.")] = None


class Force(Record, frozen=True, kw_only=True):
    """How to take something away."""

    force: Annotated[bool, Meta(description="True: what refers to it loses the reference; else that is refused.")] = False
# fmt: on


class Done(NamedTuple):
    """What an operation gave: the body of the answer, and the place of what is new."""

    body: msgspec.Struct | None
    location: str = ""


class Call:
    """One request, as operations see it."""

    def __init__(self, gate: Gate, caller: Caller, path: Mapping[str, str], asked: tuple[Any, Body | None]) -> None:
        self.gate, self.caller, self.path = gate, caller, path
        self.query, self.body = asked
        self.key = ""
        self.is_retry = False  # it came before, and was perhaps carried out without an answer
        self.applied: Applied | None = None

    @property
    def record(self) -> Any:
        """The body's record."""
        assert self.body is not None  # noqa: S101 - only operations with a body ask
        return self.body.record

    @property
    def given(self) -> Mapping[str, Any]:
        """The fields of the body that were given."""
        assert self.body is not None  # noqa: S101 - as above
        return self.body.given

    def view(self) -> View:
        """Return the site as it is now, after the change if there was one."""
        return self.gate.view(self.caller)

    def apply(self, intent: Intent) -> Applied:
        """Carry an intent out for the caller."""
        self.applied = self.gate.apply(intent, self.caller, "rest", self.key)
        return self.applied


class Endpoint(NamedTuple):
    """One operation."""

    method: Method
    path: str
    scope: Scope
    summary: str
    run: Callable[[Call], Done]
    answer: type[msgspec.Struct] | None = None
    body: type[Record] | None = None
    query: type[Record] = Nothing
    status: int = 200
    about: str = ""

    @property
    def is_write(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"

    @property
    def name(self) -> str:
        """Its name in openapi.json, metrics and routes, such as `post_incidents_by_id_updates`."""
        words = re.findall(r"[a-z]+", self.path.removeprefix("/v1").replace("{", "by "))
        return "_".join([self.method.lower(), *words])
