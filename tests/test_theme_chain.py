"""Themes: found by name, laid over each other, and precise about their mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from door import MakeProject, write_files
from rich_site import build_at

from stashgen.errors import StashgenError
from stashgen.theme import load_theme

SITE = {
    "site-data/site.yaml": "title: Acme\ntheme: mine\n",
    "site-data/services/api.yaml": "name: API\n",
}
BASE = '{% extends "base.html" %}'
MINE = {"themes/mine/theme.yaml": "extends: default\n"}


def error_of(project: Path) -> str:
    with pytest.raises(StashgenError) as caught:
        build_at(project)
    return str(caught.value)


def test_one_block_is_changed_without_copying_a_page(project: MakeProject) -> None:
    block = '{% extends "parent/main.html" %}{% block footer %}<footer>Made by Acme</footer>{% endblock %}'
    output = build_at(project({**SITE, **MINE, "themes/mine/main.html": block}))
    for path in ("index.html", "services/api/index.html", "404.html"):
        html = (output / path).read_text(encoding="utf-8")
        assert "<footer>Made by Acme</footer>" in html
        assert html.count("<footer") == 1
        assert "<h1>" in html


def test_a_page_of_the_parent_is_extended_under_its_own_name(project: MakeProject) -> None:
    page = '{% extends "parent/dashboard.html" %}{% block legend %}{{ super() }}<p>Call us.</p>{% endblock %}'
    output = build_at(project({**SITE, **MINE, "themes/mine/dashboard.html": page}))
    html = (output / "index.html").read_text(encoding="utf-8")
    assert html.index("What the statuses mean") < html.index("<p>Call us.</p>")


def test_a_folder_lies_over_the_packaged_theme_of_its_name(project: MakeProject) -> None:
    files = {
        "site-data/site.yaml": "title: Acme\n",
        "themes/default/translations/en.yaml": "page.history: Archive\n",
        "themes/default/style.css": "h1 { font-style: italic }",
        "themes/default/theme.yaml": 'palette: {light: {critical: "#7a0000"}}\n',
    }
    output = build_at(project(files))
    assert ">Archive</a>" in (output / "index.html").read_text(encoding="utf-8")
    style = next(output.glob("assets/style.*.css")).read_text(encoding="utf-8")
    assert style.rstrip().endswith("h1{font-style:italic}")
    assert ".l-critical{--t:#7a0000;--m:#7a0000}" in style


def test_files_of_a_theme_get_names_that_change_with_them(project: MakeProject) -> None:
    files = {**SITE, **MINE, "themes/mine/main.html": (
        '{% extends "base.html" %}{% block brand %}<img src="{{ asset("pixel.svg") }}" alt="">{% endblock %}'
    )}  # fmt: skip
    one = build_at(project({**files, "themes/mine/assets/pixel.svg": "<svg/>"}, "one"))
    two = build_at(project({**files, "themes/mine/assets/pixel.svg": "<svg />"}, "two"))
    names = [next(output.glob("assets/pixel.*.svg")).name for output in (one, two)]
    assert names[0] != names[1]
    assert f'src="assets/{names[0]}"' in (one / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "site-data/site.yaml:2: theme: no theme named `mine`; there are classic, default"),
        (
            {"themes/mine/theme.yaml": "extends: defualt\n"},
            "themes/mine/theme.yaml: extends: no theme named `defualt` (did you mean `default`?)",
        ),
        (
            {"themes/mine/theme.yaml": "extends: yours\n", "themes/yours/theme.yaml": "extends: mine\n"},
            "themes/yours/theme.yaml: extends: mine -> yours -> mine runs in a circle",
        ),
        ({"themes/mine/theme.yaml": "extend: x\n"}, "themes/mine/theme.yaml: Object contains unknown field `extend`"),
        ({"themes/mine/theme.yaml": "extends: [\n"}, "themes/mine/theme.yaml: while parsing"),
        ({"themes/mine/theme.yaml": "{}\n"}, "themes/mine/theme.yaml: palette.light: there is no paper, ink"),
        (
            {**MINE, "themes/mine/theme.yaml": "extends: default\npalette: {light: {ink: black}}\n"},
            "themes/mine/theme.yaml: Expected `str` matching regex",
        ),
        ({**MINE, "themes/mine/main.html": "{% block x %}\n\n{% endblok %}"}, "themes/mine/main.html:3: "),
        (
            {**MINE, "themes/mine/main.html": f"{BASE}\n{{% block header %}}\n{{{{ nothing }}}}{{% endblock %}}"},
            "themes/mine/main.html:3: 'nothing' is undefined",
        ),
        (
            {**MINE, "themes/mine/main.html": '{% extends "basis.html" %}'},
            "themes/mine/main.html:1: there is no template `basis.html`",
        ),
        (
            {**MINE, "themes/mine/main.html": '{% extends "parent/extra.html" %}'},
            "there is no template `",
        ),
        (
            {**MINE, "themes/mine/main.html": f"{BASE}{{% block header %}}{{{{ t('no.key') }}}}{{% endblock %}}"},
            "the key `no.key` is missing",
        ),
        (
            {**MINE, "themes/mine/translations/en.yaml": "page.history: [no]\n"},
            "themes/mine/translations/en.yaml: ",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(project: MakeProject, files: dict[str, str], message: str) -> None:
    assert message in error_of(project({**SITE, **files}))


@pytest.mark.parametrize("line", ['{% extends "dashboard.html" %}', '{% include "dashboard.html" %}'])
def test_a_template_that_leads_to_itself_is_told_how_to_reach_the_one_below(project: MakeProject, line: str) -> None:
    message = error_of(project({**SITE, **MINE, "themes/mine/dashboard.html": line}))
    assert message.startswith("dashboard.html: a template extends or includes itself")
    assert '"parent/..."' in message


def test_a_plural_without_its_last_form_is_an_error(project: MakeProject) -> None:
    words = {"themes/mine/translations/en.yaml": "incidents.title: {one: Open incident}\n"}
    assert error_of(project({**SITE, **MINE, **words})) == (
        "themes/mine/translations/en.yaml: incidents.title: lacks the form `other`, which every language falls back to"
    )


@pytest.mark.parametrize(
    "expression",
    [
        "site.__class__",
        "site['__class__']",
        "site['__cla' ~ 'ss__']",
        "site|attr('__class__')",
        "[site]|map(attribute='__class__')|join",
        "'{0.__class__}'.format(site)",
        "t.__globals__",
        "self._TemplateReference__context",
        "cycler",
        "lipsum()",
    ],
)
def test_templates_reach_nothing_behind_what_they_are_given(project: MakeProject, expression: str) -> None:
    body = f'{{% extends "base.html" %}}{{% block header %}}{{{{ {expression} }}}}{{% endblock %}}'
    assert "themes/mine/main.html" in error_of(project({**SITE, **MINE, "themes/mine/main.html": body}))


@pytest.mark.parametrize("name", ["../default", "themes/default", "", ".git", "default\\x"])
def test_a_name_is_not_a_path(tmp_path: Path, name: str) -> None:
    write_files(tmp_path, {"themes/.git/theme.yaml": "extends: default\n"})
    with pytest.raises(StashgenError, match="no theme named"):
        load_theme(name, tmp_path)


def test_editors_leftovers_do_not_count(tmp_path: Path) -> None:
    before = load_theme("mine", write_files(tmp_path, MINE)).digest
    write_files(tmp_path, {"themes/mine/.main.html.swp": "x", "themes/mine/main.html~": "x"})
    assert load_theme("mine", tmp_path).digest == before
    write_files(tmp_path, {"themes/mine/note.html": "x"})
    assert load_theme("mine", tmp_path).digest != before
