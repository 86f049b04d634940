"""Random edits of random commented files: the data is what was wanted, and nothing else has moved."""

from __future__ import annotations

import copy
import re
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from yaml_texts import KEYS, TEXTS, Path, Written, texts, values

from stashgen.yamledit import content, rewritten

_COMMENT = re.compile(r"# c\d+c")


def places(data: Any, path: Path = ()) -> list[Path]:
    """Return the paths of everything in some data."""
    found: list[Path] = []
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        found += [(*path, key), *places(value, (*path, key))]
    return found


def at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def first(data: Any, path: Path) -> Any:
    """Return the first key of the map in a place; None where it is no map."""
    one = at(data, path)
    return next(iter(one), None) if isinstance(one, dict) else None


def is_about(line: Path, path: Path) -> bool:
    return line[: len(path)] == path or path[: len(line)] == line


def check(written: Written, wanted: dict[str, Any], path: Path) -> None:
    before = written.text.encode()
    assert content(before) == written.data
    after = rewritten(before, wanted)
    assert content(after) == wanted
    text = after.decode()
    assert text.startswith("\ufeff") == written.text.startswith("\ufeff")
    kept = [line for line in written.lines if line.path[: len(path)] != path]
    for line in kept:
        for comment in _COMMENT.findall(line.text):
            assert comment in text, (written.text, text)
    left = text.removeprefix("\ufeff").splitlines()
    # Where the first key behind a dash comes or goes, the one that follows moves.
    is_in_entry = len(path) > 1 and isinstance(path[-2], int)
    is_behind_dash = is_in_entry and path[-1] in (first(written.data, path[:-1]), first(wanted, path[:-1]))
    for line in kept:
        if not is_about(line.path, path[:-1] if is_behind_dash else path):
            assert line.text in left, (written.text, text)


@given(texts(), st.data())
def test_another_value(written: Written, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(places(written.data)))
    wanted = copy.deepcopy(written.data)
    at(wanted, path[:-1])[path[-1]] = data.draw(values)
    check(written, wanted, path)


@given(texts(), st.data())
def test_one_thing_less(written: Written, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(places(written.data)))
    wanted = copy.deepcopy(written.data)
    around = at(wanted, path[:-1])
    # Of equal entries nobody can tell which one went.
    assume(isinstance(around, dict) or all(around.count(one) == 1 for one in around))
    del around[path[-1]]
    left = at(wanted, path[:-1])
    if not wanted:
        return
    # What loses its last entry is written as an empty one.
    check(written, wanted, path if left else path[:-1])


@given(texts(), st.data())
def test_one_thing_more(written: Written, data: st.DataObject) -> None:
    collections = [(), *(path for path in places(written.data) if isinstance(at(written.data, path), dict | list))]
    path = data.draw(st.sampled_from(collections))
    wanted = copy.deepcopy(written.data)
    one = at(wanted, path)
    value = data.draw(values)
    if isinstance(one, list):
        one.insert(data.draw(st.integers(0, len(one))), value)
        key: str | int = "more"
    else:
        key = data.draw(st.sampled_from([*KEYS, "new"]).filter(lambda key: key not in one))
        items = list(one.items())
        items.insert(data.draw(st.integers(0, len(items))), (key, value))
        one.clear()
        one.update(items)
    is_empty = not at(written.data, path)
    check(written, wanted, path if is_empty and path else (*path, key))


@given(texts(), st.data())
def test_another_key(written: Written, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path in places(written.data) if isinstance(path[-1], str)]))
    wanted = copy.deepcopy(written.data)
    one = at(wanted, path[:-1])
    new = data.draw(st.sampled_from(["renamed", "core-api", *TEXTS]).filter(lambda key: key not in one))
    items = [(new if key == path[-1] else key, value) for key, value in one.items()]
    one.clear()
    one.update(items)
    before = written.text.encode()
    after = rewritten(before, wanted)
    assert content(after) == wanted
    assert _COMMENT.findall(after.decode()) == _COMMENT.findall(written.text)
    assert len(after.splitlines()) == len(before.splitlines())
