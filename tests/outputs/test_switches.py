"""`outputs:` in site.yaml switches each family of files off, and nothing leads to what is not there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

import pagecheck
import pytest
from door import NOW, run_stashgen, write_files
from openapi_spec_validator import OpenAPIV31SpecValidator
from published import Published

from stashgen.model import Family
from stashgen.urls import STASHBOARD, STASHBOARD_ADMIN

URL: Final = "https://example.com/status"
FAMILIES: Final = get_args(Family)
FILES: Final = {
    "site-data/groups/core.yaml": "name: Core\n",
    "site-data/services/api.yaml": "name: API\ngroup: core\nsince: 2026-01-01\n",
    "site-data/services/web.yaml": "name: Web\n",
    "site-data/static/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
    "site-data/events/a.yaml": (
        "title: Errors\nservices: {api: down}\npostmortem: Sorry.\nupdates:\n"
        "  - {at: 2026-11-20T10:00:00Z, message: Gone.}\n"
        "  - {at: 2026-11-20T11:00:00Z, state: resolved, message: Ok.}\n"
    ),
    "site-data/events/b.yaml": (
        "title: Slow\nservices: {web: warning}\nupdates:\n  - {at: 2026-11-23T10:00:00Z, message: Slow.}\n"
    ),
    "site-data/events/c.yaml": (
        "title: Upgrade\nkind: maintenance\nservices: [web]\n"
        "planned: {start: 2026-11-30T08:00:00Z, end: 2026-11-30T09:00:00Z}\nupdates:\n"
        "  - {at: 2026-11-20T10:00:00Z, message: We upgrade.}\n"
    ),
}
# An address of the site's own, as far as it goes in any text; one with a hole in it is a template.
OWN: Final = re.compile(re.escape(URL) + r"(?:/[^\s\"'<>()\\`,;]*)?")
LISTS: Final = ("api/index.json", "openapi.json", "stashgen-manifest.json")  # which have tests of their own
TEXTS: Final = frozenset({".atom", ".html", ".ics", ".js", ".json", ".md", ".rss", ".svg", ".txt", ".xml"})


def built(folder: Path, off: tuple[str, ...]) -> Published:
    """Build the site without some families."""
    outputs = "".join(f"  {family}: false\n" for family in off)
    settings = f"title: T\nurl: {URL}\nlogo: logo.svg\nfavicon: logo.svg\n" + (f"outputs:\n{outputs}" if off else "")
    write_files(folder, {**FILES, "site-data/site.yaml": settings})
    result = run_stashgen("build", "--strict", "--now", NOW, cwd=folder)
    assert result.code == 0, result.err
    return Published(folder / "build")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Return the site with everything on."""
    return built(tmp_path_factory.mktemp("whole"), ())


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    """Return each family."""
    return str(request.param)


@pytest.fixture(scope="module")
def site(family: str, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Return the site without that family."""
    return built(tmp_path_factory.mktemp("site"), (family,))


def named(path: str) -> str:
    """Return a path without the hash in an asset's name: scripts are told which files there are."""
    return re.sub(r"^(assets/.+)\.[0-9a-f]{10}(\.\w+)$", r"\1\2", path)


def test_only_its_own_files_are_gone(family: str, site: Published, whole: Published) -> None:
    gone = set(whole.files) - set(site.files)
    own = {kind.entry["schema"] for kind in whole.kinds if kind.family == family}
    known = {path: {kind.family for kind in whole.kinds_of(path)} for path in gone if path not in own}
    # Frames are pages too, and without pages there is nothing to keep.
    along = {"embeds", "offline"} if family == "pages" else set()
    assert {path: families for path, families in known.items() if families - {family} - along} == {}
    assert {named(path) for path in site.files} <= {named(path) for path in whole.files}
    still = [path for path in site.files if {kind.family for kind in whole.kinds_of(path)} == {family}]
    assert still == []


def test_no_page_links_to_what_is_not_there(site: Published) -> None:
    assert pagecheck.broken_links(site.root, pagecheck.pages(site.root), URL) == []


def own_addresses(site: Published) -> Iterator[tuple[str, str]]:
    """Yield (file, path below the site's URL) for every address of the site's own in a text of its own."""
    for path in site.files:
        if Path(path).suffix in TEXTS and path not in LISTS:
            text = (site.root / path).read_text(encoding="utf-8")
            if path.endswith(".ics"):
                text = text.replace("\r\n ", "")
            for match in OWN.finditer(text):
                yield path, match[0].removeprefix(URL).partition("#")[0].partition("?")[0].strip("/").rstrip(".")


def addresses(site: Published) -> set[str]:
    """Return what a site answers to, below its URL: files, folders, and Stashboard's names without suffix."""
    pages = {re.sub(r"(^|/)index\.html$", "", path).strip("/") for path in site.files}
    bare = {path.removesuffix(".json") for path in site.files if path.startswith((STASHBOARD, STASHBOARD_ADMIN))}
    return {*site.files, "", *pages, *bare}


def test_no_file_names_an_address_that_is_not_there(family: str, site: Published, whole: Published) -> None:
    # An event's address is that of its page, also where the pages are published elsewhere.
    there = addresses(whole if family == "pages" else site)
    dead = {(path, address) for path, address in own_addresses(site) if "{" not in address and address not in there}
    assert dead == set()


def test_without_pages_crawlers_are_sent_to_none(tmp_path: Path) -> None:
    site = built(tmp_path / "site", ("pages",))
    assert [path for path in site.files if path.startswith("sitemap")] == []
    assert "sitemap" not in (site.root / "robots.txt").read_text(encoding="utf-8").lower()


def paths(value: Any, key: str = "") -> Iterator[str]:
    """Yield every path of a file in a JSON document of ours."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from paths(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from paths(one, key)
    elif key in ("path", "feeds", "calendars", "badges") and isinstance(value, str):
        yield value


def test_no_path_in_our_own_files_leads_to_what_is_not_there(site: Published) -> None:
    told = {
        (file, path.partition("#")[0])
        for file in site.files
        if re.fullmatch(r"status\.json|(services|events)/[^/]+\.json", file)
        for path in paths(site.read(file))
    }
    assert {(file, path) for file, path in told if path not in site.files} == set()


def test_index_and_description_speak_of_what_is_there(family: str, site: Published, whole: Published) -> None:
    if family == "api-description":
        assert [path for path in site.files if path.startswith(("api/index", "openapi", "schemas/"))] == []
        return
    OpenAPIV31SpecValidator(site.described).validate()
    assert {one["name"] for one in site.index["families"]} == {one["name"] for one in whole.index["families"]} - {
        family
    }
    assert family not in {item["get"]["tags"][0] for item in site.described["paths"].values()}
    assert {path for kind in site.kinds if (path := kind.entry["schema"])} == site.schemas.keys()
    assert [*site.mistakes()] == []


def test_everything_can_be_switched_off(tmp_path: Path) -> None:
    site = built(tmp_path / "site", FAMILIES)
    assert site.files == []


def test_only_data_are_enough(tmp_path: Path) -> None:
    site = built(tmp_path / "site", tuple(one for one in FAMILIES if one not in ("status-json", "service-json")))
    assert set(site.files) == {"services/api.json", "services/web.json", "status.json", "stashgen-manifest.json"}
    assert site.read("services/api.json")["path"] is None
    assert site.read("services/api.json")["files"] == {"feeds": [], "calendars": [], "badges": []}


def test_a_family_comes_back(tmp_path: Path) -> None:
    built(tmp_path / "site", ("service-json",))
    assert json.loads((built(tmp_path / "site", ()).root / "services/api.json").read_text())["id"] == "api"
