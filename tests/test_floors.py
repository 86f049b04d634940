"""The house stands on its floors: a module imports only from lower ones, and only commands print or exit.

The table is the design's. To add a module, give it the lowest floor that its imports allow.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from door import write_files

PACKAGE: Final = Path(__file__).resolve().parent.parent / "stashgen"

# Half a floor is a stair inside one: the doors to the outside stand on the small pure tools, and so on.
FLOORS: Final[Mapping[str, float]] = {
    "__main__": 10.5,
    "cli": 10,
    "commands": 9.5,
    "terminal": 9,
    "serve": 8, "gateway": 8,
    "adopt": 7.5, "intake": 7.5, "news": 7.5,
    "build": 7, "scaffold": 7, "repository": 7,
    "edit": 6.5,
    "dispatch": 6.5, "writing": 6.5,
    "outputs": 6, "importers": 6, "webhooks": 6, "notifiers": 6,
    "live": 6, "publishers": 6,
    "automation": 5.5, "bars": 5.5, "pictures": 5.5,
    "check": 5, "derive": 5, "palette": 5, "texts": 5, "theme": 5,
    "documents": 4.5, "hosting": 4.5, "stashboard": 4.5,
    "sealing": 3.5, "signing": 2.5,
    "columns": 4, "identity": 4, "load": 4, "urls": 4, "i18n": 4, "schema": 4, "intents": 4,
    "templates": 4,
    "model": 3,
    "cldr": 2, "files": 2, "git": 2, "http": 2, "markup": 2, "memo": 2, "yamledit": 2.5, "yamlio": 2, "yamlwrite": 2,
    "bidi": 1, "clock": 1, "dialect": 1, "english": 1, "figures": 1, "forks": 1, "hearsay": 1, "icswrite": 1,
    "instants": 1, "media_types": 1, "squeeze": 1, "text": 1, "unmark": 1, "xmlwrite": 1, "zones": 1,
    "errors": 0, "__init__": 0,
}  # fmt: skip
# Shelves and, on each, the modules that hold its contract; all other modules there are books.
CONTRACTS_BY_SHELF: Final[Mapping[str, frozenset[str]]] = {
    "outputs": frozenset({"aliases", "board_lines", "context", "newest", "scripts", "subscriptions", "telling"}),
    "importers": frozenset({"source"}),
    "webhooks": frozenset({"alerts", "payload", "source"}),
    "notifiers": frozenset({"message"}),
    "publishers": frozenset({"claims", "plan", "program", "sending", "site", "standing", "store"}),
}
COMMAND_FLOOR: Final = 9


class Import(NamedTuple):
    """One import of a module of the package: `parts` is ("outputs", "pages") for stashgen.outputs.pages."""

    line: int
    parts: tuple[str, ...]


def imports(tree: ast.Module, package: str = "stashgen") -> Iterator[Import]:
    """Yield every import of the package's own modules, those inside functions and import_module("...") too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module or ''}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names = [text for argument in node.args[:1] if (text := _leading_text(argument))]
        else:
            continue
        for name in names:
            top, _, rest = name.partition(".")
            if top == package:
                yield Import(node.lineno, tuple(part for part in rest.split(".") if part) or ("__init__",))


def _leading_text(argument: ast.expr) -> str:
    first = argument.values[0] if isinstance(argument, ast.JoinedStr) and argument.values else argument
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def breaches(package: Path, floors: Mapping[str, float] = FLOORS) -> list[str]:
    """Return what breaks the rules in a package folder, as `path:line: what`."""
    units = {path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    found = [f"{name}: has no floor" for name in sorted(units - floors.keys())]
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        if parts[0] not in floors:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        place = "/".join(parts) + ".py"
        found += [f"{place}:{line}: {what}" for line, what in _wrong_imports(tree, parts, units, floors)]
        if floors[parts[0]] < COMMAND_FLOOR:
            found += [f"{place}:{line}: {what}" for line, what in _command_manners(tree)]
    return found


def _wrong_imports(
    tree: ast.Module, parts: tuple[str, ...], units: set[str], floors: Mapping[str, float]
) -> Iterator[tuple[int, str]]:
    unit = parts[0]
    for line, target in imports(tree):
        other = target[0] if target[0] in units else "__init__"
        if other == unit:
            if _is_book_to_book(parts, target):
                yield line, f"a book on the shelf {unit} imports another, {'.'.join(target)}"
        elif floors.get(other, 0) >= floors[unit]:
            yield line, f"{unit} (floor {floors[unit]:g}) imports {other} (floor {floors.get(other, 0):g})"


def _is_book_to_book(parts: tuple[str, ...], target: tuple[str, ...]) -> bool:
    contracts = CONTRACTS_BY_SHELF.get(parts[0])
    if contracts is None or parts[1] == "__init__":
        return False
    return target[1:2] != parts[1:2] and not (target[1:] and target[1] in contracts)


def _command_manners(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if any(alias.name.partition(".")[0] == "click" for alias in names):
                yield node.lineno, "imports Click below the commands"
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] == "click":
                yield node.lineno, "imports Click below the commands"
            case ast.Call(func=ast.Name(id="print" | "input" | "exit" | "quit" as name)):
                yield node.lineno, f"calls {name}() below the commands"
            case ast.Attribute(value=ast.Name(id="sys"), attr="exit" | "stdout" | "stderr" | "stdin" as name):
                yield node.lineno, f"uses sys.{name} below the commands"
            case ast.Name(id="SystemExit"):
                yield node.lineno, "raises SystemExit below the commands"


def test_every_module_imports_only_from_below() -> None:
    assert breaches(PACKAGE) == []


def test_every_floor_is_lived_on() -> None:
    units = {path.stem for path in PACKAGE.iterdir()}
    assert sorted(FLOORS.keys() - units) == [], "the table names modules that are gone"


def test_contributors_read_the_same_table() -> None:
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", text, re.MULTILINE)
    told = {name: int(floor) for floor, names in rows for name in re.findall(r"`(\w+)(?:\.py|/)`", names)}
    assert told == {name: int(floor) for name, floor in FLOORS.items() if name != "__init__"}


@pytest.mark.parametrize(
    ("files", "breach"),
    [
        ({"model.py": "from stashgen import load"}, "model.py:1: model (floor 3) imports load (floor 4)"),
        ({"model.py": "import stashgen.load"}, "model.py:1: model (floor 3) imports load (floor 4)"),
        (
            {"model.py": "def f():\n    from stashgen.load import g"},
            "model.py:2: model (floor 3) imports load (floor 4)",
        ),
        ({"load.py": "from stashgen import urls", "urls.py": ""}, "load.py:1: load (floor 4) imports urls (floor 4)"),
        (
            {"model.py": "import_module('stashgen.load')"},
            "model.py:1: model (floor 3) imports load (floor 4)",
        ),
        (
            {"model.py": "importlib.import_module(f'stashgen.load.{name}')"},
            "model.py:1: model (floor 3) imports load (floor 4)",
        ),
        ({"drawer.py": ""}, "drawer: has no floor"),
        (
            {"outputs/pages.py": "from stashgen.outputs import feeds", "outputs/feeds.py": ""},
            "outputs/pages.py:1: a book on the shelf outputs imports another, outputs.feeds",
        ),
        (
            {"outputs/pages.py": "from stashgen.outputs.feeds import x", "outputs/feeds.py": ""},
            "outputs/pages.py:1: a book on the shelf outputs imports another, outputs.feeds.x",
        ),
        ({"model.py": "from click import echo"}, "model.py:1: imports Click below the commands"),
        ({"model.py": "import click.testing"}, "model.py:1: imports Click below the commands"),
        ({"model.py": "print('hello')"}, "model.py:1: calls print() below the commands"),
        ({"model.py": "import sys\nsys.exit(1)"}, "model.py:2: uses sys.exit below the commands"),
        ({"model.py": "raise SystemExit(1)"}, "model.py:1: raises SystemExit below the commands"),
    ],
)
def test_a_breach_is_seen(tmp_path: Path, files: dict[str, str], breach: str) -> None:
    package = write_files(tmp_path / "stashgen", {"__init__.py": "", "load.py": "", "outputs/__init__.py": "", **files})
    assert breaches(package) == [breach]


def test_what_is_allowed_is_not_a_breach(tmp_path: Path) -> None:
    package = write_files(
        tmp_path / "stashgen",
        {
            "__init__.py": "__version__ = '1'",
            "errors.py": "",
            "model.py": "from stashgen import __version__, errors\nimport datetime",
            "outputs/__init__.py": "from stashgen.outputs import feeds, pages",
            "outputs/context.py": "import stashgen.model",
            "outputs/feeds.py": "from stashgen.outputs.context import Output\nfrom stashgen import model",
            "outputs/pages.py": "",
            "cli.py": "import click\nimport sys\nprint(sys.exit)",
            "__main__.py": "from stashgen.cli import main",
        },
    )
    assert breaches(package) == []
