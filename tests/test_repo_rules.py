"""House rules that a machine can hold against a change: budgets, names, no traces of somebody's machine."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from door import write_files

REPOSITORY: Final = Path(__file__).resolve().parent.parent
FUNCTION_LINES: Final = 50
MEDIAN_FUNCTION_LINES: Final = 10
NINTH_DECILE_FUNCTION_LINES: Final = 30
FILE_LINES: Final = 400
PARAMETERS: Final = 5
DRAWERS: Final = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager", "core", "base", "tools"})
BANNED_PREFIXES: Final = ("get_", "do_", "handle_", "process_")
LEFT_OVER: Final = re.compile(r"\b(TODO|FIXME|XXX)\b")
MACHINE_PATH: Final = re.compile(r"(?<![\w.])/(?:home/[a-z]|root/|Users/[A-Za-z]|var/folders/|tmp/[a-z])")
TEXTS: Final = frozenset({"", ".css", ".html", ".js", ".json", ".md", ".py", ".svg", ".toml", ".xml", ".yaml", ".yml"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


def tracked_files(root: Path = REPOSITORY) -> list[Path]:
    """Return the files that git knows or would add, so that caches and builds do not count."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [root / name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


def functions(tree: ast.Module) -> Iterator[Function]:
    """Yield every function and method of a module."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def overrides(tree: ast.Module) -> set[Function]:
    """Return the methods of classes that have a base: their names and parameters may be the base's choice."""
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.bases]
    return {node for one in classes for node in one.body if isinstance(node, Function)}


def length(function: Function) -> int:
    """Return the lines of a function, its decorators and docstring apart."""
    last = function.end_lineno or function.lineno
    first = function.body[0]
    docstring = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(function, clean=False) else 0
    return last - function.lineno + 1 - docstring


def complaints(path: Path) -> list[str]:
    """Return what a Python file of the package does against the budgets and the rules of naming."""
    found = []
    lines = path.read_text(encoding="utf-8").count("\n")
    if lines > FILE_LINES:
        found.append(f"{path.name}: {lines} lines")
    if path.stem in DRAWERS:
        found.append(f"{path.name}: a drawer: name what is in it")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    foreign = overrides(tree)
    for function in functions(tree):
        whats = [*_complaints_of(function), *(() if function in foreign else _complaints_of_name(function))]
        found += [f"{path.name}:{function.lineno}: {function.name} {what}" for what in whats]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            found.append(f"{path.name}:{node.lineno}: a relative import")
    return found


def _complaints_of(function: Function) -> Iterator[str]:
    if length(function) > FUNCTION_LINES:
        yield f"has {length(function)} lines"
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    own = [a for a in [*positional, *arguments.kwonlyargs] if a.arg not in ("self", "cls")]
    if len(own) > PARAMETERS and not _is_command(function):
        yield f"has {len(own)} parameters"
    for argument in positional:
        if argument.annotation is not None and ast.unparse(argument.annotation) == "bool":
            yield f"takes the boolean {argument.arg} by position"


def _is_command(function: Function) -> bool:
    """Click calls a command with one argument an option: their number is the command line's, not ours."""
    return any("command" in ast.unparse(decorator) for decorator in function.decorator_list)


def _complaints_of_name(function: Function) -> Iterator[str]:
    if function.name.startswith(BANNED_PREFIXES):
        yield "says nothing with its prefix"


def test_the_package_keeps_its_budgets() -> None:
    assert [text for path in sorted((REPOSITORY / "stashgen").rglob("*.py")) for text in complaints(path)] == []


def test_functions_are_short_as_a_rule() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (REPOSITORY / "stashgen").rglob("*.py")]
    lengths = sorted(length(function) for tree in trees for function in functions(tree))
    assert statistics.median(lengths) <= MEDIAN_FUNCTION_LINES
    assert lengths[len(lengths) * 9 // 10] <= NINTH_DECILE_FUNCTION_LINES


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("def f():\n" + "    x = 1\n" * 50, "a.py:1: f has 51 lines"),
        ("def f(a, b, c, d, e, g): ...\n", "a.py:1: f has 6 parameters"),
        ("def get_x(): ...\n", "a.py:1: get_x says nothing with its prefix"),
        ("def f(loud: bool): ...\n", "a.py:1: f takes the boolean loud by position"),
        ("from . import b\n", "a.py:1: a relative import"),
        ("x = 1\n" * 401, "a.py: 401 lines"),
    ],
)
def test_a_breach_of_the_budgets_is_seen(tmp_path: Path, source: str, complaint: str) -> None:
    assert complaints(write_files(tmp_path, {"a.py": source}) / "a.py") == [complaint]


def test_drawers_are_seen(tmp_path: Path) -> None:
    assert complaints(write_files(tmp_path, {"utils.py": ""}) / "utils.py") == [
        "utils.py: a drawer: name what is in it"
    ]


def test_nothing_is_left_over_and_no_machine_is_named() -> None:
    above = f"{REPOSITORY.parent}/"
    found = []
    for path in tracked_files():
        if path == Path(__file__) or path.suffix not in TEXTS:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if LEFT_OVER.search(line) or MACHINE_PATH.search(line) or (above != "/" and above in line):
                found.append(f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_left_overs_and_machine_paths_are_seen() -> None:
    assert LEFT_OVER.search("# TODO later")
    assert MACHINE_PATH.search("open('/home/me/x')")
    assert not MACHINE_PATH.search("<a href='https://example.com/home/me'>")
