"""`stashgen verify`: the files of a site as its host gives them, right or not."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from door import NOW, Run, write_files
from live_host import LiveHost, Reply, live, only, verified, zipped

STATUS = "status.json"
PAGE = "services/api/index.html"


def test_a_site_as_it_was_built_is_fine(invoke: Run, host: LiveHost, built: Path) -> None:
    found = verified(invoke, host.url, "--against", built, "--max-age", "1h")
    assert (found.code, found.errors, found.warnings) == (0, [], [])
    (site,) = found.report["sites"]
    files = json.loads((built / "stashgen-manifest.json").read_text())["files"]
    assert site["files"] == len(files)
    assert site["built_at"] == "2026-11-23T10:30:00Z"
    assert found.report["errors"] == found.report["warnings"] == 0
    asked = {path.partition("?")[0] for path in host.asked}
    assert "/static/with%20space%20&%20more.txt" in asked
    assert {"/", "/index.html", "/stashgen-manifest.json", "/stashgen-manifest.json.sig", "/status.json"} <= asked


def test_people_read_it_on_one_line(run: Run, host: LiveHost) -> None:
    result = run("verify", host.url, "--now", "2026-11-23T11:35:00Z")
    assert re.fullmatch(rf"{host.url}  as it should be, \d+ files, built 1 hour 5 minutes ago\n", result.out), result
    assert (result.code, result.err) == (0, "")


def test_a_site_below_a_path_and_an_address_without_its_slash(invoke: Run, built: Path) -> None:
    with live(built, "/team/status/") as host:
        for url in (host.url, host.url.rstrip("/"), f"{host.url}index.html"):
            assert verified(invoke, url, "--against", built).errors == []


def test_quick_asks_a_few_questions_only(invoke: Run, host: LiveHost, built: Path) -> None:
    found = verified(invoke, host.url, "--against", built, "--quick")
    assert (found.code, found.report["sites"][0]["files"]) == (0, 2)
    assert len(host.asked) <= 8


def test_compressed_files_are_files(invoke: Run, host: LiveHost) -> None:
    host.change = zipped
    assert verified(invoke, host.url).errors == []


@pytest.mark.parametrize("path", [PAGE, STATUS, "feeds/updates.atom"])
def test_a_file_that_somebody_changed_on_the_way_is_altered(invoke: Run, host: LiveHost, path: str) -> None:
    host.change = only(path, lambda reply: reply._replace(body=reply.body.replace(b"API", b"Api") + b" "))
    found = verified(invoke, host.url)
    assert (found.code, found.errors) == (1, [("altered", path)])


@pytest.mark.parametrize("status", [404, 403, 410, 500])
def test_a_file_that_is_not_there_is_missing(invoke: Run, host: LiveHost, status: int) -> None:
    host.change = only("calendar.ics", lambda _: Reply(status, {}, b"gone"))
    found = verified(invoke, host.url)
    assert (found.code, found.errors) == (1, [("missing", "calendar.ics")])
    assert str(status) in found.messages


def test_a_host_that_answers_anything_with_its_front_page_hides_nothing(invoke: Run, copy: Path) -> None:
    (copy / "calendar.ics").unlink()
    shutil.rmtree(copy / "hosts")
    with live(copy) as host:
        front = host.reply("/")
        host.change = lambda _, reply: front if reply.status == 404 else reply
        found = verified(invoke, host.url)
    assert found.errors == [("missing", "calendar.ics")]
    assert ("not-found", "") in found.warnings
    assert "answers with another page and status 200" in found.messages


def test_what_only_hosts_read_may_be_kept_by_them(invoke: Run, host: LiveHost) -> None:
    kept = re.compile(r"\..*|_.*|CNAME|hosts/.*")
    nothing = host.reply("/nowhere")
    host.change = lambda path, reply: nothing if kept.fullmatch(path) else reply
    found = verified(invoke, host.url)
    assert (found.errors, found.warnings) == ([], [])
    host.change = only("hosts/nginx.conf", lambda reply: reply._replace(body=b"evil"))
    assert verified(invoke, host.url).errors == [("altered", "hosts/nginx.conf")]


def test_pages_are_asked_for_by_their_folders_too(invoke: Run, host: LiveHost) -> None:
    host.change = lambda path, reply: Reply(404, {}, b"no") if path.endswith("/") else reply
    found = verified(invoke, host.url)
    assert found.code == 1
    assert {kind for kind, _ in found.errors} == {"missing"}
    assert "is not what /" in found.messages


def with_body(body: bytes) -> Callable[[Reply], Reply]:
    """Return what gives a reply another body."""
    return lambda reply: reply._replace(body=body)


def test_a_manifest_that_names_other_peoples_files_is_not_believed(invoke: Run, host: LiveHost) -> None:
    for name in ("../secret", "/etc/passwd", "a//b", "a/../../b"):
        evil = {"version": 1, "files": {name: {"sha256": "0" * 64, "size": 1}}}
        host.change = only("stashgen-manifest.json", with_body(json.dumps(evil).encode()))
        found = verified(invoke, host.url)
        assert found.errors == [("manifest", "stashgen-manifest.json")]
        assert not any("secret" in path or "passwd" in path or path.endswith("/b") for path in host.asked)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"version":1,"files":{"a":1}}', b"\xff"])
def test_a_manifest_that_is_none_is_told(invoke: Run, host: LiveHost, body: bytes) -> None:
    host.change = only("stashgen-manifest.json", lambda reply: reply._replace(body=body))
    assert verified(invoke, host.url).errors == [("manifest", "stashgen-manifest.json")]


def test_without_its_manifest_a_site_is_held_against_the_folder(invoke: Run, host: LiveHost, built: Path) -> None:
    host.change = only("stashgen-manifest.json", lambda _: Reply(404, {}, b""))
    found = verified(invoke, host.url, "--against", built)
    assert ("manifest", "stashgen-manifest.json") in found.errors
    assert ("altered", PAGE) not in found.errors
    host.change = lambda path, reply: (
        Reply(404, {}, b"")
        if path == "stashgen-manifest.json"
        else reply._replace(body=b"x")
        if path == PAGE
        else reply
    )
    assert ("altered", PAGE) in verified(invoke, host.url, "--against", built).errors


def test_names_from_a_manifest_cannot_play_with_the_terminal(invoke: Run, host: LiveHost) -> None:
    evil = {"version": 1, "files": {"a\x1b[2Jb": {"sha256": "0" * 64, "size": 1}}}
    host.change = only("stashgen-manifest.json", lambda reply: reply._replace(body=json.dumps(evil).encode()))
    result = invoke("verify", host.url)
    assert "\x1b" not in result.out
    assert "\\x1b" in result.out


def test_hundreds_of_findings_are_counted_and_json_has_them_all(invoke: Run, copy: Path) -> None:
    names = [f"static/{number}.txt" for number in range(60)]
    write_files(copy, dict.fromkeys(names, "right"))
    manifest = json.loads((copy / "stashgen-manifest.json").read_text())
    manifest["files"] |= {name: {"sha256": "0" * 64, "size": number} for number, name in enumerate(names)}
    (copy / "stashgen-manifest.json").write_text(json.dumps(manifest))
    with live(copy) as host:
        text = invoke("verify", host.url, "--now", NOW)
        found = verified(invoke, host.url)
    assert len(found.errors) == 60
    assert text.out.count("error: altered") == 20
    assert "and 40 more (40 altered); --json tells all" in text.out


def test_wrong_use_is_told(invoke: Run, tmp_path: Path) -> None:
    for arguments in (["ftp://x/"], ["status.example.com"], ["http://x/?a=b"], ["https://"], ["http://[::1"]):
        result = invoke("verify", *arguments)
        assert (result.code, "is not the address of a site" in result.err) == (2, True)
    assert invoke("verify", "http://x/", "--jobs", "0").code == 2
    secret = invoke("verify", "https://me:secret@x.example/")
    assert (secret.code, ".netrc" in secret.err, ":secret@" in secret.err) == (2, True, False)
    nothing = invoke("verify")
    assert (nothing.code, "there is no site to look at" in nothing.err) == (1, True)
    bare = invoke("verify", "http://127.0.0.1:9/", "--against", tmp_path)
    assert (bare.code, "holds no stashgen-manifest.json" in bare.err) == (1, True)


@pytest.mark.parametrize(
    "body",
    [
        b'{"x":' + b"[" * 100_000,
        b'{"version":1,"files":{"a\xff":{"sha256":"","size":1}}}',
        b'{"version":2,"files":{}}',
        b'{"version":1,"files":{"a":{"sha256":"00","size":1}}}',
        b'{"version":1,"files":{"a":{"sha256":"%s","size":-1}}}' % (b"0" * 64),
        b'{"version":1,"files":{"%s":{"sha256":"%s","size":1}}}' % (b"x" * 256, b"0" * 64),
        b'{"version":1,"files":{"%s":{"sha256":"%s","size":1}}}' % (b"x/" * 2100 + b"x", b"0" * 64),
    ],
    ids=["nested", "not UTF-8", "of a later version", "no hash", "below nothing", "long name", "long path"],
)
def test_whatever_is_in_a_manifest_is_told_and_not_tripped_over(invoke: Run, host: LiveHost, body: bytes) -> None:
    host.change = only("stashgen-manifest.json", with_body(body))
    assert verified(invoke, host.url, "--quick").errors == [("manifest", "stashgen-manifest.json")]


def test_a_manifest_that_is_silent_on_what_readers_see_proves_nothing(invoke: Run, host: LiveHost) -> None:
    host.change = only("stashgen-manifest.json", with_body(b'{"version":1,"files":{}}'))
    found = verified(invoke, host.url)
    assert found.errors == [("manifest", path) for path in ("index.html", "stashgen-manifest.json", "status.json")]
    assert "is there, but the manifest does not list it" in found.messages


@pytest.mark.parametrize(
    "body",
    [
        b'{"built_at":' + b"[" * 100_000,
        b'{"built_at":"2026-11-23T10:30:00Z","commit":"\xff"}',
        b'{"built_at":"2026-11-23T10:30:00Z","next_change_at":"0001-01-01T00:00:00+23:59"}',
        b'{"built_at":"9999-12-31T23:59:59-23:59"}',
        b'{"built_at":"2026-11-23T10:30:00Z","page":{"url":"http://[::1","mirrors":["javascript:x","http://a:x"]}}',
    ],
    ids=["nested", "not UTF-8", "before time", "after time", "no addresses"],
)
def test_whatever_is_in_a_status_is_told_and_not_tripped_over(invoke: Run, host: LiveHost, body: bytes) -> None:
    host.change = only(STATUS, with_body(body))
    assert verified(invoke, host.url, "--quick").errors == [("altered", STATUS)]


def test_a_file_that_is_too_large_to_be_looked_at_is_no_silence(invoke: Run, copy: Path) -> None:
    manifest = json.loads((copy / "stashgen-manifest.json").read_text())
    large = {f"static/{number}.bin": {"sha256": "0" * 64, "size": 70 * 2**20} for number in range(7)}
    (copy / "stashgen-manifest.json").write_text(json.dumps({**manifest, "files": {**manifest["files"], **large}}))
    with live(copy) as host:
        swollen = zipped("", Reply(200, {}, bytes(66 * 2**20)))
        host.change = lambda path, reply: swollen if path in {*large, PAGE} else reply
        found = verified(invoke, host.url)
    assert found.errors == [("altered", PAGE)]
    assert [one for one in found.warnings if one[0] == "unchecked"] == [("unchecked", path) for path in sorted(large)]
