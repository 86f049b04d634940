"""The dashboard's text twins: the page's facts in 80 columns, in Markdown that nobody can break, and in llms.txt."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Final

import html5lib
import markdown
import pytest
import yaml
from door import NOW, MakeProject, Run
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

TEXT, MARKDOWN, LLMS = "index.txt", "index.md", "llms.txt"
SITE: Final = {
    "site-data/site.yaml": (
        "title: Acme & Sons\nurl: https://example.com/status\ntimezone: Europe/Berlin\nsince: 2026-01-01\n"
        "description: How we are doing.\nrecent_days: 4\n"
    ),
    "site-data/groups/core.yaml": "name: Core services\n",
    "site-data/services/api.yaml": "name: API\ngroup: core\n",
    "site-data/services/web.yaml": "name: Web shop\ngroup: core\n",
    "site-data/services/new.yaml": "name: New\nsince: 2026-11-24\n",
    "site-data/services/secret.yaml": "name: Secret\nhidden: true\n",
    "site-data/events/errors.yaml": (
        "title: Errors on the API\nservices: {api: down, web: warning, secret: down}\nupdates:\n"
        "  - {at: 2026-11-23T10:02:00Z, message: We see **5xx**.}\n"
        "  - {at: 2026-11-23T10:20:00Z, state: identified, message: 'A bad `deploy` & more; rolling back.'}\n"
    ),
    "site-data/events/old.yaml": (
        "title: Slow shop\nservices: {web: warning}\nupdates:\n"
        "  - {at: 2026-11-21T08:00:00Z, message: Slow.}\n"
        "  - {at: 2026-11-22T09:30:00Z, state: resolved, message: Quick.}\n"
    ),
    "site-data/events/upgrade.yaml": (
        "title: Upgrade\nkind: maintenance\nservices: [web]\n"
        "planned: {start: 2026-11-23T10:00:00Z, end: 2026-11-23T12:00:00Z}\n"
        "updates: [{at: 2026-11-20T10:00:00Z, message: We upgrade.}]\n"
    ),
    "site-data/events/racks.yaml": (
        "title: New racks\nkind: maintenance\nservices: [api]\n"
        "planned: {start: 2026-11-25T22:00:00Z, end: 2026-11-25T23:30:00Z}\n"
        "updates: [{at: 2026-11-20T10:00:00Z, message: We move.}]\n"
    ),
    "site-data/events/news.yaml": (
        "title: Hello\nkind: notice\npinned: true\nupdates: [{at: 2026-11-01T10:00:00Z, message: New page.}]\n"
    ),
}
INDEX_TXT: Final = """\
Acme & Sons
✗ Major outage: API since 23 Nov 2026, 11:02 CET

Notice
✓ Hello
  since 1 Nov 2026, 11:00 CET
  1 Nov 2026, 11:00 CET: New page.

Open incident
✗ Errors on the API
  Identified · since 23 Nov 2026, 11:02 CET · API and Web shop
  23 Nov 2026, 11:20 CET: A bad deploy & more; rolling back.

Maintenance now
⚒ Upgrade
  In progress · 23 Nov 2026, 11:00 \u2013 13:00 CET · Web shop
  20 Nov 2026, 11:00 CET: We upgrade.

Upcoming maintenance
⚒ New racks
  Scheduled · 25 Nov 2026, 23:00 \u2013 26 Nov 2026, 00:30 CET · API
  20 Nov 2026, 11:00 CET: We move.

Services
✓ New  Operational  no data

Core services
✗ API       Major outage          99.97 % uptime · since 23 Nov 2026, 11:02 CET
▲ Web shop  Degraded performance  100 % uptime · since 23 Nov 2026, 11:02 CET

Uptime is that of the last 90 days.

Past 4 days
Monday, 23 November
✗ Errors on the API
  Identified · since 23 Nov 2026, 11:02 CET · API and Web shop
⚒ Upgrade
  In progress · 23 Nov 2026, 11:00 \u2013 13:00 CET · Web shop
Sunday, 22 November
  Ongoing: Slow shop
Saturday, 21 November
▲ Slow shop
  Resolved · 21 Nov 2026, 09:00 \u2013 22 Nov 2026, 10:30 CET (1 d 2 h) · Web shop
Friday, 20 November: No incidents

Built 23 Nov 2026, 11:30 CET
Next expected change 23 Nov 2026, 13:00 CET
Days are those of the zone Europe/Berlin.

Current status: https://example.com/status/
History: https://example.com/status/history/
Status as JSON: https://example.com/status/status.json
"""


def built(site: Path, invoke: Run) -> Path:
    done = invoke("build", "-C", site, "--now", NOW)
    assert done.code == 0, done.err
    return site / "build"


def read(build: Path, name: str) -> str:
    return (build / name).read_text(encoding="utf-8")


def columns(line: str) -> int:
    """Count cells by the library of the standard: wide letters two, marks and format characters none."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in line)
    return len([letter for letter in line if unicodedata.category(letter) not in ("Mn", "Me", "Cf")]) + wide


def body(markdown_text: str) -> html5lib.treebuilders.etree.Element:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    document = parser.parse(markdown.markdown(markdown_text))
    return document.find("body")


def test_the_text_has_the_facts_of_the_dashboard(project: MakeProject, invoke: Run) -> None:
    text = read(built(project(SITE), invoke), TEXT)
    assert text.replace("\u00a0", " ") == INDEX_TXT


def test_the_markdown_has_the_same_facts(project: MakeProject, invoke: Run) -> None:
    build = built(project(SITE), invoke)
    page = body(read(build, MARKDOWN))
    assert [heading.text for heading in page.iter("h1")] == ["Acme & Sons"]
    assert [heading.text for heading in page.iter("h2")] == [
        "Notice", "Open incident", "Maintenance now", "Upcoming maintenance",
        "Services", "Core services", "Past 4 days",
    ]  # fmt: skip
    words = " ".join("".join(page.itertext()).split())
    for fact in INDEX_TXT.replace("Errors on the API\n", "Errors on the API:").splitlines():
        for part in re.split(r"^[✓✗▲⚒◐] | · |  +|: (?=https)", fact):
            if "https" not in part and part not in ("Current status", "History", "Status as JSON"):
                assert part.strip(" :") in words.replace("\u00a0", " "), part
    links = {link.text: link.get("href") for link in page.iter("a")}
    assert links["Errors on the API"] == "https://example.com/status/events/errors/"
    assert links["Web shop"] == "https://example.com/status/services/web/"
    assert links["Status as JSON"] == "https://example.com/status/status.json"


def test_every_link_leads_to_a_file(project: MakeProject, invoke: Run) -> None:
    build = built(project(SITE), invoke)
    targets = re.findall(r"https://example\.com/status/([^\s)]*)", read(build, TEXT) + read(build, MARKDOWN))
    assert len(targets) > 10
    for target in targets:
        path = build / target
        assert (path / "index.html" if path.is_dir() else path).is_file(), target


def test_without_a_url_links_are_relative(project: MakeProject, invoke: Run) -> None:
    build = built(project({**SITE, "site-data/site.yaml": "title: T\n"}), invoke)
    hrefs = [link.get("href") for link in body(read(build, MARKDOWN)).iter("a")]
    assert "services/api/index.html" in hrefs
    assert all((build / href).is_file() for href in hrefs)


def test_hidden_services_are_in_none(project: MakeProject, invoke: Run) -> None:
    build = built(project(SITE), invoke)
    assert "secret" not in "".join(read(build, name) for name in (TEXT, MARKDOWN, LLMS)).lower()


def test_an_empty_page_has_twins_too(project: MakeProject, invoke: Run) -> None:
    build = built(project({"site-data/site.yaml": "title: Empty\nrecent_days: 1\n"}), invoke)
    assert read(build, TEXT).startswith("Empty\n✓ No services yet\n\nPast day\nMonday, 23 November: No incidents\n")
    assert "# Empty\n\n**No services yet**\n" in read(build, MARKDOWN)
    assert read(build, LLMS).startswith("# Empty\n\n> Status page with")


def test_nothing_is_wider_than_eighty_columns(project: MakeProject, invoke: Run) -> None:
    site = project({
        **SITE,
        "site-data/services/long.yaml": f"name: {'Regional data replication ' * 3}\n",
        "site-data/services/word.yaml": f"name: {'Unbreakable' * 9}\n",
        "site-data/services/wide.yaml": f"name: {'東京リージョンのデータベース' * 5}\n",
        "site-data/services/hebrew.yaml": "name: שירות התשלומים\n",
        "site-data/events/wide.yaml": (
            f"title: {'障害' * 60}\nservices: {{wide: down, long: partial, word: warning}}\n"
            f"updates: [{{at: 2026-11-23T10:00:00Z, message: {'調査中です。' * 90}}}]\n"
        ),
    })  # fmt: skip
    for language in ("en", "de", "ar"):
        (site / "site-data/site.yaml").write_text(f"title: {'T' * 100}\nlanguage: {language}\n", encoding="utf-8")
        text = read(built(site, invoke), TEXT)
        assert [line for line in text.splitlines() if columns(line) > 80 and ".html" not in line] == []
        assert "".join(text.split()).count("調査中です。") == 90
        assert "\\u20" not in text


@pytest.mark.parametrize("language", ["de", "ar"])
def test_the_twins_speak_the_language_of_the_page(project: MakeProject, invoke: Run, language: str) -> None:
    site = project({**SITE, "site-data/site.yaml": f"title: Acme\nlanguage: {language}\nurl: https://example.com\n"})
    build = built(site, invoke)
    for name in (TEXT, MARKDOWN, LLMS):
        words = re.sub(r"\[[^\]]*\]\([^)]*\)|https?:\S+", "", read(build, name))
        assert not re.search(r"\b(uptime|since|Operational|Services|Built|the dashboard|History)\b", words)
        # A German date begins like an item of a numbered list.
        assert name == TEXT or list(body(read(build, name)).iter("ol")) == []


def test_llms_txt_has_the_form_of_its_specification(project: MakeProject, invoke: Run) -> None:
    outputs = ("feeds", "calendars", "statuspage-api", "stashboard-api", "api-description", "embeds")
    off = "outputs: {" + ", ".join(f"{name}: false" for name in outputs) + "}\n"
    build = built(project({**SITE, "site-data/site.yaml": SITE["site-data/site.yaml"] + off}), invoke)
    text = read(build, LLMS)
    lines = text.splitlines()
    assert lines[:3] == ["# Acme & Sons".replace("&", "&amp;"), "", "> How we are doing."]
    assert "As of 23 Nov 2026, 11:30 CET: Major outage: API." in lines
    page = body(text)
    assert [element.tag for element in page][:3] == ["h1", "blockquote", "p"]
    assert [heading.text for heading in page.iter("h2")] == ["Current state", "History", "Follow"]
    links = [link.get("href") for link in page.iter("a")]
    assert len(links) == 7
    for link in links:
        path = build / link.removeprefix("https://example.com/status/")
        assert (path / "index.html" if path.is_dir() else path).is_file(), link
    for line in text.partition("\n## ")[2].splitlines():
        assert re.fullmatch(r"(## )?[A-Z][a-z ]+||- \[[^\]]+\]\(https://[^)\s]+\): .+", line), line


def test_llms_txt_names_the_families_that_are_on(project: MakeProject, invoke: Run) -> None:
    text = read(built(project(SITE), invoke), LLMS)
    for path in ("openapi.json", "api/v2/summary.json", "api/v1/services.json", "feeds/updates.atom", "calendar.ics"):
        assert f"]({'https://example.com/status/' + path})" in text


PLAIN: Final = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Cn", "Co")))
PIECES: Final = [*"\\`*_{}[]()#+-.!<>&|~$:/ \"'=1a", "http://a.b", "<b>", "&amp;"]
MARKUP: Final = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
NAMES: Final = st.lists(
    st.one_of(MARKUP, PLAIN).filter(str.strip),
    min_size=1,
    max_size=20,
    unique_by=lambda name: " ".join(name.split()).casefold(),
)
NASTY: Final = (
    "- - -", "[a](javascript:alert(1))", "<script>alert(1)</script>", "![x](https://evil.example/x.png)",
    "**bold** _it_ `code` ~~no~~ # #", "1. one", "a\\", "&copy; &#42; <https://a.example>", "*[x]: y",
    "[x]: https://a.example",
)  # fmt: skip


def one_line(text: str) -> str:
    return " ".join(text.split())


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES)
@example([*NASTY])
@example([*reversed(NASTY)])
def test_no_name_becomes_markup(
    project: MakeProject, invoke: Run, tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    title = names[0]
    files = {
        "site-data/site.yaml": yaml.safe_dump({"title": title, "description": names[-1], "recent_days": 1}),
        "site-data/groups/g.yaml": yaml.safe_dump({"name": title}),
    }
    for number, name in enumerate(names):
        event = {
            "title": name, "services": {f"s{number}": "down"},
            "updates": [{"at": "2026-11-23T10:00:00Z", "message": "M"}],
        }  # fmt: skip
        files[f"site-data/services/s{number}.yaml"] = yaml.safe_dump({"name": name, "group": "g"})
        files[f"site-data/events/e{number}.yaml"] = yaml.safe_dump(event)
    build = built(project(files, name=tmp_path_factory.mktemp("names").name), invoke)
    status = json.loads(read(build, "status.json"))
    page = body(read(build, MARKDOWN))
    assert {element.tag for element in page.iter()} <= {"body", "h1", "h2", "p", "strong", "ul", "li", "a", "hr"}
    (heading,) = page.iter("h1")
    assert one_line("".join(heading.itertext())) == one_line(status["page"]["title"])
    expected = {f"services/{one['id']}/index.html": one_line(one["name"]) for one in status["services"]}
    expected |= {f"events/{one['id']}/index.html": one_line(one["title"]) for one in status["incidents"]}
    expected |= {"index.html": "Current status", "history/index.html": "History", "status.json": "Status as JSON"}
    assert {link.get("href"): one_line("".join(link.itertext())) for link in page.iter("a")} == expected
    listing = body(read(build, LLMS))
    assert {element.tag for element in listing.iter()} <= {"body", "h1", "h2", "p", "blockquote", "ul", "li", "a"}
    assert one_line("".join(listing.find("blockquote").itertext())) == one_line(names[-1])


@pytest.mark.parametrize("name", ["- a", "+ a", "1. a", "12) a", "- - -", "# a", "> a", "===", "~~~", "```", "    a"])
def test_without_pages_a_name_at_the_start_of_an_item_stays_a_name(
    project: MakeProject, invoke: Run, name: str
) -> None:
    settings_file = yaml.safe_dump({"title": "T", "outputs": {"pages": False, "status-json": False}})
    site = project({
        "site-data/site.yaml": settings_file, "site-data/services/api.yaml": yaml.safe_dump({"name": name}),
    })  # fmt: skip
    page = body(read(built(site, invoke), MARKDOWN))
    assert {element.tag for element in page.iter()} <= {"body", "h1", "h2", "p", "strong", "ul", "li", "hr"}
    items = ["".join(item.itertext()) for item in page.iter("li")]
    assert items[0].startswith(f"{' '.join(name.split())}: Operational")
