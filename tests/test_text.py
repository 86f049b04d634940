"""Words: what was meant, what an id is made of, and what a message may show."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stashgen import text
from stashgen.model import ID_PATTERN


@pytest.mark.parametrize(("word", "choices", "meant"), [
    ("apii", ["web", "api"], "api"), ("API", ["api", "apis"], "api"), ("in_progress", ["in-progress"], "in-progress"),
    ("Berlin", ["Europe/Berlin", "Asia/Tokyo"], "Europe/Berlin"), ("WARN", ["NORMAL", "WARNING"], "WARNING"),
    ("titel", ["title", "kind"], "title"), ("xyz", ["title", "kind"], None), ("x", [], None), ("", ["a"], None),
    ("bb", ["ba", "ab"], None), ("aab", ["aac", "aaa"], "aaa"),
])  # fmt: skip
def test_nearest_is_what_was_meant(word: str, choices: list[str], meant: str | None) -> None:
    assert text.nearest(word, choices) == meant
    assert text.nearest(word, reversed(choices)) == meant


@pytest.mark.parametrize(("title", "slug"), [
    ("Elevated error rates on the API", "elevated-error-rates-on-the-api"), ("  --A  b--  ", "a-b"),
    ("Größere Störung: Köln", "grossere-storung-koln"), ("We can't log in", "we-cant-log-in"), ("Ærø", "aero"),
    ("خدمة", ""), ("", ""), ("!!!", ""), ("50% slower", "50-slower"),
])  # fmt: skip
def test_a_slug_keeps_what_can_be_typed(title: str, slug: str) -> None:
    assert text.slug(title) == slug


def test_a_long_slug_ends_with_a_whole_word() -> None:
    assert text.slug("incident " * 20) == "incident-incident-incident-incident-incident-incident"
    assert text.slug("x" * 200) == "x" * 60


@given(st.text(max_size=300))
def test_a_slug_is_an_id_or_nothing(title: str) -> None:
    slug = text.slug(title)
    assert slug == "" or re.search(ID_PATTERN, slug)


@given(st.text(max_size=300))
def test_a_quoted_value_is_one_printable_line(value: str) -> None:
    shown = text.quoted(value)
    assert len(shown.splitlines()) == 1
    assert shown.encode()
    assert len(text.quoted("x" * 1000)) < 70
