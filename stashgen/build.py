"""The read pipeline: site-data becomes a folder of files, and only what changed is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from stashgen import check, clock, files, git, load
from stashgen.check import rescue, sparing
from stashgen.check.reading import Judgement
from stashgen.derive import derive
from stashgen.derive.board import Board
from stashgen.errors import DataError, Finding, Problem, SettingError, ThemeError
from stashgen.i18n import Translator, translator
from stashgen.load import SITE_DATA
from stashgen.load.static import static_files
from stashgen.memo import Memo, digest, edition
from stashgen.model import Settings, Site
from stashgen.outputs import SHELF
from stashgen.outputs.aliases import twins
from stashgen.outputs.context import Context, Output, layout_digest
from stashgen.texts import NO_STAND_INS, TextReader
from stashgen.theme import Theme, load_theme
from stashgen.theme.folders import PACKAGE
from stashgen.writing import Outcome, Progress, Work, is_intact, recall, write

_PACKAGED: Final = "default"  # the theme that is always there


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to build: the project folder (it holds site-data/) into the output folder, as of `now`."""

    project: Path
    output: Path
    now: dt.datetime
    memo: Memo
    is_strict: bool = False  # warnings stop like errors
    keeps_going: bool = False  # errors leave out what has them, and nothing else
    theme: Theme | None = None  # of the build before: its templates are compiled, and used again if they are the same


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a build did; counts are files."""

    files: int
    written: int
    unchanged: int
    removed: int
    seconds: float
    problems: tuple[Problem, ...]  # warnings, and the errors that it was built in spite of: others are raised
    next_change_at: dt.datetime
    url: str | None  # where the site is to be published
    theme: Theme  # for the next build


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """All that a site is made of: equal states make equal sites."""

    site: Site
    theme: Theme
    static: dict[str, Path]  # path below static/ -> the file
    commit: str | None  # full hash; None outside git
    faulty: int  # files that it had to be made without, or without a part of them
    stand_ins: Mapping[str, bytes] = NO_STAND_INS  # what is sound of files of events with mistakes, by path
    problems: tuple[Problem, ...]  # warnings, and the errors that it goes on in spite of
    state: bytes  # digest of everything here, of the time, and of this package


def silent(done: int, total: int) -> None:
    """Show nothing."""


def build(job: Job, progress: Progress = silent) -> Report:
    """Build the site; `progress` hears of pages made and pages to make.

    Raises DataError for problems in site-data, ThemeError for the theme's, BuildError for the output folder's:
    the site that was there before is then as it was.
    """
    begin = clock.monotonic()
    source = read(job)
    try:
        return _built(job, source, progress, begin)
    except ThemeError as error:
        if not job.keeps_going:
            raise
        # Templates show their faults only when they are filled.
        return _built(job, _plain(job, source, error), progress, begin)


def _built(job: Job, source: Source, progress: Progress, begin: float) -> Report:
    with files.open_target(job.output) as target:
        memory = recall(target, job.memo)
        next_change_at = memory.next_change_at
        if next_change_at and memory.state == source.state and is_intact(target, memory):
            outcome = Outcome(len(memory.files), 0, 0)
        else:
            context, texts = compose(job, source)
            next_change_at = context.board.next_change_at
            work = Work([*wanted(context)], source.state, next_change_at, progress, texts.flush)
            outcome = write(target, work, memory, job.memo)
    return Report(
        files=outcome.files,
        written=outcome.written,
        unchanged=outcome.files - outcome.written,
        removed=outcome.removed,
        seconds=clock.monotonic() - begin,
        problems=source.problems,
        next_change_at=next_change_at,
        url=source.site.settings.url,
        theme=source.theme,
    )


def read(job: Job) -> Source:
    """Return all that the site is made of; raises DataError when it cannot be built."""
    reading = check.read(job.project, job.memo, job.now)
    if job.keeps_going:
        reason = sparing.obstacle(reading.site, reading.problems)
        if reason:
            raise DataError(reading.problems, reason)
        return _rescued(job, reading)
    if any(problem.severity == "error" or job.is_strict for problem in reading.problems):
        raise DataError(reading.problems)
    return gather(job, reading)


def _rescued(job: Job, reading: check.Reading) -> Source:
    case = Judgement(reading.site, (), job.project / SITE_DATA, job.memo, job.now)
    site, stand_ins = rescue.rescued(case, reading.problems)
    source = gather(job, reading._replace(site=site))
    return msgspec.structs.replace(source, stand_ins=stand_ins)


def gather(job: Job, reading: check.Reading) -> Source:
    """Return all that the sound part of a site is made of; raises DataError for a theme that is not there."""
    settings = reading.site.settings
    try:
        with _pointed_out(job.project):
            theme = load_theme(settings.theme, job.project)
    except (DataError, ThemeError) as error:
        if not job.keeps_going:
            raise
        return _dressed(job, reading, *_packaged(settings, error))
    if job.theme is not None and job.theme.digest == theme.digest:
        theme = job.theme
    return _dressed(job, reading, theme)


def _plain(job: Job, source: Source, error: ThemeError) -> Source:
    """Return the same in the packaged theme; raises the error where that will not do."""
    reading = check.Reading(source.site, source.problems)
    dressed = _dressed(job, reading, *_packaged(source.site.settings, error))
    return msgspec.structs.replace(dressed, stand_ins=source.stand_ins)


def _packaged(settings: Settings, error: DataError | ThemeError) -> tuple[Theme, tuple[Problem, ...]]:
    """Return the packaged theme and what is wrong with the site's own; raises that where the page's words are there."""
    theme = load_theme(_PACKAGED, PACKAGE)
    try:
        translator(settings, theme.catalogs)
    except SettingError:
        raise error from None
    return theme, error.problems if isinstance(error, DataError) else (_about_theme(str(error)),)


def _about_theme(text: str) -> Problem:
    place, _, message = text.partition(": ")
    path, _, line = place.partition(":")
    remedy = f"{message}; the page is built with the packaged theme `{_PACKAGED}` until then"
    return Problem(path=path, line=int(line) if line.isdecimal() else 0, message=remedy)


def _dressed(job: Job, reading: check.Reading, theme: Theme, about_theme: tuple[Problem, ...] = ()) -> Source:
    site, problems = reading.site, tuple(sorted([*reading.problems, *about_theme]))
    root = job.project / SITE_DATA
    static = dict(static_files(root))
    commit = git.head(root)
    records = (site.settings, [sorted(map_.items()) for map_ in (site.statuses, site.groups, site.services)])
    stamps = [(name, files.stamp(path)) for name, path in static.items()]
    faulty = sparing.faulty(problems)
    facts = (records, stamps, [*site.digest_by_event.items()], job.now, commit, faulty)
    state = digest(edition(), theme.digest, msgspec.msgpack.encode(facts))
    return Source(site=site, theme=theme, static=static, commit=commit, faulty=faulty, problems=problems, state=state)


def outfit(project: Path, settings: Settings) -> tuple[Theme, Translator]:
    """Return the theme and the words that site.yaml asks for; raises DataError that points at its line."""
    with _pointed_out(project):
        theme = load_theme(settings.theme, project)
        return theme, translator(settings, theme.catalogs)


@contextmanager
def _pointed_out(project: Path) -> Iterator[None]:
    try:
        yield
    except SettingError as error:
        finding = Finding((error.field,), error.message)
        raise DataError(load.place(project / SITE_DATA, load.SITE_FILE, [finding])) from error


def compose(job: Job, source: Source) -> tuple[Context, TextReader]:
    """Return everything that outputs print."""
    site, theme = source.site, source.theme
    # Only now: a site that is as it was needs no words.
    with _pointed_out(job.project):
        words = translator(site.settings, theme.catalogs)
    board = derive(site, job.now, job.memo)
    texts = TextReader(job.project / SITE_DATA, site, job.memo, source.stand_ins)
    layout = layout_digest(theme.digest, site.settings, dict(board.statuses), source.static)
    context = Context(
        site=site,
        board=board,
        theme=theme,
        translator=words,
        texts=texts,
        memo=job.memo,
        built_at=job.now,
        commit=source.commit,
        static=source.static if site.settings.outputs.get("static-files", True) else {},
        revision=_revision(site, board, layout, source.faulty),
        faulty=source.faulty,
        layout=layout,
    )
    return context, texts


def wanted(context: Context) -> Iterator[Output]:
    """Yield every file that the site shall have, by the families that its settings leave on."""
    former = twins(context)
    for family, book in SHELF.items():
        if context.has(family):
            for output in book.render(context):
                yield output
                yield from former(output)


def _revision(site: Site, board: Board, layout: bytes, faulty: int) -> str:
    facts = (
        faulty,
        board.overall,
        board.groups,
        [(service.id, service.status, service.status_since_at) for service in board.services.values()],
        [board.notices, board.incidents, board.maintenances, board.upcoming],
        board.recent,
        sorted(site.services.items()),
        b"".join(site.digest_by_event.values()),
    )
    return digest(layout, msgspec.msgpack.encode(facts)).hex()
