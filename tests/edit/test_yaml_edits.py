"""Files as people write them, and the few characters of them that an edit changes."""

from __future__ import annotations

import datetime as dt

import pytest
from edit_desk import diff

from stashgen.yamledit import UneditableError, content, rewritten

NEW = {"at": dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC), "state": "resolved", "message": "All is well."}
PLAIN = ["+  - at: 2026-11-24T08:00:00Z", "+    state: resolved", "+    message: All is well."]
HEAD = "title: Slow   # why\nservices: {api: warning}\n"

APPENDED = {
    "two spaces": ("updates:\n  - at: 1\n    message: Hi\n", PLAIN),
    "dash at the margin": ("updates:\n- at: 1\n  message: Hi\n", [line.replace("+  ", "+", 1) for line in PLAIN]),
    "four spaces": ("updates:\n    -   at: 1\n        message: Hi\n", [
        "+    -   at: 2026-11-24T08:00:00Z", "+        state: resolved", "+        message: All is well.",
    ]),
    "comment at the end": ("updates:\n  - at: 1\n    message: Hi\n# the end\n", PLAIN),
    "comment of the entry": ("updates:\n  - at: 1\n    message: Hi\n    # said by Kim\n  # more here\n", PLAIN),
    "literal text": ("updates:\n  - at: 1\n    message: |\n      Hi\n\n      there\n\n\n# the end\n", PLAIN),
    "kept line ends": ("updates:\n  - at: 1\n    message: |+\n      Hi\n\n", PLAIN),
    "folded text": ("updates:\n  - at: 1\n    message: >-\n      Hi\n      there\n", PLAIN),
    "document end": ("updates:\n  - at: 1\n    message: Hi\n...\n", PLAIN),
    "not the last key": ("updates:\n  - at: 1\n    message: Hi\ntags: [a]\n", PLAIN),
    "in quotes over lines": ('updates:\n  - at: 1\n    message: "Hi\n\n      there"\n', PLAIN),
    "entry below its dash": ("updates:\n  -\n    at: 1\n    message: Hi\n", PLAIN),
    "an anchor": ("updates:\n  - at: 1\n    services: &s {api: down}\n    message: Hi\n", PLAIN),
    "an alias": ("updates:\n  - &first\n    at: 1\n    message: Hi\n  - *first\n", PLAIN),
}  # fmt: skip


@pytest.mark.parametrize("name", APPENDED)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_an_update_is_appended_text(name: str, end: str, mark: str) -> None:
    text, added = APPENDED[name]
    old = (mark + HEAD + text).replace("\n", end)
    wanted = content(old.encode())
    wanted["updates"] = [*wanted["updates"], NEW]
    new = rewritten(old.encode(), wanted).decode()
    assert diff(old, new) == added
    assert new.count(end) == new.count("\n")
    assert content(new.encode())["updates"][-1]["message"] == NEW["message"]


@pytest.mark.parametrize("text", ["updates:\n- at: 1\n  message: Hi", "updates:\n- at: 1\n  message: |\n    Hi"])
def test_a_last_line_without_its_end_gets_one(text: str) -> None:
    wanted = content(text.encode())
    wanted["updates"].append(NEW)
    new = rewritten(text.encode(), wanted).decode()
    assert new.startswith(text + "\n- at: 2026-11-24T08:00:00Z\n")


def test_an_update_between_brackets() -> None:
    old = "updates: [{at: 1, message: Hi}]  # short\n"
    wanted = content(old.encode())
    wanted["updates"].append(NEW)
    assert rewritten(old.encode(), wanted).decode() == (
        "updates: [{at: 1, message: Hi}, {at: 2026-11-24T08:00:00Z, state: resolved, message: All is well.}]  # short\n"
    )


EDITED = """\
# Written by hand.
title: 'It''s slow'   # in quotes
on: no          # a word
since: 10:30
code: 0777
long: a very long line that goes on and on and on and on, beyond eighty and a hundred characters
services: {api: down, web: warning}  # on one line
at: 2026-11-23 11:02 +01:00
tags:
- one      # first
# between
- two
message: |
   Three spaces.

   Kept.
quoted: "yes"
empty:
"""

EDITS = [
    ({"title": "It's fast"}, ["-title: 'It''s slow'   # in quotes", "+title: 'It''s fast'   # in quotes"]),
    ({"quoted": "no"}, ['-quoted: "yes"', '+quoted: "no"']),
    ({"on": "yes"}, ["-on: no          # a word", '+on: "yes"          # a word']),
    ({"services": {"api": "up", "web": "warning"}}, [
        "-services: {api: down, web: warning}  # on one line", "+services: {api: up, web: warning}  # on one line",
    ]),
    ({"services": {"web": "warning"}}, [
        "-services: {api: down, web: warning}  # on one line", "+services: {web: warning}  # on one line",
    ]),
    ({"services": {"core": "down", "web": "warning"}}, [
        "-services: {api: down, web: warning}  # on one line", "+services: {core: down, web: warning}  # on one line",
    ]),
    ({"tags": ["one", "two", "three"]}, ["+- three"]),
    ({"tags": ["two"]}, ["-- one      # first"]),
    ({"tags": ["two", "one"]}, ["-- one      # first", "+- one      # first"]),
    ({"tags": ["one", "2"]}, ["-- two", '+- "2"']),
    ({"message": "Short."}, ["-message: |", "-   Three spaces.", "-", "-   Kept.", "+message: Short."]),
    ({"message": "Three spaces.\n\nNot kept.\n"}, ["-   Kept.", "+   Not kept."]),
    ({"empty": "full"}, ["-empty:", "+empty: full"]),
    ({"code": None}, ["-code: 0777"]),
    ({"new": dt.date(2026, 11, 24)}, ["+new: 2026-11-24"]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "lines"), EDITS)
def test_an_edit_changes_its_line_only(changes: dict[str, object], lines: list[str]) -> None:
    both = {**content(EDITED.encode()), **changes}
    wanted = {key: value for key, value in both.items() if changes.get(key, "") is not None}
    assert diff(EDITED, rewritten(EDITED.encode(), wanted)) == lines


def test_what_is_as_wanted_keeps_its_bytes() -> None:
    data = EDITED.encode()
    assert rewritten(data, content(data)) is data


ALIASED = """\
# head
base: &base {api: down}   # anchored
more: *base
# kept
text: 10:30
"""


def test_an_anchored_value_is_changed_by_writing_the_file_anew() -> None:
    new = rewritten(ALIASED.encode(), {**content(ALIASED.encode()), "base": {"api": "up"}}).decode()
    assert content(new.encode()) == {"base": {"api": "up"}, "more": {"api": "down"}, "text": "10:30"}
    assert all(line in new for line in ("# head", "# kept", "text: 10:30"))


def test_entries_change_places_as_they_are_written() -> None:
    one, two = " -  {at: 'b'}  # one\n    # of one\n", " # of two\n -  at: a\n    message: |\n      A\n"
    old = f"updates:  # all\n{one}{two}".replace("\n", "\r\n")
    wanted = content(old.encode())
    wanted["updates"].reverse()
    assert rewritten(old.encode(), wanted).decode() == f"updates:  # all\n{two}{one}".replace("\n", "\r\n")


def test_what_an_anchor_forces_anew_is_written_as_people_do() -> None:
    old = "a: &a {api: down}\nupdates:\n- at: 2026-11-24T08:00:00Z\n  services: *a\n  message: Hi\n"
    wanted = content(old.encode())
    wanted["a"] = {"api": "up"}
    assert rewritten(old.encode(), wanted).decode() == (
        "a: {api: up}\nupdates:\n- at: 2026-11-24T08:00:00Z\n  services: {api: down}\n  message: Hi\n"
    )


def test_one_use_of_an_alias_is_changed_and_the_others_stay() -> None:
    new = rewritten(ALIASED.encode(), {**content(ALIASED.encode()), "more": {"api": "up"}}).decode()
    assert content(new.encode()) == {"base": {"api": "down"}, "more": {"api": "up"}, "text": "10:30"}


@pytest.mark.parametrize("text", ["", "- a\n", "a: b\na: c\n", "a: [b\n", "--- \na: b\n---\nc: d\n", "a: !x b\n"])
def test_a_file_with_errors_is_not_touched(text: str) -> None:
    with pytest.raises(UneditableError, match="stashgen check"):
        rewritten(text.encode(), {"a": "c"})
