"""Shell completion: ids, statuses and templates, by Click's protocol and in a real bash; silent on broken data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from changing_site import INCIDENT, SITE
from door import MakeProject, Run, child_environ, write_files
from pseudo_terminal import Terminal

EPOCH = "1795429800"  # 2026-11-23T10:30:00Z


@pytest.fixture
def site(project: MakeProject) -> Path:
    resolved = "  - at: 2026-11-22T11:00:00Z\n    state: resolved\n    message: Over.\n"
    over = next(iter(INCIDENT.values())).replace("2026-11-23", "2026-11-22") + resolved
    return project(
        {
            **SITE,
            **INCIDENT,
            "site-data/events/2026/2026-11-22-web-slow.yaml": over,
            "site-data/statuses/delayed.yaml": "name: Delayed\nlevel: WARNING\n",
            "site-data/templates/database.yaml": "title: T\nmessage: M\n",
            "site-data/services/.api.yaml.swp": "",
        }
    )


def complete(run: Run, site: Path, *words: str) -> list[str]:
    """Return what is offered for the last of these words, as zsh asks for it."""
    result = run(
        cwd=site,
        env={
            "_STASHGEN_COMPLETE": "zsh_complete",
            "COMP_WORDS": "\n".join(["stashgen", *(f"'{word}'" if " " in word else word for word in words)]),
            "COMP_CWORD": str(len(words)),
            "SOURCE_DATE_EPOCH": EPOCH,
        },
    )
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    return [value for kind, value in zip(lines[::3], lines[1::3], strict=False) if kind == "plain"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("inci",), ["incident"]),
        (("incident", "re"), ["resolve", "reopen", "retract"]),
        (("set", ""), ["api", "web"]),
        (("set", "w"), ["web"]),
        (("set", "api", "d"), ["down", "delayed"]),
        (("set", "api", "down", "--tem"), ["--template"]),
        (("set", "api", "down", "--template", ""), ["database"]),
        (("incident", "resolve", ""), ["2026-11-23-api-errors"]),
        (("incident", "resolve", "api"), ["2026-11-23-api-errors"]),
        (("incident", "reopen", ""), ["2026-11-22-web-slow"]),
        (("incident", "show", ""), ["2026-11-23-api-errors", "2026-11-22-web-slow"]),
        (("postmortem", ""), ["2026-11-22-web-slow"]),
        (("notice", "expire", ""), []),
        (("incident", "open", "T", "-s", ""), ["api=", "web="]),
        (("incident", "open", "T", "-s", "api=w"), ["api=warning"]),
        (("service", "edit", "api", "--group", ""), ["core"]),
        (("statuses", "edit", "del"), ["delayed"]),
        (("incident", "update", "--state", "mon"), ["monitoring"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
    ],
)
def test_what_is_offered(site: Path, run: Run, words: tuple[str, ...], offered: list[str]) -> None:
    assert complete(run, site, *words) == offered


def test_after_a_command_that_is_not_there_nothing_breaks(site: Path, run: Run) -> None:
    assert "incident" in complete(run, site, "nonsense", "")
    assert "open" in complete(run, site, "incident", "nonsense", "")


def test_another_folder_is_looked_at(site: Path, run: Run, tmp_path: Path) -> None:
    assert complete(run, tmp_path, "set", "-C", str(site), "a") == ["api"]


@pytest.mark.parametrize(
    "files",
    [
        {"site-data/site.yaml": "title: [", "site-data/events/2026/x.yaml": "\x00"},
        {"site-data/site.yaml": b"\xff", "site-data/services": "a file"},
        {"elsewhere": ""},
    ],
)
def test_broken_data_is_no_place_to_complain(run: Run, tmp_path: Path, files: dict[str, str | bytes]) -> None:
    site = write_files(tmp_path / "broken", files)
    for words in (["set", ""], ["incident", "resolve", ""], ["incident", "open", "-s", ""]):
        assert complete(run, site, *words) in ([], ["x"])


def path_with_program(site: Path) -> str:
    """Return a PATH on which `stashgen` is found."""
    program = site.parent / "bin" / "stashgen"
    write_files(program.parent, {"stashgen": f'#!/bin/sh\nexec {sys.executable} -m stashgen "$@"\n'})
    program.chmod(0o755)
    return f"{program.parent}{os.pathsep}{os.environ['PATH']}"


def bash(site: Path, line: str) -> list[str]:
    """Return what bash puts where the last word of a line began."""
    script = f"""
        eval "$(stashgen completion bash)"
        complete -p stashgen >/dev/null || exit 9
        compopt() {{ echo "compopt $1 $2"; }}
        COMP_LINE={line!r}
        # Bash cuts a line at blanks and at these signs, which are words of their own.
        read -ra COMP_WORDS <<< "$(sed -E 's/([=:])/ \\1 /g' <<< "$COMP_LINE")"
        [[ $COMP_LINE == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _stashgen_completion stashgen
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=site,
        env=child_environ({"PATH": path_with_program(site), "SOURCE_DATE_EPOCH": EPOCH}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("stashgen set api w", ["warning"]),
        ("stashgen incident resolve ", ["2026-11-23-api-errors"]),
        ("stashgen incident open T -s ", ["compopt -o nospace", "compopt -o nospace", "api=", "web="]),
        ("stashgen incident open T -s api=", ["up", "maintenance", "warning", "partial", "down", "delayed"]),
        ("stashgen incident open T -s api=do", ["down"]),
        ("stashgen set --at 10:02 a", ["api"]),
        ("stashgen incident update --state=mon", ["monitoring"]),
    ],
)
def test_a_real_bash_completes(site: Path, line: str, offered: list[str]) -> None:
    assert bash(site, line) == offered


def test_keys_on_a_terminal_complete_a_line(site: Path) -> None:
    env = {"PATH": path_with_program(site), "SOURCE_DATE_EPOCH": EPOCH, "PS1": "$ ", "HISTFILE": ""}
    terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], site, env)
    terminal.expect("$ ")
    terminal.type('eval "$(stashgen completion bash)"; echo re""ady\n')
    terminal.expect("ready")
    terminal.type("echo stashgen; stashgen set ap\t")
    terminal.expect("stashgen set api ")
    terminal.type("wa\t")
    terminal.expect("warning ")
    terminal.type("--template da\t")
    terminal.expect("database ")
    terminal.type("\x15exit\n")
    assert terminal.end() == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(invoke: Run, shell: str) -> None:
    result = invoke("completion", shell)
    assert result.code == 0
    assert f"_STASHGEN_COMPLETE={shell}_complete" in result.out


def test_the_script_of_bash_is_one_that_bash_reads(invoke: Run, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(invoke("completion", "bash").out, encoding="utf-8")
    assert subprocess.run(["bash", "-n", script], capture_output=True, check=False).stderr == b""
