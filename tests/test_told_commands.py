"""Whatever command line we tell people, or give a machine to run, is one that the program takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import click
import pytest

from stashgen import cli

REPOSITORY: Final = Path(__file__).resolve().parent.parent
FENCE: Final = re.compile(r"^ *```[^\n]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SPAN: Final = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
# Where a shell reads a command's name, and up to where it reads what belongs to it.
COMMAND: Final = re.compile(
    r"(?:^[ \t]*(?:- )?(?:\$ )?|run: |[|&;(]\s*|\b(?:if|then|elif|else|do|exec|while) |! |/bin/)stashgen +([^\n]*)",
    re.MULTILINE,
)
QUOTED: Final = re.compile(r"'[^']*'|\"[^\"\n]*\"")
END: Final = re.compile(r"\s(?:\|\|?|&&?|#|--)(?=\s|$)|\s[12]?[<>]|[;)]")
SYNOPSIS: Final = re.compile(r"[\[\]()|]")  # what may be left out, and what may stand for what
INDENTED: Final = re.compile(r"^(?: {4}|\t)(.*)$", re.MULTILINE)
OPTION: Final = re.compile(r"(?<![\w/=.:-])(--[a-z][\w-]*|-[a-zA-Z])(?![\w-])")
WORD: Final = re.compile(r"[a-z][a-z-]*")


class Told(NamedTuple):
    """A command line and where it stands."""

    place: str
    line: str

    def __str__(self) -> str:
        return f"{self.place}: stashgen {self.line}"


def files() -> Iterator[Path]:
    """Yield every file in which a command line may stand for somebody to run."""
    yield from REPOSITORY.glob("*.md")
    for folder, pattern in (
        ("docs", "*.md"), ("benchmarks", "*.md"), (".github", "**/*"), ("stashgen", "**/*"), ("themes", "**/*"),
        ("site-data", "**/*"),
    ):  # fmt: skip
        yield from (REPOSITORY / folder).glob(pattern)


def told() -> Iterator[Told]:
    """Yield every command line that is told anywhere."""
    for path in sorted(files()):
        if path.is_file() and path.suffix in {".md", ".yml", ".yaml", ".py", ".txt", ".sh"}:
            text = path.read_text(encoding="utf-8")
            place = path.relative_to(REPOSITORY).as_posix()
            yield from (Told(place, line) for line in told_in(text, path.suffix))


def told_in(text: str, suffix: str) -> Iterator[str]:
    """Yield the command lines in a text, without what follows them in the shell."""
    joined = re.sub(r"\\\n\s*", " ", text)
    prose = FENCE.sub("", joined) if suffix == ".md" else joined
    blocks = {".md": [*FENCE.findall(joined), *INDENTED.findall(prose)], ".py": []}
    shell = "\n".join(blocks.get(suffix, [joined]))
    spans = (" ".join(span.split()) for _, span in SPAN.findall(prose))
    found = [*COMMAND.findall(shell), *(span[9:] for span in spans if span.startswith("stashgen "))]
    for line in found:
        bare = QUOTED.sub("''", line)
        if re.search(r"[\[(]-", bare):
            yield " ".join(SYNOPSIS.sub(" ", bare).split())
        else:
            end = END.search(bare)
            yield (bare[: end.start()] if end else bare).strip()


def wrong(line: str) -> str:
    """Return what the program would not take of a command line; "" where it takes all."""
    command: click.Command = cli.stashgen
    takes = names(command)
    words = line.split()
    while isinstance(command, click.Group):
        word = words.pop(0) if words else ""
        if not WORD.fullmatch(word):
            break  # an option of the program itself, or `...`
        found = command.get_command(click.Context(command), word)
        if found is None:
            return f"there is no `{word}`"
        command = found
        takes |= names(command)
    odd = [option for option in OPTION.findall(line) if option not in takes]
    return f"takes no {', '.join(odd)}" if odd else ""


def names(command: click.Command) -> set[str]:
    """Return the options of a command by all their names."""
    context = click.Context(command)
    return {name for one in command.get_params(context) for name in (*one.opts, *one.secondary_opts)}


def test_every_command_line_that_is_told_is_one() -> None:
    every = list(told())
    assert len(every) > 350
    assert {"README.md", "docs/surviving.md", "stashgen/scaffold/github/status-page.yml"} <= {
        one.place for one in every
    }
    assert [f"{one}: {what}" for one in every if (what := wrong(one.line))] == []


@pytest.mark.parametrize(
    ("text", "suffix", "line", "what"),
    [
        ("```sh\nstashgen bulid | cat\n```\n", ".md", "bulid", "there is no `bulid`"),
        ("```console\n$ stashgen build --strickt && ls\n```\n", ".md", "build --strickt", "takes no --strickt"),
        ("Run `stashgen set api down --push --now-or-never`.", ".md", "set api down --push --now-or-never", "takes no"),
        ("  - run: |\n      if ! stashgen incident upate; then\n", ".yml", "incident upate", "there is no `upate`"),
        ('x = "run `stashgen build -x` first"', ".py", "build -x", "takes no -x"),
        ("run: stashgen publish \\\n  --forse x", ".yml", "publish  --forse x", "takes no --forse"),
    ],
)
def test_a_command_line_that_is_none_is_seen(text: str, suffix: str, line: str, what: str) -> None:
    assert list(told_in(text, suffix)) == [line]
    assert wrong(line).startswith(what)


@pytest.mark.parametrize(
    "text", ["all stashgen pages", "# stashgen is pinned here", "`stashgen[s3]`", "`stashgen.git`"]
)
def test_prose_is_no_command_line(text: str) -> None:
    assert [*told_in(text, ".md"), *told_in(text, ".yml")] == []


def test_words_of_a_message_are_no_options() -> None:
    (line,) = told_in('```sh\nstashgen set api down -m "A --force of nature" --push > out -x\n```', ".md")
    assert line == "set api down -m '' --push"
    assert wrong(line) == ""
