"""`stashgen embed`: snippets that can be pasted as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import html5lib
import markdown
import pytest
from door import NOW, MakeProject, Run

URL: Final = "https://example.com/status"
SITE: Final = {
    "site-data/site.yaml": f'title: Tom & "Jerry\'s" <status> [x]\nurl: {URL}/\n',
    "site-data/groups/core.yaml": "name: Core\n",
    "site-data/services/api.yaml": "name: A*P*I & <b>\ngroup: core\n",
    "site-data/services/web.yaml": "name: Web\n",
    "site-data/services/secret.yaml": "name: Secret\nhidden: true\n",
}
ADDRESSES: Final = ("src", "href")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(html)
    return parser.found


def addresses(html: str) -> Iterator[str]:
    for _, attributes in tags(html):
        yield from (value for name in ADDRESSES if (value := attributes.get(name)))


@pytest.fixture
def folder(project: MakeProject) -> Path:
    return project(SITE)


def test_everything_is_printed_below_a_comment(run: Run, folder: Path) -> None:
    done = run("embed", "-C", folder)
    assert (done.code, done.err) == (0, "")
    assert re.findall(r"^<!-- (\w+): .+ -->$", done.out, re.MULTILINE) == ["script", "frame", "compact", "dot", "badge"]
    html5lib.HTMLParser(strict=True).parseFragment(re.sub(r"^\[.*\n", "", done.out, flags=re.MULTILINE))
    assert {address.removeprefix(URL) for address in addresses(done.out)} == {
        "/embed.js", "/embed/", "/embed/compact/", "/embed/dot.svg", "/badges/status.svg", "/",
    }  # fmt: skip


def test_every_address_but_the_badges_is_in_the_build(run: Run, folder: Path) -> None:
    done = run("embed", "-C", folder, "--service", "api", "--service", "web")
    assert run("build", "-C", folder, "--now", NOW).code == 0
    for printed in (done.out, run("embed", "-C", folder).out):
        for address in addresses(printed):
            path = address.removeprefix(f"{URL}/")
            if not path.startswith("badges/"):
                file = folder / "build" / path
                assert (file / "index.html" if file.is_dir() else file).is_file(), address


def test_one_kind_stands_alone(run: Run, folder: Path) -> None:
    assert run("embed", "-C", folder, "--kind", "script").out == f'<script src="{URL}/embed.js" defer></script>\n'
    several = run("embed", "-C", folder, "--kind", "script", "--service", "api", "--service", "web", "--group", "core")
    assert tags(several.out) == [
        ("script", {"src": f"{URL}/embed.js", "data-services": "api,web", "data-groups": "core", "defer": None})
    ]
    ((_, frame),) = tags(run("embed", "-C", folder, "--kind", "frame").out)
    assert frame["title"] == 'Service status: Tom & "Jerry\'s" <status> [x]'


def test_a_group_has_a_live_dot(run: Run, folder: Path) -> None:
    ((name, attributes),) = tags(run("embed", "-C", folder, "--kind", "dot", "--group", "core").out)
    assert (name, attributes["data-kind"], attributes["data-groups"]) == ("script", "dot", "core")


def test_names_survive_html_and_markdown(run: Run, folder: Path) -> None:
    line, html = run("embed", "-C", folder, "--kind", "badge", "--service", "api").out.splitlines()
    for text in (markdown.markdown(line), html):
        (image,) = [attributes for tag, attributes in tags(text) if tag == "img"]
        assert image["alt"] == "Service status: A*P*I & <b>"
        assert image["src"] == f"{URL}/badges/services/api/status.svg"
    whole = run("embed", "-C", folder, "--kind", "badge").out.splitlines()[0]
    (image,) = [attributes for tag, attributes in tags(markdown.markdown(whole)) if tag == "img"]
    assert image["alt"] == 'Service status: Tom & "Jerry\'s" <status> [x]'


def test_words_are_those_of_the_page(run: Run, project: MakeProject) -> None:
    folder = project({**SITE, "site-data/site.yaml": f"title: Stand\nurl: {URL}\nlanguage: de\n"}, "german")
    ((_, frame),) = tags(run("embed", "-C", folder, "--kind", "compact").out)
    assert frame["title"] == "Stand der Dienste: Stand"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--service", "apii"], "there is no service `apii` (did you mean `api`?)"),
        (["--service", "secret"], "there is no service `secret`: there are api, web"),
        (["--group", "xyz"], "there is no group `xyz`: there are core"),
        (["--kind", "frame", "--group", "core"], "there is no frame of this: leave --service and --group out"),
        (["--kind", "badge", "--group", "core"], "there is no badge of this: name its services"),
        (["--kind", "bagde"], "'bagde' is not one of"),
    ],
)
def test_wrong_usage_is_told(run: Run, folder: Path, args: list[str], message: str) -> None:
    done = run("embed", "-C", folder, *args)
    assert (done.code, done.out) == (2, "")
    assert message in " ".join(done.err.split())


def test_a_site_without_address_is_told_what_to_do(run: Run, project: MakeProject) -> None:
    folder = project({"site-data/site.yaml": "title: X\n", "site-data/services/api.yaml": "name: API\n"}, "nowhere")
    done = run("embed", "-C", folder)
    assert (done.code, done.out) == (1, "")
    assert "site-data/site.yaml: url: is missing" in done.err
    assert "`url: https://status.example.com`" in done.err


def test_what_is_switched_off_is_not_printed(run: Run, project: MakeProject) -> None:
    settings = f"title: X\nurl: {URL}\noutputs: {{embeds: false}}\n"
    folder = project({**SITE, "site-data/site.yaml": settings}, "off")
    assert re.findall(r"<!-- (\w+):", run("embed", "-C", folder).out) == ["badge"]
    done = run("embed", "-C", folder, "--kind", "dot")
    assert (done.code, done.out) == (1, "")
    assert "switches off what a dot needs: embeds" in done.err
    folder = project({**SITE, "site-data/site.yaml": settings.replace("false}", "false, badges: false}")}, "all-off")
    assert run("embed", "-C", folder).code == 1


def test_problems_in_the_data_are_told(run: Run, project: MakeProject) -> None:
    folder = project({**SITE, "site-data/services/bad.yaml": "nam: X\n"}, "bad")
    done = run("embed", "-C", folder)
    assert (done.code, done.out) == (1, "")
    assert "site-data/services/bad.yaml:1" in done.err
