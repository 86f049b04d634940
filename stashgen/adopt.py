"""Bring what an importer read into site-data: new files, files that the source has news for, and nothing else.

Each written file begins with a mark that digests the rest as it was written. That tells three things apart: a file
nobody changed (the source's news replace it), one that somebody changed while the source stood still (it is
theirs), and one that both changed (it is theirs, and they are told).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import msgspec

from stashgen import check, files
from stashgen.errors import DataError, Problem, StashgenError
from stashgen.importers import BOOKS
from stashgen.importers.source import Imported, Known, Source, Wishes
from stashgen.memo import Memo
from stashgen.model import Record, Site
from stashgen.yamlwrite import document

SITE_DATA: Final = "site-data"
LARGEST_SOURCE: Final = 200 * 2**20

Verdict = Literal["new", "updated", "unchanged", "older", "kept", "clash"]
Progress = Callable[[int, int], None]

_MARK: Final = re.compile(rb"# Imported from [^\n]*\[import ([0-9a-f]{16})\]\r?\n")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to import: `paths` are files or folders of the other page, `project` holds site-data/."""

    importer: str
    paths: tuple[Path, ...]
    project: Path
    wishes: Wishes
    memo: Memo
    is_dry_run: bool = False


class Step(NamedTuple):
    """One file: its path relative to the project, what is to be done with it, and the bytes to write."""

    path: str
    verdict: Verdict
    data: bytes


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did, or would do."""

    sources: int
    events: int
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[str, ...]


def adopt(job: Job, progress: Progress) -> Report:
    """Read the sources and write what is new; `progress` hears of files written and files to write.

    Raises DataError for a site whose own data has errors, StashgenError for a path that cannot be read. Each file
    is written whole or not at all, services before the events that name them.
    """
    site = _site(job)
    problems: list[Problem] = []
    sources = list(_sources(job.paths, problems))
    imported = BOOKS[job.importer].read(sources, known(site, job.importer), job.wishes)
    steps = tuple(_steps(job, imported, site))
    due = [step for step in steps if step.verdict in ("new", "updated")]
    for number, step in enumerate(() if job.is_dry_run else due, 1):
        files.write_atomic(job.project / step.path, step.data)
        progress(number, len(due))
    return Report(
        sources=len(sources),
        events=len(imported.events),
        steps=steps,
        problems=(*problems, *imported.problems, *_clashes(steps)),
        remarks=imported.remarks,
    )


def known(site: Site | None, importer: str) -> Known:
    """Return what a site already calls things that came from an importer."""
    if site is None:
        return Known()
    return Known(
        groups={group.external_id: id_ for id_, group in site.groups.items() if group.external_id},
        services={service.external_id: id_ for id_, service in site.services.items() if service.external_id},
        events={
            event.external_id: i for i, event in site.events.items() if event.external_id and event.source == importer
        },
        taken_groups=frozenset(site.groups),
        taken_services=frozenset(site.services),
        taken_events=frozenset(site.events),
        service_by_name={service.name.casefold(): id_ for id_, service in site.services.items()},
        timezone=site.settings.timezone,
    )


def _site(job: Job) -> Site | None:
    if not (job.project / SITE_DATA / "site.yaml").exists():
        return None
    reading = check.read(job.project, job.memo)
    errors = [problem for problem in reading.problems if problem.severity == "error"]
    if errors:
        raise DataError(errors)
    return reading.site


def _sources(paths: Iterable[Path], problems: list[Problem]) -> Iterator[Source]:
    seen: set[Path] = set()
    for path in paths:
        found = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        if not found:
            raise StashgenError(f"{path}: holds no .json file")
        for file in found:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                source = _source(file)
                if isinstance(source, Source):
                    yield source
                else:
                    problems.append(source)


def _source(path: Path) -> Source | Problem:
    name = path.as_posix()
    try:
        if not path.is_file():
            return Problem(path=name, message="is not a file" if path.exists() else "does not exist")
        if path.stat().st_size > LARGEST_SOURCE:
            return Problem(path=name, message=f"is larger than {LARGEST_SOURCE // 2**20} MiB: split it")
        return Source(name, path.read_bytes())
    except OSError as error:
        return Problem(path=name, message=f"cannot be read: {error.strerror}")


def _steps(job: Job, imported: Imported, site: Site | None) -> Iterator[Step]:
    title = job.importer.title()
    if site is None:
        yield _step(job, "site.yaml", imported.settings, title)
    for folder, records in (("groups", imported.groups), ("services", imported.services)):
        for id_, record in records.items():
            yield _step(job, f"{folder}/{id_}.yaml", record, title)
    paths = site.path_by_event if site else {}
    for id_, event in imported.events.items():
        step = _step(job, paths.get(id_) or f"events/{id_[:4]}/{id_}.yaml", event, title)
        here = site.events.get(id_) if site else None
        is_older = here is not None and here.updates[-1].at > event.updates[-1].at
        yield step._replace(verdict="older") if is_older and step.verdict == "updated" else step


def _step(job: Job, path: str, record: Record, title: str) -> Step:
    full = f"{SITE_DATA}/{path}"
    body = document(_fields(record)).encode()
    digest = _digest(body)
    line = (
        f"# Imported from {title}. Once you change it, it is yours: later imports leave it alone. [import {digest}]\n"
    )
    data = line.encode() + body
    try:
        current = (job.project / full).read_bytes()
    except FileNotFoundError:
        return Step(full, "new", data)
    return Step(full, _verdict(current, digest), data)


def _verdict(current: bytes, digest: str) -> Verdict:
    mark = _MARK.match(current)
    if mark is None:
        return "kept"
    written = mark[1].decode()
    if written == digest:
        return "unchanged" if _digest(current[mark.end() :]) == digest else "kept"
    return "updated" if _digest(current[mark.end() :]) == written else "clash"


def _digest(body: bytes) -> str:
    # Git may have given the file other line ends; that is nobody's change.
    return blake2b(body.replace(b"\r\n", b"\n"), digest_size=8).hexdigest()


def _fields(record: Record) -> Mapping[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(record, builtin_types=(dt.datetime,))
    if isinstance(fields.get("since"), dt.datetime):
        fields["since"] = fields["since"].date()
    return fields


def _clashes(steps: Iterable[Step]) -> Iterator[Problem]:
    for step in steps:
        if step.verdict == "clash":
            what = "was changed here, and the source has news too: left as it is; delete it to import it anew"
            yield Problem(path=step.path, message=what, severity="warning")
