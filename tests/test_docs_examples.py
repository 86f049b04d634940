"""Every console block of the docs is run against the demo page, and gives what stands there.

A line that begins with `$ ` is a command, and so are the lines after one that ends with a backslash; all of a block run
in one `sh`, in a copy of the demo's folder, with `$SITE` as the address of the page. What follows is the exact
output, errors included; `...` inside a line stands for any text, alone on a line for one or more lines.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from door import child_environ
from serving import serving

REPOSITORY: Final = Path(__file__).resolve().parent.parent
BLOCK: Final = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAMS: Final = ("curl", "jq")
MARK: Final = "--- the command before gave "
PATIENCE_SECONDS: Final = 60


class Step(NamedTuple):
    """One command and what it shall print; `line` is where it stands on its page."""

    line: int
    command: str
    output: str


class Block(NamedTuple):
    """One console block of a page."""

    page: str
    line: int
    steps: tuple[Step, ...]


def blocks_of(page: str, text: str) -> Iterator[Block]:
    """Yield the console blocks of a page."""
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(page, line, tuple(steps_of(match[1].splitlines(), line + 1)))


def steps_of(lines: Sequence[str], first: int) -> Iterator[Step]:
    """Yield the commands of a block with their outputs; `first` is the number of its first line."""
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    assert lines[:1] and starts[:1] == [0], f"line {first}: a console block begins with a command: `$ ...`"
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        after = next(number for number in range(start, end) if not lines[number].endswith("\\")) + 1
        command = "\n".join([lines[start].removeprefix("$ "), *lines[start + 1 : after]])
        yield Step(first + start, command, "".join(f"{line}\n" for line in lines[after:end]))


def is_as_written(written: str, printed: str) -> bool:
    """Tell whether an output is the one that stands in the docs, `...` being anything."""
    parts = []
    for line in written.splitlines():
        if line == "...":
            parts.append(r"(?:[^\n]*\n)+?")
        else:
            parts.append("[^\\n]*".join(map(re.escape, line.split("..."))) + "\n")
    return re.fullmatch("".join(parts), printed) is not None


def run_in_shell(block: Block, folder: Path, site: str) -> list[tuple[str, int]]:
    """Run the commands of a block one after the other in one shell; return what each printed and its exit code."""
    script = "".join(f"{step.command}\nprintf '\\n{MARK}%d\\n' $?\n" for step in block.steps)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env=child_environ({"SITE": site, "PATH": path, "no_proxy": "*", "NO_PROXY": "*"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    parts = re.split(rf"\n{MARK}(\d+)\n", done.stdout)
    return [(_lines(printed), int(code)) for printed, code in zip(parts[:-1:2], parts[1::2], strict=True)]


def _lines(printed: str) -> str:
    # Headers end their lines as HTTP wants it, and a file need not end its last one.
    text = printed.replace("\r\n", "\n")
    return text if text.endswith("\n") or not text else f"{text}\n"


def pages() -> list[Path]:
    """Return the pages whose examples are run."""
    return [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]


BLOCKS: Final = [
    block
    for path in pages()
    for block in blocks_of(path.relative_to(REPOSITORY).as_posix(), path.read_text(encoding="utf-8"))
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of the demo page, served on loopback as of the demo's own now."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.fail(f"the docs are tried with {' and '.join(PROGRAMS)}: install {' and '.join(missing)}")
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(REPOSITORY / "site-data", folder / "site-data")
    with serving(folder) as served:
        yield served.url.rstrip("/")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.page}:{block.line}")
def test_an_example_prints_what_stands_below_it(block: Block, site: str, tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "site-data", tmp_path / "site-data")
    for step, (printed, code) in zip(block.steps, run_in_shell(block, tmp_path, site), strict=True):
        place = f"{block.page}:{step.line}"
        if not is_as_written(step.output, printed):
            difference = difflib.unified_diff(
                step.output.splitlines(), printed.splitlines(), place, "what it prints", lineterm=""
            )
            pytest.fail(f"{place}: $ {step.command}\n" + "\n".join(difference), pytrace=False)
        if code:
            pytest.fail(f"{place}: $ {step.command}\nends with exit code {code}", pytrace=False)


def test_a_block_is_taken_apart() -> None:
    text = "Text\n\n```console\n$ one \\\n    more\n$ two\nout\n\nput\n```\n\n```sh\n$ not this\n```\n"
    (block,) = blocks_of("page.md", text)
    assert block == ("page.md", 3, ((4, "one \\\n    more", ""), (6, "two", "out\n\nput\n")))


@pytest.mark.parametrize(
    ("written", "printed", "fits"),
    [
        ("a\n", "a\n", True),
        ("a\n", "a\nb\n", False),
        ("a\nb\n", "a\n", False),
        ("", "a\n", False),
        ("a...c\n", "abbc\n", True),
        ("a...c\n", "ab\nbc\n", False),
        ("...\n", "a\nb\n", True),
        ("a\n...\nz\n", "a\nb\nc\nz\n", True),
        ("a\n...\nz\n", "a\nz\n", False),
        ("a\n...\n", "a\n", False),
        ("1.5\n", "1x5\n", False),
    ],
)
def test_three_dots_stand_for_anything_and_nothing_else_does(written: str, printed: str, *, fits: bool) -> None:
    assert is_as_written(written, printed) is fits


def test_a_shell_keeps_what_was_said_before(tmp_path: Path) -> None:
    (block,) = blocks_of("page.md", "```console\n$ x=5\n$ printf $x\n$ echo oh >&2; false\n```\n")
    assert run_in_shell(block, tmp_path, "http://127.0.0.1:1") == [("", 0), ("5\n", 0), ("oh\n", 1)]
