"""`stashgen build --keep-going`: a mistake in one file does not keep the news of all others from readers."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from door import NOW, MakeProject, Run, write_files
from keep_going_site import OPEN, SITE, build, page, status

CASES: Final = Path(__file__).parent / "invalid"
SECRET: Final = "hunter2-token-of-nobody"
BAD_EVENT: Final = {"site-data/events/bad.yaml": f"title: [{SECRET}\nupdates: 3\n"}
OWN_THEME: Final = {
    "site-data/site.yaml": "title: Acme Status\nurl: https://status.example.com\ntheme: acme\n",
    "themes/acme/theme.yaml": "extends: default\n",
    "themes/acme/style.css": "h1 { color: #123456 }\n",
}


def digests(folder: Path) -> Mapping[str, str]:
    """Return every file of a folder by its hash."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def test_the_rest_is_published_and_the_exit_code_tells(project: MakeProject, invoke: Run) -> None:
    site = project({**SITE, **BAD_EVENT, "site-data/services/shop.yaml": f"nmae: {SECRET}\n"})
    result = build(invoke, site)
    assert result.code == 1
    problems = result.err.splitlines()
    assert problems[0].startswith("site-data/events/bad.yaml:")
    assert problems[-1] == f"Written in spite of {len(problems) - 1} errors: what has errors is left out."
    assert result.out.startswith("Built ")
    assert [service["id"] for service in status(site)["services"]] == ["api", "web"]
    assert not (site / "build/events/bad").exists()
    assert (site / "build/events/old/index.html").is_file()


def test_the_page_says_quietly_that_something_may_be_missing(project: MakeProject, invoke: Run) -> None:
    site = project({**SITE, **BAD_EVENT})
    build(invoke, site)
    note = "1 file behind this page has a mistake: something may be missing here."
    footer = page(site).partition("<footer>")[2]
    assert note in footer
    assert note in page(site, "index.txt")
    assert note.removesuffix(".") in page(site, "index.md")
    assert status(site)["faulty_files"] == 1
    assert "\nstashgen_faulty_files 1\n" in page(site, "metrics.prom")
    # Pages of the past keep their bytes, so that nobody has to be sent them anew.
    assert note not in page(site, "events/old/index.html")
    for path in (path for path in (site / "build").rglob("*") if path.is_file()):
        assert SECRET.encode() not in path.read_bytes(), path


@pytest.mark.parametrize(
    ("language", "note"),
    [("de", "2 Dateien hinter dieser Seite enthalten Fehler"), ("ar", "في ملفين من ملفات هذه الصفحة أخطاء")],
)
def test_it_says_so_in_the_language_of_the_page(project: MakeProject, invoke: Run, language: str, note: str) -> None:
    settings = f"title: Acme\nlanguage: {language}\n"
    site = project({**SITE, **BAD_EVENT, "site-data/site.yaml": settings, "site-data/events/worse.yaml": "- no\n"})
    build(invoke, site)
    assert note in page(site)


def test_a_sound_site_is_built_as_ever(project: MakeProject, invoke: Run) -> None:
    kept, plain = project(SITE, name="kept"), project(SITE, name="plain")
    assert build(invoke, kept).code == 0
    assert invoke("build", "-C", plain, "--now", NOW).code == 0
    assert digests(kept / "build") == digests(plain / "build")
    assert status(kept)["faulty_files"] == 0
    assert "faulty" not in page(kept)


def test_what_names_a_broken_file_is_not_to_blame(project: MakeProject, invoke: Run) -> None:
    both = OPEN.replace("{api: down}", "{api: down, web: odd}")
    site = project(
        {
            **SITE,
            "site-data/events/now.yaml": both,
            "site-data/services/api.yaml": "name: API\ngruop: core\n",
            "site-data/statuses/odd.yaml": "level: HUGE\n",
        }
    )
    assert build(invoke, site).code == 1
    told = status(site)
    assert [service["id"] for service in told["services"]] == ["web"]
    assert [incident["id"] for incident in told["incidents"]] == ["now"]
    assert told["overall"]["open_incidents"] == 1


def test_settings_of_machines_are_no_loss_to_readers(project: MakeProject, invoke: Run) -> None:
    site = project({**SITE, "site-data/automation.yaml": "quiet: soon\n", "site-data/templates/x.yaml": "titel: X\n"})
    assert build(invoke, site).code == 1
    assert status(site)["faulty_files"] == 0


@pytest.mark.parametrize(
    "settings",
    [
        "title: Acme Status\nurl: status.example.com\n",
        "title: Acme Status\nulr: https://status.example.com\n",
        "title: Acme Status\nurl: https://status.example.com\nlanguage: de\nlanguage: en\n",
        "title: [Acme\n",
        "title: Acme Status\ntimezone: Europa/Berlin\n",
        "title: Acme Status\nlanguage: xx\n",
        "",
    ],
)
def test_a_page_that_is_not_sure_who_it_is_stays_as_it_was(project: MakeProject, invoke: Run, settings: str) -> None:
    site = project(SITE)
    assert build(invoke, site).code == 0
    before = digests(site / "build")
    (site / "site-data/site.yaml").write_text(settings, encoding="utf-8")
    result = build(invoke, site)
    assert (result.code, result.out) == (1, "")
    assert "Nothing was written: " in result.err.splitlines()[-1]
    assert "site-data/site.yaml" in result.err
    assert digests(site / "build") == before


def test_settings_that_only_adorn_it_are_left_out(project: MakeProject, invoke: Run) -> None:
    settings = SITE["site-data/site.yaml"] + (
        "history_days: 9000\nlogo: gone.svg\nlinks: [{title: Help}]\nmirrors: [status.example.org]\n"
    )
    site = project({**SITE, "site-data/site.yaml": settings})
    result = build(invoke, site)
    assert result.code == 1
    told = status(site)
    assert (told["page"]["title"], told["page"]["url"]) == ("Acme Status", "https://status.example.com")
    assert (told["page"]["mirrors"], told["faulty_files"]) == ([], 1)
    assert page(site, "CNAME") == "status.example.com\n"


def test_a_page_without_any_sound_service_is_refused(project: MakeProject, invoke: Run) -> None:
    site = project({**SITE, "site-data/services/api.yaml": "-\n", "site-data/services/web.yaml": "-\n"})
    result = build(invoke, site)
    assert result.code == 1
    assert result.err.splitlines()[-1].endswith("--keep-going does not help, because no service is left to be shown.")
    assert not (site / "build/index.html").exists()


def test_a_folder_that_cannot_be_read_is_no_empty_folder(project: MakeProject, invoke: Run) -> None:
    misspelt = project({**SITE, "site-data/evnts/now.yaml": OPEN}, name="misspelt")
    assert "nothing below site-data/evnts can be read" in build(invoke, misspelt).err
    assert not (misspelt / "build/index.html").exists()
    odd = project({**SITE, "site-data/notes/now.yaml": OPEN}, name="odd")
    assert (build(invoke, odd).code, status(odd)["faulty_files"]) == (1, 1)
    site = project(SITE)
    shutil.move(site / "site-data/events", site / "events")
    (site / "site-data/events").symlink_to(site / "events")
    result = build(invoke, site)
    assert result.code == 1
    assert "nothing below site-data/events can be read" in result.err
    assert not (site / "build/index.html").exists()


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        (
            "main.html",
            "{% extends 'parent/main.html' %}\n{% block footer %}{{ nothing }}{% endblock %}\n",
            "themes/acme/main.html:2: ",
        ),
        ("dashboard.html", "{% extends 'parent/dashboard.html' %}\n{% block %}\n", "themes/acme/dashboard.html:2: "),
        ("theme.yaml", "extends: defualt\n", "themes/acme/theme.yaml: "),
        ("theme.yaml", "[\n", "themes/acme/theme.yaml: "),
    ],
)
def test_a_broken_theme_gives_way_to_the_packaged_one(
    project: MakeProject, invoke: Run, name: str, text: str, place: str
) -> None:
    site = project({**SITE, **OWN_THEME, f"themes/acme/{name}": text})
    result = build(invoke, site)
    assert result.code == 1
    problem = result.err.splitlines()[0]
    assert problem.startswith(place)
    assert problem.endswith("; the page is built with the packaged theme `default` until then")
    assert "#123456" not in "".join(path.read_text() for path in (site / "build/assets").glob("*.css"))
    assert status(site)["faulty_files"] == 1
    annotated = build(invoke, site, "--format", "github")
    assert annotated.out.startswith(f"::error file={site.as_posix()}/{place.split(':', maxsplit=1)[0]}")


def test_an_unknown_theme_gives_way_too_but_not_one_with_words_of_its_own(project: MakeProject, invoke: Run) -> None:
    site = project({**SITE, "site-data/site.yaml": SITE["site-data/site.yaml"] + "theme: amce\n"})
    result = build(invoke, site)
    assert (result.code, status(site)["faulty_files"]) == (1, 1)
    assert result.err.startswith("site-data/site.yaml:3: theme: no theme named `amce`")
    foreign = OWN_THEME["site-data/site.yaml"] + "language: fr\n"
    words = {"themes/acme/translations/fr.yaml": "footer.data: Données\n", "themes/acme/main.html": "{{ nothing }}"}
    own = project({**SITE, **OWN_THEME, **words, "site-data/site.yaml": foreign}, name="own")
    refused = build(invoke, own)
    assert refused.code == 1
    assert refused.err.splitlines()[-1].startswith("error: themes/acme/main.html:1: ")
    assert not (own / "build/index.html").exists()


def test_strict_makes_warnings_count_and_stops_nothing(project: MakeProject, invoke: Run) -> None:
    site = project({**SITE, "site-data/services/note.txt.conf": "Ask Ann.\n"})
    assert build(invoke, site).code == 0
    strict = build(invoke, site, "--strict")
    assert (strict.code, status(site)["faulty_files"]) == (1, 0)
    assert strict.out.startswith("Built ")


def test_programs_get_the_problems_and_the_page(project: MakeProject, invoke: Run) -> None:
    site = project({**SITE, **BAD_EVENT})
    result = build(invoke, site, "--format", "json")
    told = json.loads(result.out)
    assert (result.code, told["errors"]) == (1, len(told["problems"]))
    assert "Built " in result.err


def test_two_builds_are_equal_and_the_second_writes_nothing(project: MakeProject, invoke: Run) -> None:
    files = {**SITE, **BAD_EVENT, "site-data/events/now.yaml": OPEN + "  - at: now\n"}
    one, other = project(files, name="one"), project(files, name="other place")
    build(invoke, one)
    build(invoke, other)
    assert digests(one / "build") == digests(other / "build")
    again = build(invoke, one)
    assert again.code == 1
    assert re.search(r": 0 written, \d+ unchanged, 0 removed", again.out)


def test_mended_files_leave_no_trace(project: MakeProject, invoke: Run) -> None:
    site = project({**SITE, "site-data/events/now.yaml": OPEN + "  - at: now\n"})
    build(invoke, site)
    broken = digests(site / "build")
    write_files(site, {"site-data/events/now.yaml": OPEN})
    assert build(invoke, site).code == 0
    fresh = project({**SITE, "site-data/events/now.yaml": OPEN}, name="fresh")
    assert invoke("build", "-C", fresh, "--now", NOW).code == 0
    mended = digests(site / "build")
    assert mended == digests(fresh / "build")
    changed = {path for path in mended if mended[path] != broken[path]}
    assert {path for path in changed if not path.startswith("embed/")} == {  # they tell how things are now
        "index.html",
        "index.md",
        "index.txt",
        "metrics.prom",
        "stashgen-manifest.json",
        "status.json",
    }


def cases() -> Iterator[Path]:
    """Yield every file with a mistake that the rules are tried on."""
    return (case for case in sorted(CASES.iterdir()) if " error" in (case / "expected.txt").read_text())


@pytest.fixture(scope="module")
def refused() -> set[str]:
    """Return the cases that even a build that keeps going stops at: all of them leave open what page it is."""
    return {
        "folder-misspelt", "site-language-unknown", "site-outputs-not-switches", "site-signing-keys-a-private-key",
        "site-signing-keys-damaged", "site-signing-keys-private-as-one-text", "site-timezone-broken-checks-the-rest",
        "site-timezone-unknown", "site-title-missing", "site-url-without-scheme",
    }  # fmt: skip


def test_whatever_is_broken_it_ends_in_one_of_two_ways(project: MakeProject, invoke: Run, refused: set[str]) -> None:
    # What these families tell comes from the same places as what the others do, in many more files.
    loud = ("api-description", "badges", "calendars", "embeds", "host-files", "stashboard-api", "upptime-badges")
    off = ", ".join(f"{family}: false" for family in loud)
    sound = {
        "site-data/site.yaml": f"title: Acme\noutputs: {{{off}}}\n",
        "site-data/groups/core.yaml": "name: Core\n",
        "site-data/services/api.yaml": "name: API\ngroup: core\n",
    }
    for case in cases():
        site = project(sound, name=case.name)
        shutil.copytree(case / "site-data", site / "site-data", dirs_exist_ok=True)
        result = build(invoke, site)
        said = (case / "expected.txt").read_text(encoding="utf-8").splitlines()
        assert result.code == 1, case.name
        assert (site / "build/index.html").exists() == (case.name not in refused), case.name
        assert [line for line in said[:-1] if line not in result.err.splitlines()] == [], case.name
