"""The files for when the host is away: who gets them, what is in them, and when they change."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from door import NOW, MakeProject, Run
from pagecheck import pages
from rich_site import LANGUAGES, build_at, copy_rich
from webservers import program

WORKER_BYTES: Final = 2700
AWAY_BYTES: Final = 2400
URL: Final = "https://example.com/status"
MIRROR: Final = "https://mirror.example.org/"
SITE: Final = {
    "site-data/site.yaml": f"title: X\nurl: {URL}\nmirrors: ['{MIRROR}', '{URL}/']\n",
    "site-data/services/api.yaml": "name: API\n",
}
OFF: Final = "outputs: {offline: false}\n"


def facts(script: Path) -> dict[str, Any]:
    """Return what a script is called with."""
    called = re.search(r"\}\)\((\{.*\})\);\n$", script.read_text(encoding="utf-8"))
    assert called
    found: dict[str, Any] = json.loads(called[1])
    return found


def away(output: Path) -> list[Path]:
    """Return the script for when the host is away, if the site has it."""
    return [*output.glob("assets/away.*.js")]


def test_pages_and_scripts_know_every_place_once(project: MakeProject) -> None:
    output = build_at(project(SITE))
    (script,) = away(output)
    assert facts(script)["places"] == facts(output / "embed.js")["places"] == [f"{URL}/", MIRROR]
    for path, page in pages(output).items():
        shown = [link.attrib["href"] for link in page.elements("a") if MIRROR in link.attrib["href"]]
        below = "" if path in ("404.html", "offline.html") else path.removesuffix("index.html")
        is_frame = path.startswith("embed/")
        assert shown == ([] if is_frame else [MIRROR + below]), path
        scripts = [one.attrib["src"].rpartition("/")[2] for one in page.elements("script")]
        assert script.name in scripts, path


def test_a_site_with_one_place_has_no_list(project: MakeProject) -> None:
    output = build_at(project({**SITE, "site-data/site.yaml": f"title: X\nurl: {URL}\n"}))
    assert "Published at" not in (output / "index.html").read_text(encoding="utf-8")
    assert script_names(output, "embed/index.html") == ["app"]
    assert facts(output / "embed.js")["places"] == []


def script_names(output: Path, path: str) -> list[str]:
    """Return the scripts of a page by their names without hash."""
    page = pages(output)[path]
    return [one.attrib["src"].rpartition("/")[2].partition(".")[0] for one in page.elements("script")]


def test_each_goes_without_the_other(project: MakeProject) -> None:
    mirrors = build_at(project({**SITE, "site-data/site.yaml": SITE["site-data/site.yaml"] + OFF}, "mirrors"))
    assert facts(away(mirrors)[0])["worker"] == ""
    assert not (mirrors / "sw.js").exists()
    assert not (mirrors / "offline.html").exists()
    neither = build_at(project({**SITE, "site-data/site.yaml": f"title: X\nurl: {URL}\n{OFF}"}, "neither"))
    assert away(neither) == []
    assert script_names(neither, "index.html") == ["app"]
    nowhere = build_at(project({**SITE, "site-data/site.yaml": f"title: X\nmirrors: ['{MIRROR}']\n"}, "nowhere"))
    assert facts(away(nowhere)[0])["places"] == []
    assert MIRROR in (nowhere / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_worker_speaks_the_language_of_the_page(language: str, tmp_path: Path) -> None:
    output = build_at(copy_rich(tmp_path / "site", language))
    worker = output / "sw.js"
    told = facts(worker)
    assert told["language"] == ("en-GB" if language == "en" else language)
    assert {"{here}", "{at}"} <= set(re.findall(r"\{\w+\}", told["words"]["kept"]))
    assert told["first"] == ["", "offline.html", "status.json"]
    assert len(gzip.compress(worker.read_bytes())) <= WORKER_BYTES
    assert [len(gzip.compress(script.read_bytes())) <= AWAY_BYTES for script in away(output)] == [True]
    for script in (worker, *away(output)):
        subprocess.run([program("node", "nodejs"), "--check", script], check=True)


def test_nothing_of_it_moves_with_the_state(project: MakeProject, run: Run) -> None:
    folder = project(SITE)
    assert run("build", "-C", folder, "--now", NOW).code == 0
    files = [folder / "build" / "sw.js", folder / "build" / "offline.html", *away(folder / "build")]
    before = [file.read_bytes() for file in files]
    event = "title: Down\nservices: {api: down}\nupdates: [{at: 2026-11-23T10:00:00Z, message: x}]\n"
    (folder / "site-data/events").mkdir()
    (folder / "site-data/events/down.yaml").write_text(event, encoding="utf-8")
    assert run("build", "-C", folder, "--now", "2026-11-23T10:31:00Z").code == 0
    assert [file.read_bytes() for file in files] == before


def test_a_theme_may_replace_them(project: MakeProject, run: Run) -> None:
    own = {
        "themes/default/sw.js": "console.log(site.first);\n",
        "themes/default/away.js": "console.log(site.places);\n",
    }
    output = build_at(project({**SITE, **own}))
    assert (output / "sw.js").read_text(encoding="utf-8").startswith("((site) => {\nconsole.log(site.first);\n})({")
    assert "console.log(site.places)" in away(output)[0].read_text(encoding="utf-8")
    bare = project({
        **SITE, "site-data/site.yaml": f"title: X\nurl: {URL}\ntheme: bare\noutputs: {{embeds: false, pages: true}}\n",
        "themes/bare/theme.yaml": "palette: {}\n",
    }, "bare")  # fmt: skip
    done = run("build", "-C", bare, "--now", NOW)
    assert done.code == 1
    assert "Traceback" not in done.err
