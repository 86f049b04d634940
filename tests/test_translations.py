"""Every catalog says everything the English one says, in every plural form of its language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
import yaml
from babel import Locale

THEMES: Final = Path(__file__).resolve().parent.parent / "themes"
FILES: Final = sorted(THEMES.glob("*/translations/*.yaml"))
FOREIGN: Final = [path for path in FILES if path.stem != "en"]
HOLE: Final = re.compile(r"\{([a-z_]+)\}")
LATIN_WORD: Final = re.compile(r"[A-Za-z]{2,}")

Catalog = Mapping[str, str | Mapping[str, str]]


def name(path: Path) -> str:
    return f"{path.parent.parent.name}-{path.stem}"


def read(path: Path) -> Catalog:
    catalog: Catalog = yaml.safe_load(path.read_text(encoding="utf-8"))
    return catalog


def english_of(path: Path) -> Catalog:
    return read(path.with_stem("en"))


def forms(entry: str | Mapping[str, str]) -> Mapping[str, str]:
    return {"other": entry} if isinstance(entry, str) else entry


def holes(text: str) -> set[str]:
    return set(HOLE.findall(text))


def test_there_are_the_languages_that_were_promised() -> None:
    assert {path.stem for path in FILES if path.parent.parent.name == "default"} >= {"en", "de", "ar"}


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_key_stands_twice(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    keys = [line.partition(":")[0] for line in lines if re.match(r"[a-z]", line)]
    assert sorted(keys) == sorted(read(path))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_everything_is_text(path: Path) -> None:
    wrong = [
        key for key, entry in read(path).items()
        if not all(str(text).strip() == text != "" for text in forms(entry).values())
    ]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize("path", FOREIGN, ids=name)
def test_the_keys_are_those_of_english_in_their_order(path: Path) -> None:
    assert list(read(path)) == list(english_of(path))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_plural_form_of_the_language_is_there(path: Path) -> None:
    wanted = {*Locale.parse(path.stem.replace("-", "_")).plural_form.tags, "other"}
    wrong = {
        key: sorted(entry) for key, entry in read(path).items() if not isinstance(entry, str) and set(entry) != wanted
    }
    assert wrong == {}


@pytest.mark.parametrize("path", FOREIGN, ids=name)
def test_what_counts_in_english_counts_in_every_language(path: Path) -> None:
    plurals = {key for key, entry in english_of(path).items() if not isinstance(entry, str)}
    assert sorted(key for key in plurals if isinstance(read(path)[key], str)) == []


@pytest.mark.parametrize("path", FOREIGN, ids=name)
def test_every_text_has_the_holes_of_the_english_one(path: Path) -> None:
    english = english_of(path)
    for key, entry in read(path).items():
        wanted = holes(forms(english[key])["other"])
        for form, text in forms(entry).items():
            # "One service" and "two services" may be said without a figure.
            spared = {"count"} if form in ("zero", "one", "two") else set()
            assert holes(text) | spared == wanted | spared, f"{key}, {form}"


def test_no_english_is_left_in_arabic() -> None:
    catalog = read(THEMES / "default" / "translations" / "ar.yaml")
    left = {
        key: text for key, entry in catalog.items() for text in forms(entry).values()
        if LATIN_WORD.search(HOLE.sub("", text).replace("JSON", ""))
    }  # fmt: skip
    assert left == {}


def test_only_words_shared_by_both_are_the_same_in_german() -> None:
    german, english = (read(THEMES / "default" / "translations" / f"{code}.yaml") for code in ("de", "en"))
    same = {
        key for key, entry in german.items() if entry == english[key] and LATIN_WORD.search(HOLE.sub("", str(entry)))
    }
    assert same <= {"page.links", "footer.feeds"}


def test_german_addresses_nobody() -> None:
    text = (THEMES / "default" / "translations" / "de.yaml").read_text(encoding="utf-8")
    assert re.findall(r"\b(?:Sie|Ihnen|Ihre?[mnrs]?|du|dein)\b", text) == []
