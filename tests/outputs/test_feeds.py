"""Feeds as files: the same entries in every format, ids that never move, archives that hold everything once."""

from __future__ import annotations

import datetime as dt
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from door import NOW, BuildOnce, MakeProject, Run
from pagecheck import whole_page_paths

ATOM: Final = "{http://www.w3.org/2005/Atom}"
HISTORY: Final = "{http://purl.org/syndication/history/1.0}"
DASH: Final = "\N{EN DASH}"
URL: Final = "https://example.com/status"
EVENT: Final = "site-data/events/2026/2026-11-20-errors.yaml"
FIRST: Final = "  - at: 2026-11-20T10:00:00Z\n    message: We see **5xx** & more.\n"
SECOND: Final = (
    "  - at: 2026-11-20T11:00:00Z\n    state: identified\n    services: {api: partial}\n    message: A bad deploy.\n"
)
THIRD: Final = "  - at: 2026-11-20T12:00:00Z\n    state: resolved\n    message: Over.\n"
HEAD: Final = "title: Errors on <API> & \U0001f525\nservices: {api: down, secret: down}\ntags: [database]\nupdates:\n"
SITE: Final[Mapping[str, str | bytes]] = {
    "site-data/site.yaml": f"title: Exämple & Co\nurl: {URL}\ntimezone: Europe/Berlin\n",
    "site-data/groups/core.yaml": "name: Core\n",
    "site-data/services/api.yaml": "name: API & Web\ngroup: core\nsince: 2025-01-01\n",
    "site-data/services/mail.yaml": "name: Mail\nsince: 2025-01-01\n",
    "site-data/services/secret.yaml": "name: Secret\nhidden: true\n",
    EVENT: HEAD + FIRST + SECOND + THIRD,
    "site-data/events/2025/2025-12-31-new-year.yaml": (
        "title: New year\nservices: {mail: warning}\nupdates:\n"
        # Already January in Berlin.
        "  - at: 2025-12-31T23:30:00Z\n    message: Slow.\n  - at: 2026-01-01T08:00:00Z\n    state: resolved\n"
        "    message: Fast.\n"
    ),
    "site-data/events/2025/2025-03-03-old.yaml": (
        "title: Old\nservices: {mail: down}\nupdates:\n  - at: 2025-03-03T10:00:00Z\n    message: Down.\n"
        "  - at: 2025-03-03T11:00:00Z\n    state: resolved\n    message: Up.\n"
        "  - at: 2026-11-22T11:00:00Z\n    message: A late word.\n"
    ),
    "site-data/events/2026/2026-12-05-upgrade.yaml": (
        "title: Upgrade\nkind: maintenance\nservices: [mail]\n"
        "planned: {start: 2026-12-05T22:00:00Z, end: 2026-12-06T01:00:00Z}\nupdates:\n"
        "  - at: 2026-11-21T10:00:00Z\n"
        "    message: 'See [the plan](static/plan.html), [all](../) and ![](static/a.png).'\n"
    ),
    "site-data/events/2026/2026-11-01-hello.yaml": (
        "title: Hello\nkind: notice\nupdates:\n  - at: 2026-11-01T10:00:00Z\n    message: A new page.\n"
    ),
    "site-data/static/plan.html": "<p>plan</p>",
    "site-data/static/a.png": b"",
}
UPDATES: Final = 3 + 2 + 3 + 1 + 1


def built(site: Path, run: Run, now: str = NOW) -> Path:
    result = run("build", "-C", site, "--now", now)
    assert result.code == 0, result.err
    return site / "build"


@pytest.fixture(scope="module")
def build(build_once: BuildOnce) -> Path:
    return build_once(SITE)


def atom(path: Path) -> ET.Element:
    return ET.fromstring(path.read_bytes())  # our own file


def said(element: ET.Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}") or ""


def link(element: ET.Element, rel: str) -> str | None:
    found = [one.attrib["href"] for one in element.findall(f"{ATOM}link") if one.attrib["rel"] == rel]
    assert len(found) <= 1
    return found[0] if found else None


def entries(path: Path) -> list[dict[str, str]]:
    names = ("id", "title", "published", "updated", "content")
    return [{name: said(entry, name) for name in names} for entry in atom(path).findall(f"{ATOM}entry")]


def local(build: Path, url: str) -> Path:
    assert url.startswith(f"{URL}/")
    return build / url.removeprefix(f"{URL}/")


def walk(build: Path, feed: str) -> Iterator[ET.Element]:
    """Yield the archive documents of a feed from the newest to the oldest, as a client goes."""
    subscription = atom(build / feed)
    newer, here = None, link(subscription, "prev-archive")
    while here is not None:
        document = atom(local(build, here))
        assert link(document, "self") == here
        assert link(document, "current") == link(subscription, "self")
        assert link(document, "next-archive") == newer
        assert document.find(f"{HISTORY}archive") is not None
        assert said(document, "id") == said(subscription, "id")
        yield document
        newer, here = here, link(document, "prev-archive")


def test_an_entry_tells_an_update(build: Path) -> None:
    by_title = {entry["title"]: entry for entry in entries(build / "feeds/updates.atom")}
    entry = by_title["[Identified] Errors on <API> & \U0001f525"]
    assert entry["id"] == "tag:example.com,2005:status/2026-11-20-errors/20261120T110000Z"
    assert entry["published"] == "2026-11-20T11:00:00Z"
    # Another checksum in a later version would tell every reader of an edit that nobody made.
    assert entry["updated"] == "2026-11-20T11:00:00.544902Z"
    assert entry["content"] == "<p>A bad deploy.</p><p>Identified<br>API &amp; Web: Partial outage</p>"
    planned = by_title["[Scheduled] Upgrade"]["content"]
    assert f"Planned: 5 Dec 2026, 23:00 CET {DASH} 6 Dec 2026, 02:00 CET<br>Services: Mail" in planned.replace(
        "\u2068", ""
    )
    assert f'href="{URL}/static/plan.html"' in planned
    assert f'href="{URL}/events/"' in planned
    assert f'src="{URL}/static/a.png"' in planned
    assert "Hello" in by_title, "a notice has no state"


def test_all_formats_tell_the_same_entries(build: Path) -> None:
    for folder in ("feeds", "groups/core", "services/mail"):
        for kind in ("updates", "events"):
            in_atom = entries(build / f"{folder}/{kind}.atom")
            in_json = json.loads((build / f"{folder}/{kind}.json").read_text())["items"]
            items = ET.fromstring((build / f"{folder}/{kind}.rss").read_bytes()).findall("channel/item")
            facts = [(entry["id"], entry["title"], entry["content"]) for entry in in_atom]
            assert facts == [(item["id"], item["title"], item["content_html"]) for item in in_json]
            assert facts == [tuple(item.findtext(name) for name in ("guid", "title", "description")) for item in items]
            assert facts


def test_an_update_has_one_id_wherever_it_is_told(build: Path) -> None:
    everywhere = {entry["id"] for entry in entries(build / "feeds/updates.atom")}
    for folder in ("groups/core", "services/api", "services/mail"):
        own = {entry["id"] for entry in entries(build / f"{folder}/updates.atom")}
        assert own
        assert own <= everywhere
    assert len(everywhere) == UPDATES
    assert everywhere.isdisjoint(entry["id"] for entry in entries(build / "feeds/events.atom"))


def test_the_newest_word_comes_first_even_on_an_old_event(build: Path) -> None:
    published = [entry["published"] for entry in entries(build / "feeds/updates.atom")]
    assert published == sorted(published, reverse=True)
    assert [entry["title"] for entry in entries(build / "feeds/events.atom")][:2] == [
        "[Resolved] Old",
        "[Scheduled] Upgrade",
    ]


def test_what_is_hidden_is_in_no_feed(build: Path) -> None:
    files = [path for path in build.rglob("*") if path.suffix in (".atom", ".rss", ".ics", ".json")]
    assert not [path for path in files if "secret" in path.read_text(encoding="utf-8").lower()]
    assert not (build / "services/secret").exists()


def ids_by_text(build: Path) -> dict[str, tuple[str, str]]:
    found = [entry for entry in entries(build / "services/api/updates.atom") if "Errors" in entry["title"]]
    return {re.sub("<[^>]+>.*", "", entry["content"][3:]): (entry["id"], entry["updated"]) for entry in found}


INSERTED: Final = "  - at: 2026-11-20T10:30:00Z\n    message: Still looking.\n"


@pytest.mark.parametrize(
    "updates",
    [
        FIRST + INSERTED + SECOND + THIRD,
        SECOND + THIRD,
        FIRST + THIRD,
        FIRST + SECOND.replace("A bad", "A very bad") + THIRD,
        FIRST + SECOND + THIRD + "  - at: 2026-11-20T13:00:00Z\n    message: Thank you.\n",
    ],
    ids=["inserted", "first-removed", "middle-removed", "edited", "appended"],
)
def test_no_change_of_the_timeline_moves_the_id_of_another_update(
    project: MakeProject, invoke: Run, updates: str
) -> None:
    site = project(SITE)
    before = ids_by_text(built(site, invoke))
    (site / EVENT).write_text(HEAD + updates)
    after = ids_by_text(built(site, invoke))
    same = before.keys() & after.keys()
    assert len(same) >= 2
    assert {text: after[text][0] for text in same} == {text: before[text][0] for text in same}
    assert len({id_ for id_, _ in after.values()}) == len(after)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A bad deploy.", "A bad deploy!"),
        ("state: identified", "state: monitoring"),
        ("title: Errors", "title: Failures"),
        ("{api: partial}", "{api: warning}"),
    ],
)
def test_an_edit_changes_updated_and_keeps_the_id(project: MakeProject, invoke: Run, old: str, new: str) -> None:
    site = project(SITE)
    name = "tag:example.com,2005:status/2026-11-20-errors/20261120T110000Z"

    def told() -> dict[str, str]:
        build = built(site, invoke)
        return next(entry for entry in entries(build / "feeds/updates.atom") if entry["id"] == name)

    before = told()
    (site / EVENT).write_text((site / EVENT).read_text().replace(old, new))
    after = told()
    assert after["updated"] != before["updated"]
    assert after["published"] == before["published"]


def test_no_two_of_many_edits_look_alike(project: MakeProject, invoke: Run) -> None:
    at = "2026-11-20T10:00:00Z"
    edits = "".join(f"  - at: {at}\n    message: Wording {number}.\n" for number in range(100))
    build = built(project({**SITE, EVENT: HEAD + edits}), invoke)
    stamps = [one["updated"] for one in entries(build / "services/api/updates/2026.atom") if one["published"] == at]
    assert len(set(stamps)) == len(stamps) == 100


def test_an_edit_that_is_told_counts_from_its_own_instant(project: MakeProject, invoke: Run) -> None:
    edited = SECOND.replace("    state: id", "    edited_at: 2026-11-23T10:20:00Z\n    state: id")
    site = project({**SITE, EVENT: HEAD + FIRST + edited + THIRD})

    def updated(now: str) -> str:
        build = built(site, invoke, now)
        found = [entry for entry in entries(build / "feeds/updates.atom") if entry["title"].startswith("[Identified]")]
        return found[0]["updated"]

    assert updated("2026-11-23T10:19:59Z").startswith("2026-11-20T11:00:00.")
    assert invoke("next", "-C", site, "--now", "2026-11-23T10:19:59Z").out.split()[0] == "2026-11-23T10:20:00Z"
    # In the folder of the build before: what changed is found, though no file did.
    assert updated("2026-11-23T10:20:00Z").startswith("2026-11-23T10:20:00.")
    page = (site / "build/events/2026-11-20-errors/index.html").read_text(encoding="utf-8")
    assert re.search(r'<small>edited <time datetime="2026-11-23T10:20:00Z">', page)
    event = json.loads((site / "build/events/2026-11-20-errors.json").read_text())
    assert [update["edited_at"] for update in event["updates"]] == [None, "2026-11-23T10:20:00Z", None]


def test_feeds_keep_their_bytes_while_nothing_is_said(project: MakeProject, invoke: Run) -> None:
    site = project(SITE)

    def bytes_by_path(now: str) -> dict[str, bytes]:
        build = built(site, invoke, now)
        kinds = (".atom", ".rss", ".ics")
        feeds = [
            path for path in build.rglob("*") if path.suffix in kinds or re.search("(updates|events).json", path.name)
        ]
        return {path.relative_to(build).as_posix(): path.read_bytes() for path in feeds}

    assert bytes_by_path("2026-11-23T10:30:00Z") == bytes_by_path("2026-11-24T23:30:00Z")


@pytest.mark.parametrize("kind", ["updates", "events"])
@pytest.mark.parametrize("folder", ["feeds", "groups/core", "services/api", "services/mail"])
def test_the_archives_hold_everything_once(build: Path, folder: str, kind: str) -> None:
    found: Counter[str] = Counter()
    for document in walk(build, f"{folder}/{kind}.atom"):
        told = document.findall(f"{ATOM}entry")
        assert told
        updated = [said(entry, "updated") for entry in told]
        assert said(document, "updated") == max(updated)
        found.update(said(entry, "id") for entry in told)
    # There are fewer than a subscription document holds.
    assert found == Counter(entry["id"] for entry in entries(build / f"{folder}/{kind}.atom"))
    assert set(found.values()) == {1}


def test_archives_are_the_months_and_years_of_the_site(build: Path) -> None:
    months = [(link(one, "self") or "").removeprefix(URL) for one in walk(build, "feeds/updates.atom")]
    assert months == [f"/feeds/updates/{month}.atom" for month in ("2026-12", "2026-11", "2026-01", "2025-03")]
    years = [(link(one, "self") or "").removeprefix(URL) for one in walk(build, "services/mail/updates.atom")]
    assert years == [f"/services/mail/updates/{year}.atom" for year in ("2026", "2025")]
    rss = ET.fromstring((build / "feeds/updates.rss").read_bytes())
    named = {one.attrib["rel"]: one.attrib for one in rss.iter(f"{ATOM}link")}
    assert named["prev-archive"] == {
        "rel": "prev-archive", "type": "application/atom+xml", "href": f"{URL}/feeds/updates/2026-12.atom",
    }  # fmt: skip
    extension = json.loads((build / "feeds/updates.json").read_text())["_stashgen"]
    assert extension == {"archive": f"{URL}/feeds/updates/2026-12.atom"}


def many_events(count: int) -> Mapping[str, str | bytes]:
    """Return a site whose service had an outage of two updates on every day, the last on the day before."""
    files: dict[str, str | bytes] = {
        "site-data/site.yaml": f"title: Busy\nurl: {URL}\n",
        "site-data/services/api.yaml": "name: API\n",
    }
    for number in range(count):
        at = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC) - dt.timedelta(days=number)
        files[f"site-data/events/e{number}.yaml"] = (
            f"title: Trouble {number}\nservices: {{api: down}}\nupdates:\n  - at: {at.isoformat()}\n    message: Bad.\n"
            f"  - at: {(at + dt.timedelta(hours=1)).isoformat()}\n    state: resolved\n    message: Good.\n"
        )
    return files


def test_feeds_are_bounded_and_archives_are_not(project: MakeProject, invoke: Run) -> None:
    build = built(project(many_events(150)), invoke)
    for folder, updates, events in (("feeds", 50, 25), ("services/api", 25, 10)):
        newest = entries(build / f"{folder}/updates.atom")
        assert len(newest) == updates
        assert len(entries(build / f"{folder}/events.atom")) == events
        everything = sorted(
            (said(entry, "published"), said(entry, "id"))
            for document in walk(build, f"{folder}/updates.atom")
            for entry in document.findall(f"{ATOM}entry")
        )
        assert len(set(everything)) == 300
        assert [(entry["published"], entry["id"]) for entry in newest] == everything[: -updates - 1 : -1]


def test_a_new_word_leaves_the_archives_of_other_months_alone(project: MakeProject, invoke: Run) -> None:
    site = project(many_events(60))

    def archives() -> dict[str, int]:
        build = built(site, invoke)
        return {path.name: path.stat().st_mtime_ns for path in (build / "feeds/updates").iterdir()}

    before = archives()
    event = site / "site-data/events/e0.yaml"
    event.write_text(event.read_text() + "  - at: 2026-11-23T10:00:00Z\n    message: Thanks.\n")
    after = archives()
    assert [name for name in before if before[name] != after[name]] == ["2026-11.atom"]


def test_a_site_without_events_or_url_has_feeds_too(project: MakeProject, invoke: Run) -> None:
    site = project({"site-data/site.yaml": "title: New\n", "site-data/services/api.yaml": "name: API\n"})
    build = built(site, invoke)
    for folder in ("feeds", "services/api"):
        feed = atom(build / f"{folder}/updates.atom")
        assert said(feed, "updated") == "1970-01-01T00:00:00Z"
        assert said(feed, "id").startswith("urn:uuid:")
        assert link(feed, "self") == f"/{folder}/updates.atom"
        assert link(feed, "prev-archive") is None
        assert json.loads((build / f"{folder}/updates.json").read_text())["items"] == []
    page = (build / "events/../index.html").resolve().read_text(encoding="utf-8")
    assert '<link rel="alternate" type="application/atom+xml" href="feeds/updates.atom"' in page


def test_ids_are_uris_on_any_host(project: MakeProject, invoke: Run) -> None:
    ids = []
    for name, url in {
        "a": "https://b\u00fccher.example",
        "b": "https://[::1]/x",
        "c": "https://b\u00fccher.example/y",
    }.items():
        files = {**SITE, "site-data/site.yaml": f"title: T\nurl: {url}\n"}
        build = built(project(files, name), invoke)
        ids += [entry["id"] for entry in entries(build / "feeds/updates.atom")]
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", id_) for id_ in ids)
    assert len(set(ids)) == len(ids) == 3 * UPDATES


def test_families_that_are_off_are_linked_nowhere(project: MakeProject, invoke: Run) -> None:
    off = "outputs: {feeds: false, calendars: false, statuspage-api: false}\n"
    site = project({**SITE, "site-data/site.yaml": f"{SITE['site-data/site.yaml']!s}{off}"})
    build = built(site, invoke)
    assert not [path for path in build.rglob("*") if path.suffix in (".atom", ".ics") or path.name == "feeds"]
    for path in build.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        assert 'rel="alternate"' not in page
        assert ".ics" not in page
        assert ".atom" not in page


def announced(page: Path) -> list[tuple[str, str]]:
    pattern = r'<link rel="alternate" type="([^"]+)" href="([^"]+)" title="[^"]+">'
    return re.findall(pattern, page.read_text(encoding="utf-8"))


def test_every_page_announces_what_there_is_of_it(build: Path) -> None:
    of_site = announced(build / "404.html")
    assert of_site[0] == ("application/atom+xml", f"{URL}/feeds/updates.atom")
    assert ("text/calendar", f"{URL}/calendar.ics") in of_site
    for page in (build / path for path in whole_page_paths(build)):
        assert announced(page)[-len(of_site) :] == of_site, page
        for _, address in announced(page):
            assert local(build, address).is_file()
    own = [address for _, address in announced(build / "services/mail/index.html")[: -len(of_site)]]
    assert f"{URL}/services/mail/updates.json" in own
    assert f"{URL}/services/mail/calendar.ics" in own
    assert announced(build / "groups/core/index.html")[0][1] == f"{URL}/groups/core/updates.atom"
    assert ("application/atom+xml", f"{URL}/history.atom") in of_site


def test_arabic_runs_from_right_to_left(project: MakeProject, invoke: Run) -> None:
    files = {**SITE, "site-data/site.yaml": f"title: حالة\nurl: {URL}\nlanguage: ar\n"}
    build = built(project(files), invoke)
    feed = atom(build / "feeds/updates.atom")
    assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "ar"
    assert all(
        entry["content"].startswith('<div lang="ar" dir="rtl"><div dir="auto">')
        for entry in entries(build / "feeds/updates.atom")
    )
    assert json.loads((build / "feeds/updates.json").read_text())["language"] == "ar"
