"""The output folder changes as a whole or not at all, whatever happens to the build."""

from __future__ import annotations

import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from door import MakeProject, Run

MANIFEST = "stashgen-manifest.json"
NOW = "2026-11-23T10:30:00Z"

EVENT = """\
title: Slow {number}
services: {{api: warning}}
updates:
  - at: 2026-11-{day:02}T10:00:00Z
    message: Looking into **it**, number {number}.
  - at: 2026-11-{day:02}T11:00:00Z
    state: resolved
    message: Fixed.
"""


def site_files(events: int) -> dict[str, str | bytes]:
    files: dict[str, str | bytes] = {
        "site-data/site.yaml": "title: Example\nurl: https://status.example.com\n",
        "site-data/services/api.yaml": "name: API\n",
        "site-data/static/logo.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    }
    for number in range(events):
        name = f"site-data/events/2026/slow-{number}.yaml"
        files[name] = EVENT.format(number=number, day=1 + number % 20)
    return files


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*") if path.name != ".nojekyll"]


@pytest.fixture
def site(project: MakeProject) -> Path:
    return project(site_files(4))


@pytest.fixture
def build(run: Run) -> Callable[..., dict[str, bytes]]:
    def build_site(site: Path, output: Path | None = None, *arguments: str) -> dict[str, bytes]:
        folder = output or site / "build"
        result = run("build", "-C", site, "-o", folder, "--now", NOW, *arguments)
        assert result.code == 0, result.err
        return tree(folder)

    return build_site


Build = Callable[..., dict[str, bytes]]


def test_the_manifest_lists_every_file_with_its_hash(site: Path, build: Build) -> None:
    files = build(site)
    listed = json.loads(files.pop(MANIFEST))["files"]
    assert listed == {
        name: {"sha256": sha256(data).hexdigest(), "size": len(data)} for name, data in sorted(files.items())
    }


def test_a_second_build_writes_nothing(site: Path, build: Build, run: Run) -> None:
    build(site)
    before = {path: path.stat().st_mtime_ns for path in (site / "build").rglob("*")}
    result = run("build", "-C", site, "--now", NOW)
    assert "0 written" in result.out
    assert {path: path.stat().st_mtime_ns for path in (site / "build").rglob("*")} == before


def test_one_changed_event_writes_only_its_own_files(site: Path, build: Build) -> None:
    before = build(site)
    event = site / "site-data/events/2026/slow-1.yaml"
    event.write_text(event.read_text().replace("Fixed.", "Fixed for good."))
    after = build(site)
    changed = {name for name in after if before.get(name) != after[name]}
    assert "events/slow-1/index.html" in changed
    assert not {name for name in changed if name.startswith("events/slow-") and "slow-1" not in name}


def test_a_removed_event_takes_its_files_and_folders_along(site: Path, build: Build) -> None:
    build(site)
    (site / "site-data/events/2026/slow-2.yaml").unlink()
    after = build(site)
    assert not (site / "build/events/slow-2").exists()
    assert not any("slow-2" in name for name in json.loads(after[MANIFEST])["files"])


def test_a_damaged_or_missing_file_of_the_site_is_mended(site: Path, build: Build) -> None:
    before = build(site)
    (site / "build/events/slow-0/index.html").write_text("vandalised")
    (site / "build/status.json").unlink()
    assert build(site) == before


def test_builds_are_the_same_with_and_without_what_earlier_ones_remembered(
    site: Path, build: Build, home: Path, tmp_path: Path
) -> None:
    remembered = [build(site), build(site)][-1]
    memo = next((home / ".cache").rglob("*.memo"))
    memo.write_bytes(b"not a memo at all" * 1000)
    assert build(site, tmp_path / "torn") == remembered
    for path in (home / ".cache").rglob("*.memo*"):
        path.unlink()
    assert build(site, tmp_path / "fresh") == remembered


def test_the_same_commit_gives_the_same_bytes_elsewhere(project: MakeProject, run: Run, tmp_path: Path) -> None:
    here, there = project(site_files(3), "here"), project(site_files(3), "far/there")
    first = run("build", "-C", here, "--now", NOW, env={"TZ": "Asia/Tokyo", "LANG": "C", "PYTHONHASHSEED": "1"})
    second = run("build", "--now", NOW, cwd=there, env={"TZ": "America/Lima", "PYTHONHASHSEED": "2"})
    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert tree(here / "build") == tree(there / "build")


def test_a_folder_of_somebody_else_is_refused(site: Path, run: Run, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work")
    result = run("build", "-C", site, "-o", precious, "--now", NOW)
    assert result.code == 1
    assert "not empty (thesis.txt)" in result.err
    assert tree(precious) == {"thesis.txt": b"years of work"}


def test_what_the_manifest_does_not_list_is_left_alone(site: Path, build: Build) -> None:
    output = site / "build"
    (output / ".git").mkdir(parents=True)
    (output / ".git/HEAD").write_text("ref: refs/heads/gh-pages\n")
    build(site)
    (output / "google-verification.html").write_text("mine")
    (output / "events/slow-2/notes.txt").write_text("mine too")
    (site / "site-data/events/2026/slow-2.yaml").unlink()
    build(site)
    assert (output / ".git/HEAD").read_text() == "ref: refs/heads/gh-pages\n"
    assert (output / "google-verification.html").read_text() == "mine"
    assert [path.name for path in (output / "events/slow-2").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/outside", "events/../../outside.txt", ""])
def test_a_forged_manifest_cannot_reach_outside(site: Path, build: Build, run: Run, name: str) -> None:
    build(site)
    outside = site / "outside.txt"
    outside.write_text("not yours")
    manifest = site / "build" / MANIFEST
    facts = json.loads(manifest.read_text())
    facts["files"][name] = {"sha256": "0" * 64, "size": 1}
    manifest.write_text(json.dumps(facts))
    result = run("build", "-C", site, "--now", NOW)
    assert result.code == 1
    assert "damaged" in result.err
    assert outside.read_text() == "not yours"


def test_a_link_in_place_of_a_folder_is_not_followed_when_strays_go(site: Path, build: Build, tmp_path: Path) -> None:
    build(site)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "index.html").write_text("not yours")
    folder = site / "build/events/slow-3"
    (folder / "index.html").unlink()
    folder.rmdir()
    folder.symlink_to(elsewhere)
    (site / "site-data/events/2026/slow-3.yaml").unlink()
    build(site)
    assert (elsewhere / "index.html").read_text() == "not yours"


def test_a_file_takes_the_place_of_a_folder_and_back(site: Path, build: Build) -> None:
    static = site / "site-data/static"
    for name in ("55/a/b.txt", "55", "55/a"):
        path = static / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        files = build(site)
        assert [one for one in files if one.startswith("static/55")] == [f"static/{name}"]
        assert set(files) == {MANIFEST, *json.loads(files[MANIFEST])["files"]}
        shutil.rmtree(static / "55") if (static / "55").is_dir() else (static / "55").unlink()


def test_a_folder_with_files_of_somebody_else_makes_no_way(site: Path, build: Build, run: Run) -> None:
    static = site / "site-data/static"
    (static / "55").mkdir()
    (static / "55/ours.txt").write_text("ours")
    build(site)
    (site / "build/static/55/theirs.txt").write_text("theirs")
    shutil.rmtree(static / "55")
    (static / "55").write_text("now a file")
    result = run("build", "-C", site, "--now", NOW)
    assert (result.code, "static/55: is a folder with files that are not ours" in result.err) == (1, True), result.err
    assert (site / "build/static/55/theirs.txt").read_text() == "theirs"
    (site / "build/static/55/theirs.txt").unlink()
    assert build(site)["static/55"] == b"now a file"


def test_a_broken_file_leaves_the_last_good_site(site: Path, build: Build, run: Run) -> None:
    before = build(site)
    (site / "site-data/services/api.yaml").write_text("nam: API\n")
    result = run("build", "-C", site, "--now", NOW)
    assert result.code == 1
    assert "site-data/services/api.yaml:1" in result.err
    assert tree(site / "build") == before


def test_a_theme_that_fails_half_way_leaves_the_last_good_site(site: Path, build: Build, run: Run) -> None:
    before = build(site)
    theme = site / "themes/broken"
    theme.mkdir(parents=True)
    (theme / "theme.yaml").write_text("extends: default\n")
    (theme / "event.html").write_text(
        "{% extends 'base.html' %}\n{% block content %}{{ nothing.of.the.kind }}{% endblock %}\n"
    )
    settings = site / "site-data/site.yaml"
    settings.write_text(settings.read_text() + "theme: broken\n")
    result = run("build", "-C", site, "--now", NOW)
    assert result.code == 1
    assert "event.html:2" in result.err
    assert tree(site / "build") == before
    assert not hidden(site / "build")


def test_an_unwritable_folder_is_named(site: Path, build: Build, run: Run, tmp_path: Path) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    result = run("build", "-C", site, "-o", blocked / "build", "--now", NOW)
    assert result.code == 1
    assert "a-file" in result.err
    assert "Traceback" not in result.err


def test_a_full_disk_is_said_and_the_old_site_stays(site: Path, project: MakeProject, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    script = f"""
        mount -t tmpfs -o size=2m tmpfs {disk} || exit 77
        {sys.executable} -m stashgen build -C {site} -o {disk}/out --now {NOW} || exit 78
        (cd {disk}/out && find . -type f | sort | xargs sha256sum) > {tmp_path}/before
        {sys.executable} -m stashgen build -C {tmp_path}/big -o {disk}/out --now {NOW}; code=$?
        (cd {disk}/out && find . -type f | sort | xargs sha256sum) > {tmp_path}/after
        umount {disk}; exit $code
    """
    disk.mkdir()
    project(site_files(400), "big")
    result = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1, result.stdout + result.stderr
    assert "the disk is full" in result.stderr
    assert (tmp_path / "after").read_text() == (tmp_path / "before").read_text()


def test_two_builds_at_once_wait_for_each_other(site: Path, build: Build) -> None:
    build(site)
    number = os.open(site / "build", os.O_RDONLY)
    fcntl.flock(number, fcntl.LOCK_EX)
    second = subprocess.Popen([sys.executable, "-m", "stashgen", "build", "-C", str(site), "--now", NOW])
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(timeout=2)
    finally:
        os.close(number)
    assert second.wait(timeout=30) == 0


def test_many_builds_at_once_never_mix(project: MakeProject, build: Build, tmp_path: Path) -> None:
    few, many = project(site_files(2), "few"), project(site_files(60), "many")
    output = tmp_path / "shared"
    commands = [
        [sys.executable, "-m", "stashgen", "build", "-C", str(site), "-o", str(output), "--now", NOW]
        for site in (few, many, few, many)
    ]
    running = [subprocess.Popen(command) for command in commands]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0, 0]
    assert tree(output) in (build(few, tmp_path / "one"), build(many, tmp_path / "other"))


def test_a_build_killed_at_any_moment_is_made_good_by_the_next(
    project: MakeProject, build: Build, tmp_path: Path
) -> None:
    old, new = project(site_files(40), "old"), project(site_files(90), "new")
    (new / "site-data/events/2026/slow-7.yaml").unlink()
    output = tmp_path / "killed"
    expected = build(new, tmp_path / "clean")
    begin = time.monotonic()
    build(old, output)
    longest = time.monotonic() - begin
    chance = random.Random(7)
    for turn in range(14):
        site = old if turn % 2 else new
        command = [sys.executable, "-m", "stashgen", "build", "-C", str(site), "-o", str(output), "--now", NOW]
        process = subprocess.Popen(command, start_new_session=True)
        time.sleep(chance.uniform(0.3, 1.0) * longest)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert build(new, output) == expected
    assert not hidden(output)
