"""What yamlwrite writes, yamlio reads back as the same data."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stashgen.yamlio import parse
from stashgen.yamlwrite import document

_UTC = dt.UTC
_MILLISECOND = dt.timedelta(milliseconds=1)
# Control characters are refused when files are read, so nobody writes them.
_REFUSED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_WORDS = st.sampled_from([
    "no", "Yes", "null", "~", "on", "10:30", "2026-11-23", "1e3", "0x1f", "-", "- a", "? b", "#c", "a #b", "a: b",
    "[x]", "{y}", "&anchor", "*alias", "!tag", "|", ">", "%", "@", "`", "'", '"', "\\", "a\tb", " a", "a ", "\n",
    "a\n", "a\n\n", "a\nb", " a\nb", "a\n b\n", "a\n\n\n  b", "a\n  ", "x\r\ny", "\x85", "\u2028", "\ufeff", "a:",
    "\U0001f600", "---", "...", "a\n---\nb", "key: |\n  text", "1.5", ".5", "+1", "0o7", ".inf", "NaN", "<<", "=",
    "a,b", "a, b", "é",
])  # fmt: skip
_CHARACTERS = st.characters(codec="utf-8").filter(lambda character: not _REFUSED.match(character))
_TEXTS = _WORDS | st.text(_CHARACTERS, max_size=40) | st.lists(_WORDS, max_size=4).map("\n".join)
_INSTANTS = st.integers(10**8, 7 * 10**12).map(lambda ms: dt.datetime(1970, 1, 1, tzinfo=_UTC) + ms * _MILLISECOND)
_PLAIN = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
_SCALARS = _TEXTS | _PLAIN
_KEYS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,11}", fullmatch=True) | _WORDS
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=6,
)


def read(text: str) -> object:
    parsed = parse(text.encode(), "x.yaml", {"at": False, "updates": {"at": False}}, _UTC)
    assert parsed.is_sound, parsed.problems
    return parsed.value


@given(st.dictionaries(_KEYS.filter(lambda key: key not in ("at", "updates")), _VALUES, min_size=1, max_size=5))
def test_any_data_is_read_back(data: dict[str, Any]) -> None:
    assert read(document(data)) == data


@given(st.lists(st.fixed_dictionaries({"at": _INSTANTS, "message": _TEXTS}), min_size=1, max_size=3), _INSTANTS)
def test_instants_are_read_back_to_the_millisecond(updates: list[dict[str, Any]], at: dt.datetime) -> None:
    data: dict[str, Any] = {"at": at, "updates": updates}
    assert read(document(data)) == data


def test_it_reads_like_a_hand_written_file() -> None:
    fields: dict[str, Any] = {
        "title": "Elevated error rates on the API",
        "services": {"api": "down", "web": "warning"},
        "tags": ["eu", "database"],
        "pinned": False,
        "updates": [
            {
                "at": dt.datetime(2026, 11, 23, 10, 2, tzinfo=_UTC),
                "state": "investigating",
                "message": "We see **5xx** on a third of requests.\n\nNext word at 10:30.\n",
            },
            {"at": dt.datetime(2026, 11, 23, 11, 5, 7, 120_000, tzinfo=_UTC), "message": "Back to normal."},
        ],
    }
    assert document(fields, comment="Written by hand.\nReally.") == (
        "# Written by hand.\n"
        "# Really.\n"
        "title: Elevated error rates on the API\n"
        "services: {api: down, web: warning}\n"
        "tags: [eu, database]\n"
        "pinned: false\n"
        "updates:\n"
        "  - at: 2026-11-23T10:02:00Z\n"
        "    state: investigating\n"
        "    message: |\n"
        "      We see **5xx** on a third of requests.\n"
        "\n"
        "      Next word at 10:30.\n"
        "  - at: 2026-11-23T11:05:07.120Z\n"
        "    message: Back to normal.\n"
    )


@pytest.mark.parametrize("word", ["no", "on", "null", "10:30", "2026-11-23", "1.0", "yes: maybe", "# not a comment"])
def test_what_could_be_taken_for_something_else_is_quoted(word: str) -> None:
    assert document({"title": word}) == f'title: "{word}"\n'


def test_a_map_too_wide_for_one_line_stands_in_lines() -> None:
    services = {f"a-service-with-a-long-name-{number}": "down" for number in range(4)}
    lines = document({"services": services}).splitlines()
    assert lines[0] == "services:"
    assert lines[1:] == [f"  {service}: down" for service in services]
