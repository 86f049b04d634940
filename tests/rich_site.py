"""The rich site: every kind of record and state, built once for each language and theme that a test asks for."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from stashgen.build import Job, build
from stashgen.memo import Memo

RICH: Final = Path(__file__).resolve().parent / "golden" / "rich"
NOW: Final = dt.datetime(2026, 11, 23, 10, 30, tzinfo=dt.UTC)
LANGUAGES: Final = ("en", "de", "ar")
THEMES: Final = ("default", "classic")

RichSite = Callable[[str, str], Path]
Serve = Callable[[Path], str]


def build_at(project: Path, now: dt.datetime = NOW) -> Path:
    """Build a project and return its output folder."""
    output = project / "build"
    build(Job(project=project, output=output, now=now, memo=Memo(None)))
    return output


def copy_rich(folder: Path, language: str = "en", theme: str = "default") -> Path:
    """Copy the rich site into a folder that is not there yet, in a language and with a theme."""
    shutil.copytree(RICH, folder)
    settings = folder / "site-data" / "site.yaml"
    text = re.sub(r"^language: .*$", f"language: {language}", settings.read_text(encoding="utf-8"), flags=re.MULTILINE)
    settings.write_text(f"{text}theme: {theme}\n", encoding="utf-8")
    return folder


def builder(folder: Path) -> RichSite:
    """Return a function (language, theme) -> output folder that builds each site once, below a folder."""

    def built(language: str, theme: str) -> Path:
        project = folder / f"{theme}-{language}"
        if not project.exists():
            build_at(copy_rich(project, language, theme))
        return project / "build"

    return built
