"""Text and light HTML come out of Markdown as they went in."""

from __future__ import annotations

import html
import re

import html5lib
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stashgen.markup import to_html
from stashgen.unmark import to_markdown

_WORDS = st.sampled_from([
    "*", "**", "_", "__", "a_b", "_a_", "`", "``", "#", "# a", "## ", ">", "> a", "-", "- a", "+", "---", "===", "1.",
    "1) a", "2. b", "[a](b)", "[a]: b", "![a](b)", "[a][b]", "|", "| a | b |", "|---|---|", "~~~", "```", "\\", "\\*",
    "&", "&amp;", "&#35;", "<b>", "</p>", "<!--", "<a@b.c>", "<https://a.example>", "https://a.example/x_y_z*q",
    "www.a.example", "a", "word", "5 < 6", "    code", "\t", ":", ": b", "é", "12:30", "100%", "foo*bar*", "(c)", "!",
    "--", "~", "...",
])  # fmt: skip
_PLAIN = st.lists(_WORDS | st.text(st.characters(codec="utf-8"), max_size=6), max_size=8).flatmap(
    lambda words: st.sampled_from([" ", "", "\n", "\n\n"]).map(lambda glue: glue.join(words))
)
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def words(markup: str) -> str:
    """Return what a reader reads, without any space."""
    tree = html5lib.parseFragment(markup, namespaceHTMLElements=False)
    return re.sub(r"\s", "", _ODD.sub(" ", "".join(tree.itertext())))


def tags(markup: str) -> list[str]:
    tree = html5lib.parseFragment(markup, namespaceHTMLElements=False)
    return [element.tag for element in tree.iter() if isinstance(element.tag, str)][1:]


@given(_PLAIN)
@example("1. First\n2. Second")
@example("a\n---\nb")
@example("| a | b |\n|---|---|\n| c | d |")
def test_plain_text_shows_as_it_is(text: str) -> None:
    shown = to_html(to_markdown(html.escape(text, quote=False)))
    assert words(shown) == re.sub(r"\s", "", _ODD.sub(" ", text))
    assert set(tags(shown)) <= {"p", "a"}


@given(st.lists(_PLAIN, min_size=1, max_size=3))
def test_text_in_a_list_shows_as_it_is(texts: list[str]) -> None:
    source = (
        "<ul>" + "".join(f"<li><strong>x</strong> {html.escape(text, quote=False)}</li>" for text in texts) + "</ul>"
    )
    shown = to_html(to_markdown(source))
    assert words(shown) == words(source)
    assert set(tags(shown)) <= {"ul", "li", "strong", "p", "a", "br"}


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("One line.", "One line."),
        ("One<br />two<br><br/>three", "One<br>\ntwo\n\nthree"),
        ("<p>One</p><p>two</p>", "One\n\ntwo"),
        ("A <strong>bold</strong> <em>word</em>, a <b>b</b> and an <i>i</i>", "A **bold** *word*, a **b** and an *i*"),
        ("<b> spaced </b>out", "**spaced** out"),
        ("<ul><li>One</li><li>two</li></ul>", "- One\n- two"),
        ("<ol><li>One</li><li>two<ul><li>deep</li></ul></li></ol>", "1. One\n2. two\n    - deep"),
        ("Now:<ul><li>One</li></ul>", "Now:\n\n- One"),
        (
            'See <a href="https://a.example/x?a=1&amp;b=2">the [docs]</a>.',
            "See [the \\[docs\\]](https://a.example/x?a=1&b=2).",
        ),
        ('<a href="https://a.example/">https://a.example/</a>', "<https://a.example/>"),
        ("5 &lt; 6 &amp; 7 &gt; 2", "5 < 6 & 7 > 2"),
        ("Use *.example.com and `x`", "Use \\*.example.com and \\`x\\`"),
        ("1. one\n- two\n# three", "1\\. one\n\\- two\n\\# three"),
        ("a\r\nb\x00\x07c", "a\nbc"),
    ],
)
def test_light_html_becomes_markdown(source: str, markdown: str) -> None:
    assert to_markdown(source) == markdown
    if "\0" not in source:
        assert words(to_html(markdown)) == words(source)


@pytest.mark.parametrize(
    "source",
    [
        "<table><tr><td>x</td></tr></table>",
        '<img src="https://a.example/x.png" alt="x">',
        "<ul><li>never closed",
        "<b>crossed <i>tags</b></i>",
        '<a href="javascript:alert(1)">x</a>',
        "<!-- a comment --> text",
        "<ul><li>a</li></ul><ul><li>b</li></ul>",
        "<ul>loose text<li>a</li></ul>",
    ],
)
def test_what_has_no_simple_counterpart_stays_html(source: str) -> None:
    assert to_markdown(source) == source
