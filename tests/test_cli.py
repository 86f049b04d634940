"""The command line as a whole: help that imports nothing heavy, and every way in which a command can end."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from door import NOW, MakeProject, Run, child_environ

SITE: Final = {
    "site-data/site.yaml": "title: Acme\n",
    "site-data/services/api.yaml": "name: API\n",
}
# A command that ends as its argument says, in the real group and under the real boundary.
ENDING: Final = """
import click, errno, os
from stashgen.errors import DataError, Problem, StashgenError

ENDINGS = {
    "error": StashgenError("the mill is broken"),
    "problems": DataError([
        Problem(path="site-data/site.yaml", line=3, column=1, field="titel", message="unknown key"),
        Problem(path="site-data/a.yaml", message="odd", severity="warning"),
    ]),
    "disk": OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "build/index.html"),
    "bug": ZeroDivisionError("division by zero"),
    "interrupt": KeyboardInterrupt(),
    "abort": click.Abort(),
    "usage": click.UsageError("not like that"),
    "pipe": BrokenPipeError(errno.EPIPE, "Broken pipe"),
}

@click.command
@click.argument("ending")
def end(ending):
    click.echo("begun")
    if ending.isdecimal():
        return int(ending)
    raise ENDINGS[ending]
"""
MAIN: Final = """
from stashgen import cli
cli.COMMANDS["end"] = cli.Entry("ending:end", "End.")
cli.main()
"""


def run_ending(tmp_path: Path, *args: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `stashgen ARGS` with the extra command `end`."""
    (tmp_path / "ending.py").write_text(ENDING, encoding="utf-8")
    environ = child_environ({"TMPDIR": str(tmp_path), **(env or {})})
    environ["PYTHONPATH"] += os.pathsep + str(tmp_path)
    return subprocess.run(
        [sys.executable, "-c", MAIN, *args], env=environ, capture_output=True, text=True, timeout=60, check=False
    )


def test_help_names_every_command_and_imports_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom stashgen import cli\ntry:\n    cli.main()\nfinally:\n"
        "    print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--help"],
        env=child_environ(), cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    for name in ("init", "build", "check", "serve", "status", "next", "schema", "import"):
        assert f"\n  {name} " in done.stdout
    modules = set(done.stderr.replace("'", " ").replace(",", " ").replace("[", " ").split())
    assert {"click", "stashgen"} <= modules
    assert not modules & {"jinja2", "yaml", "markdown", "babel", "watchdog", "nh3", "sqlite3", "http", "zoneinfo"}


@pytest.mark.parametrize("name", ["init", "build", "check", "serve", "status", "next", "schema", "import"])
def test_each_command_has_a_help_worth_reading(run: Run, name: str) -> None:
    done = run(name, "--help")
    assert done.code == 0
    assert done.out.startswith(f"Usage: stashgen {name} ")
    assert len(done.out.splitlines()) > 8


def test_version(run: Run) -> None:
    done = run("--version")
    assert done.code == 0
    assert done.out.startswith("stashgen, version ")


def test_nothing_asked_shows_help(run: Run) -> None:
    assert "Commands:" in "".join(run()[1:])


def test_an_unknown_command_names_the_nearest(run: Run) -> None:
    done = run("biuld")
    assert done.code == 2
    assert "there is no command `biuld` (did you mean `build`?)" in done.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["build", "--nwo"], "--nwo"),
        (["build", "--now", "2026-11-23T10:02:00"], "is not an instant with a zone, such as 2026-11-23T10:02:00Z"),
        (["build", "--now", "yesterday"], "is not an instant with a zone"),
        (["build", "--now", "9999-12-31T23:59:59Z"], "is outside the years 1970 to 2199"),
        (["status", "--now", "0001-01-01T00:00:00Z"], "is outside the years 1970 to 2199"),
        (["build", "-C", "nowhere"], "nowhere"),
        (["next", "--within", "soon"], "is not a duration, such as 90s, 15m, 2h or 1d"),
        (["next", "--seconds", "--json"], "exclude each other"),
        (["serve", "--port", "70000"], "70000"),
    ],
)
def test_wrong_usage_exits_with_2(run: Run, args: list[str], said: str) -> None:
    done = run(*args)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_without_a_home_nothing_is_remembered_and_all_else_works(
    run: Run, project: MakeProject, tmp_path: Path
) -> None:
    folder = project(SITE)
    (here := tmp_path / "here").mkdir()
    done = run("check", "-C", folder, cwd=here, env={"HOME": "", "XDG_CACHE_HOME": ""})
    assert (done.code, done.err) == (0, "")
    assert [*here.iterdir()] == []


@pytest.mark.parametrize("epoch", ["soon", "-1", "253402300799", "99999999999999999999"])
def test_a_wrong_source_date_epoch_is_told_in_one_line(run: Run, project: MakeProject, epoch: str) -> None:
    done = run("next", "-C", project(SITE), env={"SOURCE_DATE_EPOCH": epoch})
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: SOURCE_DATE_EPOCH is '{epoch}': give whole seconds since 1970, such as 1767225600\n"


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        ("0", 0, ""),
        ("1", 1, ""),
        ("error", 1, "error: the mill is broken\n"),
        (
            "problems",
            1,
            "site-data/a.yaml: warning: odd\nsite-data/site.yaml:3: titel: unknown key\nerror: 1 error, 1 warning\n",
        ),
        ("disk", 1, "error: build/index.html: No space left on device\n"),
        ("interrupt", 130, "\n"),
        ("abort", 130, "\n"),
        ("pipe", 1, ""),
    ],
)
def test_every_ending_has_its_code_and_its_words(tmp_path: Path, ending: str, code: int, said: str) -> None:
    done = run_ending(tmp_path, "end", ending)
    assert (done.returncode, done.stdout, done.stderr) == (code, "begun\n", said)


def test_a_usage_error_of_a_command_exits_with_2(tmp_path: Path) -> None:
    done = run_ending(tmp_path, "end", "usage")
    assert done.returncode == 2
    assert "not like that" in done.stderr


def test_a_bug_is_one_line_that_names_a_report(tmp_path: Path) -> None:
    done = run_ending(tmp_path, "end", "bug", env={"STASHGEN_TOKEN": "hunter2"})
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith("stashgen failed: ZeroDivisionError: division by zero. This is a bug; the report is in ")
    report = Path(line.rpartition(" ")[2]).read_text(encoding="utf-8")
    assert "arguments: ['end', 'bug']" in report
    assert "Traceback (most recent call last)" in report
    assert "ZeroDivisionError: division by zero" in report
    assert "hunter2" not in report
    assert "HOME" not in report


def test_a_bug_without_a_place_for_the_report_still_ends_in_one_line(tmp_path: Path) -> None:
    gone = "import tempfile; tempfile.tempdir = '/nonexistent'\n"
    (tmp_path / "ending.py").write_text(ENDING, encoding="utf-8")
    environ = child_environ()
    environ["PYTHONPATH"] += os.pathsep + str(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", gone + MAIN, "end", "bug"],
        env=environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert "no report could be written; `stashgen --debug` shows the traceback" in done.stderr


def test_debug_shows_the_traceback_instead(tmp_path: Path) -> None:
    done = run_ending(tmp_path, "--debug", "end", "bug")
    assert done.returncode == 3
    assert done.stderr.startswith("Traceback (most recent call last)")
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")
    assert not list(tmp_path.glob("stashgen-report-*"))


@pytest.mark.parametrize("redirection", [">&-", "2>&-", ">&- 2>&-", "</dev/null >/dev/full", "| true"])
def test_a_closed_or_full_or_broken_stdout_never_gives_a_traceback(
    project: MakeProject, tmp_path: Path, redirection: str
) -> None:
    folder = project(SITE)
    done = subprocess.run(
        ["bash", "-c", f'"$0" -m stashgen status -C "$1" --now {NOW} {redirection}', sys.executable, str(folder)],
        env=child_environ(), cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    if "full" in redirection:
        assert (done.returncode, done.stderr) == (1, "error: No space left on device\n")


def test_a_reader_that_goes_away_is_no_news(project: MakeProject, tmp_path: Path) -> None:
    services = {f"site-data/services/s{number}.yaml": f"name: Service {number}\n" for number in range(900)}
    folder = project({**SITE, **services})
    done = subprocess.run(
        ["bash", "-c", f'"$0" -m stashgen status -C "$1" --now {NOW} | head -1', sys.executable, str(folder)],
        env=child_environ(), cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("Acme\n", "")


def on_terminal(folder: Path, *args: str, env: Mapping[str, str]) -> str:
    """Run the command line on a pseudo-terminal and return what the terminal shows."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "stashgen", *args], env=child_environ(env), cwd=folder, stdout=follower, stderr=follower
    ) as process:
        os.close(follower)
        shown = b""
        while chunk := _read(leader):
            shown += chunk
        process.wait(60)
    os.close(leader)
    return shown.decode()


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 65536)
    except OSError:  # Linux says EIO when the other side is closed
        return b""


@pytest.mark.parametrize(
    ("env", "is_colored"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_a_terminal_is_coloured_unless_it_says_no(
    project: MakeProject, env: Mapping[str, str], is_colored: bool
) -> None:
    shown = on_terminal(project(SITE), "status", "--now", NOW, env={"TERM": "xterm", **env})
    assert "All services operational" in shown
    assert ("\x1b[32m" in shown) is is_colored


def test_a_pipe_is_never_coloured(run: Run, project: MakeProject) -> None:
    assert "\x1b" not in run("status", "-C", project(SITE), "--now", NOW).out
