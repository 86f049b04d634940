"""Messages become safe HTML, by the short path exactly as by the library."""

from __future__ import annotations

import re

import html5lib
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stashgen import markup

# Fragments that matter to a Markdown parser, glued together in every order, beside ordinary words.
FRAGMENTS = st.sampled_from(
    [
        *(
            "word",
            "API",
            "two words",
            "don't",
            '"quoted"',
            "Ünïcode",
            "日本",
            "a",
            "I",
            "3",
            "3.",
            "1)",
            "99.9%",
            "x=y",
        ),
        *(" ", "  ", "\n", "\n\n", "\n\n\n", " \n", "\t", "    ", "\u00a0", "\u2028", "\r"),
        *("- ", "* ", "+ ", "1. ", "> ", "# ", "== ", "---", "===", "| ", ": ", ":", ";", ",", ".", "!", "?", "(", ")"),
        *(
            "```\n",
            "\n```",
            "```",
            "```\nHTTP/1.1 503\nretry-after: 74\n```",
            "`",
            "`code`",
            "`a b`",
            "` a`",
            "``",
            "**",
            "**bold**",
            "** no**",
            "**a b**",
            "***",
            "*",
            "_",
            "__",
            "~~",
        ),
        *(
            "[text](https://example.org/a-b)",
            "[a](http://e.org)",
            "[x]",
            "[x]: y",
            "](",
            "[",
            "]",
            "![i](static/i.png)",
        ),
        *(
            "https://example.org/x_y.",
            "www.example.org",
            "a@b.example",
            "http://",
            "mailto:a@b.example",
            "note:",
            "a: b",
        ),
        *(
            "&",
            "&amp;",
            "&#60;",
            "<",
            ">",
            "<b>",
            "</b>",
            "<br />",
            "<!-- -->",
            "\\",
            "\\*",
            "{",
            "}",
            "$",
            "^",
            "\u0002",
        ),
    ]
)
TEXTS = st.lists(FRAGMENTS, max_size=14).map("".join)


@given(TEXTS)
@example("`code``code`")
def test_the_short_path_gives_what_the_library_gives(text: str) -> None:
    short = markup.quick(text)
    assert short is None or short == markup.full(text)


@given(st.text(max_size=60))
def test_the_short_path_gives_what_the_library_gives_for_any_characters(text: str) -> None:
    short = markup.quick(text)
    assert short is None or short == markup.full(text)


@pytest.mark.parametrize(
    "text",
    [
        "All good again.",
        "We see errors in `eu-west-1`. A fix is **on its way**, see [the docs](https://docs.example.com/api).",
        "See [the **new** docs](https://docs.example.com/api) and [the `v2` ones](https://docs.example.com/v2).",
        "First paragraph,\nsecond line.\n\n- one thing\n- another `thing`\n\nLast words: done.",
        "It says:\n\n```\nHTTP/1.1 503 Service Unavailable\nretry-after: 74\n```\n\nThen nothing.",
        "Ärger mit der Datenbank (wieder).",
    ],
)
def test_ordinary_messages_take_the_short_path(text: str) -> None:
    assert markup.quick(text) == markup.full(text)


@given(TEXTS)
def test_whatever_goes_in_safe_html_comes_out(text: str) -> None:
    tree = html5lib.parseFragment(markup.to_html(text), namespaceHTMLElements=False)
    for element in tree.iter():
        assert element.tag not in {"script", "style", "iframe", "object", "svg", "math"}
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert not re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE)
        if element.tag == "a" and "href" in element.attrib:
            assert element.attrib["rel"] == "noopener nofollow"
        if element.tag == "img":
            assert element.attrib.get("src", "static/").removeprefix("./").startswith("static/")


def test_a_bare_link_becomes_one() -> None:
    expected = '<p>See <a href="https://example.org/a_b" rel="noopener nofollow">https://example.org/a_b</a>.</p>'
    assert markup.to_html("See https://example.org/a_b.") == expected


def test_headings_stand_below_those_of_the_page() -> None:
    assert markup.to_html("# Cause\n\n## Detail") == "<h3>Cause</h3>\n<h4>Detail</h4>"


def test_foreign_images_become_links_and_own_ones_stay() -> None:
    assert "<img" not in markup.to_html("![graph](https://elsewhere.example/g.png)")
    assert markup.to_html("![graph](static/g.png)") == '<p><img alt="graph" src="static/g.png"></p>'


def test_links_to_static_files_follow_the_page() -> None:
    html = markup.to_html("![g](static/g.png) and [log](static/log.txt), not static/this")
    moved = markup.relocate(html, "../../")
    assert 'src="../../static/g.png"' in moved
    assert 'href="../../static/log.txt"' in moved
    assert "not static/this" in moved


def test_plain_text_is_one_line() -> None:
    assert markup.to_plain(markup.to_html("One **thing** & more\n\n- a\n- b<br>c")) == "One thing & more a b c"


@pytest.mark.parametrize(
    "piece", ["[a", "![", "<a href='", "<b>", "> ", "*a **b ", "`a``", "[a](", "<!--", "&lt", "1. "]
)
def test_a_hostile_message_is_shown_as_it_is_and_holds_nobody_up(piece: str) -> None:
    text = piece * 30_000 + "end"
    shown = html5lib.parseFragment(markup.to_html(text), namespaceHTMLElements=False)
    assert "end" in "".join(shown.itertext()) or piece == "<!--"
    assert markup.full("**next**") == "<p><strong>next</strong></p>"
