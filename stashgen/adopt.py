"""Bring what an importer read into site-data: new files, files that the source has news for, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import msgspec

from stashgen import check
from stashgen.edit import adopting
from stashgen.errors import DataError, Problem, StashgenError
from stashgen.importers import BOOKS
from stashgen.importers.source import Imported, Known, Source, Wishes
from stashgen.intents import AdoptFiles
from stashgen.load import SITE_DATA
from stashgen.memo import Memo
from stashgen.model import Record, Site
from stashgen.repository import Applied, Repository
from stashgen.repository import Wishes as Way
from stashgen.repository.values import Progress
from stashgen.yamlwrite import document

LARGEST_SOURCE: Final = 200 * 2**20

Verdict = adopting.Verdict | Literal["older"]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to import: `paths` are files or folders of the other page, `project` holds site-data/."""

    importer: str
    paths: tuple[Path, ...]
    project: Path
    wishes: Wishes
    memo: Memo
    environ: Mapping[str, str]
    is_dry_run: bool = False
    has_commit: bool = False  # one commit of all that is written


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
    commit: str | None = None


def adopt(job: Job, progress: Progress) -> Report:
    """Read the sources and write what is new; `progress` hears of files written and files to write.

    Raises DataError for a site whose own data has errors, StashgenError for a path that cannot be read, and for what
    git or the disk refuse: nothing has been written then.
    """
    site = _site(job)
    problems: list[Problem] = []
    sources = list(_sources(job.paths, problems))
    imported = BOOKS[job.importer].read(sources, known(site, job.importer), job.wishes)
    steps = tuple(_steps(job, imported, site))
    due = [step for step in steps if step.verdict in ("new", "updated")]
    applied = _write(job, due, progress) if due and not job.is_dry_run else None
    return Report(
        sources=len(sources),
        events=len(imported.events),
        steps=steps,
        problems=(*problems, *imported.problems, *_clashes(steps)),
        remarks=(*imported.remarks, *(applied.remarks if applied else ())),
        commit=applied.commit if applied else None,
    )


def _write(job: Job, due: Iterable[Step], progress: Progress) -> Applied:
    folder = job.project / SITE_DATA
    is_new = not folder.is_dir()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        texts = {step.path.removeprefix(f"{SITE_DATA}/"): step.data.decode() for step in due}
        with Repository(job.project, job.environ) as repository:
            wishes = Way(has_commit=job.has_commit, progress=progress)
            return repository.apply(AdoptFiles(source=job.importer, files=texts), wishes=wishes)
    except BaseException:
        if is_new:
            with suppress(OSError):
                folder.rmdir()
        raise


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
    data = adopting.marked(title, document(_fields(record)).encode())
    try:
        current = (job.project / full).read_bytes()
    except FileNotFoundError:
        current = None
    return Step(full, adopting.verdict(current, data), data)


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
