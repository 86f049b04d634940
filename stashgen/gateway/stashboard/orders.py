"""What a request to write comes to: an intent, and where its answer is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from stashgen.gateway.problems import Refusal
from stashgen.gateway.stashboard.library import Shown
from stashgen.intents import Intent
from stashgen.model import ID_PATTERN
from stashgen.text import quoted
from stashgen.unmark import printable

Fields = Mapping[str, str]
# after: the resource as it is then; before: as it was; wrapped: as it was, in the form of a deleted event;
# posted: the event that the change added.
Answer = Literal["after", "before", "wrapped", "posted"]

_SPACES: Final = re.compile(r"\s+")
_NOT_IN_SLUGS: Final = re.compile(r"[^A-Za-z0-9-]")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of which site; `names` are those in the path: a service, or a service and a sid."""

    shown: Shown
    names: tuple[str, ...]
    fields: Fields
    is_keyed: bool = False  # an idempotency key stands for it

    def required(self, name: str) -> str:
        """Return a text that must be there; raise Refusal with 400."""
        text = printable(self.fields.get(name, "")).strip()
        if not text:
            raise Refusal(400, f"{name} is missing")
        return text

    def optional(self, name: str) -> str | None:
        """Return a text; None for one that is not there, or empty: it stays as it is."""
        return printable(self.fields.get(name, "")).strip() or None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An intent, None if there is nothing to do, and the resource that is the answer.

    `conflict` is the status of the answer where the change does not fit what is there by then.
    """

    intent: Intent | None
    resource: str
    answer: Answer = "after"
    code: int = 200
    conflict: int = 400


def one_line(text: str) -> str:
    """Return a name as a record holds it."""
    return _SPACES.sub(" ", text)


def slug(name: str) -> str:
    """Return the id that Stashboard gave a thing of this name; raise Refusal with 400 where it is none of ours.

    White space, dots and underscores become dashes, what is not ASCII is dropped, and several dashes stay several:
    a client that knows the rule finds its services again.
    """
    dashed = re.sub(r"[._]", "-", _SPACES.sub("-", name))
    found = _NOT_IN_SLUGS.sub("", dashed).strip("-").lower()
    if not re.search(ID_PATTERN, found):
        reason = "makes an id of more than 80 letters" if found else "holds no ASCII letter or digit to make an id of"
        raise Refusal(400, f"name {quoted(name)} {reason}")
    return found


def missing(kind: str, name: str) -> Refusal:
    """Return the answer to an id that nothing has."""
    return Refusal(404, f"there is no {kind} {quoted(name)}")
