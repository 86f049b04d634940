"""Whatever comes in is read or refused with a name: no traceback, however broken, deep or big it is."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_payloads import AUTOMATION, bodies, post_of

from stashgen import webhooks
from stashgen.model import SOURCES
from stashgen.webhooks import PayloadError, Post

ALL: Final = [*SOURCES, *AUTOMATION.generic]
ODD: Final[tuple[Any, ...]] = (
    None, [], {}, "", "x" * 10_000, 0, -1, 10**30, 1.5, True, [[1]], {"a": {"b": 1}}, "\u202e\x07\n", "0",
)  # fmt: skip
VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=8), below, max_size=4),
    max_leaves=12,
)


def refusal(source: str, body: bytes, content_type: str = "application/json") -> PayloadError | None:
    """Read a body; return how it was refused, None if it was not. Anything else than a PayloadError is a failure."""
    try:
        signals = webhooks.read(source, Post(body=body, content_type=content_type), AUTOMATION)
    except PayloadError as error:
        assert str(error)
        return error
    for signal in signals:
        assert signal.key
        assert "\n" not in signal.key + signal.title + "".join(signal.services) + "".join(signal.labels.values())
        assert len(signal.title) <= 200
    return None


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything in plain data."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        yield (*path, key)
        yield from places(below, (*path, key))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a copy with something else in one place; `...` takes it away."""
    copied = copy.deepcopy(value)
    below = copied
    for key in path[:-1]:
        below = below[key]
    if new is ...:
        del below[path[-1]]
    else:
        below[path[-1]] = new
    return copied


@pytest.mark.parametrize("path", [one for one in bodies() if one.suffix == ".json"], ids=lambda path: path.name)
def test_every_field_may_be_missing_or_of_another_type(path: Any) -> None:
    body = json.loads(path.read_bytes())
    for place in places(body):
        for new in (..., *ODD):
            refusal(path.parent.name, json.dumps(changed(body, place, new)).encode())


@pytest.mark.parametrize("path", bodies(), ids=lambda path: path.name)
def test_unknown_fields_are_no_matter(path: Any) -> None:
    if path.suffix != ".json":
        return
    body = {"zzz_new": {"field": [1, 2]}, **json.loads(path.read_bytes())}
    post = post_of(path)
    again = Post(body=json.dumps(body).encode(), content_type=post.content_type, headers=post.headers)
    assert webhooks.read(path.parent.name, again, AUTOMATION) == webhooks.read(path.parent.name, post, AUTOMATION)


@pytest.mark.parametrize("source", ALL)
@pytest.mark.parametrize("body", [
    b"", b" \n", b"{", b"null", b"[]", b"5", b'"x"', b"\xff\xfe{\x00", b"\x80\x81", b"<xml/>", b"a=b&c", b'{"a":NaN}',
    b'{"a":"\\ud800"}', b"[" * 100_000, b'{"a":' * 100_000, b'{"alerts":[null]}', b'{"event":[]}', b"\x00" * 10,
    b'{"a":' + b"9" * 10_000 + b"}", b"name", b"=\n=\n",
])  # fmt: skip
def test_what_is_no_payload_is_refused(source: str, body: bytes) -> None:
    refused = refusal(source, body)
    if refused is None:
        assert source == "github", "GitHub sends events that are none of ours"


def test_keys_that_differ_at_their_end_alone_are_two() -> None:
    long = "https://www.harbour.example/" + "x" * 10_000
    bodies_by_source: dict[str, list[dict[str, Any]]] = {
        "alertmanager": [{"alerts": [{"status": "firing", "fingerprint": long + end}]} for end in ("a", "b")],
        "backup": [{"job": {"id": long + end, "result": "failed"}} for end in ("a", "b")],
    }
    for source, made in bodies_by_source.items():
        first, other = (webhooks.read(source, Post(body=json.dumps(body).encode()), AUTOMATION)[0].key for body in made)
        assert first != other
        assert len(first) == len(other) <= 200


@pytest.mark.parametrize("source", ALL)
@given(value=VALUES)
def test_any_json_is_read_or_refused(source: str, value: Any) -> None:
    refusal(source, json.dumps(value).encode())


@pytest.mark.parametrize("source", ALL)
@given(
    body=st.binary(max_size=200), content_type=st.sampled_from(["", "multipart/form-data; boundary=x", "text/plain"])
)
def test_any_bytes_are_read_or_refused(source: str, body: bytes, content_type: str) -> None:
    refusal(source, body, content_type)


@pytest.mark.parametrize(("source", "body", "field"), [
    ("alertmanager", {"status": "firing"}, "alerts"),
    ("alertmanager", {"status": "firing", "alerts": [{"fingerprint": "a", "startsAt": "soon"}]}, "alerts[0].startsAt"),
    ("alertmanager", {"alerts": [{"labels": {"a": "b"}}]}, "alerts[0].status"),
    ("alertmanager", {"alerts": [{"status": "firing", "labels": {}}]}, "alerts[0].labels"),
    ("grafana", {"ruleId": 1, "state": "sad"}, "state"),
    ("pagerduty", {"event": {"event_type": "incident.triggered", "data": {}}}, "event.data.id"),
    ("pagerduty", {"event": {"event_type": ["x"]}}, "event.event_type"),
    ("pagerduty", {"messages": []}, "event.event_type"),
    ("nagios", {"SERVICEDESC": "HTTP"}, "HOSTNAME"),
    ("nagios", {"HOSTNAME": "a", "HOSTSTATE": "BAD"}, "HOSTSTATE"),
    ("uptime-kuma", {"heartbeat": {"status": 9}, "monitor": {"id": 1}}, "heartbeat.status"),
    ("uptimerobot", {"alertType": 1}, "monitorID"),
    ("pingdom", {"check_id": 1}, "current_state"),
    ("datadog", {"alert_transition": "Exploded"}, "alert_transition"),
    ("datadog", {"alert_transition": "Triggered"}, "alert_cycle_key"),
    ("betterstack", {"data": {"type": "incident", "id": 1}}, "event"),
    ("github", {"action": "closed", "issue": {"labels": [{"name": "Incident"}]}}, "issue.number"),
    ("backup", {"job": {"result": "failed"}}, "job.id"),
    ("backup", {"job": {"id": "a", "result": "odd"}}, "job.result"),
    ("checks", {"results": {}}, "results"),
    ("checks", {"results": [{"up": True}]}, 'results[0].["k8s.name"]'),
])  # fmt: skip
def test_what_is_wrong_is_named(source: str, body: Any, field: str) -> None:
    refused = refusal(source, json.dumps(body).encode())
    assert refused is not None
    assert refused.field.replace("hostname", "HOSTNAME") == field


def test_an_unknown_source_is_told_what_there_is() -> None:
    with pytest.raises(PayloadError, match=r"there is no source `alertmanger` \(did you mean `alertmanager`\?\)"):
        webhooks.read("alertmanger", Post(body=b"{}"), AUTOMATION)
