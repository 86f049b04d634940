"""The files for other people's pages: the script, the pages for frames, the dots."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest
from door import NOW, MakeProject, Run
from pagecheck import Page, parse, words
from rich_site import LANGUAGES, build_at, copy_rich

from stashgen import palette

SCRIPT_BYTES: Final = 7000
FRAME_BYTES: Final = 2500
LATER: Final = "2026-11-23T10:31:00Z"
SVG: Final = "{http://www.w3.org/2000/svg}"
# What came after ES2018, as far as a script is likely to hold it.
TOO_NEW: Final = re.compile(r"\?\.[\w\[(]|\?\?|catch\s*\{|\|\|=|&&=|\.(flat|flatMap|fromEntries|replaceAll|at)\(")
SITE: Final = {
    "site-data/site.yaml": "title: A & <B>\n",
    "site-data/services/api.yaml": "name: 'A&P\"I <x>'\n",
    "site-data/services/ar.yaml": "name: خدمة 🚀\n",
    "site-data/services/secret.yaml": "name: Secret\nhidden: true\n",
    "site-data/events/errors.yaml": (
        "title: Errors\nservices: {api: down, secret: down}\nupdates: [{at: 2026-11-23T10:00:00Z, message: Hm.}]\n"
    ),
}


@pytest.fixture(scope="module", params=LANGUAGES)
def rich(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_at(copy_rich(tmp_path_factory.mktemp("rich") / "site", request.param))


def frames(output: Path) -> list[Page]:
    return [
        parse(path, (output / path).read_text(encoding="utf-8"))
        for path in ("embed/index.html", "embed/compact/index.html")
    ]


def test_frames_are_whole_without_the_script(rich: Path) -> None:
    (sentence,) = (
        words(title) for title in parse("", (rich / "index.html").read_text(encoding="utf-8")).elements("h1")
    )
    card, line = frames(rich)
    for page in (card, line):
        assert [words(heading) for heading in page.elements("h1")] == [sentence]
        metas = {meta.attrib.get("name"): meta.attrib.get("content") for meta in page.elements("meta")}
        assert metas["robots"] == "noindex"
        links = [*page.elements("a")]
        assert {(link.attrib["target"], link.attrib["rel"]) for link in links} == {("_blank", "noopener")}
        assert not [*page.elements("base")]
    titles = [words(heading) for heading in card.elements("h2")]
    assert titles[0] == "Elevated error rates on the API"
    assert "Storage nodes move to new disks" in titles


def test_frames_are_light(rich: Path) -> None:
    style = next(rich.glob("assets/embed.*.css")).read_bytes()
    for page in frames(rich):
        assert len(gzip.compress(page.text.encode())) + len(gzip.compress(style)) <= FRAME_BYTES
        (sheet,) = (link.attrib["href"] for link in page.elements("link") if link.attrib["rel"] == "stylesheet")
        assert Path(sheet).name == next(rich.glob("assets/embed.*.css")).name


def test_a_frame_of_a_calm_page_says_so(project: MakeProject) -> None:
    output = build_at(project({"site-data/site.yaml": "title: X\n", "site-data/services/api.yaml": "name: API\n"}))
    for page in frames(output):
        assert words(next(page.elements("h1"))) == "All services operational"
        assert not [*page.elements("h2")]
    empty = build_at(project({"site-data/site.yaml": "title: X\n"}, "empty"))
    assert words(next(frames(empty)[1].elements("h1"))) == "No services yet"
    assert (empty / "embed" / "dot.svg").is_file()


def dot(path: Path) -> ET.Element:
    return ET.fromstring(path.read_bytes())


def test_dots_say_their_level_by_shape_and_word(project: MakeProject) -> None:
    output = build_at(project(SITE))
    site, api, arabic = (dot(output / "embed" / path) for path in ("dot.svg", "services/api.svg", "services/ar.svg"))
    assert [one.findtext(f"{SVG}title") for one in (site, api)] == ['Major outage: A&P"I <x>'] * 2
    assert arabic.findtext(f"{SVG}title") == "Operational: \u2068خدمة 🚀\u2069"
    drawings = {tuple(part.attrib["d"] for part in one.iter(f"{SVG}path")) for one in (api, arabic)}
    assert len(drawings) == 2
    for one in (site, api, arabic):
        assert one.attrib["role"] == "img"
        for paper in ("#ffffff", "#121416"):
            assert palette.contrast(one.attrib["color"], paper) >= palette.MARK_CONTRAST
    assert not (output / "embed" / "services" / "secret.svg").exists()


def test_a_dot_changes_only_with_the_state(project: MakeProject, run: Run) -> None:
    folder = project(SITE)
    assert run("build", "-C", folder, "--now", NOW).code == 0
    paths = [path for path in (folder / "build").rglob("embed*") if path.is_file()]
    paths += [path for path in (folder / "build" / "embed").rglob("*") if path.is_file()]
    before = {path: path.read_bytes() for path in paths}
    assert run("build", "-C", folder, "--now", LATER).code == 0
    assert {path: path.read_bytes() for path in before} == before
    event = folder / "site-data/events/errors.yaml"
    event.write_text(event.read_text().replace("down", "warning"), encoding="utf-8")
    assert run("build", "-C", folder, "--now", LATER).code == 0
    changed = {path.name for path, data in before.items() if path.read_bytes() != data}
    assert changed == {"dot.svg", "api.svg", "index.html"}


def test_the_script_is_small_plain_and_old_enough(rich: Path) -> None:
    script = (rich / "embed.js").read_bytes()
    assert len(gzip.compress(script)) <= SCRIPT_BYTES
    assert script.isascii(), "the host page may be in any encoding"
    text = script.decode()
    assert TOO_NEW.findall(text) == []
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|DOMParser|cookie", text)
    assert "http://www.w3.org/2000/svg" in text
    # Where else to ask, by the settings, and nothing else.
    known = {"http://www.w3.org", "https://status.nordlicht.example", "https://mirror.nordlicht.example"}
    assert set(re.findall(r"https?://[\w.]+", text)) == known


def test_too_new_a_script_is_seen() -> None:
    for code in ("a?.b", "a ?? b", "try { } catch { }", "a ||= b", "[1].flat()"):
        assert TOO_NEW.search(code), code


def test_the_script_speaks_every_language_of_the_theme(rich: Path) -> None:
    facts = (rich / "embed.js").read_text(encoding="ascii").rpartition("})(")[2]
    for word in ("Dismiss", "Ausblenden", "إخفاء".encode("unicode_escape").decode()):
        assert word in facts


def test_a_theme_may_replace_the_script_and_add_to_the_frames(project: MakeProject) -> None:
    folder = project({
        **SITE,
        "themes/default/embed.js": "// mine\nconsole.log(site.levels);\n",
        "themes/default/embed.css": ".card { border-width: 3px }\n",
        "themes/default/embed.html": '{% extends "parent/embed.html" %}{% block link %}<p>Call us.</p>{% endblock %}',
    })  # fmt: skip
    output = build_at(folder)
    assert (output / "embed.js").read_text().startswith("((site) => {\nconsole.log(site.levels);\n})({")
    assert next(output.glob("assets/embed.*.css")).read_text().endswith(".card{border-width:3px}\n")
    assert "<p>Call us.</p>" in (output / "embed" / "index.html").read_text(encoding="utf-8")


def test_a_broken_icon_of_a_theme_is_told(project: MakeProject, run: Run) -> None:
    folder = project({**SITE, "themes/default/icons/cross.svg": "<svg><path></svg>"})
    done = run("build", "-C", folder, "--now", NOW)
    assert done.code == 1
    assert "icons/cross.svg: mismatched tag" in done.err


def test_embeds_can_be_switched_off(project: MakeProject) -> None:
    output = build_at(project({**SITE, "site-data/site.yaml": "title: X\noutputs: {embeds: false}\n"}))
    assert list(output.rglob("*embed*")) == []
    without_data = build_at(
        project({**SITE, "site-data/site.yaml": "title: X\noutputs: {status-json: false}\n"}, "two")
    )
    for page in frames(without_data):
        (body,) = page.elements("body")
        assert not body.attrib.get("data-status")


def test_every_service_has_one_dot_and_no_more(project: MakeProject) -> None:
    many = {f"site-data/services/s{number}.yaml": f"name: S{number}\n" for number in range(300)}
    output = build_at(project({"site-data/site.yaml": "title: X\n", **many}))
    assert len([*(output / "embed").rglob("*.svg")]) == 301
