"""The own API through real HTTP: what is written is one commit, and is read back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest
from door import git
from gateway_door import Gateway, gateway, subjects
from openapi_spec_validator import OpenAPIV31SpecValidator

INCIDENT = {"title": "Slow API", "message": "We *look* into it.", "services": {"api": "warning"}}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, _session_environ: None) -> Iterator[Gateway]:
    """Yield one gateway for tests that do not disturb each other."""
    with gateway(tmp_path_factory.mktemp("gateway")) as one:
        yield one


def opened(one: Gateway, **fields: object) -> str:
    """Open an incident and return its id."""
    answer = one.ask("POST", "/v1/incidents", {**INCIDENT, **fields})
    assert answer.status == 201, answer
    return str(answer.json["id"])


def test_an_incident_is_opened_updated_and_resolved(shared: Gateway) -> None:
    answer = shared.ask("POST", "/v1/incidents", INCIDENT)
    assert answer.status == 201, answer
    event = answer.json
    assert event["title"] == "Slow API"
    assert event["state"] == "investigating"
    assert event["is_open"]
    assert event["updates"][0]["message"] == "We *look* into it."
    assert "<em>look</em>" in event["updates"][0]["html"]
    assert answer.headers["location"] == f"{shared.url}/v1/incidents/{event['id']}"
    commit = answer.headers["stashgen-commit"]
    body = git(shared.project, "log", "-1", "--format=%B", commit)
    assert "By: writer" in body
    assert "Via: rest" in body
    assert "warning" in body.splitlines()[0]

    place = f"/v1/incidents/{event['id']}"
    assert shared.ask("GET", place).json == event
    told = shared.ask("POST", f"{place}/updates", {"message": "A bad deploy.", "state": "identified"})
    assert told.status == 201, told
    assert shared.ask("GET", told.headers["location"].removeprefix(shared.url)).json == told.json
    done = shared.ask("POST", f"{place}/updates", {"message": "Rolled back.", "state": "resolved"})
    assert done.status == 201
    assert not shared.ask("GET", place).json["is_open"]


def test_a_maintenance_is_scheduled_started_extended_and_completed(shared: Gateway) -> None:
    planned = {
        "title": "Disks",
        "message": "Soon.",
        "start": "2031-01-01T00:00:00Z",
        "end": "2031-01-01T03:00:00+01:00",
    }
    made = shared.ask("POST", "/v1/maintenances", {**planned, "services": ["web"]})
    assert made.status == 201, made
    assert made.json["state"] == "scheduled"
    assert made.json["planned_end_at"] == "2031-01-01T02:00:00Z"
    place = f"/v1/maintenances/{made.json['id']}"
    for body, state in [
        ({"action": "extend", "message": "Longer.", "end": "2031-01-01T05:00:00Z"}, "scheduled"),
        ({"action": "start", "message": "We begin."}, "in-progress"),
        ({"action": "complete", "message": "Done."}, "completed"),
    ]:
        told = shared.ask("POST", f"{place}/updates", body)
        assert told.status == 201, told
        assert shared.ask("GET", place).json["state"] == state
    assert shared.ask("POST", f"{place}/updates", {"action": "cancel", "message": "No."}).status == 409
    assert shared.ask("GET", f"/v1/incidents/{made.json['id']}").status == 404


def test_a_notice_is_posted_and_expired(shared: Gateway) -> None:
    made = shared.ask(
        "POST",
        "/v1/notices",
        {"title": "Holidays", "message": "Slow support.", "pinned": True, "at": "2026-01-05T09:00:00Z"},
    )
    assert made.status == 201, made
    assert made.json["pinned"]
    place = f"/v1/notices/{made.json['id']}"
    assert shared.ask("POST", f"{place}/updates", {"action": "expire", "message": "We are back."}).status == 201
    assert not shared.ask("GET", place).json["is_open"]


def test_a_status_is_set_and_set_back(shared: Gateway) -> None:
    place = "/v1/services/mail/status"
    down = shared.ask("PUT", place, {"status": "down", "message": "No mail."})
    assert down.status == 200, down
    assert down.json["status"] == "down"
    assert down.json["changed"]
    again = shared.ask("POST", place, {"status": "down", "message": "Still.", "if_changed": True})
    assert (again.status, again.json["changed"], again.headers["stashgen-push"]) == (200, False, "none")
    assert "stashgen-commit" not in again.headers
    up = shared.ask("PUT", place, {"status": "up", "message": "Mail again."})
    assert up.json["status"] == "up", up
    assert shared.ask("GET", place).json == {
        "service": "mail", "status": "up", "level": "NORMAL", "event": None, "changed": False,
    }  # fmt: skip


def test_words_are_corrected_and_taken_back(shared: Gateway) -> None:
    place = f"/v1/incidents/{opened(shared)}"
    update = shared.ask("POST", f"{place}/updates", {"message": "A tpyo."})
    there = update.headers["location"].removeprefix(shared.url)
    mended = shared.ask("PATCH", there, {"message": "A typo."})
    assert (mended.status, mended.json["message"]) == (200, "A typo."), mended
    titled = shared.ask("PATCH", place, {"title": "Slow *web*", "postmortem": "A fuse.", "tags": ["power"]})
    assert titled.status == 200, titled
    assert (titled.json["title"], titled.json["postmortem"], titled.json["tags"]) == (
        "Slow *web*",
        "A fuse.",
        ["power"],
    )
    bare = shared.ask("PATCH", place, {"postmortem": None})
    assert bare.json["postmortem"] is None
    gone = shared.ask("DELETE", there)
    assert (gone.status, gone.body) == (204, b"")
    assert "content-type" not in gone.headers
    assert shared.ask("GET", there).status == 404
    assert shared.ask("DELETE", place).status == 204
    assert shared.ask("GET", place).status == 404
    assert shared.ask("DELETE", place).status == 404


@pytest.mark.parametrize(
    ("folder", "new", "change"),
    [
        ("services", {"name": "Search engine", "description": "Finds."}, {"description": None, "hidden": True}),
        ("groups", {"name": "Core things", "order": 3}, {"order": 4}),
        ("statuses", {"name": "On fire", "level": "CRITICAL", "downtime": 1}, {"downtime": 0.5}),
    ],
)
def test_records_are_added_changed_and_removed(
    shared: Gateway, folder: str, new: dict[str, object], change: dict[str, object]
) -> None:
    made = shared.ask("POST", f"/v1/{folder}", new, token="keeper")
    assert made.status == 201, made
    place = made.headers["location"].removeprefix(shared.url)
    assert shared.ask("GET", place).json == made.json
    assert made.json in shared.ask("GET", f"/v1/{folder}").json["items"]
    changed = shared.ask("PATCH", place, change, token="keeper")
    assert changed.status == 200, changed
    renamed = shared.ask("PATCH", place, {"id": "another"}, token="keeper")
    assert (renamed.status, renamed.json["id"]) == (200, "another"), renamed
    assert shared.ask("DELETE", f"/v1/{folder}/another", token="keeper").status == 204
    assert shared.ask("POST", f"/v1/{folder}", new, token="writer").status == 403


def test_lists_come_in_pages(tmp_path_factory: pytest.TempPathFactory) -> None:
    with gateway(tmp_path_factory.mktemp("pages")) as one:
        names = [opened(one, title=f"Number {number}") for number in range(5)]
        one.ask("POST", f"/v1/incidents/{names[0]}/updates", {"message": "Over.", "state": "resolved"})
        seen, place = [], "/v1/incidents?limit=2"
        while place:
            page = one.ask("GET", place).json
            seen += [event["id"] for event in page["items"]]
            assert len(page["items"]) <= 2
            place = page["next"]
        assert sorted(seen) == sorted(names)
        assert len(one.ask("GET", "/v1/incidents?state=open").json["items"]) == 4
        assert [event["id"] for event in one.ask("GET", "/v1/incidents?state=closed").json["items"]] == [names[0]]
        for query, parameter in [
            ("limit=0", "limit"),
            ("limit=x", "limit"),
            ("state=odd", "state"),
            ("lmit=1", "lmit"),
        ]:
            refused = one.ask("GET", f"/v1/incidents?{query}")
            assert (refused.status, refused.json["errors"][0]["parameter"]) == (400, parameter)


@pytest.mark.parametrize(
    ("body", "status", "pointer", "detail"),
    [
        (b'{"title": "x", "title": "y", "message": "z"}', 400, None, "stands twice"),
        (b'{"title": "x", "message": "y", "mesage": 1}', 422, "/mesage", "is not a field here"),
        (b'{"title": "x", "mesage": "y"}', 422, "/mesage", "did you mean `message`"),
        (b'{"title": 5, "message": "y"}', 422, "/title", "must be text"),
        (b'{"title": "x", "message": "  "}', 422, "/message", "is blank"),
        (b'{"title": "x\\ny", "message": "y"}', 422, "/title", "is not one line of text"),
        (b'{"title": "x", "message": "\\ud800"}', 422, "/message", "U+D800"),
        (b'{"title": "x", "message": "\\u0000"}', 422, "/message", "U+0000"),
        (b'{"title": "x", "message": "y", "at": "2026-11-23T10:02:00"}', 422, "/at", "has no zone"),
        (b'{"title": "x", "message": "y", "at": "2126-11-23T10:02:00Z"}', 422, "/at", "in the future"),
        (b'{"title": "x", "message": "y", "at": 5}', 422, "/at", "is not a time"),
        (b'{"title": "x", "message": "y", "services": {"apo": "down"}}', 422, "/services", "did you mean `api`"),
        (b'{"title": "x", "message": "y", "services": {"api": "dwn"}}', 422, "/services", "did you mean `down`"),
        (b'{"title": "x", "message": "y", "services": ["api"]}', 422, "/services", "must be a map"),
        (b"[]", 422, "", "must be a map"),
        (b"nonsense", 400, None, "is not JSON"),
        (b"", 400, None, "is empty"),
        (b"\xff{}", 400, None, "is not UTF-8"),
        (b"\xef\xbb\xbf{}", 400, None, "is not JSON"),
        (b'{"a": NaN}', 400, None, "is no number"),
        (b'{"a": 1e999}', 400, None, "is too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", 400, None, "is not JSON"),
        (b"[" * 100_000, 400, None, "nested deeper"),
        (b"[" * 40 + b"]" * 40, 400, None, "nested deeper"),
    ],
)  # fmt: skip
def test_a_body_is_refused_with_all_that_is_wrong(
    shared: Gateway, body: bytes, status: int, pointer: str | None, detail: str
) -> None:
    before = subjects(shared.project)
    refused = shared.ask("POST", "/v1/incidents", body, headers={"Content-Type": "application/json"})
    assert refused.status == status, refused
    assert refused.headers["content-type"] == "application/problem+json"
    errors = refused.json["errors"]
    said = [refused.json["detail"], *(error["detail"] for error in errors)]
    assert any(detail in one for one in said), refused
    if pointer is not None:
        assert any(error.get("pointer", "").startswith(pointer) for error in errors), refused
    assert subjects(shared.project) == before


def test_all_complaints_come_at_once(shared: Gateway) -> None:
    refused = shared.ask("POST", "/v1/incidents", {"titel": "x", "services": 5, "at": "yesterday", "tags": ["", 1]})
    assert {error["pointer"] for error in refused.json["errors"]} == {
        "/titel", "/message", "/services", "/at", "/tags/0", "/tags/1",
    }  # fmt: skip


def test_a_clock_that_is_a_little_ahead_means_now(tmp_path: Path) -> None:
    with gateway(tmp_path, environ={"SOURCE_DATE_EPOCH": "1795432800"}) as one:
        made = one.ask("POST", "/v1/incidents", {**INCIDENT, "at": "2026-11-23T11:20:30Z"})
        assert made.json["started_at"] == "2026-11-23T11:20:00Z", made


def test_a_change_that_would_break_the_site_is_refused(shared: Gateway) -> None:
    refused = shared.ask("POST", "/v1/services", {"name": "API", "id": "other"}, token="keeper")
    assert refused.status == 422, refused
    assert refused.json["errors"], refused
    assert not (shared.project / "site-data/services/other.yaml").exists()
    unknown = shared.ask("POST", "/v1/services", {"name": "New", "group": "gone"}, token="keeper")
    assert unknown.status == 422, unknown
    assert shared.ask("POST", "/v1/services", {"name": "日本"}, token="keeper").json["errors"][0]["pointer"] == "/id"


def test_a_file_that_somebody_broke_does_not_stop_the_news(tmp_path: Path) -> None:
    with gateway(tmp_path) as one:
        (one.project / "site-data/services/web.yaml").write_text("name: [\n", encoding="utf-8")
        assert one.ask("POST", "/v1/incidents", INCIDENT).status == 201
        assert one.ask("GET", "/healthz").json["problems"] > 0
        assert one.ask("GET", "/v1/incidents").status == 200
        refused = one.ask("POST", "/v1/incidents", {**INCIDENT, "services": {"web": "down"}})
        assert refused.status == 422, refused


def test_the_description_is_sound_and_answers_keep_to_it(shared: Gateway) -> None:
    described = shared.ask("GET", "/openapi.json", token=None).json
    OpenAPIV31SpecValidator(described).validate()
    assert described["servers"] == [{"url": shared.url}]
    for name, field in (("NewIncident", "at"), ("NewMaintenance", "end"), ("NoticeChange", "until")):
        form = described["components"]["schemas"][name]["properties"][field]
        assert "date-time" in {one.get("format") for one in form.get("anyOf", [form])}, form
    made = shared.ask("POST", "/v1/incidents", INCIDENT)
    pages = [("EventResource", made.json), ("EventPage", shared.ask("GET", "/v1/incidents").json)]
    pages += [
        ("ServicePage", shared.ask("GET", "/v1/services").json),
        ("GroupPage", shared.ask("GET", "/v1/groups").json),
    ]
    pages += [("StatusPage", shared.ask("GET", "/v1/statuses").json)]
    pages += [("ProblemDetails", shared.ask("POST", "/v1/incidents", {}).json)]
    for name, document in pages:
        schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(document)
