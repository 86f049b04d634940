"""Reading Stashboard's API from the gateway: what a built site would answer, of the site as it is at that moment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

import pytest
from door import NOW, Run, git, write_files
from gateway_door import Gateway, gateway

from stashgen.documents.stashboard import DOCUMENTS

BASES: Final = ("api/v1", "admin/api/v1")
URL: Final = "https://status.example.com/page"
SITE: Final[dict[str, str | bytes]] = {
    "site-data/site.yaml": f"title: Acme Status\nurl: {URL}\n",
    "site-data/groups/core.yaml": "name: Core\ndescription: What counts.\n",
    "site-data/groups/later.yaml": "name: Later\n",
    "site-data/groups/unseen.yaml": "name: Unseen\n",
    "site-data/services/mail.yaml": "name: Mail\ngroup: core\n",
    "site-data/services/web.yaml": "name: Web\n",
    "site-data/services/secret.yaml": "name: Secret\nhidden: true\ngroup: unseen\n",
    "site-data/statuses/slow.yaml": "name: Slow\nlevel: WARNING\nicon: snail.svg\n",
    "site-data/static/snail.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>\n",
    "site-data/static/plan.pdf": b"%PDF-1.4\n",
    "site-data/events/2026/2026-11-23-mail.yaml": (
        "title: Mail is late\nservices: {mail: down, secret: down}\nupdates:\n"
        "  - {at: 2026-11-23T09:00:00Z, message: 'Späte Post \u2028 <b>'}\n"
        "  - {at: 2026-11-23T10:00:00Z, services: {mail: slow}, message: Queue is slöw.}\n"
        "  - {at: 2026-11-23T10:10:00Z, services: {mail: slow}, message: Still.}\n"
        "  - {at: 2026-11-23T10:20:00Z, message: We look.}\n"
    ),
    # A file that nobody can read must not keep the others from being read.
    "site-data/events/2026/2026-11-22-broken.yaml": "title: [\n",
}
ENVIRON: Final = {"SOURCE_DATE_EPOCH": "1795429800"}  # NOW


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    config = {"proxy": {"trusted": ["127.0.0.1"]}, "limits": {"requests_per_minute": 100_000, "burst": 10_000}}
    with gateway(tmp_path_factory.mktemp("reads"), config, SITE, ENVIRON) as one:
        yield one


def test_every_document_is_what_a_build_writes(running: Gateway, invoke: Run) -> None:
    site = write_files(running.project.parent / "sound", {k: v for k, v in SITE.items() if "broken" not in k})
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    files = [path for base in BASES for path in (site / "build" / base).rglob("*.json")]
    assert len(files) > len(DOCUMENTS)
    for path in files:
        name = path.relative_to(site / "build").as_posix()
        moved = path.read_text(encoding="utf-8").replace(URL, running.url)
        if name.endswith("/events.json"):
            moved = moved.strip()
        answer = running.ask("GET", f"/{name.removesuffix('.json')}", token=None)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json"), name
        assert answer.json == json.loads(moved), name
        assert running.ask("GET", f"/{name}", token=None).body == path.read_bytes()


@pytest.mark.parametrize("base", BASES)
def test_links_begin_where_the_client_knocked(running: Gateway, base: str) -> None:
    proxied = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "api.example.org"}
    service = running.ask("GET", f"/{base}/services/mail", token=None, headers=proxied).json
    assert service["url"] == f"https://api.example.org/{base}/services/mail"
    event = service["current-event"]
    assert event["url"] == f"https://api.example.org/{base}/services/mail/events/{event['sid']}"
    assert event["status"]["image"] == "https://api.example.org/static/snail.svg"
    assert service["list"]["url"] == f"https://api.example.org/{base}/service-lists/core"


def test_pictures_are_where_their_links_lead(running: Gateway) -> None:
    for image in running.ask("GET", "/api/v1/status-images", token=None).json["images"]:
        assert image["url"].startswith(running.url)
        answer = running.ask("GET", image["url"].removeprefix(running.url), token=None)
        assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml; charset=utf-8")
        assert b"<svg" in answer.body
    assert running.ask("GET", "/static/plan.pdf", token=None).status == 404


def test_the_feeds(running: Gateway) -> None:
    for path in ("/rss", "/rss?services=mail,web", "/services/mail/rss"):
        answer = running.ask("GET", path, token=None)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/rss+xml; charset=utf-8")
        assert b"[Mail - Slow] We look." in answer.body
    assert running.ask("GET", "/services/secret/rss", token=None).status == 404


def test_what_is_said_to_be_so_is_no_mere_note(running: Gateway) -> None:
    events = running.ask("GET", "/api/v1/services/mail/events", token=None).json["events"]
    told = [(event["message"], event["status"]["id"], event["informational"]) for event in events]
    assert told == [
        ("We look.", "slow", True),
        ("Still.", "slow", False),
        ("Queue is slöw.", "slow", False),
        ("Späte Post", "down", False),
    ]


def test_lists_without_services_are_told_but_not_those_of_hidden_ones(running: Gateway) -> None:
    lists = running.ask("GET", "/admin/api/v1/service-lists", token=None).json["lists"]
    assert [one["id"] for one in lists] == ["core", "later"]
    assert running.ask("GET", "/admin/api/v1/service-lists/unseen", token=None).status == 404


@pytest.mark.parametrize("base", BASES)
def test_start_end_and_callback(running: Gateway, base: str) -> None:
    path = f"/{base}/services/mail/events?" + urlencode({"start": "2026-11-23 10:00", "end": "2026-11-23 11:10 +0100"})
    assert [one["message"] for one in running.ask("GET", path, token=None).json["events"]] == [
        "Still.",
        "Queue is slöw.",
    ]
    bad = running.ask("GET", f"/{base}/services/mail/events?start=soon&callback=a.b", token=None)
    assert (bad.status, bad.headers["content-type"]) == (400, "application/javascript")
    assert re.fullmatch(rb"a\.b\((.*)\);", bad.body)
    assert running.ask("GET", f"/{base}/levels?callback=alert(1)", token=None).json["code"] == 400


@pytest.mark.parametrize(
    "path",
    [
        "api/v1", "api/v1/", "api/v1/services/", "api/v1/services/mail/events/", "api/v1/nothing", "admin/api",
        "admin/api/v2/services", "api/v1/services/secret", "api/v1/services/web/events/current", "api/v1//levels",
        "api/v1/services/mail/events/000000000000000000000000", "api/v1/../../../etc/passwd", "api/v1/%2e%2e/status",
    ],
)  # fmt: skip
def test_what_is_not_there(running: Gateway, path: str) -> None:
    answer = running.ask("GET", f"/{path}", token=None)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/json")
    assert (answer.json["error"], answer.json["code"], answer.json.keys()) == (True, 404, {"error", "code", "message"})
    head = running.ask("HEAD", f"/{path}", token=None)
    assert (head.status, head.body) == (404, b"")


@pytest.mark.parametrize("path", ["/", "/services/mail", "/services/mail/2026/11/5", "/summary"])
def test_people_are_sent_to_the_page(running: Gateway, path: str) -> None:
    answer = running.ask("GET", path, token=None)
    assert (answer.status, answer.headers["location"]) == (302, f"{URL}{path}")


def test_a_key_does_not_matter_to_who_reads(running: Gateway) -> None:
    for token in (None, "reader", "sg_" + "x" * 43):
        assert running.ask("GET", "/admin/api/v1/services", token=token).status == 200
    headers = {"Authorization": 'OAuth oauth_consumer_key="a", oauth_signature="x"'}
    assert running.ask("GET", "/api/v1/services", token=None, headers=headers).status == 200


def test_what_others_write_is_seen_at_once(running: Gateway) -> None:
    path = running.project / "site-data/services/new.yaml"
    assert running.ask("GET", "/api/v1/services/new", token=None).status == 404
    path.write_text("name: New\n", encoding="utf-8")
    assert running.ask("GET", "/api/v1/services/new", token=None).json["name"] == "New"
    path.unlink()
    assert running.ask("GET", "/api/v1/services/new", token=None).status == 404
    assert git(running.project, "status", "--porcelain") == ""


def test_a_broken_file_of_somebody_does_not_block_the_news(running: Gateway) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"status": "down", "message": "All the same."}).encode()
    answer = running.ask("POST", "/admin/api/v1/services/web/events", body, headers=form)
    assert (answer.status, answer.json["status"]["id"]) == (200, "down")
    assert answer.headers["stashgen-commit"] == git(running.project, "rev-parse", "HEAD").strip()
    assert running.ask("GET", "/api/v1/services/web/events/current", token=None).json["message"] == "All the same."
