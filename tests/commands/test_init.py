"""stashgen init: one step to a site that works, and nobody's file is lost."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from door import NOW, Run, write_files

from stashgen import __version__
from stashgen.scaffold.hosts import CODE_HOSTS, HOSTS, Host

GITHUB = {
    ".github/ISSUE_TEMPLATE/incident.yml",
    ".github/dependabot.yml",
    ".github/workflows/status-change.yml",
    ".github/workflows/status-check.yml",
    ".github/workflows/status-comment.yml",
    ".github/workflows/status-issue.yml",
    ".github/workflows/status-page.yml",
}
SITE = {
    ".gitignore",
    ".stashgen/requirements.txt",
    ".stashgen/schemas/automation.schema.json",
    ".stashgen/schemas/event.schema.json",
    ".stashgen/schemas/group.schema.json",
    ".stashgen/schemas/notifications.schema.json",
    ".stashgen/schemas/service.schema.json",
    ".stashgen/schemas/site.schema.json",
    ".stashgen/schemas/status.schema.json",
    ".stashgen/schemas/template.schema.json",
    "README.md",
    "site-data/events/2026/2026-11-17-slow-responses-from-the-api.yaml",
    "site-data/groups/platform.yaml",
    "site-data/services/api.yaml",
    "site-data/services/sign-in.yaml",
    "site-data/services/website.yaml",
    "site-data/site.yaml",
    "site-data/static/logo.svg",
}
FILES = SITE | GITHUB


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def site(tmp_path: Path, invoke: Run) -> Path:
    result = invoke("init", "my status", "--now", NOW)
    assert (result.code, result.err) == (0, "")
    return tmp_path / "my status"


def test_it_writes_a_site_that_checks_and_builds(site: Path, invoke: Run) -> None:
    assert tree(site) == FILES
    checked = invoke("check", "--strict", "--now", NOW, cwd=site)
    assert (checked.code, checked.out) == (0, "All is well: 3 services, 1 event.\n")
    built = invoke("build", "--strict", "--now", NOW, cwd=site)
    assert built.code == 0, built.err
    page = (site / "build" / "index.html").read_text()
    assert "All services operational" in page
    assert "Slow responses from the API" in page


def test_what_it_prints_can_be_typed(tmp_path: Path, run: Run) -> None:
    result = run("init", "my status", "--now", NOW)
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[:2] == ["Wrote a status page into my status: 25 files.", "Next:"]
    commands = [line.partition("#")[0].strip() for line in lines[2 : lines.index("")]]
    assert commands == ["cd 'my status'", "stashgen serve", "stashgen build"]
    shell = " && ".join([commands[0], "pwd"])
    done = subprocess.run(["sh", "-c", shell], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(tmp_path / "my status")


def test_here_is_the_default(tmp_path: Path, invoke: Run) -> None:
    result = invoke("init", "--now", NOW)
    assert result.code == 0
    assert "cd " not in result.out
    assert tree(tmp_path) == FILES


def test_every_record_names_a_schema_that_is_there_and_fits(site: Path) -> None:
    records = sorted((site / "site-data").rglob("*.yaml"))
    assert len(records) == 6
    for path in records:
        found = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text())
        assert found, path
        schema = (path.parent / found[1]).resolve()
        kind = {"site-data": "site", "groups": "group", "services": "service"}.get(path.parent.name, "event")
        assert schema == (site / ".stashgen" / "schemas" / f"{kind}.schema.json").resolve()
        fields = yaml.load(path.read_text(), yaml.BaseLoader)
        assert fields.keys() <= json.loads(schema.read_text())["properties"].keys()


def test_the_incident_is_past_at_any_time_of_the_year(tmp_path: Path, invoke: Run) -> None:
    for now in ("2024-02-29T00:00:01Z", "2026-01-02T23:59:59Z", "2026-03-29T01:30:00Z"):
        assert invoke("init", now[:10], "--now", now).code == 0
        folder = tmp_path / now[:10]
        (event,) = (folder / "site-data" / "events").glob("*/*.yaml")
        day = dt.date.fromisoformat(event.name[:10])
        assert event.parent.name == str(day.year)
        assert dt.date.fromisoformat(now[:10]) - day == dt.timedelta(days=6)
        assert invoke("check", "--strict", "--now", now, cwd=folder).code == 0


def test_the_version_stands_in_one_place_and_actions_are_pinned_to_commits(site: Path) -> None:
    assert f"stashgen=={__version__}\n" in (site / ".stashgen/requirements.txt").read_text()
    ours = [path for path in [site / "README.md", *(site / ".github").rglob("*")] if path.is_file()]
    assert [path.name for path in ours if __version__ in re.sub(r"@[0-9a-f]{40} # .*", "", path.read_text())] == []
    workflows = [yaml.load(path.read_text(), yaml.BaseLoader) for path in (site / ".github/workflows").iterdir()]
    steps = [step for one in workflows for job in one["jobs"].values() for step in job["steps"]]
    assert all(re.fullmatch(r"actions/[a-z/-]+@[0-9a-f]{40}", step["uses"]) for step in steps if "uses" in step)
    installs = {step["run"] for step in steps if "pip install" in step.get("run", "")}
    pinned = "python -m pip install --requirement .stashgen/requirements.txt"
    assert installs == {pinned, f'{pinned} "stashgen[notify]"'}


@pytest.mark.parametrize(
    "there",
    [
        "site-data/site.yaml",
        "site-data/events/2020/old.yaml",
        ".github/workflows/status-page.yml",
        ".stashgen/schemas/event.schema.json",
    ],
)
def test_with_a_file_in_the_way_nothing_is_written(tmp_path: Path, invoke: Run, there: str) -> None:
    write_files(tmp_path, {there: "mine", "other.txt": "mine too"})
    result = invoke("init")
    assert result.code == 1
    shown = "site-data/" if there.startswith("site-data/") else there
    assert result.err == f"error: .: nothing was written, because this is there already:\n  {shown}\n"
    assert tree(tmp_path) == {there, "other.txt"}
    assert (tmp_path / there).read_text() == "mine"


def test_it_joins_a_git_repository_and_keeps_what_is_there(tmp_path: Path, invoke: Run) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    write_files(tmp_path, {"README.md": "# Ours\n", ".gitignore": "*.log\n", "src/app.py": "", "site-data/.keep": ""})
    (tmp_path / "site-data" / ".keep").unlink()
    result = invoke("init", "--now", NOW)
    assert result.code == 0
    assert "Kept your own .gitignore; add the line /build/ to it.\nKept your own README.md.\n" in result.out
    assert (tmp_path / "README.md").read_text() == "# Ours\n"
    assert (tmp_path / ".gitignore").read_text() == "*.log\n"
    assert tree(tmp_path) >= FILES


def test_what_is_built_is_not_committed(site: Path, invoke: Run) -> None:
    subprocess.run(["git", "init", "-q", str(site)], check=True)
    invoke("build", "--now", NOW, cwd=site)
    listed = subprocess.run(
        ["git", "status", "--porcelain", "-uall"], cwd=site, capture_output=True, text=True, check=True
    )
    assert {line[3:].strip('"') for line in listed.stdout.splitlines()} == FILES


def test_a_file_cannot_become_a_folder(tmp_path: Path, invoke: Run) -> None:
    (tmp_path / "file").write_text("mine")
    result = invoke("init", "file")
    assert result.code == 2
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("name", [".github", "site-data"])
def test_a_file_where_a_folder_should_be_is_in_the_way(tmp_path: Path, invoke: Run, name: str) -> None:
    (tmp_path / name).write_text("mine")
    result = invoke("init")
    assert result.code == 1
    assert result.err == f"error: .: nothing was written, because this is there already:\n  {name}\n"
    assert tree(tmp_path) == {name}


def choices(path: Path) -> list[list[str]]:
    """Return the lists of choices of a file, in the order in which they stand there."""
    found = re.findall(r"options: #.*\n((?: +- .*\n)+)", path.read_text())
    return [re.findall(r'- "(.*)"', one) for one in found]


STATUSES = ["up", "maintenance", "warning", "partial", "down"]


def test_gitlab_gets_files_of_its_own(tmp_path: Path, invoke: Run) -> None:
    result = invoke("init", "--ci", "gitlab", "--now", NOW)
    assert result.code == 0
    assert {path.split("/")[0] for path in tree(tmp_path) - SITE} <= {".gitlab-ci.yml", ".gitlab"}
    assert choices(tmp_path / ".gitlab-ci.yml") == [["", "website", "api", "sign-in"], ["", *STATUSES]]
    assert "New pipeline" in (tmp_path / "README.md").read_text()


def test_without_a_code_host_there_is_no_ci(tmp_path: Path, invoke: Run) -> None:
    assert invoke("init", "--ci", "none", "--now", NOW).code == 0
    assert tree(tmp_path) == SITE
    assert "any host that serves files" in (tmp_path / "README.md").read_text()


@pytest.mark.parametrize(
    ("remotes", "file"),
    [
        ({}, ".github/workflows/status-page.yml"),
        ({"origin": "git@github.com:acme/status.git"}, ".github/workflows/status-page.yml"),
        ({"origin": "git@gitlab.com:acme/github-status.git"}, ".gitlab-ci.yml"),
        ({"origin": "https://token@gitlab.example.com:8443/acme/status"}, ".gitlab-ci.yml"),
        ({"origin": "ssh://git@git.example.com/gitlab/status.git"}, ".github/workflows/status-page.yml"),
        ({"backup": "https://github.com/acme/status", "origin": "https://gitlab.com/acme/status"}, ".gitlab-ci.yml"),
        ({"upstream": "https://gitlab.com/acme/status"}, ".gitlab-ci.yml"),
    ],
)
def test_the_remote_tells_the_code_host(tmp_path: Path, invoke: Run, remotes: dict[str, str], file: str) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for name, url in remotes.items():
        subprocess.run(["git", "-C", str(tmp_path), "remote", "add", name, url], check=True)
    assert invoke("init", "--now", NOW).code == 0
    assert (tmp_path / file).is_file()


def test_the_lists_of_the_forms_follow_the_site_and_all_else_stays(site: Path, invoke: Run) -> None:
    assert invoke("init", "--ci", "gitlab", "--only-ci", cwd=site).code == 0
    change, form = site / ".github/workflows/status-change.yml", site / ".github/ISSUE_TEMPLATE/incident.yml"
    change.write_text(change.read_text().replace("Message to readers (Markdown)", "Nachricht") + "# ours\n")
    before = change.read_text()
    (site / "site-data/services/api.yaml").unlink()
    write_files(
        site / "site-data",
        {
            "services/on.yaml": "name: On call\ngroup: platform\norder: 9\n",
            "services/none.yaml": "name: None of these\n",
            "services/secret.yaml": "name: Secret\nhidden: true\n",
            "statuses/slow.yaml": "name: Slow\nlevel: WARNING\n",
        },
    )
    for event in (site / "site-data/events").rglob("*.yaml"):
        event.unlink()
    result = invoke("init", "--refresh", cwd=site)
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        "Wrote .github/ISSUE_TEMPLATE/incident.yml.",
        "Wrote .github/workflows/status-change.yml.",
        "Wrote .gitlab-ci.yml.",
    ]
    statuses = ["up", "maintenance", "warning", "slow", "partial", "down"]
    assert choices(form) == choices(change) == [["website", "sign-in", "on"], statuses]
    assert choices(site / ".gitlab-ci.yml") == [["", "website", "sign-in", "on"], ["", *statuses]]
    without = re.compile(r'^ +- ".*\n', re.MULTILINE)
    assert without.sub("", change.read_text()) == without.sub("", before)
    again = invoke("init", "--refresh", cwd=site)
    assert again.out == "The lists are as they should be: nothing was written.\n"


def test_a_list_that_gitlab_would_not_take_is_left_out_until_it_fits(tmp_path: Path, invoke: Run) -> None:
    assert invoke("init", "--ci", "gitlab", "--now", NOW).code == 0
    ci = tmp_path / ".gitlab-ci.yml"
    before = ci.read_text()
    many = {f"services/s{number}.yaml": f"name: Service {number}\n" for number in range(47)}
    write_files(tmp_path / "site-data", many)
    assert invoke("init", "--refresh").code == 0
    assert "      # options: # services" in ci.read_text()
    assert choices(ci) == [["", *STATUSES]]
    spec = yaml.load(ci.read_text().partition("\n---\n")[0], yaml.BaseLoader)["spec"]["inputs"]
    assert "options" not in spec["service"]
    (tmp_path / "site-data/services/s0.yaml").unlink()
    assert invoke("init", "--refresh").code == 0
    assert len(choices(ci)[0]) == 50
    for path in many:
        (tmp_path / "site-data" / path).unlink(missing_ok=True)
    assert invoke("init", "--refresh").code == 0
    assert ci.read_text() == before


def test_the_secrets_that_notifications_need_reach_the_job_that_tells(site: Path, invoke: Run) -> None:
    page = site / ".github/workflows/status-page.yml"
    before = page.read_text()

    def given() -> dict[str, str]:
        (step,) = [one for one in yaml.safe_load(page.read_text())["jobs"]["notify"]["steps"] if "env" in one]
        return {name: value for name, value in step["env"].items() if name != "GIT_TERMINAL_PROMPT"}

    assert given() == {}
    channels = "".join(f"  - {{name: {name}, urls_from: {name.upper()}_URLS}}\n" for name in ("mail", "chat"))
    again = "  - {name: ops, urls_from: MAIL_URLS}\n"
    write_files(site / "site-data", {"notifications.yaml": f"channels:\n{channels}{again}"})
    assert invoke("init", "--refresh", cwd=site).out == "Wrote .github/workflows/status-page.yml.\n"
    assert given() == {name: f"${{{{ secrets.{name} }}}}" for name in ("MAIL_URLS", "CHAT_URLS")}
    (site / "site-data/notifications.yaml").unlink()
    assert invoke("init", "--refresh", cwd=site).code == 0
    assert page.read_text() == before


def test_ci_files_for_a_site_come_with_what_is_to_be_set_up_once(site: Path, invoke: Run) -> None:
    for path in GITHUB - {".github/dependabot.yml"}:
        (site / path).unlink()
    (site / ".github/dependabot.yml").write_text("ours\n")
    result = invoke("init", "--only-ci", "--host", "netlify", cwd=site)
    assert (result.code, result.err) == (0, "")
    assert "Wrote CI files into .: 6 files.\nKept your own .github/dependabot.yml.\n" in result.out
    assert "`NETLIFY_AUTH_TOKEN`" in result.out
    assert (site / ".github/dependabot.yml").read_text() == "ours\n"
    assert "netlify-cli@" in (site / ".github/workflows/status-page.yml").read_text()


PAIRS = [(host, ci) for host, place in HOSTS.items() for ci in CODE_HOSTS if place.only_from in {None, ci}]


@pytest.mark.parametrize(("host", "ci"), PAIRS)
def test_every_step_by_hand_is_told_and_stands_in_the_readme(tmp_path: Path, invoke: Run, host: Host, ci: str) -> None:
    result = invoke("init", "--host", host, "--ci", ci, "--now", NOW)
    _, _, told = result.out.partition(f"the page publishes itself on {HOSTS[host].name}.\n\n")
    assert told.startswith("Do this once")
    assert all(part in (tmp_path / "README.md").read_text() for part in told.rstrip().split("\n\n"))
    files = [path for path in tmp_path.rglob("*.yml") if path.is_file()]
    needed = set(re.findall(r"\$\{(\w+):\?", "".join(path.read_text() for path in files)))
    renamed = {"TARGETS": "STASHGEN_TARGETS", "SSH_KEY": "STASHGEN_SSH_KEY", "KNOWN_HOSTS": "STASHGEN_KNOWN_HOSTS"}
    renamed |= {"PROJECT": "CLOUDFLARE_PROJECT"}
    assert [name for name in needed if f"`{renamed.get(name, name)}`" not in told] == []
    assert ("Allow Git push requests" in told) is (ci == "gitlab")


@pytest.mark.parametrize("options", [(), ("--only-ci",)])
def test_who_has_a_readme_is_told_no_less(tmp_path: Path, invoke: Run, options: tuple[str, ...]) -> None:
    write_files(tmp_path, {"README.md": "ours\n"})
    if options:
        write_files(tmp_path, {"site-data/site.yaml": "title: Status\n"})
    told = invoke("init", "--ci", "gitlab", *options).out
    assert "let everyone see Pages" in told
    assert "*/10 * * * *" in told


def test_lists_are_not_made_of_a_broken_site(site: Path, invoke: Run) -> None:
    (site / "site-data/services/api.yaml").write_text("nam: API\n")
    before = (site / ".github/workflows/status-change.yml").read_bytes()
    result = invoke("init", "--refresh", cwd=site)
    assert result.code == 1
    assert "site-data/services/api.yaml" in result.err
    assert (site / ".github/workflows/status-change.yml").read_bytes() == before


def test_ci_files_alone_are_written_beside_a_site(site: Path, invoke: Run) -> None:
    (site / ".github/workflows/status-page.yml").write_text("mine")
    (site / "README.md").write_text("mine")
    refused = invoke("init", "--only-ci", cwd=site)
    assert refused.code == 1
    assert ".github/workflows/status-page.yml" in refused.err
    result = invoke("init", "--only-ci", "--ci", "gitlab", cwd=site)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("Wrote CI files into .: ")
    assert "Kept your own .stashgen/requirements.txt.\n" in result.out
    assert {path.split("/")[0] for path in tree(site) - FILES} <= {".gitlab-ci.yml", ".gitlab"}
    assert (site / "README.md").read_text() == "mine"
