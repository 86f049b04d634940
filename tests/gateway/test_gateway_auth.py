"""Tokens, passwords, signatures, scopes, addresses and rates: attacked through real HTTP."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from door import git
from gateway_door import SITE, Answer, Gateway, gateway, subjects
from requests_oauthlib import OAuth1

from stashgen.gateway import signatures, tokens

INCIDENT = {"title": "Slow API", "message": "We look.", "services": {"api": "warning"}}
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("header", [
    "", "Bearer", "Bearer ", "Bearer stg_" + "A" * 43, "Bearer x\x80", "bearer\t", "Basic", "Basic !!!", "Basic YTo=",
    "Basic " + base64.b64encode(b"\xff:\xff").decode(), "Digest a=b", "Negotiate abc", "OAuth oauth_token=x",
    "Bearer a b",
])  # fmt: skip
def test_who_is_not_known_is_sent_away(shared: Gateway, header: str) -> None:
    refused = shared.ask("POST", "/v1/incidents", INCIDENT, token=None, headers={"Authorization": header})
    assert refused.status == 401
    assert "Bearer" in refused.headers["www-authenticate"]
    assert refused.headers["content-type"] == "application/problem+json"
    assert shared.ask("GET", "/v1/services", token=None, headers={"Authorization": header}).status == 401


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, _session_environ: None) -> Any:
    """Yield one gateway for tests that do not disturb each other."""
    with gateway(tmp_path_factory.mktemp("gateway"), {"limits": {"failures_per_minute": 10_000}}) as one:
        yield one


def test_a_token_is_a_password_too(shared: Gateway) -> None:
    password = base64.b64encode(f"anybody:{shared.tokens['writer']}".encode()).decode()
    made = shared.ask("POST", "/v1/incidents", INCIDENT, token=None, headers={"Authorization": f"Basic {password}"})
    assert made.status == 201
    assert "By: writer" in git(shared.project, "log", "-1", "--format=%B")


@pytest.mark.parametrize(("token", "method", "path", "status"), [
    ("reader", "POST", "/v1/incidents", 403), ("reader", "GET", "/v1/incidents", 200),
    ("keeper", "POST", "/v1/incidents", 403), ("writer", "POST", "/v1/groups", 403),
    ("writer", "DELETE", "/v1/services/api", 403), ("reader", "PUT", "/v1/services/api/status", 403),
    ("admin", "GET", "/v1/groups", 200),
])  # fmt: skip
def test_a_scope_is_all_that_one_may(shared: Gateway, token: str, method: str, path: str, status: int) -> None:
    before = subjects(shared.project)
    answer = shared.ask(method, path, None if method == "GET" else INCIDENT, token=token)
    assert answer.status == status, answer
    assert subjects(shared.project) == before


def test_a_token_in_the_address_is_refused_and_in_no_log(shared: Gateway) -> None:
    secret = shared.tokens["writer"]
    for place in (f"/v1/services?access_token={secret}", f"/v1/services?q={secret}", "/v1/services?access_token=x"):
        assert shared.ask("GET", place).status == 400
    assert shared.ask("GET", f"/v1/{secret}").status == 404
    shared.ask("GET", "/v1/services", token="nobody" + secret)
    assert secret not in shared.log()
    assert "stg_***" in shared.log()
    assert secret not in shared.config_file.read_text()


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory, _session_environ: None) -> Any:
    """Yield a gateway with a token, `narrow`, that may only speak of the service `api`."""
    token = tokens.new()
    narrow = {"sha256": tokens.digest(token), "scopes": ["read", "events", "services"], "services": ["api"]}
    with gateway(tmp_path_factory.mktemp("limited"), {"tokens": {"narrow": narrow}}) as one:
        one.tokens["narrow"] = token
        yield one


def narrowly(one: Gateway, method: str, path: str, body: object = None) -> Answer:
    before = subjects(one.project)
    answer = one.ask(method, path, body, token="narrow")
    assert (answer.status == 403) == (subjects(one.project) == before), answer
    return answer


def test_a_token_may_be_limited_to_services(limited: Gateway) -> None:
    assert narrowly(limited, "POST", "/v1/incidents", INCIDENT).status == 201
    beyond = {**INCIDENT, "services": {"api": "down", "web": "down"}}
    refused = narrowly(limited, "POST", "/v1/incidents", beyond)
    assert refused.status == 403
    assert "`web`" in refused.json["detail"]
    assert narrowly(limited, "POST", "/v1/incidents", {**INCIDENT, "services": {}}).status == 403
    assert narrowly(limited, "PUT", "/v1/services/web/status", {"status": "down", "message": "x"}).status == 403
    assert narrowly(limited, "PUT", "/v1/services/api/status", {"status": "down", "message": "x"}).status == 200
    assert narrowly(limited, "POST", "/v1/notices", {"title": "For all", "message": "x"}).status == 403
    assert narrowly(limited, "POST", "/v1/groups", {"name": "Mine"}).status == 403
    assert narrowly(limited, "PATCH", "/v1/services/web", {"description": "Mine."}).status == 403
    assert narrowly(limited, "PATCH", "/v1/services/api", {"description": "Mine."}).status == 200
    assert narrowly(limited, "PATCH", "/v1/services/api", {"id": "web2"}).status == 403


def test_a_limited_token_leaves_the_events_of_others_alone(limited: Gateway) -> None:
    shared_event = limited.ask(
        "POST", "/v1/incidents", {**INCIDENT, "services": {"api": "warning", "web": "down"}}
    ).json
    place = f"/v1/incidents/{shared_event['id']}"
    update = f"{place}/updates/{shared_event['updates'][0]['id']}"
    own = limited.ask("POST", "/v1/incidents", INCIDENT, token="narrow").json["id"]
    page_wide = limited.ask("POST", "/v1/incidents", {**INCIDENT, "services": {}}).json["id"]
    for method, path, body in [
        ("POST", f"{place}/updates", {"message": "Over.", "state": "resolved"}),
        ("PATCH", place, {"title": "Mine"}),
        ("PATCH", place, {"services": {"api": "down"}}),
        ("PATCH", update, {"message": "Mine"}),
        ("DELETE", update, None),
        ("DELETE", place, None),
        # What would change nothing, or cannot be done, is not told of either.
        ("PATCH", place, {}),
        ("PATCH", update, {}),
        ("PATCH", "/v1/services/web", {}),
        ("DELETE", "/v1/services/web", None),
        ("PATCH", f"/v1/incidents/{page_wide}", {"services": {"api": "down"}}),
        ("PATCH", f"/v1/incidents/{own}", {"services": {}}),
        ("PATCH", f"/v1/incidents/{own}", {"services": {"api": "down", "mail": "down"}}),
        ("POST", f"/v1/incidents/{own}/updates", {"message": "And", "services": {"mail": "down"}}),
        ("POST", f"/v1/incidents/{own}/updates", {"message": "And", "services": {"web": "up"}}),
    ]:
        assert narrowly(limited, method, path, body).status == 403, (method, path, body)
    assert (
        narrowly(limited, "POST", f"/v1/incidents/{own}/updates", {"message": "Over.", "state": "resolved"}).status
        == 201
    )


def test_an_external_id_opens_no_way_to_the_events_of_others(limited: Gateway) -> None:
    limited.ask("POST", "/v1/incidents", {**INCIDENT, "services": {"web": "down"}, "external_id": "X-1", "source": "m"})
    again = {**INCIDENT, "external_id": "X-1", "source": "m"}
    assert narrowly(limited, "POST", "/v1/incidents", again).status == 403
    events = limited.ask("GET", "/v1/incidents").json["items"]
    assert all(
        {one["id"] for one in event["services"]} != {"api", "web"} or event["external_id"] != "X-1" for event in events
    )


def test_the_public_may_read_where_the_config_says_so(tmp_path: Path) -> None:
    files = {**SITE, "site-data/services/hidden.yaml": "name: Hidden\nhidden: true\n"}
    with gateway(tmp_path, {"public_read": True, "public_metrics": True}, files) as one:
        for token, is_shown in ((None, False), ("reader", True)):
            listed = one.ask("GET", "/v1/services", token=token).json["items"]
            assert ("hidden" in {service["id"] for service in listed}) == is_shown
            assert one.ask("GET", "/v1/services/hidden/status", token=token).status == (200 if is_shown else 404)
        assert one.ask("GET", "/metrics", token=None).status == 200
        assert one.ask("POST", "/v1/incidents", INCIDENT, token=None).status == 401
        assert one.ask("GET", "/v1/services", token="wrong").status == 401


OAUTH = {"oauth": {"old": {
    "consumer_key": "ck", "consumer_secret": {"env": "CONSUMER"}, "token": "tk", "token_secret": {"file": "secret.txt"},
}}}  # fmt: skip


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, _session_environ: None) -> Any:
    """Yield a gateway that knows an old client."""
    folder = tmp_path_factory.mktemp("signed")
    (folder / "secret.txt").write_text("token & secret\n", encoding="utf-8")
    config = {**OAUTH, "limits": {"failures_per_minute": 10_000}}
    with gateway(folder, config, environ={"CONSUMER": "consumer/secret"}) as one:
        yield one


def headers_of(request: requests.PreparedRequest) -> dict[str, str]:
    """Return the headers of a signed request as text; some are made as bytes."""
    found: Mapping[str, str | bytes] = {**request.headers}
    return {name: value if isinstance(value, str) else value.decode() for name, value in found.items()}


def oauth(**changes: Any) -> OAuth1:
    keys = {"client_secret": "consumer/secret", "resource_owner_key": "tk", "resource_owner_secret": "token & secret"}
    return OAuth1("ck", **{**keys, **changes})


def test_an_old_client_signs_its_requests(signed: Gateway) -> None:
    place = f"{signed.url}/v1/services/api/status"
    body = '{"status": "down", "message": "Signed."}'
    headers = {"Content-Type": "application/json"}
    request = requests.Request("PUT", place, headers, data=body, auth=oauth(force_include_body=True)).prepare()
    spoilt = request.copy()
    spoilt.body = body.replace("down", "warn")
    for one, status in ((spoilt, 401), (request, 200)):
        answer = requests.Session().send(one, timeout=60)
        assert answer.status_code == status, answer.text
    # Without its hash a body that is no form is not signed at all.
    assert requests.put(place, body, headers=headers, auth=oauth(), timeout=60).status_code == 401
    assert "By: old" in git(signed.project, "log", "-1", "--format=%B")
    # The keys in the query, as one old library has it; the parameters are signed too.
    place = f"{signed.url}/v1/incidents"
    answer = requests.get(place, params={"limit": "1"}, auth=oauth(signature_type="query"), timeout=60)
    assert answer.status_code == 200, answer.text
    assert requests.get(place, params={"limit": "1"}, auth=oauth(), timeout=60).status_code == 200


def test_a_wrong_signature_is_refused(signed: Gateway) -> None:
    place = f"{signed.url}/v1/services"
    for changes in (
        {"client_secret": "other"}, {"resource_owner_secret": "other"}, {"resource_owner_key": "other"},
        {"signature_method": "PLAINTEXT"}, {"timestamp": "1"}, {"timestamp": "4102444800"},
        {"timestamp": "x" * 10}, {"nonce": ""},
    ):  # fmt: skip
        assert requests.get(place, auth=oauth(**changes), timeout=60).status_code == 401, changes
    request = requests.Request("GET", f"{place}?a=b", auth=oauth()).prepare()
    request.url = f"{place}?a=c"
    assert requests.Session().send(request, timeout=60).status_code == 401


def test_a_signature_counts_once_even_after_a_restart(signed: Gateway) -> None:
    request = requests.Request("GET", f"{signed.url}/v1/services", auth=oauth()).prepare()
    assert requests.Session().send(request, timeout=60).status_code == 200
    assert requests.Session().send(request, timeout=60).status_code == 401
    # Signed for the public address, it is the same on whatever port.
    signed.configure({**OAUTH, "url": "https://gate.example/api", "limits": {"failures_per_minute": 10_000}})
    signed.restart()
    signer = requests.Request("GET", "https://gate.example/api/v1/services", auth=oauth()).prepare()
    for status in (200, 401):
        answer = signed.ask("GET", "/v1/services", token=None, headers=headers_of(signer))
        assert answer.status == status, answer
    signed.restart()
    assert signed.ask("GET", "/v1/services", token=None, headers=headers_of(signer)).status == 401


def test_a_signed_form_is_signed_as_a_whole(signed: Gateway) -> None:
    signed.configure({**OAUTH, "limits": {"failures_per_minute": 10_000}})
    signed.restart()
    form, place = urlencode({"message": "Signed.", "status": "down"}), f"{signed.url}/v1/incidents"
    for body, status in ((form.replace("down", "up"), 401), (form, 415)):
        prepared = requests.Request("POST", place, data=form, headers={"Content-Type": FORM}, auth=oauth()).prepare()
        sent = {"Content-Type": FORM, "Authorization": headers_of(prepared)["Authorization"]}
        # The own API takes no forms, but says so only after it has found out who asks.
        answer = signed.ask("POST", "/v1/incidents", body.encode(), token=None, headers=sent)
        assert answer.status == status, answer


def test_a_proxy_that_is_trusted_tells_who_calls(tmp_path: Path) -> None:
    config = {"proxy": {"trusted": ["127.0.0.1", "10.0.0.0/8"]}, "allow": ["203.0.113.0/24", "2001:db8::/32"]}
    with gateway(tmp_path, config) as one:
        for forwarded, status in [
            ("203.0.113.9", 200), ("1.2.3.4, 203.0.113.9", 200), ("203.0.113.9, 10.1.2.3", 200), ("2001:db8::1", 200),
            ("203.0.113.9:4711", 200), ("[2001:db8::1]:4711", 200),
            # Whatever the client puts before is only a claim.
            ("203.0.113.9, 198.51.100.7", 403), ("198.51.100.7, 10.1.2.3", 403), ("", 403), ("nonsense", 403),
            ("203.0.113.9, nonsense", 403), ("127.0.0.1", 403), ("203.0.113.9, 198.51.100.7, 10.1.2.3", 403),
        ]:  # fmt: skip
            answer = one.ask("GET", "/v1/services", headers={"X-Forwarded-For": forwarded})
            assert answer.status == status, (forwarded, answer)


def test_without_a_trusted_proxy_nobody_is_believed(tmp_path: Path) -> None:
    with gateway(tmp_path, {"allow": ["203.0.113.0/24"]}) as one:
        assert one.ask("GET", "/v1/services", headers={"X-Forwarded-For": "203.0.113.9"}).status == 403
        assert one.ask("GET", "/healthz", token=None).status == 403


def test_the_address_is_what_the_proxy_says(tmp_path: Path) -> None:
    config = {"proxy": {"trusted": ["127.0.0.1"]}, "hosts": ["Gate.example", "127.0.0.1"]}
    with gateway(tmp_path, config) as one:
        for told, place in (("a, gate.example", "https://gate.example"), ("a b", one.url.replace("http:", "https:"))):
            headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": told}
            made = one.ask("POST", "/v1/incidents", INCIDENT, headers=headers)
            assert made.headers["location"].startswith(f"{place}/v1/incidents/")
        # Where the page itself is, nobody is sent to it again.
        for told, status in (("gate.example", 302), ("status.example.com", 404)):
            headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": told}
            assert one.ask("GET", "/summary", token=None, headers=headers).status == status
        for host, status in (("GATE.example:443", 200), ("evil.example", 421), ("gate.example/evil", 400)):
            assert one.ask("GET", "/v1/services", headers={"Host": host}).status == status
            # Stashboard's clients are told in its own words.
            old = one.ask("GET", "/api/v1/services", token=None, headers={"Host": host})
            assert (old.status, old.json.get("code", 200)) == (status, status)


def test_too_many_requests_and_failures_wait(tmp_path: Path) -> None:
    limits = {"requests_per_minute": 1, "burst": 2, "failures_per_minute": 2}
    with gateway(tmp_path, {"limits": limits, "proxy": {"trusted": ["127.0.0.1"]}}) as one:
        answers = [one.ask("GET", "/v1/services", token="reader") for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        assert 1 <= int(answers[2].headers["retry-after"]) <= 60
        # Each has a bucket of its own.
        assert one.ask("GET", "/v1/services", token="writer").status == 200
        assert [one.ask("GET", "/v1/services", token="wrong").status for _ in range(3)] == [401, 401, 429]
        # Once too much has been guessed, right and wrong are told apart no more.
        assert one.ask("GET", "/v1/services", token="admin").status == 429
        # Other addresses of one network are no others.
        near = [{"X-Forwarded-For": f"2001:db8::{number}"} for number in (1, 2, 3)]
        assert [one.ask("GET", "/v1/services", token="wrong", headers=far).status for far in near] == [401, 401, 429]


def test_signatures_of_monitors() -> None:
    body, secret = b'{"a": 1}', "s3cret"
    right = signatures.sign(secret, body)
    assert signatures.is_github(secret, body, f"sha256={right}")
    assert signatures.is_pagerduty(secret, body, f"v1={'0' * 64},v1={right}")
    assert signatures.is_plain(secret, body, right.upper())
    for wrong in ("", "sha256=", f"sha1={right}", f"sha256={right[:-1]}", f"sha256={'0' * 64}", right, f"v2={right}"):
        assert not signatures.is_github(secret, body, wrong)
        assert not signatures.is_pagerduty(secret, body, wrong)
    assert not signatures.is_github(secret, body + b" ", f"sha256={right}")
    assert not signatures.is_pagerduty(secret, body, ",".join([f"v1={'0' * 64}"] * 20 + [f"v1={right}"]))


def test_a_config_is_read_again_on_a_signal(tmp_path: Path) -> None:
    with gateway(tmp_path) as one:
        token = tokens.new()
        assert one.ask("GET", "/v1/services", token=token).status == 401
        one.configure({"tokens": {"new": {"sha256": tokens.digest(token), "scopes": ["read"]}}})
        assert one.process is not None
        one.process.send_signal(1)
        deadline = time.monotonic() + 60
        while one.ask("GET", "/v1/services", token=token).status != 200:
            assert time.monotonic() < deadline, one.log()
        one.config_file.write_text("tokens: 5\n", encoding="utf-8")
        one.process.send_signal(1)
        while "was not read again" not in one.log():
            assert time.monotonic() < deadline, one.log()
        assert one.ask("GET", "/v1/services", token=token).status == 200
