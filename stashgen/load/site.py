"""The folder as a whole: settings first, then every record file, as one `Site` and all problems."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec

from stashgen import clock, zones
from stashgen.errors import DataError, Finding, Problem, StashgenError
from stashgen.load import file, folder, index, keeping
from stashgen.load.file import UnreadableError
from stashgen.load.folder import Listing, Report
from stashgen.load.index import Index
from stashgen.load.look import Place, look
from stashgen.load.static import STATIC, report_names
from stashgen.memo import Memo, digest
from stashgen.model import (
    BUILT_IN_STATUSES,
    Automation,
    Event,
    Group,
    Label,
    Notifications,
    Record,
    Service,
    Settings,
    Site,
    Status,
    Template,
)
from stashgen.text import listed, nearest, quoted

SITE_DATA: Final = "site-data"  # the folder of a project that is read
SITE_FILE: Final = "site.yaml"
AUTOMATION_FILE: Final = "automation.yaml"
NOTIFICATIONS_FILE: Final = "notifications.yaml"
_OPTIONAL_FILES: Final = (AUTOMATION_FILE, NOTIFICATIONS_FILE)
FOLDERS: Final = ("statuses", "groups", "services", "templates", "events")
_STEP: Final = "load.settings"

EVENTS: Final = "events/"

AnyRecord = TypeVar("AnyRecord", bound=Record)
Value = TypeVar("Value")


class Loaded(NamedTuple):
    """The sound records of a folder, and what is wrong with the others, sorted by place."""

    site: Site
    problems: tuple[Problem, ...]


class Events(Mapping[str, Value]):
    """Events by id, kept as bytes and decoded when asked for, without their texts: as a whole, or as their labels."""

    def __init__(self, data_by_event: Mapping[str, bytes], kind: type[Value]) -> None:
        self._data_by_event, self._kind = data_by_event, kind
        self._decode = msgspec.msgpack.Decoder(kind).decode

    def without(self, events: Container[str]) -> Events[Value]:
        """Return the others."""
        return Events({event: data for event, data in self._data_by_event.items() if event not in events}, self._kind)

    def replaced(self, data_by_event: Mapping[str, bytes], order: Iterable[str]) -> Events[Value]:
        """Return the events in this order, some of them with other bytes."""
        by_event = {**self._data_by_event, **data_by_event}
        return Events({name: by_event[name] for name in order}, self._kind)

    def __getitem__(self, event: str) -> Value:
        """Decode one event."""
        return self._decode(self._data_by_event[event])

    def __iter__(self) -> Iterator[str]:
        """Iterate over the ids, in the order of their files."""
        return iter(self._data_by_event)

    def __len__(self) -> int:
        """Count the events."""
        return len(self._data_by_event)


def load(root: Path, memo: Memo) -> Loaded:
    """Read a site-data folder; raise StashgenError when there is none.

    Files with errors are left out of the site, and with a broken site.yaml its settings are a stand-in.
    """
    if not root.is_dir():
        raise StashgenError(f"there is no {root.name}/ in {root.parent.resolve()}: `stashgen init` makes one")
    moment_ns = clock.file_time_ns()
    problems: list[Problem] = []
    rules = index.rules_digest()
    settings = _settings(root, memo, rules, problems.append)
    key = digest(rules, settings.timezone.encode(), zones.rules(settings.timezone), os.fsencode(root.resolve()))
    listing = _listing(root, problems.append)
    kept = keeping.recall(memo, key)
    seen = look(Place(root, settings.timezone), listing, kept.files, moment_ns)
    problems += seen.problems
    if seen.files is not kept.files:
        keeping.keep(memo, key, kept, seen.files, seen.renewed)
    site = _site(root, settings, seen.files, problems)
    desk = _Desk(root, memo, rules, problems.append)
    site = msgspec.structs.replace(
        site,
        automation=_optional(desk, AUTOMATION_FILE, Automation()),
        notifications=_optional(desk, NOTIFICATIONS_FILE, Notifications()),
    )
    return Loaded(site, tuple(sorted(problems)))


def read_event(root: Path, site: Site, event: str, data: bytes | None = None) -> Event:
    """Read one event of a site once more, with its texts; raise DataError when its file is another by now.

    `data` stands for a file that the site has not been made of as it is.
    What is made of its texts is kept by the digest that the site has of it, so they must be those texts.
    """
    from stashgen.load import record  # noqa: PLC0415 - it brings the YAML parser, which most runs never need

    path = site.path_by_event[event]
    name = file.shown(root, path)
    try:
        data = file.read(root, path) if data is None else data
        read = record.read(data, path, name, zones.find(site.settings.timezone) or dt.UTC)
    except UnreadableError as error:
        raise DataError([Problem(path=name, message=str(error))]) from error
    if read.data is None:
        raise DataError(read.problems)
    content, packed = digest(b"events", b"", data), record.packed(read.data)
    if site.digest_by_event[event] != digest(content, site.settings.timezone.encode(), packed):
        raise DataError([Problem(path=name, message="has changed while it was read: try again")])
    return msgspec.convert(read.data, Event, builtin_types=(dt.datetime,))


def without(site: Site, events: Container[str]) -> Site:
    """Return a loaded site without some of its events."""
    assert isinstance(site.events, Events)  # noqa: S101 - narrows the model's Mapping
    assert isinstance(site.label_by_event, Events)  # noqa: S101 - as above
    return msgspec.structs.replace(
        site,
        events=site.events.without(events),
        label_by_event=site.label_by_event.without(events),
        path_by_event={event: path for event, path in site.path_by_event.items() if event not in events},
        digest_by_event={event: digest_ for event, digest_ in site.digest_by_event.items() if event not in events},
    )


def place(root: Path, path: str, findings: Sequence[Finding]) -> list[Problem]:
    """Turn findings about a file's fields into problems with line and column."""
    from stashgen import yamlio  # noqa: PLC0415 - as above

    data = b""
    with suppress(UnreadableError):  # a finding about a folder, or a file that has gone
        data = file.read(root, path)
    return yamlio.place(data, file.shown(root, path), findings)


def _settings(root: Path, memo: Memo, rules: bytes, report: Report) -> Settings:
    name = file.shown(root, SITE_FILE)
    try:
        data = file.read(root, SITE_FILE)
    except UnreadableError as error:
        is_missing = not os.path.lexists(root / SITE_FILE)
        message = "is missing: it names the page, such as `title: Acme Status`" if is_missing else str(error)
        report(Problem(path=name, message=message))
        return Settings(title=root.resolve().parent.name or "Status")
    key = digest(rules, data)
    kept = _recalled(memo, key, Settings)
    if kept is not None:
        return kept
    from stashgen.load import record  # noqa: PLC0415 - as above

    settings, problems = record.settings(data, SITE_FILE, name)
    for problem in problems:
        report(problem)
    if not problems:
        memo.keep(_STEP, [(key, msgspec.msgpack.encode(settings))])
    return settings


class _Desk(NamedTuple):
    """Where a single file is read from, and what it needs for that."""

    root: Path
    memo: Memo
    rules: bytes
    report: Report


def _optional(desk: _Desk, path: str, absent: AnyRecord) -> AnyRecord:
    """Read a file that need not be there; return `absent` where it is not, or is broken."""
    if not os.path.lexists(desk.root / path):
        return absent
    name = file.shown(desk.root, path)
    try:
        data = file.read(desk.root, path)
    except UnreadableError as error:
        desk.report(Problem(path=name, message=str(error)))
        return absent
    key = digest(desk.rules, path.encode(), data)
    kept = _recalled(desk.memo, key, type(absent))
    if kept is not None:
        return kept
    from stashgen.load import record  # noqa: PLC0415 - as above

    value, problems = record.read(data, path, name, dt.UTC)
    for problem in problems:
        desk.report(problem)
    found = absent if value is None else msgspec.convert(value, type(absent))
    if not problems:
        desk.memo.keep(_STEP, [(key, msgspec.msgpack.encode(found))])
    return found


def _recalled(memo: Memo, key: bytes, kind: type[AnyRecord]) -> AnyRecord | None:
    kept = memo.recall(_STEP, key)
    if kept is not None:
        with suppress(msgspec.MsgspecError):  # damaged: read it again
            return msgspec.msgpack.decode(kept, type=kind)
    return None


def _listing(root: Path, report: Report) -> Listing:
    listing = Listing()
    for name in FOLDERS:
        folder.add_files(listing, root, name, report, is_deep=name == "events")
    report_names(root, report)
    name_by_stem = {name.partition(".")[0]: name for name in (SITE_FILE, *_OPTIONAL_FILES, STATIC, *FOLDERS)}
    for name in folder.others(root, frozenset(name_by_stem.values())):
        meant = name_by_stem.get(nearest(name.partition(".")[0], name_by_stem) or "")
        hint = f" (did you mean `{meant}`?)" if meant else f": there are {listed(sorted(name_by_stem.values()))}"
        report(Problem(path=file.shown(root, name), message=f"{quoted(name)} is not read{hint}"))
    return listing


def _site(root: Path, settings: Settings, seen: Index, problems: list[Problem]) -> Site:
    # Events come last, because they come in thousands: their columns are cut off as a whole.
    first = next((number for number, path in enumerate(seen.paths) if path.startswith(EVENTS)), len(seen.paths))
    paths, data, digests = seen.paths[first:], seen.data[first:], seen.digests_from(first)
    names = [path[path.rfind("/") + 1 : -len(folder.SUFFIX)] for path in paths]
    path_by_event, data_by_event = _firsts(names, paths), _firsts(names, data)
    if len(path_by_event) < len(names):
        problems += _same_ids(root, names, paths, path_by_event)
    return Site(
        settings=settings,
        statuses={**BUILT_IN_STATUSES, **_decoded(seen, first, "statuses/", Status)},
        groups=_decoded(seen, first, "groups/", Group),
        services=_decoded(seen, first, "services/", Service),
        templates=_decoded(seen, first, "templates/", Template),
        events=Events(data_by_event, Event),
        label_by_event=Events(data_by_event, Label),
        path_by_event=path_by_event,
        digest_by_event=_firsts(names, digests),
    )


def _firsts(names: list[str], values: list[Value]) -> dict[str, Value]:
    """Map names to values; of several of one name the first counts."""
    by_name = dict(zip(names, values, strict=True))
    if len(by_name) < len(names):
        by_name.update(zip(reversed(names), reversed(values), strict=True))
    return by_name


def _same_ids(root: Path, names: list[str], paths: list[str], path_by_event: Mapping[str, str]) -> Iterator[Problem]:
    for name, path in zip(names, paths, strict=True):
        if path != path_by_event[name]:
            other = file.shown(root, path_by_event[name])
            message = f"another event has the id {quoted(name)}: {other}; rename one of the two files"
            yield Problem(path=file.shown(root, path), message=message)


def _decoded(seen: Index, before: int, start: str, kind: type[AnyRecord]) -> dict[str, AnyRecord]:
    decode = msgspec.msgpack.Decoder(kind).decode
    return {
        path[len(start) : -len(folder.SUFFIX)]: decode(data)
        for path, data in zip(seen.paths[:before], seen.data[:before], strict=True)
        if path.startswith(start)
    }
