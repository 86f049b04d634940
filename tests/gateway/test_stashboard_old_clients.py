"""Stashboard's own clients against the gateway: each makes the calls that the original makes, signed as it signs.

Requests and their answers go over real sockets; redirects are not followed, since Ruby's clients follow none.
"""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

import pytest
import requests
from gateway_door import Gateway, gateway, subjects
from requests_oauthlib import OAuth1

SECRET: Final = "s3cret/with+signs"
CONFIG: Final = {
    "push": False,
    "proxy": {"trusted": ["127.0.0.1"]},
    "oauth": {"old": {"token": "1/token", "token_secret": {"env": "OLD_SECRET"}}},
    "limits": {"requests_per_minute": 100_000, "burst": 10_000, "failures_per_minute": 10_000},
}
SITE: Final = {
    "site-data/site.yaml": "title: Acme Status\nurl: https://status.example.com\n",
    "site-data/groups/core.yaml": "name: Core\n",
    "site-data/services/mail.yaml": "name: Mail\ndescription: Post.\ngroup: core\n",
    "site-data/services/web.yaml": "name: Web\ndescription: Pages.\n",
}


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Gateway]:
    with gateway(tmp_path, CONFIG, SITE, {"OLD_SECRET": SECRET}) as one:
        yield one


class Client:
    """A client that signs with OAuth 1.0a: forms are part of what is signed."""

    def __init__(self, page: Gateway, base: str, *, is_signed: bool = True) -> None:
        self.root = f"{page.url}{base}"
        self.session = requests.Session()
        self.session.trust_env = False
        if is_signed:
            self.session.auth = OAuth1("anonymous", "anonymous", "1/token", SECRET)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def call(self, method: str, path: str, form: Mapping[str, str] | None = None) -> requests.Response:
        url = path if path.startswith("http") else self.root + path
        response = self.session.request(method, url, data=form, allow_redirects=False, timeout=60)
        assert response.status_code not in range(300, 400)
        assert response.headers["Content-Type"] == "application/json"
        return response

    def get(self, path: str) -> Any:
        return self.call("GET", path).json()

    def post(self, path: str, **form: str) -> Any:
        return self.call("POST", path, form).json()

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path).json()

    def unwrapped(self, path: str, key: str) -> Any:
        """Return a list without its wrapper, or the error, as the gems do."""
        body = self.get(path)
        return body.get(key, body)


@pytest.fixture
def public(page: Gateway) -> Iterator[Client]:
    with Client(page, "/api/v1") as client:
        yield client


@pytest.fixture
def admin(page: Gateway) -> Iterator[Client]:
    with Client(page, "/admin/api/v1") as client:
        yield client


def test_the_gem_of_2010_reads_and_writes_below_the_public_base(public: Client) -> None:
    gem = public
    assert [one["id"] for one in gem.unwrapped("/services", "services")] == ["mail", "web"]
    assert gem.unwrapped("/levels", "levels") == ["NORMAL", "WARNING", "ERROR", "CRITICAL"]
    service = gem.post("/services", name="New Thing", description="Shiny.")
    assert service["id"] == "new-thing"
    assert gem.post("/services/new-thing", name="Newer", description="Shinier.")["name"] == "Newer"
    image = gem.unwrapped("/status-images", "images")[0]["name"]
    status = gem.post("/statuses", name="Hiccup", description="Now and then.", level="ERROR", image=image)
    assert (status["id"], status["level"]) == ("hiccup", "ERROR")
    assert gem.get("/statuses/hiccup") == status
    event = gem.post("/services/new-thing/events", status="hiccup", message="Hic.")
    assert gem.get("/services/new-thing/events/current") == event
    assert gem.get(f"/services/new-thing/events/{event['sid']}") == event
    day = event["timestamp"][5:16]
    assert gem.unwrapped(f"/services/new-thing/events?start={day.replace(' ', '+')}", "events") == [event]
    assert gem.unwrapped("/services/new-thing/events?end=2011-01-01", "events") == []
    assert gem.delete(f"/services/new-thing/events/{event['sid']}")["error"] is False
    assert gem.get("/services/new-thing/events/current")["code"] == 404
    assert gem.delete("/services/new-thing")["id"] == "new-thing"
    assert gem.get("/services/new-thing")["error"] is True


def test_the_gem_of_2014_writes_below_admin_but_deletes_services_below_the_public_base(
    public: Client, admin: Client
) -> None:
    service = admin.post("/services", name="New Thing", description="Shiny.")
    assert admin.post("/services/new-thing", name="Newer", description="Shinier.")["id"] == service["id"]
    status = admin.post("/statuses", name="Hiccup", description="x", level="NORMAL", image="tick-circle")
    event = admin.post("/services/new-thing/events", status=status["id"], message="Hic.")
    assert public.get("/services/new-thing")["current-event"]["status"]["id"] == "hiccup"
    assert admin.delete(f"/services/new-thing/events/{event['sid']}")["message"] == event
    assert public.delete("/services/new-thing")["name"] == "Newer"
    assert "new-thing" not in {one["id"] for one in public.unwrapped("/services", "services")}
    assert admin.post("/services/nothing/events", status="up", message="x")["error"] is True


def test_the_manager_posts_only_what_is_new(public: Client, admin: Client) -> None:
    for service, status in (("mail", "down"), ("web", "up")):
        admin.post(f"/services/{service}/events", status=status, message="First.")
    for one in public.unwrapped("/services", "services"):
        current = public.get(f"/services/{one['id']}")["current-event"]
        if current["status"]["id"] != "up":
            admin.post(f"/services/{one['id']}/events", status="up", message="Checked.")
    told = {one["id"]: one["current-event"]["message"] for one in public.unwrapped("/services", "services")}
    assert told == {"mail": "Checked.", "web": "First."}


def test_huginn_makes_what_is_missing(admin: Client) -> None:
    names = {one["name"].lower(): one["id"] for one in admin.unwrapped("/services", "services")}
    assert names["mail"] == "mail"
    service = admin.post("/services", name="Agent 7", description="Agent 7")["id"]
    assert "flaky" not in {one["name"].lower() for one in admin.unwrapped("/statuses", "statuses")}
    image = next(one["name"] for one in admin.unwrapped("/status-images", "images") if one["name"] == "bug")
    status = admin.post("/statuses", name="Flaky", description="Flaky", image=image)["id"]
    assert admin.post(f"/services/{service}/events", status=status, message="m")["status"]["name"] == "Flaky"


def test_cabot_names_a_service_by_number_and_renames_it(admin: Client) -> None:
    assert admin.call("GET", "/services/1234").status_code == 404
    made = admin.call("POST", "/services", {"name": "1234", "description": "http://cabot.example/service/1234/"})
    assert made.status_code == 201
    form = {"name": "Billing", "description": "http://cabot.example/service/1234/"}
    assert admin.call("POST", "/services/1234", form).status_code == 200
    assert admin.call("GET", "/services/1234").json()["name"] == "Billing"
    for status in ("down", "warning", "up"):
        event = {"status": status, "message": "Service reporting", "token": "stray", "user": "cabot"}
        assert admin.call("POST", "/services/1234/events", event).status_code == 200
    assert admin.get("/services/1234/events/current")["status"]["id"] == "up"


def test_sensu_has_no_key_until_a_proxy_lends_it_one(page: Gateway) -> None:
    """It was written for a server that asked nobody who he was: a proxy beside it adds the header."""
    with Client(page, "/admin/api/v1", is_signed=False) as sensu:
        (service,) = [one for one in sensu.get("/services")["services"] if one["name"] == "Web"]
        assert sensu.get(f"/services/{service['id']}")["current-event"] is None
        form = {"status": "down", "message": "CheckHTTP CRITICAL"}
        assert sensu.call("POST", "/services/web/events", form).status_code == 403
        sensu.session.headers["Authorization"] = f"Bearer {page.tokens['writer']}"
        assert sensu.call("POST", "/services/web/events", form).status_code == 200
        assert sensu.get("/services/web")["current-event"]["status"]["id"] == "down"


def test_the_tray_app_notices_a_change_by_comparing(page: Gateway, admin: Client) -> None:
    with Client(page, "/admin/api/v1", is_signed=False) as app:
        app.session.headers["Accept"] = "application/json"
        admin.post("/services/mail/events", status="warning", message="Slow.")
        first = app.get("/services")
        assert first == app.get("/services")
        admin.post("/services/mail/events", status="warning", message="Slower.")
        before, after = (
            next(one for one in told["services"] if one["id"] == "mail")["current-event"]
            for told in (first, app.get("/services"))
        )
        assert before["sid"] != after["sid"]
        assert (after["message"], after["status"]["id"]) == ("Slower.", "warning")


def test_shatsars_checker_posts_on_every_run(page: Gateway, admin: Client) -> None:
    before = len(subjects(page.project))
    runs = ["up", "up", "warning", "warning", "down", "down", "up", "up"]
    for number, status in enumerate(runs):
        answer = admin.call("POST", "/services/web/events", {"status": status, "message": f"Run {number}"})
        assert (answer.status_code, answer.json()["status"]["id"]) == (200, status)
    events = admin.get("/services/web/events")["events"]
    assert [(one["status"]["id"], one["message"]) for one in events[::-1]] == [
        (status, f"Run {number}") for number, status in enumerate(runs)
    ]
    assert len({one["sid"] for one in events}) == len(runs)
    assert len(subjects(page.project)) == before + len(runs)
    refused = admin.call("POST", "/services/web/events", {"status": "sideways", "message": "x"})
    assert (refused.status_code, bool(refused.json()["message"])) == (404, True)


def test_discourse_takes_404_for_no_state_yet(admin: Client) -> None:
    for wanted in ("down", "down", "up"):
        current = admin.call("GET", "/services/web/events/current")
        if current.status_code == 404 or current.json()["status"]["id"] != wanted:
            assert admin.call("POST", "/services/web/events", {"status": wanted, "message": "x"}).status_code == 200
    assert [one["status"]["id"] for one in admin.get("/services/web/events")["events"]] == ["up", "down"]


def test_foursquares_checker_stays_below_the_public_base(public: Client) -> None:
    public.post("/services/web/events", status="up", message="First.")
    assert public.get("/services/web/events/current")["status"]["id"] == "up"
    assert public.post("/services/web/events", status="down", message="x")["status"]["id"] == "down"


def test_the_examples_of_the_documentation_follow_urls(admin: Client) -> None:
    service = admin.post("/services", name="Example", description="An example service")
    image = admin.get("/status-images")["images"][0]["name"]
    status = admin.post("/statuses", name="Maybe", description="x", image=image)
    event = admin.post(f"{service['url']}/events", status=status["id"], message="It may be.")
    assert admin.get(event["url"]) == event
    assert admin.get(event["status"]["url"]) == status
    assert admin.call("GET", service["url"]).json()["current-event"] == event


def test_a_signature_counts_once_and_for_one_body(page: Gateway, admin: Client) -> None:
    url = f"{admin.root}/services/web/events"
    form = {"status": "down", "message": "x"}
    request = requests.Request("POST", url, data=form, auth=admin.session.auth).prepare()
    assert admin.session.send(request, timeout=60).status_code == 200
    assert admin.session.send(request, timeout=60).status_code == 403  # sent once more
    forged = requests.Request("POST", url, data=form, auth=admin.session.auth).prepare()
    forged.body = b"status=down&message=y"
    forged.headers["Content-Length"] = str(len(forged.body))
    answer = admin.session.send(forged, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (403, 403)
    assert len(admin.get("/services/web/events")["events"]) == 1
    admin.session.auth = OAuth1("anonymous", "anonymous", "1/token", "another")
    assert admin.call("POST", "/services/web/events", form).status_code == 403


@pytest.mark.parametrize("place", ["BODY", "QUERY"])
def test_keys_may_stand_among_the_parameters(page: Gateway, place: str) -> None:
    auth = OAuth1("anonymous", "anonymous", "1/token", SECRET, signature_type=place)
    form = {"status": "down", "message": "Where the keys stand does not matter."}
    for base in ("/api/v1", "/admin/api/v1"):
        with Client(page, base, is_signed=False) as client:
            client.session.auth = auth
            answer = client.call("POST", "/services/web/events", form)
            assert (answer.status_code, answer.json()["message"]) == (200, form["message"])


def test_a_signature_is_over_the_address_that_the_client_knows(page: Gateway, admin: Client) -> None:
    url, form = "https://api.example.org/admin/api/v1/services/web/events", {"status": "down", "message": "x"}
    request = requests.Request("POST", url, data=form, auth=admin.session.auth).prepare()
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "api.example.org"}
    # A proxy in front talks plain HTTP with the gateway.
    request.url = f"{admin.root}/services/web/events"
    request.headers.update(forwarded)
    answer = admin.session.send(request, timeout=60)
    assert answer.status_code == 200
    assert answer.json()["url"] == f"{url}/{answer.json()['sid']}"


def test_a_token_is_as_good_as_a_password(page: Gateway) -> None:
    with Client(page, "/admin/api/v1", is_signed=False) as client:
        client.session.auth = ("whoever", page.tokens["writer"])
        assert client.post("/services/web/events", status="down", message="x")["status"]["id"] == "down"


def test_a_query_can_carry_what_a_form_does(admin: Client) -> None:
    answer = admin.call("POST", "/services/web/events?status=down&message=a%20b%2Bc%26d")
    assert (answer.status_code, answer.json()["message"]) == (200, "a b+c&d")


def test_hubot_in_javascript(page: Gateway) -> None:
    node = shutil.which("node") or shutil.which("nodejs")
    assert node is not None, "`make programs` finds or installs Node.js"
    script = Path(__file__).with_name("stashboard_client.mjs")
    text = "It's (nearly) *gone*! \u2013 ä & 100%"
    command = [node, str(script), f"{page.url}/admin/api/v1", "1/token", SECRET, "mail", "down", text]
    done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8", timeout=60)
    told = json.loads(done.stdout)
    assert told["codes"] == [200, 200, 200]
    assert told["known"] == [["mail", None], ["web", None]]
    assert (told["posted"]["message"], told["posted"]["status"]["id"]) == (text, "down")
    assert told["now"]["current-event"] == told["posted"]


def test_a_client_that_sends_no_content_type(page: Gateway) -> None:
    body = b"status=down&message=Plain+old+form"
    headers = {"Authorization": f"Bearer {page.tokens['writer']}", "Content-Length": str(len(body))}
    with closing(http.client.HTTPConnection(urlsplit(page.url).netloc, timeout=60)) as connection:
        connection.putrequest("POST", "/admin/api/v1/services/web/events")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["message"]) == (200, "Plain old form")
