"""A build that starts from the one before gives the same tree as one that starts from nothing, whatever has changed.

The rich site has every family, kind and state. Each step changes it a little more, and all of them go on with one
output folder and one memo.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from door import run_stashgen
from rich_site import NOW, copy_rich

from stashgen.build import Job, Report, build
from stashgen.memo import Memo

NEW_EVENT: Final = """\
title: Search answers late
services: {search: down, website: partial}
updates:
  - {at: 2026-10-31T22:30:00Z, message: Looking.}
  - {at: 2026-11-01T01:00:00Z, state: resolved, message: Found.}
"""
Edit = Callable[[Path], None]


class Step(NamedTuple):
    """What is done to site-data before a build, and when that build is."""

    name: str
    edit: Edit
    now: dt.datetime = NOW


def write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def replaced(name: str, old: str, new: str) -> Edit:
    def edit(data: Path) -> None:
        text = (data / name).read_text(encoding="utf-8")
        assert old in text
        write_text(data / name, text.replace(old, new))

    return edit


def appended(name: str, text: str) -> Edit:
    return lambda data: write_text(data / name, (data / name).read_text(encoding="utf-8") + text)


def written(name: str, text: str) -> Edit:
    return lambda data: write_text(data / name, text)


def removed(name: str) -> Edit:
    return lambda data: (data / name).unlink()


def moved(name: str, to: str) -> Edit:
    def edit(data: Path) -> None:
        (data / name).rename(data / to)

    return edit


def nothing(_: Path) -> None:
    pass


def families_off(*names: str) -> Edit:
    def edit(data: Path) -> None:
        settings = (data / "site.yaml").read_text(encoding="utf-8").partition("outputs:\n")[0]
        outputs = "".join(f"  {name}: false\n" for name in names)
        write_text(data / "site.yaml", settings + (f"outputs:\n{outputs}" if names else ""))

    return edit


OLD: Final = "events/2025/2025-12-30-new-year.yaml"
OPEN: Final = "events/2026/2026-11-23-api-errors.yaml"
STEPS: Final = (
    Step("the first build", nothing),
    Step("an old event is edited", replaced(OLD, "title: Payments", "title: All payments")),
    Step("its last word is another", replaced(OLD, "at: 2026-01-02T07:30:00Z", "at: 2026-02-02T07:30:00Z")),
    Step("an event of the past is new", written("events/2026/2026-10-31-late.yaml", NEW_EVENT)),
    Step("an event is removed", removed("events/2026/2026-11-21-two-minutes.yaml")),
    Step("an event has another id", moved("events/2026/2026-11-10-ar-sms.yaml", "events/2026/2026-11-10-sms.yaml")),
    Step("a service has another name", replaced("services/api.yaml", "name: API", "name: Interface & hooks")),
    Step("a service is in another group", replaced("services/search.yaml", "group: core", "group: data")),
    Step("a service is hidden", appended("services/sign-in.yaml", "hidden: true\n")),
    Step("a service counts from elsewhere", replaced("services/search.yaml", "2026-09-14", "2026-10-14")),
    Step("a group has another name", replaced("groups/core.yaml", "name: Core", "name: Kernel")),
    Step("groups are in another order", replaced("groups/core.yaml", "order: 1", "order: 9")),
    Step("the site has another zone", replaced("site.yaml", "Europe/Berlin", "America/St_Johns")),
    Step("families are off", families_off("feeds", "pages", "service-json", "badges")),
    Step("families are on again", families_off()),
    Step("a minute later", nothing, NOW + dt.timedelta(minutes=1)),
    Step("over midnight", nothing, NOW + dt.timedelta(hours=14)),
    Step(
        "an update is new",
        appended(OPEN, "  - {at: 2026-11-24T00:10:00Z, state: resolved, message: Over.}\n"),
        NOW + dt.timedelta(hours=14),
    ),
    Step("into the next month", nothing, NOW + dt.timedelta(days=9)),
    Step("years later", nothing, NOW + dt.timedelta(days=800)),
    Step("before it all", nothing, NOW - dt.timedelta(days=300)),
)


def built(project: Path, output: Path, memo: Memo, now: dt.datetime) -> Report:
    return build(Job(project=project, output=output, now=now, memo=memo))


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def differing(one: Path, other: Path) -> list[str]:
    first, second = tree(one), tree(other)
    return sorted(path for path in first.keys() | second.keys() if first.get(path) != second.get(path))


def unlike_clean(project: Path, output: Path, clean: Path, memo: Memo) -> Iterator[tuple[str, list[str]]]:
    """Take all steps, and yield those after which the folder is not as a clean build makes it."""
    for number, step in enumerate(STEPS):
        step.edit(project / "site-data")
        built(project, output, memo, step.now)
        built(project, clean / str(number), Memo(None), step.now)
        paths = differing(output, clean / str(number))
        if paths:
            yield step.name, paths


def test_after_each_change_the_folder_is_as_a_clean_build_makes_it(tmp_path: Path) -> None:
    project = copy_rich(tmp_path / "site")
    assert dict(unlike_clean(project, tmp_path / "out", tmp_path / "clean", Memo(tmp_path / "memo"))) == {}


def test_the_memo_may_be_deleted_at_any_time(tmp_path: Path) -> None:
    project, output = copy_rich(tmp_path / "site"), tmp_path / "out"
    built(project, output, Memo(tmp_path / "memo"), NOW)
    before = tree(output)
    for path in tmp_path.glob("memo*"):
        path.unlink()
    report = built(project, output, Memo(tmp_path / "memo"), NOW)
    assert (report.written, report.removed, tree(output) == before) == (0, 0, True)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_two_clean_builds_are_equal_wherever_they_are_made(tmp_path: Path, language: str) -> None:
    trees = []
    for number, zone in enumerate(("Pacific/Apia", "America/Lima")):
        project = copy_rich(tmp_path / str(number) / "site", language)
        env = {"TZ": zone, "PYTHONHASHSEED": str(number + 1), "LANG": "C", "HOME": str(tmp_path / str(number))}
        result = run_stashgen("build", "--now", NOW.isoformat(), cwd=project, env=env)
        assert result.code == 0, result.err
        trees.append(tree(project / "build"))
    assert trees[0] == trees[1]
