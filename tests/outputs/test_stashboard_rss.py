"""Stashboard's feed, of the page and of each service."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import feedparser
import pytest
from stashboard_site import ROOT, built_site, tree


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_site(tmp_path_factory.mktemp("stashboard") / "site")


def test_the_feed_is_that_of_stashboard(build: Path) -> None:
    data = (build / "rss.xml").read_bytes()
    feed = feedparser.parse(data)
    assert (feed.bozo, feed.version) == (False, "rss20")
    assert feed.feed.title == "Exämple & Co Service Events"
    assert feed.feed.link == f"{ROOT}/"
    assert "15" in feed.feed.subtitle
    assert [link.href for link in feed.feed.links if link.rel == "self"] == [f"{ROOT}/rss.xml"]
    assert len(feed.entries) == 15
    entry = next(one for one in feed.entries if one.published == "Thu, 19 Nov 2026 09:07:00 GMT")
    assert entry.title == "[Zebra & API - Slow] Fixed."
    assert entry.summary == "Fixed."
    assert entry.link == f"{ROOT}/services/api/"
    assert [tag.term for tag in entry.tags] == ["Zebra & API"]
    assert entry.guidislink is False
    assert entry.id.removeprefix(f"{ROOT}/") + ".json" in tree(build)
    times = [entry.published_parsed for entry in feed.entries]
    assert times == sorted(times, reverse=True)
    assert len({entry.id for entry in feed.entries}) == 15


def test_a_description_is_html_that_shows_the_message(build: Path) -> None:
    root = ET.fromstring((build / "services/api/rss.xml").read_bytes())
    oldest = root.findall("channel/item")[-1]
    assert oldest.findtext("description") == "We see 5xx &amp; more.\n- in a &lt; b\n- in two places"
    assert oldest.findtext("title") == "[Zebra & API - Major outage] We see 5xx & more. - in a < b - in two places"


def test_each_service_has_its_own_feed(build: Path) -> None:
    feed = feedparser.parse((build / "services/web/rss.xml").read_bytes())
    assert feed.bozo is False
    assert {tag.term for entry in feed.entries for tag in entry.tags} == {"واجهة الويب 𝄞"}
    assert len(feed.entries) == 4
    assert feedparser.parse((build / "services/quiet/rss.xml").read_bytes()).entries == []
