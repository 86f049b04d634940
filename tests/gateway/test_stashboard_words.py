"""Ids and texts as Stashboard made them: the slug of a name, and a message that is what was posted."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stashgen import markup
from stashgen.gateway.problems import Refusal
from stashgen.gateway.stashboard.orders import slug
from stashgen.gateway.stashboard.posting import plain


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("API v1.0 (beta)", "api-v1-0-beta"),
        ("SMS/MMS", "smsmms"),
        ("Foo & Bar", "foo--bar"),
        ("  _Mail_ ", "mail"),
        ("a \t b", "a-b"),
        ("1234", "1234"),
        ("Münchner Straße", "mnchner-strae"),
        ("...x", "x"),
        ("x" * 80, "x" * 80),
    ],
)
def test_the_slug_of_a_name(name: str, expected: str) -> None:
    assert slug(name) == expected


@pytest.mark.parametrize("name", ["日本語", "&&&", "-", "x" * 81])
def test_a_name_without_a_slug_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        slug(name)
    assert refused.value.status == 400


@given(
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"], include_characters="\n"), max_size=60)
)
@example("*** ALERT *** host_name_x is <b>down</b> & out\n# really\n- a\n1. b")
@example("a\n\n    code\n\tx\n> y\n===\n---")
@example("[x](http://a.example) `c` http://b.example/_c_ ![i](j) <script>x</script> &amp; &lt;")
@example("| a | b |\n|---|---|\n| c | d |\n\n~~~\nx\n~~~\n```\ny\n```")
@example("x  \ny\\\nz &nbsp; [1]: http://a.example")
def test_a_message_is_shown_as_it_was_posted(text: str) -> None:
    shown = markup.to_lines(markup.to_html(plain(text)))
    lines = [" ".join(line.split()) for line in text.split("\n")]
    assert shown == "\n".join(filter(None, lines))
