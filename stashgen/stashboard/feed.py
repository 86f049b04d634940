"""The feed of some services: their own feeds in one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import Final
from xml.etree import ElementTree as ET

from stashgen import urls
from stashgen.media_types import RSS, sent
from stashgen.stashboard.questions import Library, Question, Reply
from stashgen.xmlwrite import ATOM

ENTRIES: Final = 50
_SLUG: Final = re.compile(r"[a-z0-9-]+")


def feed(library: Library, question: Question) -> Reply | None:
    """Return the feed of the services that are named, commas between them; of all when none of them is known."""
    slugs = dict.fromkeys(slug.strip() for names in question.values("services") for slug in names.split(","))
    paths = [urls.stashboard_rss(slug) for slug in slugs if _SLUG.fullmatch(slug)]
    feeds = [data for path in paths if (data := library.read(path)) is not None]
    if len(feeds) > 1:
        return Reply(200, sent(RSS), _merged(feeds, f"{question.root}/rss?{question.query}"))
    data = next(iter(feeds), None) or library.read(urls.STASHBOARD_RSS)
    return None if data is None else Reply(200, sent(RSS), data)


def _merged(feeds: Sequence[bytes], own_url: str) -> bytes:
    ET.register_namespace("atom", ATOM)
    channels = [ET.fromstring(data)[0] for data in feeds]  # noqa: S314  # files that we wrote
    items = [item for channel in channels for item in channel.findall("item")]
    items.sort(key=lambda item: parsedate_to_datetime(item.findtext("pubDate", "")), reverse=True)
    merged = ET.Element("rss", version="2.0")
    channel = ET.SubElement(merged, "channel")
    for name in ("title", "link", "description", "language"):
        # Each feed says which service it is of.
        told = dict.fromkeys(one.findtext(name, "") for one in channels)
        ET.SubElement(channel, name).text = " ".join(told)
    ET.SubElement(channel, f"{{{ATOM}}}link", rel="self", type=RSS, href=own_url)
    channel.extend(items[:ENTRIES])
    data: bytes = ET.tostring(merged, encoding="utf-8", xml_declaration=True)
    return data
