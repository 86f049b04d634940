"""The wheel is whole: what it holds, and that it alone, with what it says it needs, makes a site."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest
from walls import HOMES

from stashgen import __version__

REPOSITORY: Final = Path(__file__).resolve().parent.parent
NOW: Final = "2026-11-23T10:30:00Z"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built without the network: hatchling is among the test tools."""
    folder = tmp_path_factory.mktemp("wheel")
    run_quietly(
        sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
        "--wheel-dir", str(folder), str(REPOSITORY),
    )  # fmt: skip
    (path,) = folder.glob("stashgen-*.whl")
    return path


@pytest.fixture(scope="module")
def clean_bin(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return bin/ of an environment that holds the wheel and the distributions it requires, and nothing else."""
    folder = tmp_path_factory.mktemp("clean")
    run_quietly(sys.executable, "-m", "venv", "--without-pip", str(folder))
    (packages,) = folder.glob("lib/python*/site-packages")
    for distribution in required("stashgen"):
        link_files(distribution, packages)
    run_quietly(
        sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet", "--no-index",
        "--no-deps", str(wheel),
    )  # fmt: skip
    return folder / "bin"


def run_quietly(*command: str, cwd: Path | None = None) -> str:
    """Run a command and return what it printed; fail with what it said when it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def required(name: str) -> list[metadata.Distribution]:
    """Return what a distribution requires without its extras, and what that requires, each once."""
    found: dict[str, metadata.Distribution] = {}
    waiting = requirements(name)
    while waiting:
        wanted = waiting.pop()
        if wanted not in found:
            found[wanted] = metadata.distribution(wanted)
            waiting += requirements(wanted)
    return list(found.values())


def requirements(name: str) -> list[str]:
    """Return the names that one distribution requires on this machine."""
    lines = [line.partition(";") for line in metadata.requires(name) or ()]
    plain = [line for line, _, marker in lines if "extra ==" not in marker]
    names = [re.split(r"[^A-Za-z0-9._-]", line.strip(), maxsplit=1)[0] for line in plain]
    # A requirement for another system or Python is not installed here.
    return [wanted for wanted in names if any(True for _ in metadata.distributions(name=wanted))]


def link_files(distribution: metadata.Distribution, packages: Path) -> None:
    """Make a distribution that is installed here visible in another site-packages."""
    tops = {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__")}
    for top in tops:
        if not (packages / top).exists():
            (packages / top).symlink_to(str(distribution.locate_file(top)))


def test_the_wheel_holds_what_a_site_needs(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    themes = [path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "themes").rglob("*") if path.is_file()]
    modules = [path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "stashgen").rglob("*.py")]
    scaffold = [path for path in (REPOSITORY / "stashgen" / "scaffold").rglob("*") if "__pycache__" not in path.parts]
    assert {f"stashgen/{name}" for name in themes} <= set(names)
    assert {*modules, "stashgen/py.typed"} <= set(names)
    assert {path.relative_to(REPOSITORY).as_posix() for path in scaffold if path.is_file()} <= set(names)
    for must in ("themes/default/theme.yaml", "themes/default/translations/ar.yaml", "themes/classic/theme.yaml"):
        assert f"stashgen/{must}" in names
    assert [name for name in names if not name.startswith(("stashgen/", f"stashgen-{__version__}.dist-info/"))] == []
    assert f"stashgen-{__version__}.dist-info/licenses/LICENSE" in names


def test_the_wheel_names_no_machine(wheel: Path) -> None:
    places = [str(REPOSITORY), *filter(None, os.environ[HOMES].split(os.pathsep))]
    with zipfile.ZipFile(wheel) as archive:
        telling = [n for n in archive.namelist() for place in places if f"{place}/".encode() in archive.read(n)]
    assert telling == []


def test_a_site_grows_from_the_wheel_alone(clean_bin: Path, tmp_path: Path) -> None:
    stashgen = str(clean_bin / "stashgen")
    assert run_quietly(stashgen, "--version").strip().endswith(__version__)
    origin = run_quietly(str(clean_bin / "python"), "-c", "import stashgen; print(stashgen.__file__)", cwd=tmp_path)
    assert origin.startswith(str(clean_bin.parent))
    run_quietly(stashgen, "init", "status", cwd=tmp_path)
    run_quietly(stashgen, "check", "--strict", "-C", "status", cwd=tmp_path)
    run_quietly(stashgen, "build", "-C", "status", "--now", NOW, cwd=tmp_path)
    page = (tmp_path / "status" / "build" / "index.html").read_text(encoding="utf-8")
    assert "<h1" in page
    assert (tmp_path / "status" / "build" / "status.json").is_file()


def test_it_is_published_by_the_wheel_alone_but_for_what_needs_more(clean_bin: Path, tmp_path: Path) -> None:
    stashgen = str(clean_bin / "stashgen")
    run_quietly(stashgen, "init", "status", "--host", "s3", cwd=tmp_path)
    site = tmp_path / "status"
    channels = "channels:\n  - {name: ops, urls_from: OPS_URLS}\n"
    (site / "site-data/notifications.yaml").write_text(channels, encoding="utf-8")
    run_quietly("git", "init", "--quiet", cwd=site)
    run_quietly(stashgen, "build", "--now", NOW, cwd=site)
    run_quietly(stashgen, "publish", "../public", cwd=site)
    assert (tmp_path / "public" / "index.html").is_file()
    for extra, *command in (("s3", "publish", "s3://bucket"), ("notify", "notify", "--now", NOW)):
        done = subprocess.run(
            [stashgen, *command], cwd=site, env={**os.environ, "OPS_URLS": "json://localhost"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        (line,) = done.stderr.splitlines()
        assert line.endswith(f"which is not installed: pip install 'stashgen[{extra}]'")


def test_the_module_runs_like_the_script(clean_bin: Path, tmp_path: Path) -> None:
    script = run_quietly(str(clean_bin / "stashgen"), "--help", cwd=tmp_path)
    assert run_quietly(str(clean_bin / "python"), "-m", "stashgen", "--help", cwd=tmp_path) == script
