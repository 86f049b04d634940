"""What stands where a service or a group was before it got another id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from door import NOW, BuildOnce, MakeProject, Run
from html5lib import HTMLParser
from test_host_files import redirects

SITE: Final = {
    "site-data/site.yaml": "title: T\nurl: https://example.com/status\n",
    "site-data/groups/middle.yaml": "name: Middle\naliases: [core]\n",
    "site-data/services/api-2.yaml": "name: API <2>\ngroup: middle\naliases: [api, backend, api-2]\n",
    "site-data/services/web.yaml": "name: Web\n",
    "site-data/services/secret.yaml": "name: Secret\nhidden: true\naliases: [hush]\n",
    "site-data/events/x.yaml": (
        "title: X\nservices: {api-2: down}\nupdates:\n- at: 2026-11-20T10:00:00Z\n  message: M\n"
    ),
}


@pytest.fixture(scope="module")
def site(build_once: BuildOnce) -> Path:
    return build_once(SITE)


def test_every_file_of_a_service_has_a_twin_under_each_former_id(site: Path) -> None:
    paths = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    of_it = {path for path in paths if "/api-2/" in path or "/api-2." in path}
    assert {"services/api-2/index.html", "services/api-2.json", "badges/services/api-2/status.svg"} <= of_it
    for former in ("api", "backend"):
        assert {path.replace("/api-2", f"/{former}", 1) for path in of_it} <= paths
    assert not any("hush" in path or "secret" in path for path in paths)


def test_data_under_a_former_id_is_the_same(site: Path) -> None:
    for path in ("services/{}.json", "badges/services/{}/status.svg", "api/v1/services/{}.json", "api/{}/uptime.json"):
        assert (site / path.format("api")).read_bytes() == (site / path.format("api-2")).read_bytes()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("services/api", "services/api-2"),
        ("services/backend", "services/api-2"),
        ("services/api/2026/11", "services/api-2/2026/11"),
        ("groups/core", "groups/middle"),
    ],
)
def test_a_page_leads_to_the_new_one_without_a_host(site: Path, old: str, new: str) -> None:
    page = site / old / "index.html"
    parser = HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(page.read_bytes())
    link = tree.find(".//body//a")
    assert link is not None
    assert (page.parent / link.attrib["href"]).resolve() == (site / new / "index.html").resolve()
    refresh = next(one.attrib["content"] for one in tree.iter("meta") if one.attrib.get("http-equiv") == "refresh")
    assert refresh == f"0; url={link.attrib['href']}"
    canonical = next(one.attrib["href"] for one in tree.iter("link"))
    assert canonical == f"https://example.com/status/{new}/"


def test_hosts_are_told_where_pages_have_moved(site: Path) -> None:
    lines = redirects(site)
    for url in ("/services/api/", "/services/api", "/groups/core/"):
        target = next(target for line in lines if line.status == 301 and (target := line.match(url)))
        assert target == url.replace("services/api", "services/api-2").replace("core", "middle").rstrip("/") + "/"
    assert r"services/backend/" in (site / "hosts/nginx.conf").read_text()


def test_former_ids_stand_in_no_list(site: Path) -> None:
    listed = (site / "sitemap.xml").read_text() + (site / "status.json").read_text()
    assert "/api/" not in listed
    assert "backend" not in listed


def test_what_programs_know_it_by_stays_the_same(project: MakeProject, invoke: Run, site: Path) -> None:
    before = project({
        "site-data/site.yaml": SITE["site-data/site.yaml"], "site-data/services/api.yaml": "name: API <2>\n",
        "site-data/events/x.yaml": SITE["site-data/events/x.yaml"].replace("api-2", "api"),
    })  # fmt: skip
    assert invoke("build", "-C", before, "--now", NOW).code == 0
    ids = [
        {one["name"]: one["id"] for one in json.loads((folder / "api/v2/components.json").read_text())["components"]}
        for folder in (before / "build", site)
    ]
    assert ids[0]["API <2>"] == ids[1]["API <2>"]
    posts = [
        [one["sid"] for one in json.loads((folder / f"api/v1/services/{name}/events.json").read_text())["events"]]
        for folder, name in ((before / "build", "api"), (site, "api-2"))
    ]
    assert posts[0] == posts[1] != []
