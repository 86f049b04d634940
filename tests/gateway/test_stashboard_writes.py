"""Writing to Stashboard's API: every endpoint with its codes and bodies, each accepted change one commit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from door import git
from gateway_door import Answer, Gateway, gateway, subjects

BASE: Final = "/admin/api/v1"
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
SITE: Final = {
    "site-data/site.yaml": "title: Acme Status\nurl: https://status.example.com\n",
    "site-data/groups/core.yaml": "name: Core\ndescription: What counts.\n",
    "site-data/services/api.yaml": "# ours\nname: API  # the one\ndescription: Calls.\n",
    "site-data/services/web.yaml": "name: Web\n",
    "site-data/services/secret.yaml": "name: Secret\nhidden: true\n",
    "site-data/events/2026/2026-11-01-old.yaml": (
        "title: Old\nservices: {web: down, api: warning}\nupdates:\n"
        "  - {at: 2026-11-01T09:00:00Z, message: Broken.}\n"
        "  - {at: 2026-11-01T10:00:00Z, state: resolved, message: Mended.}\n"
    ),
}
MULTIPART: Final = (
    b'--b\r\nContent-Disposition: form-data; name="message"\r\n\r\nx\r\n--b\r\n'
    b'Content-Disposition: form-data; name="status"\r\n\r\ndown\r\n--b--\r\n'
)
LIMITS: Final = {"requests_per_minute": 100_000, "burst": 10_000, "failures_per_minute": 10_000}


@pytest.fixture
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("writes"), {"limits": LIMITS, "push": False}, SITE) as one:
        yield one


def send(page: Gateway, method: str, resource: str, fields: Mapping[str, str] | None = None, **how: Any) -> Answer:
    """Send a form, as an admin who may do anything."""
    body = urlencode(fields).encode() if fields is not None else None
    base, token = how.get("base", BASE), how.get("token", "admin")
    headers = FORM if body is not None else None
    return page.ask(method, f"{base}/{resource}", body, token=token, headers=headers)


def get(page: Gateway, resource: str, base: str = BASE) -> Answer:
    return page.ask("GET", f"{base}/{resource}", token=None)


def is_error(answer: Answer, code: int, word: str = "") -> bool:
    """Tell whether an answer is an error in Stashboard's form."""
    assert answer.headers["content-type"] == "application/json", answer
    assert (answer.status, answer.json["error"], answer.json["code"]) == (code, True, code), answer
    assert word in answer.json.get("message", ""), answer
    return set(answer.json) <= {"error", "code", "message"}


def commits(page: Gateway) -> int:
    return len(subjects(page.project))


def test_a_service_from_its_birth_to_its_end(page: Gateway) -> None:
    before = commits(page)
    made = send(page, "POST", "services", {"name": "Foo & Bar", "description": "Both", "list": "core", "extra": "x"})
    assert (made.status, made.headers["content-type"]) == (201, "application/json")
    url = f"{page.url}{BASE}/services/foo--bar"
    told = made.json
    assert (told["name"], told["id"], told["description"], told["url"]) == ("Foo & Bar", "foo--bar", "Both", url)
    assert (told["current-event"], told["list"]["id"]) == (None, "core")
    assert get(page, "services/foo--bar").json == told
    assert told in get(page, "services").json["services"]
    # Another name leaves the id, an empty list takes it out of its list, anything else that is empty stays.
    renamed = send(page, "POST", "services/foo--bar", {"name": "Baz", "list": "", "description": ""})
    assert (renamed.status, renamed.json) == (200, {**told, "name": "Baz", "list": None})
    assert send(page, "POST", "services/foo--bar", {"name": "Baz"}).json == renamed.json
    assert commits(page) == before + 2
    gone = send(page, "DELETE", "services/foo--bar")
    assert (gone.status, gone.json) == (200, renamed.json)
    assert is_error(get(page, "services/foo--bar"), 404)
    assert is_error(send(page, "DELETE", "services/foo--bar"), 404)
    assert commits(page) == before + 3
    assert git(page.project, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("resource", "fields", "code", "word"),
    [
        ("services", {"description": "x"}, 400, "name"),
        ("services", {"name": "x"}, 400, "description"),
        ("services", {"name": "", "description": "x"}, 400, "name"),
        ("services", {"name": "x", "description": "y", "list": "nothing"}, 400, "nothing"),
        ("services", {"name": "api", "description": "again"}, 404, "already"),
        ("services", {"name": "日本語", "description": "x"}, 400, "name"),
        ("services/nothing", {"name": "x"}, 404, "nothing"),
        ("services/secret", {"name": "x"}, 404, "secret"),
        ("services/API", {"name": "x"}, 404, "API"),
        ("services/web", {"list": "nothing"}, 400, "nothing"),
        ("services/web", {"name": "API"}, 400, "same name"),
        ("services/web/events", {}, 400, "message"),
        ("services/nothing/events", {"status": "nothing"}, 400, "message"),
        ("services/nothing/events", {"message": "x"}, 404, "service"),
        ("services/web/events", {"message": "x", "status": "nothing"}, 404, "status"),
        ("statuses", {"description": "x", "image": "tick"}, 400, "name"),
        ("statuses", {"name": "x", "image": "tick"}, 400, "description"),
        ("statuses", {"name": "x", "description": "x"}, 400, "image"),
        ("statuses", {"name": "x", "description": "x", "image": "nothing"}, 400, "nothing"),
        ("statuses", {"name": "x", "description": "x", "image": "tick", "default": "yes"}, 400, "default"),
        ("statuses", {"name": "Down", "description": "x", "image": "cross"}, 400, "already"),
        ("statuses/nothing", {"name": "x"}, 404, "nothing"),
        ("statuses/down", {"image": "nothing"}, 400, "nothing"),
        ("statuses/up", {"default": "false"}, 400, "default"),
        ("service-lists", {"description": "x"}, 400, "name"),
        ("service-lists", {"name": "x"}, 400, "description"),
        ("service-lists", {"name": "Core", "description": "x"}, 404, "already"),
        ("service-lists/nothing", {"name": "x"}, 404, "nothing"),
        ("nothing", {"name": "x"}, 404, "nothing"),
        ("services/", {"name": "x"}, 404, ""),
    ],
)
def test_what_cannot_be_done_is_said(
    shared: Gateway, resource: str, fields: dict[str, str], code: int, word: str
) -> None:
    before = git(shared.project, "rev-parse", "HEAD")
    assert is_error(send(shared, "POST", resource, fields), code, word)
    assert git(shared.project, "rev-parse", "HEAD") == before
    assert git(shared.project, "status", "--porcelain") == ""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("shared"), {"limits": LIMITS, "push": False}, SITE) as one:
        yield one


def test_deletions_of_what_is_not_there(shared: Gateway) -> None:
    for resource in ("services/nothing", "services/secret", "statuses/nothing", "service-lists/nothing"):
        assert is_error(send(shared, "DELETE", resource), 404)
    sid = get(shared, "services/web/events/current").json["sid"]
    for service in ("nothing", "api"):
        assert is_error(send(shared, "DELETE", f"services/{service}/events/{sid}"), 404)


@pytest.mark.parametrize(
    ("method", "resource"),
    [
        ("PUT", "services/api"), ("PATCH", "services"), ("DELETE", "services"), ("DELETE", "services/api/events"),
        ("POST", "services/api/events/current"), ("DELETE", "services/api/events/current"), ("POST", "levels"),
        ("POST", "status-images"), ("DELETE", "statuses"), ("OPTIONS", "services"), ("PUT", "service-lists/core"),
    ],
)  # fmt: skip
def test_other_methods(shared: Gateway, method: str, resource: str) -> None:
    answer = send(shared, method, resource, {"name": "x"})
    assert is_error(answer, 405)
    assert "message" not in answer.json
    assert answer.headers["allow"].startswith("GET, HEAD")
    public = send(shared, method, resource, {"name": "x"}, base="/api/v1")
    assert is_error(public, 405)
    assert public.json["message"]


@pytest.mark.parametrize(
    ("token", "resource", "fields"),
    [
        (None, "services/web/events", {"message": "x", "status": "down"}),
        ("sg_" + "x" * 43, "services/web/events", {"message": "x", "status": "down"}),
        ("reader", "services/web/events", {"message": "x", "status": "down"}),
        ("keeper", "services/web/events", {"message": "x", "status": "down"}),
        ("writer", "services", {"name": "x", "description": "x"}),
        ("writer", "statuses", {"name": "x", "description": "x", "image": "tick"}),
        ("writer", "service-lists/core", {"name": "x"}),
        (None, "services/nothing", {"name": "x"}),
    ],
)
def test_who_may_not_is_told_so_in_the_only_way_old_clients_know(
    shared: Gateway, token: str | None, resource: str, fields: dict[str, str]
) -> None:
    answer = send(shared, "POST", resource, fields, token=token)
    assert is_error(answer, 403)
    assert answer.json["message"]


def test_the_public_base_takes_writes_of_those_who_have_a_key(page: Gateway) -> None:
    event = {"status": "down", "message": "Down."}
    nobody = send(page, "POST", "services/web/events", event, base="/api/v1", token=None)
    assert is_error(nobody, 405, "key")
    assert is_error(send(page, "POST", "services/web/events", event, base="/api/v1", token="reader"), 403)
    posted = send(page, "POST", "services/web/events", event, base="/api/v1", token="writer")
    assert posted.status == 200
    assert posted.json["url"] == f"{page.url}/api/v1/services/web/events/{posted.json['sid']}"
    gone = send(page, "DELETE", f"services/web/events/{posted.json['sid']}", base="/api/v1", token="writer")
    assert gone.json["message"] == posted.json


def test_an_event_is_found_wherever_events_are(page: Gateway) -> None:
    assert is_error(get(page, "services/nothing/events/current"), 404)
    text = "Down & <out> *now*,\nsays host_a_b"
    posted = send(page, "POST", "services/web/events", {"status": "down", "message": text, "tweet": "1"})
    assert posted.status == 200
    event = posted.json
    assert (event["message"], event["status"]["id"], event["informational"]) == (text, "down", False)
    assert event["status"]["level"] == "CRITICAL"
    assert re.fullmatch("[a-z0-9]{24}", event["sid"])
    assert event["url"] == f"{page.url}{BASE}/services/web/events/{event['sid']}"
    assert parsedate_to_datetime(event["timestamp"]).tzinfo is not None
    assert get(page, f"services/web/events/{event['sid']}").json == event
    assert get(page, "services/web/events/current").json == event
    assert get(page, "services/web/events").json["events"][0] == event
    assert get(page, "services/web").json["current-event"] == event
    public = get(page, "services/web/events/current", "/api/v1").json
    assert public["url"] == f"{page.url}/api/v1/services/web/events/{event['sid']}"
    assert event["sid"] not in json.dumps(get(page, "services/api/events").json)


def test_posts_of_one_second_are_told_apart_and_in_order(page: Gateway) -> None:
    wanted = ["down", "up", "down", "warning", "up", "up", "up", "down"]
    before, posted = commits(page), []
    for number, status in enumerate(wanted):
        answer = send(page, "POST", "services/web/events", {"status": status, "message": f"No. {number}"})
        assert (answer.status, answer.json["status"]["id"], answer.json["message"]) == (200, status, f"No. {number}")
        assert get(page, "services/web/events/current").json == answer.json
        posted.append(answer.json)
    assert len({event["sid"] for event in posted}) == len(wanted)
    events = get(page, "services/web/events").json["events"]
    assert events[: len(wanted)] == posted[::-1]
    assert [event["informational"] for event in posted] == [False] * len(wanted)
    assert commits(page) == before + len(wanted)


def test_many_clients_at_once(page: Gateway) -> None:
    def post(number: int) -> Answer:
        status = ("down", "up", "warning")[number % 3]
        return send(page, "POST", "services/web/events", {"status": status, "message": f"No. {number}"})

    with ThreadPoolExecutor(6) as pool:
        answers = [*pool.map(post, range(18))]
    assert [(one.status, one.json["message"]) for one in answers] == [(200, f"No. {n}") for n in range(18)]
    assert [one.json["status"]["id"] for one in answers] == [("down", "up", "warning")[n % 3] for n in range(18)]
    events = get(page, "services/web/events").json["events"][:18]
    assert sorted(one["sid"] for one in events) == sorted(one.json["sid"] for one in answers)
    git(page.project, "fsck", "--strict")


def test_a_request_that_comes_again_under_its_key_is_carried_out_once(page: Gateway) -> None:
    before = commits(page)
    headers = {**FORM, "Idempotency-Key": "run-1"}
    body = urlencode({"status": "down", "message": "Once."}).encode()
    first, second = (page.ask("POST", f"{BASE}/services/web/events", body, headers=headers) for _ in range(2))
    assert (first.status, second.status, second.json) == (200, 200, first.json)
    assert commits(page) == before + 1
    other = page.ask("POST", f"{BASE}/services/web/events", body.replace(b"down", b"up"), headers=headers)
    assert is_error(other, 409, "key")


def test_notes_keep_the_status(page: Gateway) -> None:
    for service, status in (("api", "up"), ("web", "down")):
        if status != "up":
            send(page, "POST", f"services/{service}/events", {"status": status, "message": "Broken."})
        for fields in ({"informational": "true"}, {}, {"informational": "true", "status": status, "tweet": "x"}):
            note = send(page, "POST", f"services/{service}/events", {"message": "We look.", **fields})
            assert (note.status, note.json["status"]["id"]) == (200, status)
            assert note.json["informational"] is True
            assert get(page, f"services/{service}/events/current").json == note.json
    # A status beside `informational` counts, and only the very word does.
    changed = send(page, "POST", "services/web/events", {"message": "x", "status": "warning", "informational": "true"})
    assert changed.json["status"]["id"] == "warning"
    again = send(page, "POST", "services/web/events", {"message": "x", "status": "down", "informational": "True"})
    assert (again.json["status"]["id"], again.json["informational"]) == ("down", False)


def test_an_event_can_be_taken_back(page: Gateway) -> None:
    first = send(page, "POST", "services/web/events", {"status": "down", "message": "One."}).json
    second = send(page, "POST", "services/web/events", {"status": "warning", "message": "Two."}).json
    gone = send(page, "DELETE", f"services/web/events/{second['sid']}")
    assert (gone.status, gone.json) == (200, {"error": False, "code": 200, "message": second})
    assert get(page, "services/web/events/current").json == first
    assert is_error(get(page, f"services/web/events/{second['sid']}"), 404)
    assert is_error(send(page, "DELETE", f"services/web/events/{second['sid']}"), 404)
    assert send(page, "DELETE", f"services/web/events/{first['sid']}").status == 200
    assert get(page, "services/web/events/current").json["message"] == "Mended."


def test_what_was_said_of_two_services_is_not_taken_from_one(shared: Gateway) -> None:
    for event in get(shared, "services/web/events").json["events"][-2:]:
        assert is_error(send(shared, "DELETE", f"services/web/events/{event['sid']}"), 400, "`api`")
    events = get(shared, "services/web/events").json["events"]
    assert [event["message"] for event in events[-2:]] == ["Mended.", "Broken."]


def test_statuses(page: Gateway) -> None:
    made = send(page, "POST", "statuses", {"name": "So so", "description": "Hm", "image": "exclamation", "level": "x"})
    assert made.status == 201
    told = made.json
    assert (told["id"], told["level"], told["default"]) == ("so-so", "WARNING", False)
    assert told["url"] == f"{page.url}{BASE}/statuses/so-so"
    assert page.ask("GET", told["image"].removeprefix(page.url), token=None).status == 200
    assert get(page, "statuses/so-so").json == told
    assert told in get(page, "statuses").json["statuses"]
    for image in get(page, "status-images").json["images"]:
        changed = send(page, "POST", "statuses/so-so", {"image": image["name"], "name": "Other"})
        assert (changed.status, changed.json["name"]) == (200, "Other")
    old = send(page, "POST", "statuses", {"name": "Bad", "description": "x", "level": "ERROR", "image": "cross-circle"})
    assert (old.status, old.json["level"]) == (201, "ERROR")
    gone = send(page, "DELETE", "statuses/bad")
    assert (gone.status, gone.json) == (200, old.json)
    assert is_error(get(page, "statuses/bad"), 404)


def test_a_built_in_status_can_be_changed(page: Gateway) -> None:
    changed = send(page, "POST", "statuses/down", {"name": "Kaputt", "description": "Nothing works."})
    assert (changed.status, changed.json["name"], changed.json["level"]) == (200, "Kaputt", "CRITICAL")
    assert is_error(send(page, "DELETE", "statuses/down"), 400, "built in")


def test_one_status_is_the_default(page: Gateway) -> None:
    made = send(page, "POST", "statuses", {"name": "OK", "description": "x", "image": "tick", "default": "true"})
    assert (made.status, made.json["default"], made.json["level"]) == (201, True, "NORMAL")
    assert [one["id"] for one in get(page, "statuses").json["statuses"] if one["default"]] == ["ok"]
    assert is_error(send(page, "DELETE", "statuses/ok"), 400, "default")
    assert is_error(send(page, "POST", "statuses/ok", {"default": "false"}), 400, "default")
    back = send(page, "POST", "statuses/up", {"default": "true"})
    assert (back.status, back.json["default"]) == (200, True)
    assert [one["id"] for one in get(page, "statuses").json["statuses"] if one["default"]] == ["up"]
    assert send(page, "DELETE", "statuses/ok").status == 200


def test_a_status_that_history_needs_stays(page: Gateway) -> None:
    send(page, "POST", "statuses", {"name": "Slow", "description": "x", "image": "exclamation"})
    send(page, "POST", "services/web/events", {"status": "slow", "message": "Slow."})
    assert is_error(send(page, "DELETE", "statuses/slow"), 400, "slow")
    assert get(page, "services/web/events/current").json["status"]["id"] == "slow"


def test_lists(page: Gateway) -> None:
    made = send(page, "POST", "service-lists", {"name": "The Rest", "description": "All else"})
    told = {"name": "The Rest", "id": "the-rest", "description": "All else"}
    assert (made.status, made.json) == (201, {**told, "url": f"{page.url}{BASE}/service-lists/the-rest"})
    assert made.json in get(page, "service-lists").json["lists"]
    assert send(page, "POST", "services/web", {"list": "the-rest"}).json["list"] == made.json
    changed = send(page, "POST", "service-lists/the-rest", {"name": "Others"})
    assert (changed.status, changed.json) == (200, {**made.json, "name": "Others"})
    gone = send(page, "DELETE", "service-lists/the-rest")
    assert (gone.status, gone.json) == (200, changed.json)
    assert get(page, "services/web").json["list"] is None
    assert is_error(get(page, "service-lists/the-rest"), 404)


def test_a_service_takes_its_part_of_events_with_it(page: Gateway) -> None:
    assert send(page, "DELETE", "services/web").status == 200
    assert [event["message"] for event in get(page, "services/api/events").json["events"]] == ["Mended.", "Broken."]
    assert git(page.project, "show", "HEAD~1:site-data/services/web.yaml") == SITE["site-data/services/web.yaml"]


def test_a_service_that_was_renamed_is_known_by_its_old_id(page: Gateway) -> None:
    renamed = page.ask("PATCH", "/v1/services/web", {"id": "website"}, token="admin")
    assert renamed.status == 200, renamed
    answer = send(page, "POST", "services/web/events", {"status": "down", "message": "Down."})
    assert (answer.status, answer.json["url"]) == (
        200,
        f"{page.url}{BASE}/services/website/events/{answer.json['sid']}",
    )
    assert get(page, "services/web/events/current").json == answer.json
    assert get(page, "services/web").json["id"] == "website"


def test_comments_of_people_stay(page: Gateway) -> None:
    assert send(page, "POST", "services/api", {"description": "All calls."}).status == 200
    path = page.project / "site-data/services/api.yaml"
    assert path.read_text(encoding="utf-8") == "# ours\nname: API  # the one\ndescription: All calls.\n"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_forms_on_pages_of_others_are_refused(shared: Gateway, origin: str) -> None:
    body = urlencode({"status": "down", "message": "x"}).encode()
    answer = shared.ask("POST", f"{BASE}/services/api/events", body, headers={**FORM, "Origin": origin})
    assert is_error(answer, 403, "other sites")
    own = shared.ask("POST", f"{BASE}/services/api/events", body, headers={**FORM, "Origin": shared.url})
    assert own.status == 200
    assert not [name for name in own.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("body", "headers", "query"),
    [
        (b'{"status": "down", "message": "x", "informational": false, "tweet": null, "n": [1]}',
         {"Content-Type": "application/json"}, ""),
        (b'{"status": "down", "message": "x"}', {"Content-Type": "application/vnd.acme+json; charset=utf-8"}, ""),
        (b"status=down&message=x", {}, ""),
        (b"", FORM, "?status=down&message=x"),
        (b"message=y", FORM, "?status=down&message=x"),
        (MULTIPART, {"Content-Type": "multipart/form-data; boundary=b"}, ""),
    ],
)  # fmt: skip
def test_parameters_come_in_many_ways(shared: Gateway, body: bytes, headers: dict[str, str], query: str) -> None:
    answer = shared.ask("POST", f"{BASE}/services/api/events{query}", body, headers=headers)
    assert (answer.status, answer.json["status"]["id"], answer.json["message"]) == (200, "down", "x")


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b'"x"', b'{"message": {"a": 1}}', b'{"message": NaN}', b"\xff", b"[" * 100_000]
)
def test_json_that_is_none(shared: Gateway, body: bytes) -> None:
    answer = shared.ask("POST", f"{BASE}/services/api/events", body, headers={"Content-Type": "application/json"})
    assert is_error(answer, 400)


def test_a_callback_wraps_writes_too(shared: Gateway) -> None:
    ok = send(shared, "POST", "services/api/events?callback=a.b", {"message": "x"})
    assert (ok.status, ok.headers["content-type"]) == (200, "application/javascript")
    assert json.loads(ok.body.removeprefix(b"a.b(").removesuffix(b");"))["message"] == "x"
    before = commits(shared)
    assert is_error(send(shared, "POST", "services/api/events?callback=a(", {"message": "x"}), 400, "callback")
    bad = send(shared, "POST", "services/api/events", {"callback": "f"})
    assert (bad.status, bad.body[:2]) == (400, b"f(")
    assert commits(shared) == before


def test_who_did_it_stands_in_the_commit(page: Gateway) -> None:
    send(page, "POST", "services/web/events", {"status": "down", "message": "x"}, token="writer")
    trailers = git(page.project, "log", "-1", "--format=%(trailers)")
    assert "Via: stashboard" in trailers
    assert "By: writer" in trailers
