"""The development server, as a process of its own: what it answers, what it follows, how it ends."""

from __future__ import annotations

import datetime as dt
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from door import MakeProject, Run, write_files
from serving import PATIENCE_SECONDS, Served, serving

from stashgen import clock
from stashgen.serve.server import DEFAULT_PORT, is_own_host

API: Final = "site-data/services/api.yaml"
SITE: Final = {
    "site-data/site.yaml": "title: Acme Status\nurl: https://example.com/status\n",
    API: "name: API\n",
    "site-data/services/web.yaml": "name: Web shop\n",
    "site-data/static/note.txt": "Grüße\n",
    "site-data/static/LICENSE": "MIT\n",
    "site-data/static/feed.ics": "BEGIN:VCALENDAR\n",
    "site-data/static/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
    "site-data/static/.well-known/security.txt": "Contact: mailto:a@example.com\n",
    "site-data/events/2026/2026-11-20-errors.yaml": (
        "title: Errors on the API\nservices: {api: down}\nupdates:\n"
        "  - {at: 2026-11-20T10:00:00Z, message: We look into it.}\n"
        "  - {at: 2026-11-20T11:00:00Z, state: resolved, message: Fixed.}\n"
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("serve") / "site", SITE)


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Served]:
    """One server for the tests that only ask."""
    with serving(folder) as running:
        yield running


def test_the_project_is_left_alone(served: Served, folder: Path) -> None:
    assert served.ask("/").status == 200
    assert sorted(path.name for path in folder.iterdir()) == ["site-data"]


def test_the_page_is_the_built_one_with_a_script_that_a_policy_can_allow(
    served: Served, folder: Path, run: Run, tmp_path: Path
) -> None:
    assert run("build", "-C", folder, "-o", tmp_path / "out", "--now", "2026-11-23T10:30:00Z").code == 0
    built = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    page = served.ask("/").text
    start = page.index('<script src="/__stashgen/')
    end = page.index("</script>", start) + len("</script>")
    assert page[:start] + page[end:] == built
    script = served.ask("/__stashgen/reload.js")
    assert (script.status, script.headers["content-type"]) == (200, "text/javascript; charset=utf-8")


@pytest.mark.parametrize(
    ("target", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/index.html", "text/html; charset=utf-8"),
        ("/services/api/", "text/html; charset=utf-8"),
        ("/status.json", "application/json"),
        ("/sitemap.xml", "application/xml; charset=utf-8"),
        ("/feeds/updates.json", "application/feed+json; charset=utf-8"),
        ("/services/api/events.json", "application/feed+json; charset=utf-8"),
        ("/services/api/rss.xml", "application/rss+xml; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/static/LICENSE", "text/plain; charset=utf-8"),
        ("/static/note.txt", "text/plain; charset=utf-8"),
        ("/static/feed.ics", "text/calendar; charset=utf-8"),
        ("/static/logo.svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_content_types(served: Served, target: str, content_type: str) -> None:
    answer = served.ask(target)
    assert (answer.status, answer.headers["content-type"]) == (200, content_type)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_files_that_are_no_pages_are_served_byte_for_byte(served: Served) -> None:
    assert served.ask("/static/note.txt").text == "Grüße\n"


def test_a_folder_without_slash_is_redirected_to_the_one_with(served: Served) -> None:
    answer = served.ask("/services/api?x=1")
    assert (answer.status, answer.headers["location"]) == (302, "/services/api/?x=1")


def test_the_path_of_the_sites_own_url_leads_to_the_same_pages(served: Served) -> None:
    assert served.ask("/status/services/api/").body == served.ask("/services/api/").body
    assert served.ask("/status/").body == served.ask("/").body
    assert served.ask("/status").headers["location"] == "/status/"


def test_what_is_not_there_gets_the_sites_own_404_page(served: Served) -> None:
    answer = served.ask("/nothing/here/")
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Page not found" in answer.text


@pytest.mark.parametrize(
    "target",
    [
        "/../site-data/site.yaml",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2f..%2fetc/passwd",
        "/static/..%5c..%5csite.yaml",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/status.json/",
        "/.git/config",
        "/index.html%00.txt",
        "/" + "a" * 5000,
        "/%ff%fe",
        "/static/%C2%80",
    ],
)
def test_no_path_leaves_the_site(served: Served, target: str) -> None:
    assert served.ask(target).status == 404


def test_a_page_that_the_browser_has_is_not_sent_again(served: Served) -> None:
    first = served.ask("/services/api/")
    again = served.ask("/services/api/", headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert served.ask("/", headers={"If-None-Match": first.headers["etag"]}).status == 200


def test_head_sends_everything_but_the_body(served: Served) -> None:
    got, head = served.ask("/services/api/"), served.ask("/services/api/", "HEAD")
    assert head.body == b""
    drop = {"date"}
    assert {k: v for k, v in head.headers.items() if k not in drop} == {
        k: v for k, v in got.headers.items() if k not in drop
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_can_be_sent(served: Served, method: str) -> None:
    answer = served.ask("/", method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_strangers_name_for_this_machine_is_refused(served: Served) -> None:
    assert served.ask("/", headers={"Host": f"evil.example:{served.port}"}).status == 403
    assert served.ask("/__stashgen/news", headers={"Host": "evil.example"}).status == 403
    assert served.ask("/", headers={"Host": f"localhost:{served.port}"}).status == 200


def test_a_program_that_names_no_host_is_answered(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(b"GET /api/v1/services HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert f'"url":"{served.url}api/v1/services/'.encode() in answer


@pytest.mark.parametrize(
    ("header", "is_ours"),
    [
        ("localhost", True),
        ("localhost:8000", True),
        ("LOCALHOST.:8000", True),
        ("acme.localhost:8000", True),
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("[::1]", True),
        ("", False),
        ("evil.example:8000", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("192.168.0.7:8000", False),
    ],
)
def test_own_hosts(header: str, is_ours: bool) -> None:
    assert is_own_host(header) is is_ours


def test_a_slow_client_blocks_nobody(served: Served) -> None:
    slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(20)]
    try:
        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: local")
        assert served.ask("/").status == 200
    finally:
        for connection in slow:
            connection.close()


def test_an_edit_changes_the_page(project: MakeProject) -> None:
    folder = project(SITE)
    with serving(folder) as served:
        epoch = served.news()["epoch"]
        (folder / API).write_text("name: Public API\n", encoding="utf-8")
        served.settled(epoch)
        assert "Public API" in served.ask("/").text


def test_services_come_and_go(project: MakeProject) -> None:
    folder = project(SITE)
    with serving(folder) as served:
        epoch = served.news()["epoch"]
        write_files(folder, {"site-data/services/mail.yaml": "name: Mail delivery\n"})
        epoch = served.settled(epoch)["epoch"]
        assert "Mail delivery" in served.ask("/").text
        assert served.ask("/services/mail/").status == 200
        (folder / "site-data/services/mail.yaml").unlink()
        served.settled(epoch)
        assert "Mail delivery" not in served.ask("/").text
        assert served.ask("/services/mail/").status == 404


def test_a_broken_file_leaves_the_last_good_page_until_it_is_mended(project: MakeProject) -> None:
    folder = project(SITE)
    with serving(folder) as served:
        before = served.news()
        good = served.ask("/").text
        (folder / API).write_text("name: API\nnmae: x\n", encoding="utf-8")
        broken = served.settled(before["epoch"])
        assert broken["page"] == before["page"]
        (problem,) = broken["problems"]
        assert problem.startswith("site-data/services/api.yaml:2: nmae: ")
        assert served.ask("/").text == good
        (folder / API).write_text("name: API 2\n", encoding="utf-8")
        mended = served.settled(broken["epoch"])
        assert mended["problems"] == []
        assert mended["page"] != before["page"]
        assert "API 2" in served.ask("/").text


def test_a_project_that_is_broken_from_the_start_says_what_is_wrong(project: MakeProject) -> None:
    folder = project({**SITE, API: "name: <b>\nnmae: <script>alert(1)</script>\n"})
    with serving(folder) as served:
        answer = served.ask("/any/page/")
        assert answer.status == 503
        assert "site-data/services/api.yaml:2: nmae" in answer.text
        assert "<script>alert" not in answer.text
        epoch = served.news()["epoch"]
        (folder / API).write_text("name: API\n", encoding="utf-8")
        served.settled(epoch)
        assert served.ask("/").status == 200


def test_a_theme_of_the_project_is_followed_from_its_first_file_on(project: MakeProject) -> None:
    folder = project(SITE)
    with serving(folder) as served:
        epoch = served.news()["epoch"]
        write_files(folder, {"themes/mine/theme.yaml": "extends: default\n"})
        write_files(folder, {"themes/mine/translations/en.yaml": "overall.operational: It all hums\n"})
        (folder / "site-data/site.yaml").write_text("title: Acme Status\ntheme: mine\n", encoding="utf-8")
        epoch = await_text(served, epoch, "It all hums")
        write_files(folder, {"themes/mine/translations/en.yaml": "overall.operational: It all sings\n"})
        epoch = await_text(served, epoch, "It all sings")
        write_files(folder, {"themes/mine/404.html": "<!doctype html><title>Gone</title><p>Gone fishing</p>\n"})
        epoch = served.settled(epoch)["epoch"]
        assert "Gone fishing" in served.ask("/nothing").text
        write_files(folder, {"themes/mine/theme.yaml": "extends: nowhere\n"})
        told = served.settled(epoch)
        assert "themes/mine/theme.yaml" in told["problems"][0]
        assert "It all sings" in served.ask("/").text


def await_text(served: Served, epoch: int, text: str) -> int:
    """Follow the news until the dashboard holds a text; return the epoch then."""
    for _ in range(20):
        if text in served.ask("/").text:
            return int(served.news()["epoch"])
        epoch = served.settled(epoch)["epoch"]
    raise AssertionError(f"{text!r} never came")


def test_site_data_may_be_replaced_as_a_whole(project: MakeProject, tmp_path: Path) -> None:
    folder = project(SITE)
    with serving(folder) as served:
        epoch = served.news()["epoch"]
        (folder / "site-data").rename(tmp_path / "aside")
        write_files(tmp_path, {"fresh/site.yaml": "title: Fresh\n", "fresh/services/api.yaml": "name: Fresh API\n"})
        (tmp_path / "fresh").rename(folder / "site-data")
        epoch = await_text(served, epoch, "Fresh API")
        (folder / API).write_text("name: Fresher API\n", encoding="utf-8")
        await_text(served, epoch, "Fresher API")


def test_time_alone_changes_the_page(project: MakeProject) -> None:
    start_at = clock.current({}) + dt.timedelta(seconds=6)
    end_at = start_at + dt.timedelta(hours=1)
    upgrade = (
        "title: Upgrade of the database\nkind: maintenance\nservices: [api]\n"
        f"planned: {{start: {start_at.isoformat()}, end: {end_at.isoformat()}}}\n"
        "updates: [{at: 2026-01-01T00:00:00Z, message: We upgrade.}]\n"
    )
    folder = project({**SITE, "site-data/events/upgrade.yaml": upgrade})
    with serving(folder, now=None) as served:
        await_text(served, served.news()["epoch"], "Under maintenance: API")


def test_a_page_never_waits_longer_than_for_one_build(project: MakeProject) -> None:
    """Edits that never rest do not starve the readers."""
    folder = project(SITE)
    with serving(folder) as served:
        is_over = threading.Event()

        def edit() -> None:
            number = 0
            while not is_over.wait(0.02):
                number += 1
                (folder / API).write_text(f"name: API {number}\n", encoding="utf-8")

        editor = threading.Thread(target=edit)
        editor.start()
        try:
            for _ in range(5):
                assert served.ask("/").status == 200
        finally:
            is_over.set()
            editor.join()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_it_ends_at_once_with_readers_waiting(
    project: MakeProject, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with serving(project(SITE), env={"TMPDIR": str(scratch)}) as served:
        epoch = served.news()["epoch"]
        waiting = socket.create_connection(("127.0.0.1", served.port))
        waiting.sendall(f"GET /__stashgen/news?epoch={epoch} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert served.ask("/").status == 200
        served.process.send_signal(number)
        _, err = served.process.communicate(timeout=PATIENCE_SECONDS)
        waiting.close()
        assert served.process.returncode == code
        assert err.strip() == ""
        assert list(scratch.iterdir()) == []


def test_the_port_must_be_free_when_it_was_asked_for(project: MakeProject, run: Run, served: Served) -> None:
    done = run("serve", "-C", project(SITE), "--port", str(served.port))
    assert done.code == 1
    assert done.err == (
        f"error: cannot serve on 127.0.0.1 port {served.port}: Address already in use; --port 0 takes a free one\n"
    )


def test_a_taken_default_port_gives_way_to_a_free_one(project: MakeProject) -> None:
    with socket.socket() as taken:
        with suppress(OSError):  # somebody else has it: that is as good
            taken.bind(("127.0.0.1", DEFAULT_PORT))
            taken.listen()
        with serving(project(SITE), port=None) as served:
            assert "Port 8000 is taken: this is a free one." in served.head
            assert served.port != DEFAULT_PORT
            assert served.ask("/").status == 200


def test_output_is_kept_where_it_was_asked_for(project: MakeProject, tmp_path: Path) -> None:
    with serving(project(SITE), "-o", str(tmp_path / "out")) as served:
        assert "__stashgen" in served.ask("/").text
    assert "__stashgen" not in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_open_hands_the_url_to_the_browser(project: MakeProject, tmp_path: Path) -> None:
    note = tmp_path / "opened"
    browser = f"{sys.executable} -c \"import sys; open('{note}', 'w').write(sys.argv[1])\" %s"
    with serving(project(SITE), "--open", env={"BROWSER": browser}) as served:
        for _ in range(600):
            if note.is_file() and note.read_text(encoding="utf-8"):
                break
            time.sleep(0.1)
        assert note.read_text(encoding="utf-8") == served.url


def test_a_copy_of_the_site_is_not_needed(project: MakeProject) -> None:
    folder = project(SITE)
    with serving(folder) as served:
        shutil.rmtree(folder / "site-data")
        told = served.settled(served.news()["epoch"])
        assert told["problems"]
        assert "Web shop" in served.ask("/").text
