"""Words and dates: zones, plurals, rounding, directions and fallbacks, with the real catalogs."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pytest
import yaml
from door import MakeProject, Run, child_environ
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from stashgen.errors import StashgenError, ThemeError
from stashgen.i18n import Catalog, DateStyle, Translator, translator
from stashgen.model import BUILT_IN_STATUSES, Level, Service, Settings, Status

TRANSLATIONS: Final = Path(__file__).resolve().parent.parent / "themes" / "default" / "translations"
CATALOGS: Final[Mapping[str, Catalog]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in TRANSLATIONS.glob("*.yaml")
}
WINTER: Final = dt.datetime(2026, 11, 23, 10, 2, tzinfo=dt.UTC)
SUMMER: Final = dt.datetime(2026, 7, 5, 22, 30, tzinfo=dt.UTC)
FSI: Final = "\u2068"
PDI: Final = "\u2069"


def words(language: str = "en", timezone: str = "Europe/Berlin", **extra: Catalog) -> Translator:
    settings = Settings(title="Acme", language=language, timezone=timezone)
    return translator(settings, {**CATALOGS, **extra})


class Overall(NamedTuple):
    status: str
    services: tuple[str, ...]
    open_incidents: int = 0


class OnBoard(NamedTuple):
    record: Service


class Board(NamedTuple):
    overall: Overall
    statuses: Mapping[str, Status]
    services: Mapping[str, OnBoard]


def board(status: str, *bad: str, incidents: int = 0, names: Mapping[str, str] | None = None) -> Board:
    named = names or {name: name.capitalize() for name in ("api", "web", "files", "mail", "search")}
    services = {id_: OnBoard(Service(name=name)) for id_, name in named.items()}
    return Board(Overall(status, bad, incidents), BUILT_IN_STATUSES, services)


@pytest.mark.parametrize(
    ("language", "style", "text"),
    [
        ("en", "short", "23 Nov"),
        ("en", "medium", "23 Nov 2026"),
        ("en", "long", "23 November 2026"),
        ("en", "weekday", "Monday, 23 November"),
        ("en", "full", "Monday, 23 November 2026"),
        ("de", "short", "23. Nov."),
        ("de", "medium", "23. Nov. 2026"),
        ("de", "long", "23. November 2026"),
        ("de", "weekday", "Montag, 23. November"),
        ("de", "full", "Montag, 23. November 2026"),
        ("ar", "short", "23 نوفمبر"),
        ("ar", "medium", "23 نوفمبر 2026"),
        ("ar", "long", "23 نوفمبر 2026"),
        ("ar", "weekday", "الاثنين، 23 نوفمبر"),
        ("ar", "full", "الاثنين، 23 نوفمبر 2026"),
    ],
)
def test_a_day_in_every_style(language: str, style: DateStyle, text: str) -> None:
    assert words(language).date(dt.date(2026, 11, 23), style) == text


@pytest.mark.parametrize(
    ("language", "timezone", "at", "text"),
    [
        ("en", "Europe/Berlin", WINTER, "23 Nov 2026, 11:02 CET"),
        ("en", "Europe/Berlin", SUMMER, "6 Jul 2026, 00:30 CEST"),
        ("en", "America/New_York", WINTER, "23 Nov 2026, 05:02 EST"),
        ("en", "America/New_York", SUMMER, "5 Jul 2026, 18:30 EDT"),
        ("en", "UTC", WINTER, "23 Nov 2026, 10:02 UTC"),
        ("en", "Asia/Kathmandu", WINTER, "23 Nov 2026, 15:47 UTC+5:45"),
        ("en", "America/Sao_Paulo", WINTER, "23 Nov 2026, 07:02 UTC-3"),
        ("en", "America/St_Johns", WINTER, "23 Nov 2026, 06:32 NST"),
        ("en", "Pacific/Marquesas", WINTER, "23 Nov 2026, 00:32 UTC-9:30"),
        ("de", "Europe/Berlin", WINTER, "23. Nov. 2026, 11:02 MEZ"),
        ("de", "Europe/Berlin", SUMMER, "6. Juli 2026, 00:30 MESZ"),
        ("ar", "Europe/Berlin", WINTER, "23 نوفمبر 2026، 11:02 ص CET"),
        ("ar", "Asia/Riyadh", WINTER, "23 نوفمبر 2026، 1:02 م UTC+3"),
    ],
)
def test_an_instant_carries_its_zone(language: str, timezone: str, at: dt.datetime, text: str) -> None:
    assert words(language, timezone).instant(at) == text


def test_the_hour_that_comes_twice_is_told_apart_by_its_zone() -> None:
    first = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    shown = [words().instant(first + dt.timedelta(hours=hours)) for hours in range(2)]
    assert shown == ["25 Oct 2026, 02:30 CEST", "25 Oct 2026, 02:30 CET"]


def test_an_instant_belongs_to_the_day_of_the_sites_zone() -> None:
    assert words().day(SUMMER) == dt.date(2026, 7, 6)
    assert words(timezone="America/New_York").day(SUMMER) == dt.date(2026, 7, 5)


@pytest.mark.parametrize(
    ("language", "month"), [("en", "November 2026"), ("de", "November 2026"), ("ar", "نوفمبر 2026")]
)
def test_a_month_with_its_year(language: str, month: str) -> None:
    assert words(language).month(2026, 11) == month


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 s"),
        (0, "0 s"),
        (45, "45 s"),
        (59, "59 s"),
        (60, "1 min"),
        (89, "1 min"),
        (90, "2 min"),
        (719.6, "12 min"),
        (3569, "59 min"),
        (3571, "1 h"),
        (4320, "1 h 12 min"),
        (7200, "2 h"),
        (86_369, "23 h 59 min"),
        (86_371, "1 d"),
        (86_400 + 1_799, "1 d"),
        (86_400 + 1_800, "1 d 1 h"),
        (3 * 86_400 + 4 * 3_600, "3 d 4 h"),
        (2 * 86_400 - 60, "2 d"),
        (400 * 86_400, "400 d"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert words().duration(seconds) == text


def test_a_duration_in_other_languages() -> None:
    assert words("de").duration(4320) == "1 Std. 12 Min."
    assert words("ar").duration(4320) == "1 س 12 د"


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (1.0, "100 %"),
        (1 - 1e-15, "99.99 %"),
        (0.99999, "99.99 %"),
        (0.9999, "99.99 %"),
        (1 - 1 / 3, "66.66 %"),
        (0.999, "99.90 %"),
        (0.57, "57.00 %"),
        (0.29, "29.00 %"),
        (0.00009, "0.00 %"),
        (0.0, "0.00 %"),
        (None, "no data"),
    ],
)
def test_a_percentage_is_rounded_down(ratio: float | None, text: str) -> None:
    assert words().percent(ratio) == text


@pytest.mark.parametrize(
    ("language", "ratio", "text"),
    [("en", 1, "100 %"), ("en", 0.3, "30 %"), ("en", 0.125, "12.5 %"), ("en", 0, "0 %"), ("de", 0.125, "12,5\xa0%")],
)
def test_a_share_that_a_person_set_has_the_decimals_it_needs(language: str, ratio: float, text: str) -> None:
    assert words(language).share(ratio) == text


@given(st.floats(min_value=0, max_value=1, exclude_max=True))
def test_nothing_short_of_the_whole_is_called_the_whole(ratio: float) -> None:
    shown = float(words().percent(ratio).removesuffix(" %"))
    assert shown <= 99.99
    assert shown / 100 <= ratio + 1e-12
    assert ratio - shown / 100 < 0.000101


@pytest.mark.parametrize(
    ("language", "small", "whole"),
    [("de", "99,99\xa0%", "100\xa0%"), ("ar", "\u200e99.99%\u200e", "\u200e100%\u200e"), ("tr", "%99,99", "%100")],
)
def test_a_percentage_wears_the_marks_of_its_language(language: str, small: str, whole: str) -> None:
    translate = words(language, tr=CATALOGS["en"])
    shown = [translate.percent(ratio).replace("\u200e", "") for ratio in (0.99999, 1.0)]
    assert shown == [small.replace("\u200e", ""), whole.replace("\u200e", "")]


def test_digits_are_those_cldr_calls_the_default() -> None:
    # Latin for Arabic at large since CLDR 42, extended Arabic-Indic for Persian.
    assert words("ar").date(dt.date(2026, 11, 23)) == "23 نوفمبر 2026"
    assert words("ar").number(1234567) == "1,234,567"
    persian = words("fa", fa=CATALOGS["en"])
    assert persian.date(dt.date(2026, 11, 23)) == "۲۳ نوامبر ۲۰۲۶"
    assert persian.number(1234) == "\u06f1\u066c\u06f2\u06f3\u06f4"


def test_arabic_has_six_plurals() -> None:
    forms = {form: f"{form} {{count}}" for form in ("zero", "one", "two", "few", "many", "other")}
    translate = words("ar", ar={**CATALOGS["ar"], "test": forms})
    shown = [translate.text("test", count=count).split()[0] for count in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103)]
    assert shown == ["zero", "one", "two", "few", "few", "many", "many", "other", "other", "few"]


def test_a_form_that_is_not_told_apart_is_other() -> None:
    translate = words("ar", ar={"test": {"one": "one", "other": "{count} things"}})
    assert [translate.text("test", count=count) for count in (1, 2, 5)] == ["one", "2 things", "5 things"]


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (board("up"), "All services operational"),
        (board("up", incidents=1), "All services operational · 1 open incident"),
        (board("up", incidents=3), "All services operational · 3 open incidents"),
        (board("down", "api", incidents=1), "Major outage: Api"),
        (board("down", "api", "web", incidents=2), "Major outage: Api and Web"),
        (board("partial", "api", "web", "files"), "Partial outage: Api, Web and Files"),
        (board("warning", "api", "web", "files", "mail", "search"), "Degraded performance: Api, Web and 3 more"),
        (board("maintenance", "web"), "Under maintenance: Web"),
        (board("maintenance", "web", incidents=1), "Under maintenance: Web · 1 open incident"),
        (Board(Overall("up", ()), BUILT_IN_STATUSES, {}), "No services yet"),
    ],
)
def test_the_sentence(facts: Board, text: str) -> None:
    assert words().sentence(facts) == text


def test_the_sentence_in_other_languages() -> None:
    assert words("de").sentence(board("up", incidents=1)) == "Alle Dienste laufen · 1 offene Störung"
    assert words("de").sentence(board("down", "api", "web")) == "Ausfall: Api und Web"
    assert words("ar").sentence(board("up")) == "جميع الخدمات تعمل"


def test_names_that_run_the_other_way_are_isolated() -> None:
    arabic = words("ar").sentence(board("down", "api"))
    assert f"{FSI}Api{PDI}" in arabic
    english = words().sentence(board("down", "pay", "web", names={"pay": "الدفع", "web": "Web"}))
    assert english == f"Major outage: {FSI}{FSI}الدفع{PDI} and Web{PDI}"
    assert FSI not in words("ar").sentence(board("down", "pay", names={"pay": "الدفع"}))


def test_a_built_in_status_is_translated_unless_the_site_renamed_it() -> None:
    down = BUILT_IN_STATUSES["down"]
    assert words("de").status_name("down", down) == "Ausfall"
    assert words("de").status_description("down", down) == "Funktioniert nicht."
    own = Status(name="Kaputt", level=Level.CRITICAL, description=down.description)
    assert words("de").status_name("down", own) == "Kaputt"
    assert words("de").status_description("down", own) == "Funktioniert nicht."
    assert words("de").status_name("broken", own) == "Kaputt"


def test_a_value_cannot_reach_into_objects_or_be_filled_again() -> None:
    translate = words(en={**CATALOGS["en"], "test": "{name} {name.__class__} {0} {name!r} {{name}}"})
    assert translate.text("test", name="{other}") == "{other} {name.__class__} {0} {name!r} {{other}}"


def test_markup_among_the_values_makes_markup_and_escapes_the_rest() -> None:
    translate = words(en={**CATALOGS["en"], "test": "<{time} & {name}>"})
    shown = translate.text("test", time=Markup("<time>now</time>"), name="<script>")
    assert isinstance(shown, Markup)
    assert shown == "&lt;<time>now</time> &amp; &lt;script&gt;&gt;"
    assert translate.text("test", time="<now>", name="x") == "<<now> & x>"


def test_a_missing_key_is_read_in_english() -> None:
    translate = words("de", de={}, en={**CATALOGS["en"], "test": "Hello"})
    assert translate.text("test") == "Hello"


def test_a_key_missing_in_english_names_key_and_file() -> None:
    with pytest.raises(ThemeError, match=re.escape("translations/en.yaml: the key `no.such` is missing")):
        words("de").text("no.such")


def test_a_value_the_page_does_not_give_names_the_key() -> None:
    with pytest.raises(ThemeError, match=re.escape("translations/en.yaml: list.pair: nothing is known as {second}")):
        words().text("list.pair", first="a")


@pytest.mark.parametrize("language", ["pt-BR", "pt_br", "PT-br"])
def test_a_tag_falls_back_to_its_language(language: str) -> None:
    translate = words(language, pt={"overall.operational": "Tudo funciona"})
    assert translate.text("overall.operational") == "Tudo funciona"
    assert translate.date(dt.date(2026, 11, 23)) == "23 de novembro de 2026"


def test_the_nearer_catalog_wins_over_the_wider_one() -> None:
    wide: Catalog = {"overall.operational": "wide", "overall.empty": "wide"}
    near: Catalog = {"overall.operational": "near"}
    settings = Settings(title="Acme", language="pt-BR")
    translate = translator(settings, {**CATALOGS, "pt": wide, "pt-BR": near})
    assert [translate.text(f"overall.{key}") for key in ("operational", "empty")] == ["near", "wide"]


def test_an_unknown_language_names_the_ones_there_are() -> None:
    with pytest.raises(StashgenError) as caught:
        translator(Settings(title="Acme", language="dee"), {"en": {}, "de": {}, "ar": {}})
    text = "site-data/site.yaml: language: no translation named `dee` (did you mean `de`?); there are ar, de, en"
    assert str(caught.value) == text


def test_a_language_cldr_does_not_know_is_dated_in_english() -> None:
    assert words("tlh", tlh={}).date(dt.date(2026, 11, 23)) == "23 November 2026"


@pytest.mark.parametrize(
    ("language", "direction"), [("en", "ltr"), ("de", "ltr"), ("ar", "rtl"), ("ar-EG", "rtl"), ("arn", "ltr")]
)
def test_the_direction_follows_the_language(language: str, direction: str) -> None:
    assert words(language, arn={}).direction == direction


def test_english_starts_without_the_library_for_other_languages() -> None:
    code = """
import datetime, sys
from stashgen.i18n import translator
from stashgen.model import Settings
words = translator(Settings(title="Acme"), {"en": {"duration.seconds": "{count} s"}})
at = datetime.datetime(2026, 11, 23, 10, 2, tzinfo=datetime.timezone.utc)
print(words.instant(at), words.month(2026, 11), words.percent(0.5), words.duration(3), "babel" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], env=child_environ(), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "23 Nov 2026, 10:02 UTC November 2026 50.00 % 3 s False"


def test_the_command_line_says_which_languages_there_are(project: MakeProject, invoke: Run) -> None:
    folder = project({
        "site-data/site.yaml": "title: Acme\nlanguage: germn\n",
        "site-data/services/api.yaml": "name: API\n",
    })  # fmt: skip
    result = invoke("build", cwd=folder)
    assert result.code == 1
    assert "language: no translation named `germn`" in result.err
    assert "there are ar, de, en" in result.err
    assert "Traceback" not in result.err


def test_a_language_is_one_more_file(project: MakeProject, invoke: Run) -> None:
    """A site's own theme adds Portuguese by a file of words; what it leaves out is said in English."""
    folder = project({
        "site-data/site.yaml": "title: Acme\nlanguage: pt-BR\ntheme: mine\n",
        "site-data/services/api.yaml": "name: API\n",
        "themes/mine/theme.yaml": "extends: default\n",
        "themes/mine/translations/pt.yaml": "overall.operational: Tudo funciona\n",
    })  # fmt: skip
    assert invoke("build", "--now", "2026-11-23T10:30:00Z", cwd=folder).code == 0
    page = (folder / "build" / "index.html").read_text(encoding="utf-8")
    assert '<html lang="pt-BR" dir="ltr">' in page
    assert "Tudo funciona" in page
    assert "23 de nov. de 2026" in page
    assert "Skip to content" in page
