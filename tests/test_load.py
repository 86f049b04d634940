"""Loading: what the records hold, and that remembering never changes what is loaded."""

from __future__ import annotations

import datetime as dt
import os
import random
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

import pytest
from door import MakeProject, child_environ, write_files

from stashgen import load
from stashgen.errors import DataError, StashgenError
from stashgen.load import Loaded
from stashgen.memo import Memo
from stashgen.model import BUILT_IN_STATUSES, Level

UTC: Final = dt.UTC
SITE: Final = {
    "site-data/site.yaml": "title: Acme\ntimezone: Europe/Berlin\nsince: 2026-01-01\n",
    "site-data/groups/core.yaml": "name: Core\n",
    "site-data/services/api.yaml": "name: API\ngroup: core\nsince: 2026-02-01\n",
    "site-data/services/web.yaml": "name: Web\n",
    "site-data/statuses/warning.yaml": "name: Slow\ncolor: '#ffaa00'\n",
    "site-data/statuses/read-only.yaml": "name: Read only\nlevel: WARNING\n",
    "site-data/events/2026/b.yaml": (
        "title: Down\nservices: {api: down}\npostmortem: |\n  Why.\nupdates:\n"
        "  - at: 2026-11-20 11:00\n    message: |\n      It is **down**.\n"
        "  - at: 2026-11-20T10:30:00.1239Z\n    state: resolved\n    message: Up.\n"
    ),
    "site-data/events/a.yaml": (
        "title: Work\nkind: maintenance\nservices: [web]\n"
        "planned: {start: 2026-12-01 01:00, end: 2026-12-01 02:00}\n"
        "updates:\n  - at: 2026-11-20T10:00:00Z\n    message: Soon.\n"
    ),
}


def facts(loaded: Loaded) -> dict[str, Any]:
    """Return everything that a site says, decoded."""
    site = loaded.site
    return {
        "settings": site.settings,
        "records": [dict(site.statuses), dict(site.groups), dict(site.services)],
        "events": list(site.events.items()),
        "paths": list(site.path_by_event.items()),
        "digests": list(site.digest_by_event.items()),
        "problems": loaded.problems,
    }


def remembered(root: Path, memo: Path) -> dict[str, Any]:
    """Load with a memo of its own connection, as the next run of the program does."""
    return facts(load.load(root, Memo(memo)))


def test_records_are_read_as_they_are_written(project: MakeProject) -> None:
    site = load.load(project(SITE) / "site-data", Memo()).site
    assert site.settings.title == "Acme"
    assert site.settings.since == dt.datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert list(site.services) == ["api", "web"]
    assert (site.services["api"].group, site.services["api"].since) == (
        "core",
        dt.datetime(2026, 1, 31, 23, tzinfo=UTC),
    )
    assert dict(site.path_by_event) == {"a": "events/a.yaml", "b": "events/2026/b.yaml"}
    planned = site.events["a"].planned
    assert planned is not None
    assert (planned.start, planned.end) == (
        dt.datetime(2026, 12, 1, 0, tzinfo=UTC),
        dt.datetime(2026, 12, 1, 1, tzinfo=UTC),
    )


def test_a_status_file_changes_only_what_it_names(project: MakeProject) -> None:
    statuses = load.load(project(SITE) / "site-data", Memo()).site.statuses
    warning = statuses["warning"]
    assert list(statuses)[:5] == list(BUILT_IN_STATUSES)
    assert (warning.name, warning.color, warning.level) == ("Slow", "#ffaa00", Level.WARNING)
    assert (warning.icon, warning.statuspage) == ("triangle", "degraded_performance")
    assert statuses["down"] == BUILT_IN_STATUSES["down"]
    assert statuses["read-only"].level is Level.WARNING


def test_events_are_light_until_their_texts_are_asked_for(project: MakeProject) -> None:
    root = project(SITE) / "site-data"
    site = load.load(root, Memo()).site
    light, whole = site.events["b"], load.read_event(root, site, "b")
    assert [update.message for update in light.updates] == ["", ""]
    assert (light.postmortem, site.events["a"].postmortem) == ("", None)
    assert [update.message for update in whole.updates] == ["It is **down**.\n", "Up."]
    assert whole.postmortem == "Why.\n"
    assert [update.at for update in light.updates] == [update.at for update in whole.updates] == [
        dt.datetime(2026, 11, 20, 10, tzinfo=UTC),
        dt.datetime(2026, 11, 20, 10, 30, 0, 123000, tzinfo=UTC),
    ]  # fmt: skip


def test_an_event_that_has_changed_since_is_an_error_of_the_data(project: MakeProject) -> None:
    root = project(SITE) / "site-data"
    site = load.load(root, Memo()).site
    (root / "events/a.yaml").write_text("title: [\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.yaml:1: a value is missing here"):
        load.read_event(root, site, "a")
    (root / "events/a.yaml").unlink()
    with pytest.raises(DataError, match=r"a\.yaml: cannot be read: No such file"):
        load.read_event(root, site, "a")


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StashgenError, match="stashgen init"):
        load.load(tmp_path / "site-data", Memo())


def test_a_known_site_needs_no_parser(project: MakeProject, tmp_path: Path) -> None:
    root = project(SITE) / "site-data"
    for path in root.rglob("*.yaml"):
        os.utime(path, ns=(10**18, 10**18))
    program = (
        "import sys; from pathlib import Path; from stashgen import check; from stashgen.memo import Memo\n"
        f"reading = check.read(Path({str(root.parent)!r}), Memo(Path({str(tmp_path / 'memo')!r})))\n"
        "print(len(reading.site.events), len(reading.problems), 'yaml' in sys.modules)"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program], env=child_environ(), capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert said == ["2 0 True\n", "2 0 False\n"]


def test_two_processes_load_what_one_does(project: MakeProject) -> None:
    event = "title: Event {0}\nservices: {{api: down}}\nupdates:\n  - at: 2026-11-20T10:00:00Z\n    message: {1}\n"
    events = {
        f"site-data/events/{number % 7}/e{number}.yaml": event.format(number, "''" if number % 50 == 0 else "Words.")
        for number in range(700)
    }
    root = project(SITE | events) / "site-data"
    forked = facts(load.load(root, Memo()))
    assert len(forked["events"]) == 688
    assert len(forked["problems"]) == 14
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)  # with a second thread there is no fork
    thread.start()
    try:
        assert facts(load.load(root, Memo())) == forked
    finally:
        stop.set()
        thread.join()


def test_the_memo_never_changes_what_is_loaded(project: MakeProject, tmp_path: Path) -> None:
    root, memo = project(SITE) / "site-data", tmp_path / "memo"
    chance = random.Random(7)
    for _ in range(60):
        change_something(root, chance)
        assert remembered(root, memo) == facts(load.load(root, Memo()))


def change_something(root: Path, chance: random.Random) -> None:
    """Break, mend, move, copy or delete a file, or change the zone; then give every other file one old time."""
    files = sorted(path for path in root.rglob("*.y*ml") if path.name != "site.yaml")
    path, data = (one := chance.choice(files)), one.read_bytes()
    folder = root / chance.choice(["services", "groups", "statuses", "events", "events/2026"])
    name = chance.choice(["n1.yaml", "n2.yaml", "down.yaml", "copy.yaml", "copy.yml", "Not an id.yaml"])
    zone = chance.choice(["Europe/Berlin", "UTC", "Asia/Tokyo", "Europe/Nowhere"])
    step = chance.choice(["break", "mend", "move", "copy", "copy", "delete", "zone"])
    if step in {"move", "delete"} and len(files) > 4:
        path.unlink()
    if step in {"move", "copy"}:
        write_files(folder, {name: data})
    elif step == "zone":
        write_files(root, {"site.yaml": f"title: Acme\ntimezone: {zone}\n"})
    elif step == "mend":
        path.write_bytes(data.replace(b"titel:", b"title:").replace(b"nam:", b"name:"))
    elif step == "break":
        path.write_bytes(data.replace(b"title:", b"titel:").replace(b"name:", b"nam:"))
    for other in root.rglob("*.y*ml"):
        if chance.random() < 0.5:
            os.utime(other, ns=(10**18, 10**18))


@pytest.mark.parametrize("damage", [b"", b"\x00" * 500, b"\xff" * 9, b"not at all"])
def test_a_damaged_memo_is_ignored(project: MakeProject, tmp_path: Path, damage: bytes) -> None:
    root, memo = project(SITE) / "site-data", tmp_path / "memo"
    expected = remembered(root, memo)
    connection = sqlite3.connect(memo)
    with connection:
        values = [value for (value,) in connection.execute("SELECT value FROM memo")]
        assert values
        connection.execute("UPDATE memo SET value = ?", (damage,))
    connection.close()
    assert remembered(root, memo) == expected


def test_a_byte_changed_in_the_memo_is_noticed(project: MakeProject, tmp_path: Path) -> None:
    root, memo = project(SITE) / "site-data", tmp_path / "memo"
    expected = remembered(root, memo)
    connection = sqlite3.connect(memo)
    with connection:
        ((key, value),) = connection.execute("SELECT key, value FROM memo WHERE step = 'load.index'").fetchall()
        changed = value.replace(b"Down", b"Dawn")
        assert changed != value
        connection.execute("UPDATE memo SET value = ? WHERE key = ?", (changed, key))
    connection.close()
    assert remembered(root, memo) == expected


def test_the_order_is_that_of_names_not_of_the_disk(project: MakeProject) -> None:
    names = [f"n{number:03}" for number in range(40)]
    random.Random(3).shuffle(names)
    root = project(SITE | {f"site-data/services/{name}.yaml": f"name: {name}\n" for name in names}) / "site-data"
    assert list(load.load(root, Memo()).site.services) == ["api", *sorted(names), "web"]
