"""Feeds as feed readers see them: feedparser, an XML parser with namespaces, and the JSON Feed 1.1 specification."""

from __future__ import annotations

import datetime as dt
import json
import re
import tempfile
import xml.etree.ElementTree as ET
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

import feedparser
import icalendar
import pytest
import yaml
from door import MakeProject, Run, write_files
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from rich_site import LANGUAGES, build_at, copy_rich

ATOM: Final = "{http://www.w3.org/2005/Atom}"
# https://www.jsonfeed.org/version/1.1/, as far as its words can be said in a schema.
TEXT: Final = {"type": "string", "minLength": 1}
URL: Final = {"type": "string", "pattern": "^(https?://[^\\s]+|/[^\\s]*)$"}
DATE: Final = {
    "type": "string",
    "format": "date-time",
    "pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$",
}
AUTHORS: Final = {
    "type": "array", "minItems": 1,
    "items": {"type": "object", "properties": {"name": TEXT, "url": URL}, "additionalProperties": False},
}  # fmt: skip
JSON_FEED: Final = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": TEXT, "description": TEXT, "home_page_url": URL, "feed_url": URL, "icon": URL,
        "language": {"type": "string", "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"},
        "authors": AUTHORS,
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "content_html"],
                "properties": {
                    "id": TEXT, "url": URL, "title": TEXT, "content_html": TEXT,
                    "date_published": DATE, "date_modified": DATE,
                    "tags": {"type": "array", "items": TEXT, "uniqueItems": True},
                },
                "additionalProperties": False,
            },
        },
    },
    "patternProperties": {"^_": {"type": "object"}},
    "additionalProperties": False,
}  # fmt: skip


def parsed(path: Path) -> Any:
    """Return a feed as feedparser reads it, after holding it to what its format demands."""
    data = path.read_bytes()
    feed = feedparser.parse(data)
    assert not feed.bozo, (path, feed.get("bozo_exception"))
    root = ET.fromstring(data)
    (_check_atom if path.suffix == ".atom" else _check_rss)(root)
    return feed


def _check_atom(feed: ET.Element) -> None:
    """Hold a document to RFC 4287, section 4."""
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
        assert re.match(r"[a-z]+:", element.findtext(f"{ATOM}id") or "")
        for name in ("updated", "published"):
            for date in element.findall(f"{ATOM}{name}"):
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", date.text or "")
        alternates = [one for one in element.findall(f"{ATOM}link") if one.attrib["rel"] == "alternate"]
        assert len(alternates) == 1
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids)
    for entry in feed.findall(f"{ATOM}entry"):
        assert (entry.find(f"{ATOM}content") is None) != (entry.find(f"{ATOM}summary") is None)
        published, updated = (entry.findtext(f"{ATOM}{name}") or "" for name in ("published", "updated"))
        assert dt.datetime.fromisoformat(updated) >= dt.datetime.fromisoformat(published)


def _check_rss(rss: ET.Element) -> None:
    assert (rss.tag, rss.attrib) == ("rss", {"version": "2.0"})
    (channel,) = rss
    assert all(channel.findtext(name) for name in ("title", "link", "description", "language", "ttl"))
    for date in (*channel.iter("pubDate"), *channel.iter("lastBuildDate")):
        assert parsedate_to_datetime(date.text or "").tzinfo is not None
    guids = channel.findall("item/guid")
    assert all(guid.attrib == {"isPermaLink": "false"} for guid in guids)
    assert len({guid.text for guid in guids}) == len(guids)


def check_all(build: Path) -> int:
    """Read every feed and calendar of a build and return how many there are."""
    feeds = [path for path in build.rglob("*") if path.suffix in (".atom", ".rss") and "history" not in path.name]
    # Below api/ and admin/, too, are files named `events.json`: those of Stashboard.
    homes = (build / "feeds", build / "groups", build / "services")
    found = [path for home in homes for path in home.rglob("*.json")]
    jsons = [path for path in found if path.name in ("updates.json", "events.json")]
    calendars = [*build.rglob("*.ics")]
    for path in feeds:
        parsed(path)
    validator = Draft202012Validator(JSON_FEED, format_checker=FormatChecker())
    schema = json.loads((build / "schemas/feed.schema.json").read_text()) if jsons else {}
    for path in jsons:
        document = json.loads(path.read_text(encoding="utf-8"))
        validator.validate(document)
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(document)
    for path in calendars:
        assert not icalendar.Calendar.from_ical(path.read_bytes()).errors
    return len(feeds) + len(jsons) + len(calendars)


@pytest.mark.parametrize("language", LANGUAGES)
def test_readers_understand_every_feed_of_the_rich_site(tmp_path: Path, language: str) -> None:
    build = build_at(copy_rich(tmp_path / "site", language))
    assert check_all(build) > 100
    feed = parsed(build / "feeds/updates.atom")
    assert re.fullmatch("\u2068?Nordlicht Status\u2069?: .+", feed.feed.title)
    assert feed.feed.author == "Nordlicht Status"
    assert feed.entries[0].published_parsed is not None
    assert (feed.feed.language or feed.feed.title_detail.language) == language
    rss = parsed(build / "feeds/updates.rss")
    assert rss.feed.language == language
    assert [entry.id for entry in rss.entries] == [entry.id for entry in feed.entries]
    assert [entry.published_parsed for entry in rss.entries] == [entry.published_parsed for entry in feed.entries]
    assert [entry.updated_parsed for entry in rss.entries] == [entry.updated_parsed for entry in feed.entries]


def test_readers_understand_the_demo(demo: Path) -> None:
    assert check_all(demo) > 100


def test_readers_understand_an_empty_site(project: MakeProject) -> None:
    site = project({"site-data/site.yaml": "title: New\n", "site-data/services/api.yaml": "name: API\n"})
    assert check_all(build_at(site)) == 16


def test_readers_understand_real_incidents(tmp_path: Path, run: Run, real_incidents: Path) -> None:
    site = write_files(tmp_path / "site", {"site-data/site.yaml": "title: Real\nurl: https://status.example.com\n"})
    assert run("import", "statuspage", real_incidents, "-C", site).code == 0
    assert run("build", "-C", site, "-o", tmp_path / "real").code == 0
    assert check_all(tmp_path / "real") > 50
    build = tmp_path / "real"
    seen: set[str] = set()
    document = parsed(build / "feeds/updates.atom")
    while True:
        older = [link.href for link in document.feed.links if link.rel == "prev-archive"]
        if not older:
            break
        document = parsed(build / older[0].removeprefix("https://status.example.com/"))
        told = [entry.id for entry in document.entries]
        assert seen.isdisjoint(told)
        seen.update(told)
    events = [json.loads(path.read_text(encoding="utf-8")) for path in (build / "events").glob("*.json")]
    assert len(seen) == sum(len(event["updates"]) for event in events) > 0


LINES: Final = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\x85")
    | st.sampled_from("&<>\"'\\;,[]*_`#\U0001f525\u0634\u05d0\u202e\ufffe\uffff\ufdd0"),
    min_size=1,
    max_size=40,
).filter(lambda text: text.strip() and not text.isspace())


@settings(max_examples=25)
@given(title=LINES, name=LINES, site=LINES, message=LINES)
def test_odd_characters_come_out_right(title: str, name: str, site: str, message: str) -> None:
    event = {
        "title": title, "services": {"api": "down"},
        "updates": [{"at": "2026-11-20T10:00:00Z", "message": f"`x` {message}"}],
    }  # fmt: skip
    files = {
        "site-data/site.yaml": yaml.safe_dump({"title": site, "url": "https://example.com/a"}, allow_unicode=False),
        "site-data/services/api.yaml": yaml.safe_dump({"name": name}, allow_unicode=False),
        "site-data/events/odd.yaml": yaml.safe_dump(event, allow_unicode=False),
    }
    with tempfile.TemporaryDirectory() as folder:
        build = build_at(write_files(Path(folder), files))
        check_all(build)
        shown = "".join("\ufffd" if character in "\ufffe\uffff" else character for character in title)
        entry = ET.fromstring((build / "feeds/updates.atom").read_bytes()).find(f"{ATOM}entry")
        assert entry is not None
        assert shown in (entry.findtext(f"{ATOM}title") or "")
        (item,) = json.loads((build / "feeds/updates.json").read_text(encoding="utf-8"))["items"]
        assert title in item["title"]
        (calendar_event,) = icalendar.Calendar.from_ical((build / "incidents.ics").read_bytes()).walk("VEVENT")
        assert calendar_event["SUMMARY"] == title
