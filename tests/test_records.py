"""Records of any content: a sound one, or problems that name fields; never a crash, never one without the other."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

import msgspec
import pytest
from door import NOW, write_files
from hypothesis import given, settings
from hypothesis import strategies as st

from stashgen import check
from stashgen.load import record
from stashgen.memo import Memo
from stashgen.model import Event, Record, Service, Settings, Status

FOLDERS: Final[dict[type[Record], str]] = {Event: "events", Service: "services", Status: "statuses", Settings: ""}
WORDS: Final = ["", " ", "api", "web", "down", "up", "resolved", "scheduled", "incident", "maintenance", "notice",
                "UTC",
                "2026-11-20T10:00:00Z", "2026-11-20 11:00", "2026-11-20", "https://x.example", "#ff0000", "NORMAL",
                "Words.", "two\nlines", "x.svg", "\u0645\u0631\u062d\u0628\u0627"]  # fmt: skip
SCALARS: Final = st.none() | st.booleans() | st.integers(-5, 400) | st.floats(0, 2) | st.sampled_from(WORDS)
KEYS: Final = [
    *sorted({name for kind in FOLDERS for name in kind.__struct_fields__}),
    "at", "state", "message", "start", "end", "api", "web", "titel", "pages",
]  # fmt: skip
ANYTHING: Final = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)
TIMES: Final = st.sampled_from([f"2026-11-{day:02}T10:00:00Z" for day in range(18, 27)])
CHANGES: Final = st.dictionaries(st.sampled_from(["api", "web"]), st.sampled_from(["down", "up", "slow"]), max_size=2)
PLANS: Final = st.fixed_dictionaries({}, optional={"start": TIMES, "end": TIMES})
STATES: Final = st.sampled_from(["investigating", "resolved", "scheduled", "in-progress", "completed", "cancelled"])
UPDATES: Final = st.fixed_dictionaries(
    {"at": TIMES, "message": st.just("Words.")}, optional={"state": STATES, "services": CHANGES, "planned": PLANS}
)
LIKELY_EVENTS: Final = st.fixed_dictionaries(
    {"title": st.just("X"), "updates": st.lists(UPDATES, min_size=1, max_size=4)},
    optional={
        "kind": st.sampled_from(["incident", "maintenance", "notice"]),
        "services": CHANGES | st.lists(st.sampled_from(["api", "web"]), max_size=2),
        "planned": st.fixed_dictionaries({"start": TIMES, "end": TIMES}),
        "pinned": st.booleans(),
        "until": TIMES,
    },
)


def yaml(data: object) -> bytes:
    """Write data as YAML: every JSON is one."""
    return json.dumps(data, ensure_ascii=False).encode()


@pytest.mark.parametrize("kind", FOLDERS)
@given(data=st.data())
def test_a_record_is_sound_or_has_errors(kind: type[Record], data: st.DataObject) -> None:
    fields = st.fixed_dictionaries({}, optional=dict.fromkeys(kind.__struct_fields__, ANYTHING))
    content = data.draw(fields | st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=6) | ANYTHING)
    value, problems = record.read(yaml(content), f"{FOLDERS[kind]}/x.yaml".lstrip("/"), "x.yaml", dt.UTC)
    assert (value is None) == any(problem.severity == "error" for problem in problems)
    assert [problem for problem in problems if "cannot be read" in problem.message or problem.line > 1] == []
    if value is not None:
        light = msgspec.msgpack.decode(record.packed(value), type=kind)
        whole = msgspec.convert(value, kind, builtin_types=(dt.datetime,))
        assert isinstance(light, Event) or light == whole


@settings(max_examples=150)
@given(content=LIKELY_EVENTS)
def test_rules_judge_every_event(tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]) -> None:
    root = write_files(
        tmp_path_factory.mktemp("site"),
        {
            "site-data/site.yaml": "title: X\n",
            "site-data/services/api.yaml": "name: API\n",
            "site-data/events/x.yaml": yaml(content),
        },
    )
    site, problems = check.read(root, Memo(), dt.datetime.fromisoformat(NOW))
    errors = [problem for problem in problems if problem.severity == "error"]
    assert all((problem.path, problem.line) == ("site-data/events/x.yaml", 1) for problem in problems)
    assert (list(site.events) == ["x"]) == (errors == [])
    if not errors:
        assert breaches(content) == []


def breaches(content: dict[str, Any]) -> list[str]:
    """Say what is wrong with an event in other words than the rules do."""
    updates, kind = content["updates"], content.get("kind", "incident")
    said = [*content.get("services", []), *(service for update in updates for service in update.get("services", {}))]
    times = [update["at"] for update in updates]
    states = {update["state"] for update in updates if "state" in update}
    planned = content.get("planned")
    return [
        *["service"] * ("web" in said),
        *["order"] * (times != sorted(times)),
        *["window"] * ((kind == "maintenance") != (planned is not None)),
        *["end"] * bool(planned and planned["end"] <= planned["start"]),
        *["state"] * (kind == "notice" and bool(states)),
        *["state"] * (kind == "incident" and bool(states - {"investigating", "resolved"})),
        *["state"] * (kind == "maintenance" and bool(states & {"investigating", "resolved"})),
        *["pinned"] * (kind != "notice" and bool(content.get("pinned"))),
        *["until"] * ("until" in content and (kind != "notice" or content["until"] <= times[0])),
    ]
