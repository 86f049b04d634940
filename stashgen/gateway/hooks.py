"""Webhooks of monitors: `POST /hooks/<source>`.

Who sends is known by a token (as bearer, or as the password of HTTP Basic, which is all that some monitors can do), or
by a signature over the body. The answer says what became of each alert: 200 all is done; 202 some of it waits, kept on
the disk, because it must last first; 422 some of it names what is not there, the rest is done all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from flask import Blueprint, Response, request

from stashgen import webhooks
from stashgen.automation import Case, Judge, Outcome, touched
from stashgen.gateway import problems, signatures
from stashgen.gateway.callers import Caller, objection
from stashgen.gateway.gate import Gate
from stashgen.gateway.problems import FieldError, Refusal
from stashgen.intents import Signal
from stashgen.model import Site
from stashgen.text import quoted

_Check = Callable[[str, bytes, str], bool]
_PLAIN: Final = ("X-Stashgen-Signature", "X-Grafana-Alerting-Signature")
# Every header by which a monitor may sign, and how its value is read.
_SIGNATURES: Final[Mapping[str, _Check]] = {
    "X-PagerDuty-Signature": signatures.is_pagerduty,
    "X-Hub-Signature-256": signatures.is_github,
    **dict.fromkeys(_PLAIN, signatures.is_plain),
}
_HEADER_BY_SOURCE: Final[Mapping[str, tuple[str, ...]]] = {
    "pagerduty": ("X-PagerDuty-Signature",),
    "github": ("X-Hub-Signature-256",),
    "grafana": ("X-Grafana-Alerting-Signature", "X-Stashgen-Signature"),
}
_OTHERS: Final = ("X-Stashgen-Signature", "X-Hub-Signature-256")
_KEPT_HEADERS: Final = ("x-github-event", "x-github-delivery")


def part(gate: Gate) -> Blueprint:
    """Return the webhooks behind a gate."""
    blueprint = Blueprint("hooks", __name__)

    @blueprint.post("/hooks/<source>")
    def receive(source: str) -> Response:
        request.max_content_length = gate.config.limits.payload_bytes
        caller = _caller(gate, source)
        post = webhooks.Post(
            body=request.get_data(),
            content_type=request.content_type or "",
            query=str(request.query_string, "latin-1"),
            headers={name: request.headers.get(name, "") for name in _KEPT_HEADERS if name in request.headers},
        )
        return _answer(gate.deliver(lambda site: _signals(source, post, caller, site), caller))

    return blueprint


def _caller(gate: Gate, source: str) -> Caller:
    """Return who sends: by a signature where there is one or no other way, else by a token."""
    names = _HEADER_BY_SOURCE.get(source, _OTHERS)
    given = next((name for name in names if name in request.headers), None)
    if given is not None or "Authorization" not in request.headers:

        def verify(secret: str, body: bytes) -> bool:
            return given is not None and _SIGNATURES[given](secret, body, request.headers[given])

        signer = gate.guard.signer(source, verify)
        if signer is not None:
            return signer
    return gate.guard.caller("events")


def _signals(source: str, post: webhooks.Post, caller: Caller, site: Site) -> list[Signal]:
    try:
        signals = webhooks.read(source, post, site.automation)
    except webhooks.UnknownSourceError as error:
        raise Refusal(404, error.message) from None
    except webhooks.PayloadError as error:
        pointer = "".join(f"/{step}" for step in error.field.replace("[", ".").replace("]", "").split(".") if step)
        detail = f"{error.field}: {error.message}" if error.field else error.message
        raise Refusal(
            422 if error.field else 400, detail, [FieldError(pointer=pointer, detail=error.message)]
        ) from None
    _admit(caller, site, signals)
    return signals


def _admit(caller: Caller, site: Site, signals: Sequence[Signal]) -> None:
    """Let nobody who is limited to some services speak of others."""
    if caller.services is None:
        return
    services = touched(site, signals)
    if services and (said := objection(caller, site, [frozenset(services)])):
        raise Refusal(403, said)
    judge = Judge(site)
    for signal in signals:
        case = judge.judge(signal)
        if isinstance(case, Case) and not case.services and not signal.is_resolved and not signal.is_only_said:
            said = f"{quoted(caller.name)} is limited to some services, and {quoted(signal.key)} names none of the page"
            raise Refusal(403, said)


def _answer(told: Sequence[Outcome]) -> Response:
    body: dict[str, Any] = {"outcomes": told}
    refused = [(place, one) for place, one in enumerate(told) if one.what == "refused"]
    if not refused:
        status = 202 if any(one.what == "held" for one in told) else 200
        return Response(msgspec.json.encode(body), status, content_type="application/json")
    said = "; ".join(dict.fromkeys(one.detail for _, one in refused[:5]))
    errors = [FieldError(pointer=f"/outcomes/{place}", detail=one.detail) for place, one in refused]
    refusal = Refusal(422, f"{len(refused)} of {len(told)} alerts refused: {said}", errors)
    body |= msgspec.to_builtins(problems.details(refusal))
    return Response(msgspec.json.encode(body), 422, content_type=problems.MEDIA_TYPE)
