"""What every test gets: walls around network and home, a scrubbed environment, the front door, a real browser."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
import walls
from click.testing import CliRunner
from door import NOW, BuildOnce, MakeProject, Result, Run, run_stashgen, write_files
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

REPOSITORY: Final = Path(__file__).resolve().parent.parent
_CHROMIUM_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SCRUBBED: Final = (
    "CI", "COLUMNS", "EDITOR", "FORCE_COLOR", "LINES", "NO_COLOR", "PYTHONDONTWRITEBYTECODE", "SOURCE_DATE_EPOCH",
    "TZ", "VISUAL",
)  # fmt: skip
_SCRUBBED_FAMILIES: Final = ("GIT_", "GITHUB_", "GITLAB_", "STASHGEN_", "XDG_", "LC_", "LANG")
_REAL_INCIDENTS: Final = os.environ.get("STASHGEN_REAL_INCIDENTS") or str(
    REPOSITORY.parent / "shared" / "data" / "github-incidents"
)

settings.register_profile("ci", derandomize=True, database=None, deadline=None, max_examples=60)
settings.register_profile("search", database=None, deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def _clean_environ(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Test Author",
        "GIT_AUTHOR_EMAIL": "author@example.com",
        "GIT_COMMITTER_NAME": "Test Author",
        "GIT_COMMITTER_EMAIL": "author@example.com",
    }


def _raise_walls() -> None:
    """Close the real home folder, except where Python and the project themselves live in it."""
    homes = {os.path.realpath(home) for home in (os.environ.get("HOME"), pwd.getpwuid(os.getuid()).pw_dir) if home}
    places = [sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), str(REPOSITORY), _REAL_INCIDENTS]
    scratch = Path(tempfile.gettempdir()).resolve()
    if not any(scratch in Path(home).parents for home in homes):
        places.append(str(scratch))
    os.environ[walls.HOMES] = os.pathsep.join(homes - {"/"})
    os.environ[walls.OPEN] = os.pathsep.join(os.path.realpath(place) for place in places)
    walls.raise_walls(dict(os.environ))


def pytest_configure(config: pytest.Config) -> None:
    """Raise the walls before the first test module is imported, in every worker of pytest-xdist too."""
    # A shell or nohup that starts this in the background lets it ignore ^C or a hang-up, and so would every program
    # that a test sends one to; what this process handles, its children begin with as if nothing had been said.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, lambda *_: None)
    _raise_walls()


@pytest.fixture(scope="session", autouse=True)
def _session_environ(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        kept = (walls.HOMES, walls.OPEN)
        for name in list(os.environ):
            if name in _SCRUBBED or (name.startswith(_SCRUBBED_FAMILIES) and name not in kept):
                patch.delenv(name)
        for name, value in _clean_environ(tmp_path_factory.mktemp("home")).items():
            patch.setenv(name, value)
        yield


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return this test's own empty home folder: HOME and XDG_CACHE_HOME point to it."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / ".cache"))
    return folder


@pytest.fixture
def project(tmp_path: Path) -> MakeProject:
    """Return a function that writes a project from a dict of files, such as {"site-data/site.yaml": "..."}."""

    def make(files: Mapping[str, str | bytes], name: str = "site") -> Path:
        return write_files(tmp_path / name, files)

    return make


@pytest.fixture(scope="session")
def build_once(tmp_path_factory: pytest.TempPathFactory, _session_environ: None) -> BuildOnce:
    """Return a function that builds a site for all tests that only look at it."""
    kept: dict[object, Path] = {}

    def build(files: Mapping[str, str | bytes]) -> Path:
        place = tuple(sorted(files.items()))
        if place not in kept:
            folder = write_files(tmp_path_factory.mktemp("built"), files)
            result = run_stashgen("build", "-C", folder, "--now", NOW, cwd=folder)
            assert result.code == 0, result.err
            kept[place] = folder / "build"
        return kept[place]

    return build


@pytest.fixture(scope="session")
def demo(build_once: BuildOnce) -> Path:
    """Return the built demo page, which is only looked at."""
    files = [path for path in (REPOSITORY / "site-data").rglob("*") if path.is_file()]
    return build_once({path.relative_to(REPOSITORY).as_posix(): path.read_bytes() for path in files})


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs the command line in a process of its own; cwd is tmp_path unless given."""

    def run_command(
        *args: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> Result:
        return run_stashgen(*args, cwd=cwd or tmp_path, env=env, stdin=stdin)

    return run_command


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function like `run` that stays in this process: quick, and a crash shows its traceback."""

    def invoke_command(
        *args: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> Result:
        from stashgen.cli import main  # noqa: PLC0415 - the walls stand before anything of ours is imported

        code: object = 0
        with monkeypatch.context() as patch:
            patch.chdir(cwd or tmp_path)
            patch.setattr(sys, "argv", ["stashgen", *map(str, args)])
            with CliRunner().isolation(input=stdin, env=dict(env or {})) as (out, err, _):
                try:
                    main()
                except SystemExit as stop:
                    code = stop.code
            return Result(code if isinstance(code, int) else int(code is not None), *map(_text, (out, err)))

    return invoke_command


def _text(stream: object) -> str:
    value = stream.getvalue()  # type: ignore[attr-defined] # Click names the type only privately
    return str(value, "utf-8").replace("\r\n", "\n")


@pytest.fixture(scope="session")
def real_incidents() -> Path:
    """Return a folder of real Statuspage incidents; only developers who fetched one have it."""
    folder = Path(_REAL_INCIDENTS)
    if not folder.is_dir():
        pytest.skip("no real incidents here: name a folder of Statuspage JSON in STASHGEN_REAL_INCIDENTS")
    return folder


@pytest.fixture(scope="session")
def chromium(_session_environ: None) -> Iterator[Browser]:
    """Yield a real Chromium; a machine without one fails, because the pages would go unseen."""
    arguments = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        programs = [
            os.environ.get("CHROMIUM"),
            *map(shutil.which, _CHROMIUM_NAMES),
            playwright.chromium.executable_path,
        ]
        program = next((path for path in programs if path and Path(path).exists()), None)
        if program is None:
            pytest.fail("no Chromium found: run `make chromium`, or name the program in the variable CHROMIUM")
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()
