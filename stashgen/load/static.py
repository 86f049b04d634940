"""The files below static/, which go to the public as they are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from stashgen.load import folder
from stashgen.load.folder import Report

STATIC: Final = "static"


def static_files(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield each public file below static/ by its path there; `root` is the site-data folder.

    A link that leaves the folder, a pipe or an editor's leftover is not for the public.
    """
    real = (root / STATIC).resolve()
    for path in _named(root):
        name = path.relative_to(root / STATIC).as_posix()
        if path.is_file() and not _fault(name) and path.resolve().is_relative_to(real):
            yield name, path


def report_names(root: Path, report: Report) -> None:
    """Report what below static/ cannot be published under its name."""
    if folder.is_link(root, STATIC, report):
        return
    for path in _named(root):
        name = path.relative_to(root).as_posix()
        if fault := _fault(name):
            report(folder.problem(root, name, fault))


def _named(root: Path) -> Iterator[Path]:
    if (root / STATIC).is_symlink():
        return
    for place, folders, names in os.walk(root / STATIC):
        folders.sort()
        yield from (Path(place, name) for name in sorted(names) if not name.startswith("."))


def _fault(name: str) -> str:
    if not folder.is_unicode(name):
        return "has a name that is not UTF-8: rename it"
    return "has a backslash in its name, which addresses do not have: rename it" if "\\" in name else ""
