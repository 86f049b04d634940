"""The docs tell the truth: nothing undocumented, nothing stale, no broken link, and the README's tour runs."""

from __future__ import annotations

import contextlib
import os
import re
import runpy
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

import click
import msgspec
import pytest
from door import Run, child_environ
from msgspec import Struct

from stashgen import cli, model
from stashgen.documents import event, index, service, status

REPOSITORY: Final = Path(__file__).resolve().parent.parent
DOCS: Final = REPOSITORY / "docs"
LINK: Final = re.compile(r"(?<!`)!?\[[^\]\n]*\]\(([^)\s]+)\)|<(?:img|a|source)[^>]+(?:src|href|srcset)=\"([^\"]+)\"")
FENCE: Final = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
SHARED: Final = "Commands that change something"  # a section about the options that all of them take
SHARED_LINK: Final = "(#commands-that-change-something)"
SETTLE_SECONDS: Final = 60.0
TOUR_EPOCH: Final = "1795432800"  # 2026-11-23T11:20:00Z, after the last update of the tour


def markdown_files() -> list[Path]:
    """Return the Markdown files that readers of the repository meet."""
    return sorted([*REPOSITORY.glob("*.md"), *DOCS.rglob("*.md"), *(REPOSITORY / "benchmarks").glob("*.md")])


def sections(text: str) -> dict[str, str]:
    """Return what stands below each heading of the second level, up to the next."""
    parts = re.split(r"^## +(.+)$", text, flags=re.MULTILINE)
    return {heading.replace("`", "").strip(): body for heading, body in zip(parts[1::2], parts[2::2], strict=True)}


def anchors(text: str) -> set[str]:
    """Return the fragments that a code host gives to the headings of a page."""
    headings = re.findall(r"^#+ +(.+)$", FENCE.sub("", text), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-") for heading in plain}


def broken_links(path: Path) -> Iterator[str]:
    """Yield the links of a page that lead to no file or heading of this repository."""
    for match in LINK.finditer(FENCE.sub("", path.read_text(encoding="utf-8"))):
        target = match[1] or match[2]
        file, _, fragment = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        there = path.parent / file if file else path
        is_there = there.exists()
        if is_there and fragment and there.suffix == ".md":
            is_there = fragment in anchors(there.read_text(encoding="utf-8"))
        if not is_there:
            yield target


def records() -> list[type[model.Record]]:
    """Return every record of the model."""
    return [kind for kind in vars(model).values() if isinstance(kind, type) and issubclass(kind, model.Record)]


def command_of(name: str) -> click.Command:
    """Return a command of the command line."""
    command = cli.stashgen.get_command(click.Context(cli.stashgen), name)
    assert command is not None
    return command


def subcommands(command: click.Command) -> dict[str, click.Command]:
    """Return the verbs of a command, none for most."""
    return dict(command.commands) if isinstance(command, click.Group) else {}


def verbs() -> list[tuple[str, str]]:
    """Return each verb after its command."""
    return [(name, verb) for name in cli.COMMANDS for verb in subcommands(command_of(name))]


def told_of(name: str) -> str:
    """Return what docs/cli.md tells of a command, with the section on shared options if it leads there."""
    page = sections((DOCS / "cli.md").read_text(encoding="utf-8"))
    own = page.get(f"stashgen {name}", "")
    return own + (page[SHARED] if SHARED_LINK in own else "")


def is_told(name: str, text: str) -> bool:
    """Tell whether a text names an option or a command as a whole."""
    return re.search(rf"{name}(?![\w-])", text) is not None


def options(command: click.Command) -> Iterator[str]:
    """Yield every option of a command by its longest name."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            yield from (max(names, key=len) for names in (parameter.opts, parameter.secondary_opts) if names)


def test_the_data_reference_is_fresh() -> None:
    page = runpy.run_path(str(DOCS / "generate.py"))["page"]
    assert (DOCS / "data.md").read_text(encoding="utf-8") == page(), "run `make docs`"


def test_every_field_is_described_and_in_the_reference() -> None:
    reference = (DOCS / "data.md").read_text(encoding="utf-8")
    for record in records():
        for field in msgspec.inspect.type_info(record).fields:  # type: ignore[attr-defined] # a record is a StructType
            assert isinstance(field.type, msgspec.inspect.Metadata), f"{record.__name__}.{field.name}: no description"
            description = (field.type.extra_json_schema or {}).get("description")
            assert description, f"{record.__name__}.{field.name}: no description"
            assert f"| `{field.encode_name}` |" in reference
            assert description in reference


def test_the_examples_of_the_reference_are_a_site(run: Run, tmp_path: Path) -> None:
    checked = run("check", "--strict", "-C", DOCS / "example")
    assert checked.code == 0, checked
    built = run("build", "-C", DOCS / "example", "-o", tmp_path / "out", "--now", "2026-03-15T00:30:00Z")
    assert built.code == 0, built
    assert "Database upgrade" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    command = command_of(name)
    told = told_of(name)
    assert told, f"docs/cli.md has no section `stashgen {name}`"
    assert [option for option in options(command) if not is_told(option, told)] == []
    assert command.help, f"{name} has no help"


@pytest.mark.parametrize(("name", "verb"), verbs())
def test_every_verb_and_its_options_are_documented(name: str, verb: str) -> None:
    command = subcommands(command_of(name))[verb]
    told = told_of(name)
    assert is_told(f"stashgen {name} {verb}", told)
    assert [option for option in options(command) if not is_told(option, told)] == []
    assert command.help, f"{name} {verb} has no help"


@pytest.mark.parametrize("module", [status, service, event, index], ids=lambda module: module.__name__)
def test_every_key_of_the_json_files_is_documented(module: ModuleType) -> None:
    page = (DOCS / "status-json.md").read_text(encoding="utf-8")
    own = [kind for kind in vars(module).values() if isinstance(kind, type) and kind.__module__ == module.__name__]
    keys = {field.encode_name for kind in own if issubclass(kind, Struct) for field in msgspec.structs.fields(kind)}
    assert {"version", "path", "services"} & keys > {"version"}
    assert sorted(key for key in keys if f"| `{key}` |" not in page) == []


def test_the_reference_of_the_json_files_is_fresh() -> None:
    page = runpy.run_path(str(DOCS / "generate.py"))["json_page"]
    assert (DOCS / "status-json.md").read_text(encoding="utf-8") == page()


def test_every_page_is_in_the_table_of_contents() -> None:
    contents = (DOCS / "index.md").read_text(encoding="utf-8")
    missing = [path.name for path in DOCS.glob("*.md") if path.name != "index.md" and f"]({path.name})" not in contents]
    assert missing == []


@pytest.mark.parametrize("path", markdown_files(), ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    assert list(broken_links(path)) == []


def test_a_broken_link_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A heading\n[fine](#a-heading) [out](https://example.com/x) [gone](gone.md) [off](#no-heading)\n",
        encoding="utf-8",
    )
    assert list(broken_links(page)) == ["gone.md", "#no-heading"]


def tour() -> list[str]:
    """Return the shell blocks of the README's tour, in order."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    section = next(body for heading, body in sections(text).items() if "tour" in heading.lower())
    return re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def await_page(url: str, text: str) -> bool:
    """Ask for a page until it holds a text; tell whether it ever did."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError), urllib.request.urlopen(url, timeout=SETTLE_SECONDS) as answer:
            if text in str(answer.read(), "utf-8"):
                return True
        time.sleep(0.1)
    return False


def test_the_tour_runs_as_it_is_written(tmp_path: Path) -> None:
    # A reader has two terminals; a script sends `serve` to the background and waits for a word at its end.
    port = free_port()
    blocks = [re.sub(r"^stashgen serve$", f"stashgen serve --port {port} &", b, flags=re.MULTILINE) for b in tour()]
    assert sum(f"--port {port} &" in block for block in blocks) == 1
    shutil.copy(DOCS / "example" / "incidents.json", tmp_path / "incidents.json")
    shell = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", "\n".join([*blocks, "echo the-tour-is-over", "read -r", "kill %1"])],
        cwd=tmp_path,
        env=child_environ(
            {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "SOURCE_DATE_EPOCH": TOUR_EPOCH}
        ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert shell.stdout is not None
    said = []
    for line in shell.stdout:
        said.append(line)
        if line == "the-tour-is-over\n":
            assert await_page(f"http://127.0.0.1:{port}/", "Checkout is slow")
            break
    rest, _ = shell.communicate("\n", timeout=SETTLE_SECONDS)
    assert shell.returncode == 0, "".join([*said, rest])
    assert "Checkout is slow" in (tmp_path / "my-status" / "build" / "index.html").read_text(encoding="utf-8")
