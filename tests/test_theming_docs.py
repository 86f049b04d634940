"""docs/theming.md is the contract of templates: what they are given stands there, by name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import jinja2
import msgspec
import pytest
from jinja2 import meta
from rich_site import NOW, copy_rich

from stashgen.build import Job, compose, read
from stashgen.memo import Memo
from stashgen.outputs.pages import (
    assets,
    cards,
    dashboard,
    frames,
    grid,
    history,
    marks,
    months,
    press,
    service_pages,
    services,
)

REPOSITORY: Final = Path(__file__).resolve().parent.parent
DEFAULT: Final = REPOSITORY / "themes" / "default"
TEXT: Final = (REPOSITORY / "docs" / "theming.md").read_text(encoding="utf-8")
SAID: Final = {
    word
    for code in re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL))
    for word in re.findall(r"[A-Za-z_0-9.-]+", code)
}
NOT_FOR_TEMPLATES: Final = {"Page", "Refresh", "Press", "ServiceMonth", "Icons", "Asset", "Assets"}


def values() -> list[type[msgspec.Struct]]:
    modules = (assets, cards, dashboard, frames, grid, history, marks, months, press, service_pages, services)
    found = {
        value.__name__: value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == module.__name__
    }
    return [value for name, value in sorted(found.items()) if name not in NOT_FOR_TEMPLATES]


@pytest.mark.parametrize("value", values(), ids=lambda value: value.__name__)
def test_every_field_of_a_value_is_told(value: type[msgspec.Struct]) -> None:
    assert set(value.__struct_fields__) - SAID == set()


@pytest.mark.parametrize("template", sorted(path.name for path in DEFAULT.glob("*.html")))
def test_every_name_a_template_uses_is_told(template: str) -> None:
    text = (DEFAULT / template).read_text(encoding="utf-8")
    used = meta.find_undeclared_variables(jinja2.Environment(autoescape=True).parse(text))
    assert used - SAID - set(re.findall(r"\{% macro (\w+)", text)) == set()
    for block in re.findall(r"\{% block (\w+)", text):
        assert block in SAID


def test_every_shared_name_and_icon_is_told(tmp_path: Path) -> None:
    project = copy_rich(tmp_path / "site")
    job = Job(project=project, output=tmp_path / "build", now=NOW, memo=Memo(None))
    context, _ = compose(job, read(job))
    made = press.Press(context)
    page = press.Page(path="index.html", template="dashboard.html", title="x")
    shared = {**made._shared, **made._frame(page)}  # what render() is called with has no other door
    assert shared.keys() - SAID == set()
    assert {path.stem for path in (DEFAULT / "icons").glob("*.svg")} - SAID == set()
