"""WebSub: feeds name their hub, and the hub hears once of each feed that changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from door import BuildOnce, Result, Run, git, write_files
from news_receivers import Receiver, receiver
from news_site import EVENT, FIRST, LATER, OPENED, RESOLVED, SITE, repository, with_remote

HUB_OF_ALL = "https://hub.example/"
ROOT = "https://status.acme.example/"
FORMS = [f"{kind}.{form}" for kind in ("updates", "events") for form in ("atom", "rss", "json")]


@pytest.fixture
def hub() -> Iterator[Receiver]:
    with receiver() as server:
        yield server


def page(folder: Path, hub: Receiver) -> Path:
    files = {**SITE, "site-data/site.yaml": f"{SITE['site-data/site.yaml']}hub: {hub.url}\n"}
    del files["site-data/notifications.yaml"]
    return repository(folder, files)


def notify(invoke: Run, folder: Path, now: str = LATER) -> Result:
    return invoke("notify", "-C", folder, "--now", now)


def pinged(hub: Receiver) -> list[str]:
    assert all(ping["hub.mode"] == ["publish"] for ping in hub.pings)
    return [ping["hub.url"][0].removeprefix(ROOT) for ping in hub.pings]


def test_the_hub_hears_once_of_each_feed_that_changed(tmp_path: Path, invoke: Run, hub: Receiver) -> None:
    folder = page(tmp_path / "site", hub)
    assert notify(invoke, folder, FIRST).code == 0
    assert hub.bodies == []
    write_files(folder, {EVENT: OPENED})
    assert notify(invoke, folder).out.splitlines()[-1] == "18 messages told."
    folders = ("feeds", "groups/core", "services/api")
    assert sorted(pinged(hub)) == sorted(f"{name}/{form}" for name in folders for form in FORMS)
    assert "nothing new" in notify(invoke, folder).out
    write_files(folder, {EVENT: OPENED.replace("a third", "half")})
    assert notify(invoke, folder).code == 0
    assert len(hub.bodies) == 36, "of a corrected word too: the feeds have it"
    write_files(folder, {"site-data/services/api.yaml": "name: API\ngroup: core\ndescription: Ours.\n"})
    assert "nothing new" in notify(invoke, folder).out


def test_a_hub_that_fails_hears_of_it_later(tmp_path: Path, invoke: Run, hub: Receiver) -> None:
    folder = page(tmp_path / "site", hub)
    notify(invoke, folder, FIRST)
    write_files(folder, {EVENT: OPENED + RESOLVED})
    hub.status = 400
    failed = notify(invoke, folder)
    assert (failed.code, failed.out.splitlines()[-1]) == (1, "0 messages told, 3 failed.")
    assert f"{hub.url}: answers with 400" in failed.out
    hub.status = 204
    assert notify(invoke, folder).code == 0
    assert len(hub.bodies) == 18


def test_many_feeds_are_noted_together(tmp_path: Path, invoke: Run, hub: Receiver) -> None:
    names = [f"s{number}" for number in range(40)]
    services = {f"site-data/services/{name}.yaml": f"name: {name}\n" for name in names}
    folder = with_remote(tmp_path, {**services, "site-data/site.yaml": f"title: A\nurl: {ROOT}\nhub: {hub.url}\n"})
    remote = tmp_path / "remote.git"
    git(remote, "config", "core.logAllRefUpdates", "always")
    assert notify(invoke, folder, FIRST).code == 0
    write_files(folder, {EVENT: OPENED.replace("{api: down}", f"{{{', '.join(f'{name}: down' for name in names)}}}")})
    assert notify(invoke, folder).code == 0
    assert len(hub.bodies) == 41 * len(FORMS)
    pushes = len((remote / "logs/refs/stashgen/notified").read_text().splitlines())
    assert pushes <= 8, "not one for each folder: a push takes a second or more"


def test_feeds_name_themselves_and_their_hub(build_once: BuildOnce) -> None:
    site = f"title: Acme\nurl: {ROOT}\nhub: {HUB_OF_ALL}\n"
    built = build_once({"site-data/site.yaml": site, "site-data/services/api.yaml": "name: API\n", EVENT: OPENED})
    for name in ("atom", "rss"):
        tree = ET.parse(built / f"services/api/updates.{name}")
        href_by_rel = {link.get("rel"): link.get("href") for link in tree.iter("{http://www.w3.org/2005/Atom}link")}
        assert href_by_rel["hub"] == HUB_OF_ALL
        assert href_by_rel["self"] == f"{ROOT}services/api/updates.{name}"
    feed = json.loads((built / "feeds/updates.json").read_bytes())
    assert feed["hubs"] == [{"type": "WebSub", "url": HUB_OF_ALL}]
    assert HUB_OF_ALL not in (built / "feeds/updates/2026-11.atom").read_text(), "an archive has no news"
