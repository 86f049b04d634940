"""Templates: what is filled in can be read and never becomes markup; what is wrong with a template is told."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stashgen import markup
from stashgen.model import Template
from stashgen.templates import TemplateError, Values, fill, findings

SIGNS = st.text(alphabet="ab1 \n\t.,:;!?\"'`*_~#+-=|()[]{}<>&\\/@%é", max_size=60)


def message(text: str, values: Values) -> str:
    """Return the message that a template's text gives."""
    return fill(Template(title="Trouble", message=text), values).message


@given(SIGNS)
def test_no_value_becomes_markup(value: str) -> None:
    made = markup.to_html(message("It says: {{ text }}", Values(text=value)))
    assert re.sub(r"</?p>", "", made).count("<") == 0, made


@given(SIGNS)
def test_no_value_becomes_markup_at_the_start_of_a_message(value: str) -> None:
    made = markup.to_html(message("{{ text }}\n\nEnd.", Values(text=value)))
    assert re.sub(r"</?p>", "", made).count("<") == 0, made


@given(st.text(alphabet="ab1 .,:;!?\"'`*_~#+-=|()[]{}<>&\\/@%", max_size=40))
def test_a_value_is_read_as_it_is(value: str) -> None:
    made = markup.to_html(message("Said: {{ text }}!", Values(text=value)))
    assert html.unescape(re.sub(r"</?p>", "", made)) == f"Said: {value.strip()}!"


def test_an_address_can_be_a_link_and_nothing_else() -> None:
    made = message("[more]({{ url }})", Values(url="https://example.com/a_(b)?c=1"))
    assert 'href="https://example.com/a%5F%28b%29?c=1"' in markup.to_html(made)
    assert message("x {{ url }}", Values(url="javascript:alert(1)")) == "x "
    assert message("x {{ url }}", Values(url="https://a b")) == "x "


def test_a_title_is_one_line_and_plain() -> None:
    filled = fill(
        Template(title="{{ service }} is {{ status }}", message="x"), Values(service="A\n_b_", status="do\twn")
    )
    assert filled.title == "A _b_ is do wn"


def test_a_missing_label_is_nothing_and_a_missing_value_is_asked_for() -> None:
    assert message("a{{ labels.x }}b{% if labels.y %}c{% endif %}{{ labels.z | default('d') }}", Values()) == "abd"
    with pytest.raises(TemplateError, match="--set ticket="):
        message("{{ set.ticket }}", Values())
    assert message("{{ set.items }}.", Values(set={"items": "three"})) == "three."
    template = Template(title="T", message="No. {{ set.ticket }}")
    assert fill(template, Values(), is_lenient=True).message == "No. "


@pytest.mark.parametrize(
    "text",
    ["{{ text.__class__ }}", "{{ '' | attr('__class__') }}", "{% include 'x' %}", "{{ 1 / 0 }}", "{{ text.nothing }}"],
)
def test_a_template_reaches_only_what_it_is_given(text: str) -> None:
    with pytest.raises(TemplateError, match="message of the template"):
        message(text, Values())


def test_empty_words_are_refused() -> None:
    with pytest.raises(TemplateError, match="says nothing"):
        fill(Template(title="{{ title }}", message="x"), Values())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ service }} {{ labels.a }} {{ set.b }}", ""),
        ("{% for name in labels %}{{ name }}{% endfor %}", ""),
        ("{{ servce }}", "`servce` is nothing that a template can name (did you mean `service`?); a value "),
        ("{{ number }}", "`number` is nothing that a template can name; a value of your own is `set.number`"),
        ("{% if %}", "cannot be filled in: "),
        ("{{ x | nofilter }}", "cannot be filled in: No filter named 'nofilter'."),
    ],
)
def test_what_is_wrong_is_told_before_it_is_needed(text: str, told: str) -> None:
    found = list(findings(Template(title="T", message=text)))
    assert [finding.field for finding in found] == [("message",)] * bool(told)
    assert not told or found[0].message.startswith(told)
