"""Requests made at random from openapi.json: every answer is one that the document describes, none is our failure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any, Final
from urllib.parse import quote, urlencode

import jsonschema_rs
import pytest
from door import git
from gateway_door import SITE, Answer, Gateway, gateway
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Schema = Mapping[str, Any]
NOISE: Final = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20),
    st.lists(st.text(max_size=3), max_size=2), st.dictionaries(st.text(max_size=5), st.none(), max_size=2),
)  # fmt: skip
# What means something on the page comes up often enough to get past the first look.
SERVICES: Final = st.sampled_from(["api", "web", "mail"])
STATUSES: Final = st.sampled_from(["up", "warning", "down"])
WORDS: Final = st.sampled_from(["Some words.", "*More* of <b>them</b>", "- a\n- b: # c", "'", "\u65e5\u672c", "new-id"])
EVENTS: Final = st.sampled_from(["2026-11-23-old", "2026-11-23-work", "2026-11-23-word"])
KNOWN: Final = st.one_of(SERVICES, STATUSES, EVENTS, WORDS, st.just("core"))
FEWER: Final = st.integers(0, 9).map(lambda number: number == 0)
INSTANTS: Final = st.sampled_from(["2026-11-23T10:02:00Z", "2026-11-23T10:05:00.5+01:00", "2031-01-01T00:00:00+01:00"])
ODD_INSTANTS: Final = st.datetimes().map(lambda at: at.isoformat() + "Z") | st.sampled_from(
    ["0000-00-00T00:00:00Z", "2026-12-31T23:59:60Z", "now"]
)


PLANNED: Final = "{start: 2026-11-24T10:00:00Z, end: 2026-11-30T10:00:00Z}"


def mostly(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return the usual values, and one in ten of the others."""
    return FEWER.flatmap(lambda is_odd: odd if is_odd else usual)


def values(schema: Schema, parts: Mapping[str, Schema]) -> st.SearchStrategy[Any]:
    """Return values that fit a schema, mostly."""
    if "$ref" in schema:
        return st.deferred(lambda: values(parts[schema["$ref"].rpartition("/")[2]], parts))
    if "anyOf" in schema:
        return st.one_of(*(values(one, parts) for one in schema["anyOf"]))
    if "properties" in schema:
        return objects(schema, parts)
    if "additionalProperties" in schema:
        return st.dictionaries(mostly(SERVICES, st.text(max_size=5)), mostly(STATUSES, st.text()), max_size=3)
    if "items" in schema:
        return st.lists(values(schema["items"], parts), max_size=3)
    return st.sampled_from(schema["enum"]) if "enum" in schema else scalars(schema)


def scalars(schema: Schema) -> st.SearchStrategy[Any]:
    """Return texts, numbers and the like that fit."""
    kind = schema.get("type")
    if kind in ("integer", "number"):
        low, high = schema.get("minimum", -5), schema.get("maximum", 5)
        return st.integers(int(low), int(high)) if kind == "integer" else st.floats(low, high)
    if kind == "boolean":
        return st.booleans()
    if kind == "null":
        return st.none()
    if schema.get("format") == "date-time":
        return mostly(INSTANTS, ODD_INSTANTS)
    return mostly(KNOWN, st.text(max_size=30))


def objects(schema: Schema, parts: Mapping[str, Schema]) -> st.SearchStrategy[Any]:
    """Return objects that fit, now and then with a field of another kind or name."""
    required = set(schema.get("required", ()))
    fields = {name: values(one, parts) for name, one in schema["properties"].items()}
    fitting = st.fixed_dictionaries(
        {name: one for name, one in fields.items() if name in required},
        optional={name: one for name, one in fields.items() if name not in required},
    )
    spoilt = st.tuples(fitting, st.sampled_from([*fields, "odd"]), NOISE).map(
        lambda made: {**made[0], made[1]: made[2]}
    )
    return mostly(fitting, spoilt)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, _session_environ: None) -> Iterator[Gateway]:
    """Yield one gateway that grows odder with every request."""
    limits = dict.fromkeys(["requests_per_minute", "burst", "address_per_minute"], 1_000_000)
    files = dict(SITE) | {"site-data/groups/core.yaml": "name: Core\n"}
    for name, kind in (("old", "incident"), ("word", "notice"), ("work", "maintenance")):
        head = {"incident": "services: {api: down}", "maintenance": f"planned: {PLANNED}", "notice": "tags: [a]"}[kind]
        event = f"title: Old\nkind: {kind}\n{head}\nupdates:\n  - at: 2026-11-23T10:02:00Z\n    message: It is.\n"
        files[f"site-data/events/2026/2026-11-23-{name}.yaml"] = event
    with gateway(tmp_path_factory.mktemp("gateway"), {"limits": limits}, files) as one:
        yield one


def resolved(document: Any, part: Schema) -> Schema:
    """Follow a reference inside the document."""
    reference = part.get("$ref")
    return part if reference is None else reduce(lambda node, step: node[step], reference[2:].split("/"), document)


def check(document: Any, operation: Schema, answer: Answer) -> None:
    """Hold an answer against what the document says of it."""
    assert answer.status < 500, answer
    assert str(answer.status) in operation["responses"], answer
    described = resolved(document, operation["responses"][str(answer.status)])
    assert ("Stashgen-Push" in described.get("headers", {})) == ("stashgen-push" in answer.headers)
    if "content" not in described:
        assert answer.body == b""
        return
    (kind, content), *_ = described["content"].items()
    assert answer.headers["content-type"] == kind
    schema = {**content["schema"], "components": document["components"]}
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(answer.json)


def test_random_requests_get_described_answers(shared: Gateway) -> None:
    document = shared.ask("GET", "/openapi.json").json
    parts = document["components"]["schemas"]
    operations = [
        (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]
    folders = {
        "incidents": EVENTS,
        "maintenances": EVENTS,
        "notices": EVENTS,
        "services": SERVICES,
        "statuses": STATUSES,
    }

    @settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(st.data())
    def one_request(data: st.DataObject) -> None:
        method, path, operation = data.draw(st.sampled_from(operations))
        name = data.draw(mostly(folders.get(path.split("/")[2], st.just("core")), st.text(max_size=10)))
        update = data.draw(mostly(st.just("20261123T100200Z"), st.text(max_size=10)))
        path = path.replace("{id}", quote(name, safe="")).replace("{update}", quote(update, safe=""))
        parameters = [one for one in operation["parameters"] if one.get("in") == "query"]
        query = {
            one["name"]: data.draw(mostly(values(one["schema"], parts), NOISE))
            for one in parameters
            if data.draw(st.booleans())
        }
        path += f"?{urlencode(query, errors='replace')}" if query else ""
        body = None
        if "requestBody" in operation:
            body = data.draw(
                mostly(values(operation["requestBody"]["content"]["application/json"]["schema"], parts), NOISE)
            )
        answer = shared.ask(method, path, {} if body is None and "requestBody" in operation else body, token="admin")
        check(document, operation, answer)

    one_request()
    assert git(shared.project, "status", "--porcelain") == ""
    git(shared.project, "fsck", "--strict")
