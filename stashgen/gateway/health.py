"""Whether the gateway can do its work: `/healthz` for those who restart it, `/metrics` for those who watch it."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Annotated

import msgspec
from flask import Blueprint, Response
from msgspec import Meta

from stashgen.errors import StashgenError
from stashgen.gateway.gate import Gate
from stashgen.gateway.metrics import MEDIA_TYPE


# fmt: off
class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the gateway."""

    live: Annotated[bool, Meta(description="It answers.")] = True
    ready: Annotated[bool, Meta(description="Changes can be made.")]
    detail: Annotated[str | None, Meta(description="Why not.")]
    problems: Annotated[int, Meta(description="Errors in site-data; `stashgen check` tells them.")]
    pending: Annotated[int, Meta(description="Commits that the remote does not have.")]
    parked: Annotated[int, Meta(description="Changes that could not be carried out again after others had pushed: a person must look.")]
    pushes: Annotated[bool, Meta(description="Whether the gateway pushes.")]
    last_push_at: Annotated[dt.datetime | None, Meta(description="When the remote last took a push; null: not since the start.")]
    push_failing: Annotated[bool, Meta(description="The last push failed; it is tried again.")]
# fmt: on


def part(gate: Gate) -> Blueprint:
    """Return `/healthz`, `/healthz/live` and `/metrics`."""
    blueprint = Blueprint("health", __name__)
    blueprint.add_url_rule("/healthz", "healthz", partial(_health, gate), methods=["GET"])
    blueprint.add_url_rule("/healthz/live", "live", partial(_live, gate), methods=["GET"])
    blueprint.add_url_rule("/metrics", "metrics", partial(_metrics, gate), methods=["GET"])
    return blueprint


def health(gate: Gate) -> Health:
    """Return the state of the gateway; nothing is raised."""
    problems, pending, parked, detail = 0, 0, 0, None
    try:
        problems = sum(problem.severity == "error" for problem in gate.reading().problems)
        pending, parked = len(gate.repository.pending()), len(gate.repository.parked())
    except (StashgenError, OSError) as error:
        detail = str(error)
    pusher = gate.pusher
    return Health(
        ready=detail is None,
        detail=detail,
        problems=problems,
        pending=pending,
        parked=parked,
        pushes=pusher is not None,
        last_push_at=pusher.last_push_at if pusher else None,
        push_failing=pusher is not None and pusher.error is not None,
    )


def _health(gate: Gate) -> Response:
    gate.guard.caller("read", is_public=gate.config.public_health)
    found = health(gate)
    return Response(msgspec.json.encode(found) + b"\n", 200 if found.ready else 503, content_type="application/json")


def _live(gate: Gate) -> Response:
    gate.guard.caller("read", is_public=gate.config.public_health)
    return Response(b'{"live":true}\n', content_type="application/json")


def _metrics(gate: Gate) -> Response:
    gate.guard.caller("read", is_public=gate.config.public_metrics)
    found = health(gate)
    gauges = {"pending_commits": found.pending, "parked_changes": found.parked, "site_problems": found.problems}
    for name, value in {**gauges, "ready": int(found.ready)}.items():
        gate.metrics.set(name, value)
    return Response(gate.metrics.text(), content_type=MEDIA_TYPE)
