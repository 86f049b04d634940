"""stashgen compare through the front door: what the working files change, for people, comments and programs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from door import Run, git, write_files
from hostile_words import HOSTILE
from markdown import markdown
from news_site import EVENT, LATER, OPENED, RESOLVED, SITE, committed, repository


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return repository(tmp_path / "my page \u05d0", {**SITE, EVENT: OPENED})


def compared(invoke: Run, folder: Path, *options: str) -> str:
    result = invoke("compare", "-C", folder, "--now", LATER, *options)
    assert (result.code, result.err) == (0, "")
    return result.out


def as_json(invoke: Run, folder: Path, *options: str) -> Any:
    return json.loads(compared(invoke, folder, "--format", "json", *options))


def test_nothing_changes(site: Path, invoke: Run) -> None:
    assert compared(invoke, site) == "Nothing changes on the page: Major outage: API\n"
    write_files(site, {EVENT: f"# found by hand\n{OPENED}", "README.md": "Mine.\n"})
    assert compared(invoke, site, "--format", "markdown") == "Nothing changes on the page: `Major outage: API`\n"
    assert as_json(invoke, site)["is_same"]


def test_what_changes_is_said_in_order(site: Path, invoke: Run) -> None:
    write_files(
        site,
        {
            EVENT: OPENED + RESOLVED,
            "site-data/site.yaml": SITE["site-data/site.yaml"] + "description: All of it.\n",
            "site-data/services/mail.yaml": "name: Mail\n",
            "site-data/services/api.yaml": "name: The API\ngroup: core\n",
            "site-data/static/logo.svg": "<svg/>",
            "themes/default/style.css": "body { color: red; }\n",
            "site-data/events/broken.yaml": "title: Broken\n",
        },
    )
    (site / "site-data/services/web.yaml").unlink()
    missing = (
        "updates: is missing: The timeline, oldest first; always the last key, so that an update is appended text."
    )
    expected = f"""\
The page says: Major outage: API → All services operational
Problems:
  error, and left out: site-data/events/broken.yaml:1: {missing}
Services:
  Mail: not on the page → Operational
  The API: Major outage → Operational
  Web site: Operational → not on the page
News that subscribers are told:
  [Resolved] API errors · The API: Back to normal.
Files of site-data:
  site.yaml (description)
  service changed: The API (name)
  service added: Mail
  service removed: Web site
  incident changed: API errors (updates)
Other files:
  static/logo.svg
  themes/default
"""
    assert compared(invoke, site) == expected
    assert compared(invoke, committed(site), "HEAD~1") == expected
    assert "Nothing changes" in compared(invoke, site)


def test_programs_get_all_of_it(site: Path, invoke: Run) -> None:
    write_files(site, {EVENT: OPENED.replace("a third", "half") + RESOLVED})
    told = as_json(invoke, site)
    assert told["commit"] == git(site, "rev-parse", "HEAD").strip()
    assert (told["before"]["level"], told["after"]["level"], told["is_same"]) == ("CRITICAL", "NORMAL", False)
    assert told["statuses"] == [{"id": "api", "name": "API", "before": "Major outage", "after": "Operational"}]
    assert told["news"] == [{"event": "api-errors", "title": "[Resolved] API errors · API", "text": "Back to normal."}]
    write_files(site, {EVENT: OPENED.replace("a third", "half")})
    assert [(one["id"], one["fields"]) for one in as_json(invoke, site)["records"]] == [("api-errors", ["message"])]


def test_work_tree_and_index_are_left_alone(site: Path, invoke: Run) -> None:
    write_files(site, {EVENT: OPENED + RESOLVED, "site-data/services/mail.yaml": "name: Mail\n"})
    git(site, "add", EVENT)
    before = (git(site, "status", "--porcelain"), (site / ".git/index").read_bytes(), git(site, "for-each-ref"))
    compared(invoke, site)
    assert (git(site, "status", "--porcelain"), (site / ".git/index").read_bytes(), git(site, "for-each-ref")) == before


def test_a_new_page_and_a_folder_of_a_bigger_repository(tmp_path: Path, invoke: Run) -> None:
    top = repository(tmp_path / "top", {"README.md": "Ours.\n"})
    write_files(top / "status", SITE)
    assert compared(invoke, top / "status").splitlines()[0] == "The page is new: All services operational"
    committed(top)
    write_files(top / "status", {EVENT: OPENED})
    assert (
        compared(invoke, top / "status").splitlines()[0]
        == "The page says: All services operational → Major outage: API"
    )


def test_what_cannot_be_compared_is_said_with_the_remedy(site: Path, invoke: Run, tmp_path: Path) -> None:
    committed(site, {EVENT: OPENED + RESOLVED})
    git(tmp_path, "clone", "--quiet", "--depth=1", site.as_uri(), "shallow")
    for folder, ref, words in (
        (tmp_path / "shallow", "HEAD~1", "is not in this shallow clone: `git fetch --unshallow` brings it"),
        (site, "--upload-pack=x", "there is no commit '--upload-pack=x' in this repository"),
        (write_files(tmp_path / "alone", SITE), "HEAD", "is in no git repository: there is no earlier state of it"),
    ):
        result = invoke("compare", "-C", folder, "--", ref)
        assert result.code == 1
        assert words in result.err


def test_a_broken_theme_and_settings_are_problems_too(site: Path, invoke: Run) -> None:
    write_files(site, {"site-data/site.yaml": "title: Acme\ntheme: mine\nlanguage: xx\n"})
    told = as_json(invoke, site)
    assert [problem["field"] for problem in told["problems"]] == ["theme"]
    write_files(site, {"site-data/site.yaml": "titel: Acme\n"})
    assert "site-data/site.yaml:1: titel" in compared(invoke, site)


def test_links_of_a_commit_lead_nowhere_outside(site: Path, invoke: Run) -> None:
    (site / "site-data/services/secret.yaml").symlink_to("/etc/passwd")
    (site / "site-data/static").symlink_to("/etc")
    committed(site)
    (site / "site-data/services/secret.yaml").unlink()
    (site / "site-data/static").unlink()
    told = as_json(invoke, site)
    assert "root:" not in json.dumps(told)
    assert not [path for path in told["files"] if "passwd" in path]


@pytest.mark.parametrize(
    "words",
    [
        "`<b>x</b>`",
        "``a`` ```",
        "| @all #1 !2",
        "https://evil.example [x](y)",
        "<!-- -->",
        "\\`",
        "$x$ ~~y~~",
        "\u202eabc\u2066",
        *HOSTILE,
    ],
)
def test_markdown_is_safe_whatever_is_in_the_files(tmp_path: Path, invoke: Run, words: str) -> None:
    folder = repository(tmp_path / "site", {key: value for key, value in SITE.items() if "notif" not in key})
    line = json.dumps(" ".join(words.split()) or "x")
    update = f"{{at: 2026-11-23T10:02:00Z, message: {line}}}"
    write_files(folder, {
        "site-data/services/mail.yaml": f"name: {line}\n",
        EVENT: f"title: {line}\nservices: {{mail: down}}\nupdates:\n  - {update}\n",
        "site-data/events/x.yaml": f"title: {line}\n",
    })  # fmt: skip
    result = invoke("compare", "-C", folder, "--now", LATER, "--format", "markdown")
    assert result.code == 0
    html = markdown(result.out, extensions=["extra", "sane_lists"])
    assert set(re.findall(r"<(/?[a-z0-9]+)[^>]*>", html)) <= {
        "p",
        "/p",
        "strong",
        "/strong",
        "ul",
        "/ul",
        "li",
        "/li",
        "code",
        "/code",
    }
    outside = re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)
    assert not re.search(r"[@#\[\]|`]|://|&lt;", outside), outside
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", result.out)


def test_a_flood_is_bounded(tmp_path: Path, invoke: Run) -> None:
    folder = repository(tmp_path / "site")
    long = "x" * 5000
    flood = {f"site-data/services/s{number}.yaml": f"name: {long}{number}\n" for number in range(300)}
    flood |= {f"site-data/events/e{number}.yaml": OPENED.replace("API errors", long) for number in range(300)}
    flood |= {f"site-data/events/b{number}.yaml": f"{long}: 1\n" for number in range(300)}
    write_files(folder, flood)
    told = compared(invoke, folder, "--format", "markdown")
    assert len(told) < 40_000
    write_files(
        folder, {path: text.replace("x" * 5000, "`" * 5000) for path, text in flood.items() if "/b" not in path}
    )
    assert len(compared(invoke, folder, "--format", "markdown")) < 40_000
    assert re.findall(r"^- and ([\d,]+) more$", told, re.MULTILINE)[1:] == ["281", "280", "580"]


def test_news_is_what_notify_would_tell(site: Path, invoke: Run) -> None:
    (site / EVENT).rename(site / EVENT.replace("api-errors", "api-down"))
    old = OPENED.replace("2026-11-23", "2026-11-19").replace("api: down", "web: down")
    write_files(site, {"site-data/events/forgotten.yaml": old + RESOLVED.replace("2026-11-23", "2026-11-19")})
    told = as_json(invoke, site)
    assert told["news"] == [], "a renamed file tells nothing, and what is older than two days neither"
    assert [(one["id"], one["what"]) for one in told["records"]] == [
        ("forgotten", "added"), ("api-down", "added"), ("api-errors", "removed"),
    ]  # fmt: skip


def test_what_cannot_be_published_is_said_first(site: Path, invoke: Run) -> None:
    write_files(site, {"site-data/site.yaml": "title: [\n", EVENT: OPENED + RESOLVED})
    lines = compared(invoke, site).splitlines()
    assert lines[0].startswith(
        "The page stays as it is, and nothing of this can be published: site-data/site.yaml says"
    )
    assert lines[1:3] == ["Problems:", lines[2]]
    assert lines[2].startswith("  error: site-data/site.yaml:1: ")
    assert len(lines) == 3
    assert "which page this is" in as_json(invoke, site)["obstacle"]
