"""Stashboard's own clients against `stashgen serve`: the calls they make, and what they need in the answers.

Each client here does what the original does, with its own library for HTTP where that is Python's: redirects are
not followed, the status is looked at or not, and keys are read as they read them.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import re
import threading
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import feedparser
import pytest
from door import NOW, Run, write_files
from playwright.sync_api import Browser
from serving import Served, serving

SITE: Final = {
    "site-data/site.yaml": "title: Acme Status\nurl: https://example.com/status\n",
    "site-data/groups/core.yaml": "name: Core\n",
    "site-data/services/mail.yaml": "name: Mail\ngroup: core\n",
    "site-data/services/web.yaml": "name: Web\n",
    "site-data/services/quiet.yaml": "name: Quiet\n",
    "site-data/services/secret.yaml": "name: Secret\nhidden: true\n",
    "site-data/events/2026/2026-11-23-mail.yaml": (
        "title: Mail is late\nservices: {mail: down, secret: down}\nupdates:\n"
        "  - {at: 2026-11-23T09:00:00Z, message: 'Späte Post \u2028 <b>'}\n"
        "  - {at: 2026-11-23T10:00:00Z, services: {mail: warning}, message: Queue is slöw.}\n"
    ),
    "site-data/events/2026/2026-06-10-web.yaml": (
        "title: Web\nservices: {web: warning}\nupdates:\n"
        "  - {at: 2026-06-10T00:00:00Z, message: One.}\n"
        "  - {at: 2026-06-17T00:00:00Z, message: Two.}\n"
        "  - {at: 2026-06-17T00:00:01Z, state: resolved, message: Three.}\n"
    ),
}
BASES: Final = ("api/v1", "admin/api/v1")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(write_files(tmp_path_factory.mktemp("clients") / "site", SITE)) as running:
        yield running


class Gem:
    """The Ruby gems: Net::HTTP, which follows no redirect, and keys taken off the parsed body."""

    def __init__(self, url: str, base: str) -> None:
        self._host = urlsplit(url).netloc
        self._base = base

    def get(self, path: str) -> Any:
        with closing(http.client.HTTPConnection(self._host, timeout=30)) as connection:
            connection.request("GET", f"/{self._base}{path}", headers={"Authorization": 'OAuth oauth_signature="x"'})
            response = connection.getresponse()
            assert response.status not in range(300, 400)
            return json.loads(response.read())

    def unwrapped(self, path: str, key: str) -> Any:
        body = self.get(path)
        return body.get(key, body)


@pytest.mark.parametrize("base", BASES)
def test_the_ruby_gems(served: Served, base: str) -> None:
    gem = Gem(served.url, base)
    services = gem.unwrapped("/services", "services")
    assert [service["id"] for service in services] == ["mail", "quiet", "web"]
    assert gem.get("/services/mail") == services[0]
    assert gem.unwrapped("/levels", "levels") == ["NORMAL", "WARNING", "ERROR", "CRITICAL"]
    statuses = gem.unwrapped("/statuses", "statuses")
    assert {"up", "warning", "down"} <= {status["id"] for status in statuses}
    assert [gem.get(f"/statuses/{status['id']}") for status in statuses] == statuses
    assert {"name", "icon_set", "url"} == set(gem.unwrapped("/status-images", "images")[0])
    events = gem.unwrapped("/services/mail/events", "events")
    assert gem.get("/services/mail/events/current") == events[0] == services[0]["current-event"]
    assert [gem.get(f"/services/mail/events/{event['sid']}") for event in events] == events
    assert gem.unwrapped("/services/nothing/events", "events")["error"] is True


def test_the_manager_and_huginn_find_services_by_name_or_id(served: Served) -> None:
    gem = Gem(served.url, "api/v1")
    current = {one["id"]: one["current-event"] for one in gem.unwrapped("/services", "services")}
    assert {name: event and event["status"]["id"] for name, event in current.items()} == {
        "mail": "warning",
        "quiet": None,
        "web": "up",
    }
    names = {one["name"].lower() for one in gem.unwrapped("/statuses", "statuses")}
    assert {"operational", "major outage"} <= names


def test_hubot_lists_services(served: Served) -> None:
    with urllib.request.urlopen(f"{served.url}api/v1/services") as response:
        assert response.status == 200
        services = json.loads(response.read())["services"]
    said = [f"{one['name']}: {one['current-event']['status']['id']}" for one in services if one["current-event"]]
    assert said == ["Mail: warning", "Web: up"]


def test_cabot_looks_at_the_http_status_only(served: Served) -> None:
    assert served.ask("/api/v1/services/mail").status == 200
    for name in ("1234", "secret", "mail/", "MAIL", "mail.yaml"):
        assert served.ask(f"/api/v1/services/{name}").status == 404


def test_sensu_reads_below_admin_without_a_key(served: Served) -> None:
    services = json.loads(served.ask("/admin/api/v1/services").body)["services"]
    (mail,) = [one for one in services if one["name"] == "Mail"]
    one = json.loads(served.ask(f"/admin/api/v1/services/{mail['id']}").body)
    assert one["current-event"]["status"]["id"] == "warning"


def test_the_tray_app_compares_what_it_polls(served: Served) -> None:
    first, second = (served.ask("/admin/api/v1/services", headers={"Accept": "application/json"}) for _ in range(2))
    assert (first.status, first.body) == (200, second.body)
    for one in json.loads(first.body)["services"]:
        event = one["current-event"] or {"sid": "", "message": "", "status": {"id": ""}}
        assert {"sid", "message", "status"} <= event.keys()
        # It opens the page of the service in a browser.
        assert served.ask(f"/services/{one['id']}/").status == 200


def test_discourse_and_foursquare_take_404_for_no_state_yet(served: Served) -> None:
    for base in BASES:
        missing = served.ask(f"/{base}/services/quiet/events/current")
        assert (missing.status, missing.headers["content-type"]) == (404, "application/json")
        error = json.loads(missing.body)
        assert (error["error"], error["code"], bool(error["message"])) == (True, 404, True)
        with urllib.request.urlopen(f"{served.url}{base}/services/mail/events/current") as response:
            assert json.loads(response.read())["status"]["id"] == "warning"


def test_the_url_of_an_answer_is_the_base_of_the_next_call(served: Served) -> None:
    for base in BASES:
        with urllib.request.urlopen(f"{served.url}{base}/services/mail") as response:
            url = json.loads(response.read())["url"]
        assert url == f"{served.url}{base}/services/mail"
        with urllib.request.urlopen(f"{url}/events") as response:
            event = json.loads(response.read())["events"][0]
        for link in (event["url"], event["status"]["url"]):
            assert link.startswith(f"{served.url}{base}/")
            with urllib.request.urlopen(link) as response:
                assert response.headers["Content-Type"] == "application/json"
        with urllib.request.urlopen(event["status"]["image"]) as response:
            assert response.headers["Content-Type"].startswith("image/svg+xml")


def test_below_the_path_of_the_site_links_stay_there(served: Served) -> None:
    for base in BASES:
        service = json.loads(served.ask(f"/status/{base}/services/mail").body)
        assert service["url"] == f"{served.url}status/{base}/services/mail"
        assert service["current-event"]["status"]["image"].startswith(f"{served.url}status/images/")
        assert served.ask(f"/status/{base}/services/mail/").status == 404
        named = served.ask(f"/{base}/levels", headers={"Host": "localhost:1234"})
        assert named.status == 200
        service = json.loads(served.ask(f"/{base}/services/mail", headers={"Host": "localhost:1234"}).body)
        assert service["url"] == f"http://localhost:1234/{base}/services/mail"


class Intranet(BaseHTTPRequestHandler):
    """A page of somebody else, in an encoding of its own."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=iso-8859-1")
        self.end_headers()
        self.wfile.write(b"<p>")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def intranet() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Intranet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_the_widget_in_a_browser(served: Served, chromium: Browser, intranet: str) -> None:
    page = chromium.new_page()
    page.goto(intranet)
    page.evaluate(
        """url => new Promise((done, failed) => {
            window.stashboard = {callback: data => { window.told = data; done(); }};
            const script = document.createElement('script');
            script.src = url + 'api/v1/services?callback=stashboard.callback&random=' + Math.random();
            script.onerror = failed;
            document.head.append(script);
        })""",
        served.url,
    )
    told = page.evaluate(
        "told.services.filter(one => one['current-event']).map(one => [one.name, one['current-event'].status.level,"
        " one['current-event'].message, one['current-event'].status.image])"
    )
    page.close()
    image = f"{served.url}images/icons/statuses/warning.svg"
    assert told[0] == ["Mail", "WARNING", "Queue is slöw.", image]


@pytest.mark.parametrize("base", BASES)
def test_a_callback_wraps_answers_and_errors(served: Served, base: str) -> None:
    for path, status in (
        ("services/mail/events", 200),
        ("services/nothing", 404),
        ("services/mail/events?start=x", 400),
    ):
        separator = "&" if "?" in path else "?"
        answer = served.ask(f"/{base}/{path}{separator}callback=a.$b_1")
        assert (answer.status, answer.headers["content-type"]) == (status, "application/javascript")
        wrapped = re.fullmatch(r"a\.\$b_1\((.*)\);", answer.text, re.DOTALL)
        assert wrapped
        plain = served.ask(f"/{base}/{path}")
        assert plain.headers["content-type"] == "application/json"
        assert json.loads(wrapped[1]) == json.loads(plain.body)
        assert answer.body.isascii()


@pytest.mark.parametrize("name", ["a(b", "alert(1)//", "1a", "a..b", "a.", "<script>", "a b", "ä", "a\n", "a" * 200])
def test_a_callback_that_is_no_name_is_refused(served: Served, name: str) -> None:
    answer = served.ask("/api/v1/levels?" + urlencode({"callback": name}))
    assert (answer.status, answer.headers["content-type"]) == (400, "application/json")
    assert json.loads(answer.body)["code"] == 400


def times(served: Served, **query: str) -> list[str]:
    answer = served.ask("/api/v1/services/web/events?" + urlencode(query))
    assert answer.status == 200, answer.text
    return [event["message"] for event in json.loads(answer.body)["events"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Three.", "Two.", "One."]),
        ({"start": "", "end": ""}, ["Three.", "Two.", "One."]),
        ({"start": "2026-06-10"}, ["Three.", "Two.", "One."]),
        ({"start": "2026-06-10T00:00:01"}, ["Three.", "Two."]),
        ({"end": "2026-06-17"}, ["Two.", "One."]),
        ({"end": "Wed, 17 Jun 2026 00:00:01 GMT"}, ["Three.", "Two.", "One."]),
        ({"end": "Wed, 17 Jun 2026 02:00:00 +0200"}, ["Two.", "One."]),
        ({"start": "June 17", "end": "17.06.2026 00:00:00"}, ["Two."]),
        ({"start": "2026"}, []),  # what is left out comes from today
        ({"end": "2026"}, ["Three.", "Two.", "One."]),
        ({"start": "2027-01-01", "end": "2025-01-01"}, []),
        ({"start": "0001-01-01", "end": "9999-12-31"}, ["Three.", "Two.", "One."]),
    ],
)
def test_start_and_end_are_read_as_leniently_as_ever(
    served: Served, query: dict[str, str], expected: list[str]
) -> None:
    assert times(served, **query) == expected


@pytest.mark.parametrize("value", ["yesterday", "2026-02-30", "99999999999", "\x00", "1" * 500])
@pytest.mark.parametrize("name", ["start", "end"])
def test_a_bad_date_is_named(served: Served, name: str, value: str) -> None:
    answer = served.ask("/admin/api/v1/services/web/events?" + urlencode({name: value}))
    error = json.loads(answer.body)
    assert (answer.status, error["error"], error["code"]) == (400, True, 400)
    assert value[:100] in error["message"]


@pytest.mark.parametrize(
    "path",
    [
        "api", "api/", "api/v1", "api/v1/", "api/v1/services/", "api/v1/services/mail/events/", "api/v1/nothing",
        "api/v2/services", "api/v3/levels", "admin/api", "admin/api/v1/", "admin/api/v2/levels", "api/v1/%2e%2e/status",
        "api/v1/services/mail/events/000000000000000000000000", "api/v1/services/web/events/2026-05", "api/v1//levels",
        "api/v1/services/mail.json/", "admin/api/v1/services/secret", "api/v1/LEVELS",
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_404_in_json(served: Served, path: str) -> None:
    answer = served.ask(f"/{path}")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/json")
    assert json.loads(answer.body).keys() == {"error", "code", "message"}
    assert served.ask(f"/{path}", "HEAD").status == 404


def test_an_id_of_another_service_is_not_found(served: Served) -> None:
    sid = json.loads(served.ask("/api/v1/services/mail/events/current").body)["sid"]
    assert served.ask(f"/api/v1/services/web/events/{sid}").status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_writes_are_refused_in_json(served: Served, method: str) -> None:
    for path in ("services", "services/mail/events", "nothing"):
        public, admin = (served.ask(f"/{base}/{path}", method) for base in BASES)
        assert (public.status, admin.status) == (405, 405)
        assert public.headers["allow"] == admin.headers["allow"] == "GET, HEAD"
        told = json.loads(public.body)
        assert (told.pop("message") != "", told) == (True, {"error": True, "code": 405})
        assert json.loads(admin.body) == {"error": True, "code": 405}
    assert served.ask("/", method).headers["content-type"].startswith("text/plain")


def test_head_has_everything_but_the_body(served: Served) -> None:
    got, head = (served.ask("/api/v1/services/mail/events/current", method) for method in ("GET", "HEAD"))
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(got.body)))


def test_files_of_the_api_are_there_as_they_are(served: Served) -> None:
    file = served.ask("/api/v1/services/mail.json")
    assert (file.status, file.headers["content-type"]) == (200, "application/json")
    assert json.loads(file.body)["url"] == "https://example.com/status/api/v1/services/mail"


def test_feeds_by_service(served: Served) -> None:
    everything = served.ask("/rss")
    assert everything.headers["content-type"] == "application/rss+xml; charset=utf-8"
    assert everything.body == served.ask("/rss.xml").body == served.ask("/rss?services=nothing,secret").body
    assert served.ask("/rss.xml").headers["content-type"] == "application/rss+xml; charset=utf-8"
    mail = served.ask("/rss?services=mail")
    assert mail.body == served.ask("/services/mail/rss.xml").body
    feed = feedparser.parse(served.ask("/rss?services=mail,nothing&services=web").body)
    assert feed.bozo is False
    assert feed.entries[0].summary == "Queue is slöw."
    assert [entry.summary for entry in feed.entries[2:]] == ["Three.", "Two.", "One."]
    assert feed.feed.title == "Acme Status Service Events"
    assert "Mail" in feed.feed.subtitle
    assert "Web" in feed.feed.subtitle
    (own,) = [link.href for link in feed.feed.links if link.rel == "self"]
    with urllib.request.urlopen(own) as response:
        assert [item.findtext("guid") for item in ET.fromstring(response.read()).iter("item")] == [
            entry.id for entry in feed.entries
        ]


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("services/web/2026/06/17", "services/web/2026/06/#day-17"),
        ("services/web/2026/6/12", "services/web/2026/06/#day-12"),
        ("services/web/2026/6/12/", "services/web/2026/06/#day-12"),
        ("services/web/2026/6", "services/web/2026/06/"),
        ("services/web/2026", "services/web/"),
        ("services/web/2011/4/9", "services/web/"),
    ],
)
def test_days_lead_to_the_page_of_their_month(served: Served, path: str, target: str) -> None:
    for prefix in ("/", "/status/"):
        answer = served.ask(prefix + path)
        assert (answer.status, answer.headers["location"]) == (302, prefix + target)
        page, _, anchor = answer.headers["location"].partition("#")
        assert f'id="{anchor}"' in served.ask(page).text or not anchor


@pytest.mark.parametrize("path", ["web/2026/2/30", "web/2026/13/1", "web/0000/1/1", "secret/2026/6/7", "nothing/2026"])
def test_days_that_never_were_are_not_found(served: Served, path: str) -> None:
    answer = served.ask(f"/services/{path}")
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_events_too_old_for_a_file_are_found(tmp_path: Path, invoke: Run) -> None:
    first = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    updates = "".join(
        f"  - {{at: {first + dt.timedelta(hours=3 * number):%Y-%m-%dT%H:%M:%SZ}, message: Word {number}.}}\n"
        for number in range(2_100)
    )
    site = write_files(
        tmp_path / "site",
        {
            "site-data/site.yaml": "title: T\n",
            "site-data/services/api.yaml": "name: API\n",
            "site-data/events/long.yaml": f"title: Long\nservices: {{api: down}}\nupdates:\n{updates}",
        },
    )
    assert invoke("build", "-C", site, "--now", NOW).code == 0
    assert len(list((site / "build/api/v1/services/api/events").glob("?" * 24 + ".json"))) == 2_000
    with serving(site) as served:
        events = json.loads(served.ask("/admin/api/v1/services/api/events").body)["events"]
        assert [event["message"] for event in events] == [f"Word {number}." for number in reversed(range(2_100))]
        oldest = events[-1]
        assert json.loads(served.ask(urlsplit(oldest["url"]).path).body) == oldest
