"""YAML as a machine for plain data: what is read, what is refused, and that nothing else can come out."""

from __future__ import annotations

import datetime as dt
import io
import math
from contextlib import suppress
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stashgen import zones
from stashgen.errors import Finding, Problem
from stashgen.yamlio import Parsed, Shape, parse, place

UTC: Final = dt.UTC
SHAPE: Final[Shape] = {"at": False, "since": True, "updates": {"at": False, "planned": {"end": False}}}


def read(text: str | bytes, zone: dt.tzinfo = UTC) -> Parsed:
    """Parse a document that may hold instants."""
    return parse(text.encode() if isinstance(text, str) else text, "x.yaml", SHAPE, zone)


def value(text: str | bytes, zone: dt.tzinfo = UTC) -> Any:
    """Return the data of a document about which there is nothing to say."""
    parsed = read(text, zone)
    assert parsed.problems == ()
    return parsed.value


def problem(text: str | bytes) -> Problem:
    """Return the one problem of a document."""
    (found,) = read(text).problems
    return found


@pytest.mark.parametrize("text", ["no", "yes", "on", "Off", "y", "10:30", "0777", "1_000", "1__0", "1.2.3", "e5",
                                  "0b1", "0o8", "0xg", "+", "1e", ".", "2026-11-23", "12345678901234567890", "nul",
                                  "TruE", "=", "1 2", "+.", "190:20:30", "08"])  # fmt: skip
def test_plain_scalars_stay_text(text: str) -> None:
    assert value(f"key: {text}") == {"key": text}


@pytest.mark.parametrize(("text", "meant"), [
    ("null", None), ("~", None), ("", None), ("Null", None), ("true", True), ("TRUE", True), ("False", False),
    ("0", 0), ("-0", 0), ("+12", 12), ("0o17", 15), ("0x1F", 31), ("1.5", 1.5), ("-.5", -0.5), ("1.", 1.0),
    ("1e3", 1000.0),    ("6.02E+23", 6.02e23), (".inf", math.inf), ("-.Inf", -math.inf),
])  # fmt: skip
def test_plain_scalars_of_the_core_schema(text: str, meant: object) -> None:
    found = value(f"key: {text}")["key"]
    assert (found, type(found)) == (meant, type(meant))


def test_not_a_number_is_read() -> None:
    assert math.isnan(value("key: .NaN")["key"])


@pytest.mark.parametrize("text", ["true", "null", "5", "~", ""])
def test_quoted_scalars_are_text(text: str) -> None:
    assert value(f"[\"{text}\", '{text}']") == [text, text]


def test_keys_are_text() -> None:
    assert value("1: a\nnull: b\ntrue: c\n") == {"1": "a", "null": "b", "true": "c"}


def test_instants_stand_only_where_the_shape_says() -> None:
    text = "at: 2026-11-23T10:02Z\ntitle: 2026-11-23T10:02Z\nservices: {at: down, end: 2026-11-23T10:02Z}\n"
    at = dt.datetime(2026, 11, 23, 10, 2, tzinfo=UTC)
    assert value(text) == {
        "at": at,
        "title": "2026-11-23T10:02Z",
        "services": {"at": "down", "end": "2026-11-23T10:02Z"},
    }
    nested = "updates:\n- at: '2026-11-23T10:02Z'\n  planned: {end: 2026-11-23T10:02Z, start: 2026-11-23T10:02Z}\n"
    assert value(nested) == {"updates": [{"at": at, "planned": {"end": at, "start": "2026-11-23T10:02Z"}}]}


def test_an_alias_of_a_text_can_be_an_instant() -> None:
    assert value("when: &w 2026-11-23T10:02Z\nat: *w\n")["at"] == dt.datetime(2026, 11, 23, 10, 2, tzinfo=UTC)


def test_small_aliases_are_followed() -> None:
    assert value("a: &a [1, {b: c}]\nd: *a\n") == {"a": [1, {"b": "c"}], "d": [1, {"b": "c"}]}


@pytest.mark.parametrize(("text", "message"), [
    ("a: &a x\n" + "b: [" + "*a, " * 33 + "]", "too many aliases such as `*a`: write the values out"),
    ("a: &a [" + "x, " * 400 + "]\nb: [*a, *a, *a]", "too many aliases such as `*a`: write the values out"),
    ("".join(f"k{number}: &a{number} x\n" for number in range(40)),
     "too many anchors such as `&a32`: write the values out"),
    ("a: &a x\n*a : y", "an alias cannot be a key: write the key out"),
    ("? [a]\n: b", "a key is one word: text that begins with `{` or `[` is put in quotes"),
    ("!!str a: b", "tags such as `!!str` are not read: delete it"),
    ("%TAG ! tag:example.com,2026:\n---\na: b", "tags are not read: delete the line"),
    ("%YAML 2.0\n---\na: b", "only YAML 1.1 and 1.2 are read: delete the line that begins with %YAML"),
])  # fmt: skip
def test_what_is_more_than_plain_data_is_refused(text: str, message: str) -> None:
    assert problem(text).message == message


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "- - ", "[{a: "])
def test_depth_is_bounded_at_any_length(opening: str) -> None:
    assert problem(opening * 100_000).message == "is nested deeper than 32 levels"
    assert problem(opening * 100_000) == problem(opening * 40), "the place is where it grew too deep"


def test_thirty_two_levels_are_fine() -> None:
    assert read("[" * 32 + "]" * 32).problems == ()
    assert problem("[" * 33 + "]" * 33).line == 1


def test_every_key_that_stands_twice_is_found() -> None:
    found = read("a: 1\nb: {c: 1, c: 2}\na: 2\nd: [{e: 1, e: 2}]\n").problems
    assert [(one.line, one.column, one.field) for one in found] == [(2, 11, "b.c"), (3, 1, "a"), (4, 12, "d[0].e")]


def test_findings_get_the_place_of_their_field() -> None:
    text = b"a: b\nlist:\n  - x\n  - key: |\n      text\n    other: [1, 2]\nempty:\n"
    fields = [
        ("a",),
        ("list", 1, "key"),
        ("list", 1, "other", 1),
        ("list", 1, "missing"),
        ("nowhere", 3),
        (),
        ("empty",),
    ]
    placed = place(text, "x.yaml", [Finding(field, "odd") for field in fields])
    assert [(one.line, one.column, one.field) for one in placed] == [
        (1, 4, "a"), (4, 10, "list[1].key"), (6, 16, "list[1].other[1]"), (4, 5, "list[1].missing"),
        (1, 1, "nowhere[3]"), (1, 1, ""), (7, 7, "empty"),
    ]  # fmt: skip
    (key,) = place(text, "x.yaml", [Finding(("list", 1, "other"), "odd", is_key=True)])
    assert (key.line, key.column) == (6, 5)


def test_a_time_of_no_zone_is_that_of_the_site() -> None:
    berlin = zones.find("Europe/Berlin")
    assert berlin is not None
    assert value("at: 2026-07-01 12:00", berlin)["at"] == dt.datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert value("since: 2026-07-01", berlin)["since"] == dt.datetime(2026, 6, 30, 22, tzinfo=UTC)


TRICKY: Final = ["yes", "no", "on", "null", "true", "1.5", "- a", "a: b", "# c", "*x", "&y", "%z", "@", "two\nlines\n"]
# Without the characters that YAML 1.1 and 1.2 take for line ends in different ways.
LETTERS: Final = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff\ufffe\uffff\u2028\u2029"
)
SCALARS: Final = (
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False)
    | st.text(LETTERS)
    | st.sampled_from(TRICKY)
)
KEYS: Final = st.from_regex("[a-j]([a-j #:-]{0,6}[a-j0-9])?", fullmatch=True)
PLAIN: Final = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN, st.sampled_from([True, False, None]))
def test_plain_yaml_reads_as_ruamel_reads_it(data: object, flow: bool | None) -> None:
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = flow
    stream = io.StringIO()
    writer.dump({"root": data}, stream)
    with suppress(YAMLError):  # ruamel does not read all that it writes, such as `{:a: b}`
        theirs = YAML(typ="safe", pure=True).load(stream.getvalue())
        assert read(stream.getvalue()).value == theirs == {"root": data}


@given(st.binary(max_size=200))
@example(b"\xff\xfe")
@example(b"a: \xc2\x85b")
@example(b"%TAG")
@example(b"\xef\xbb\xbf\xef\xbb\xbfa: b")
def test_any_bytes_give_data_or_problems(data: bytes) -> None:
    check_outcome(data, read(data))


@given(st.text(st.sampled_from("ab:-?[]{},&*!|>'\"%@`#~\\ \n\t01.xeTZ<=\u00e9\u2028\x85\ufeff"), max_size=60))
@example("? |\n- 'a'\n: b\n: c")
@example("a: *\n")
@example('"\\x')
def test_any_marks_give_data_or_problems(text: str) -> None:
    check_outcome(text.encode(), read(text))


def check_outcome(data: bytes, parsed: Parsed) -> None:
    """Fail unless there is plain data, or a problem in plain words with a place inside the file."""
    if parsed.value is None:
        assert parsed.problems
    lines = data.count(b"\n") + data.count(b"\r") + 3 * (data.count(b"\xc2\x85") + data.count(b"\xe2\x80\xa8"))
    for one in parsed.problems:
        assert one.path == "x.yaml"
        assert 0 <= one.line <= lines + 2
        assert "\n" not in str(one)
        assert not one.message.startswith("is not valid YAML")
    place(data, "x.yaml", [Finding(("a", 0, "b"), "odd")])


@pytest.mark.parametrize("text", ["services: {a:\n", "a: 1\nservices: [a,\n", "services: {a:", "title: x\n\nb: [\n\n"])
def test_a_file_cut_short_is_shown_on_a_line_that_it_has(text: str) -> None:
    found = problem(text)
    assert 1 <= found.line <= len(text.splitlines())
    assert found.column >= 1
