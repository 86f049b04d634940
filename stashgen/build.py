"""The read pipeline: site-data becomes a folder of files, and only what changed is written."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from stashgen import check, clock, files, git
from stashgen.derive import derive
from stashgen.derive.board import Board
from stashgen.errors import DataError, Problem
from stashgen.i18n import translator
from stashgen.memo import Memo, digest
from stashgen.model import Site
from stashgen.outputs import SHELF
from stashgen.outputs.context import Context, Output, layout_digest
from stashgen.texts import TextReader
from stashgen.theme import Theme, load_theme
from stashgen.writing import Progress, write

SITE_DATA: Final = "site-data"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to build: the project folder (it holds site-data/) into the output folder, as of `now`."""

    project: Path
    output: Path
    now: dt.datetime
    memo: Memo
    is_strict: bool = False  # warnings stop like errors
    theme: Theme | None = None  # of the build before: its templates are compiled, and used again if they are the same


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a build did; counts are files."""

    files: int
    written: int
    unchanged: int
    removed: int
    seconds: float
    problems: tuple[Problem, ...]  # warnings: errors are raised
    next_change_at: dt.datetime
    url: str | None  # where the site is to be published
    theme: Theme  # for the next build


def silent(done: int, total: int) -> None:
    """Show nothing."""


def build(job: Job, progress: Progress = silent) -> Report:
    """Build the site; `progress` hears of pages made and pages to make.

    Raises DataError for problems in site-data, ThemeError for the theme's, BuildError for the output folder's:
    the site that was there before is then as it was.
    """
    begin = clock.monotonic()
    context, problems, texts = compose(job)
    with files.open_target(job.output) as target:
        outcome = write(target, [*wanted(context)], job.memo, progress, texts.flush)
    return Report(
        files=outcome.files,
        written=outcome.written,
        unchanged=outcome.files - outcome.written,
        removed=outcome.removed,
        seconds=clock.monotonic() - begin,
        problems=problems,
        next_change_at=context.board.next_change_at,
        url=context.board.settings.url,
        theme=context.theme,
    )


def compose(job: Job) -> tuple[Context, tuple[Problem, ...], TextReader]:
    """Return everything that outputs print, and the warnings on the way to it."""
    reading = check.read(job.project, job.memo)
    if any(problem.severity == "error" or job.is_strict for problem in reading.problems):
        raise DataError(reading.problems)
    site = reading.site
    board = derive(site, job.now, job.memo)
    theme = load_theme(site.settings.theme, job.project)
    if job.theme is not None and job.theme.digest == theme.digest:
        theme = job.theme
    root = job.project / SITE_DATA
    texts = TextReader(root, site, job.memo)
    static = dict(_static(root / "static"))
    layout = layout_digest(theme.digest, site.settings, dict(board.statuses), static)
    context = Context(
        site=site,
        board=board,
        theme=theme,
        translator=translator(site.settings, theme.catalogs),
        texts=texts,
        built_at=job.now,
        commit=git.head(root),
        static=static,
        revision=_revision(site, board, layout),
        layout=layout,
    )
    return context, reading.problems, texts


def wanted(context: Context) -> Iterator[Output]:
    """Yield every file that the site shall have, by the families that its settings leave on."""
    for family, book in SHELF.items():
        if context.board.settings.outputs.get(family, True):
            yield from book.render(context)


def _revision(site: Site, board: Board, layout: bytes) -> str:
    facts = (
        board.overall,
        board.groups,
        [(service.id, service.status, service.status_since_at) for service in board.services.values()],
        [board.notices, board.incidents, board.maintenances, board.upcoming],
        board.recent,
        sorted(site.services.items()),
        b"".join(site.digest_by_event.values()),
    )
    return digest(layout, msgspec.msgpack.encode(facts)).hex()


def _static(folder: Path) -> Iterator[tuple[str, Path]]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            # A link that leaves the folder, a pipe or an editor's leftover is not for the public.
            if not name.startswith(".") and path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                yield path.relative_to(folder).as_posix(), path
