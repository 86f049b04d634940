"""GitLab's pipelines from push to reader: what runs when, in what order it counts, and what a broken file does."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from code_hosts import FEW_FILES, Ran, Remote, copied
from door import NOW, git, run_stashgen, write_files
from gitlab_api import JOB_TOKEN, GitLab, gitlab_api
from gitlab_pages import Channel, Pages, channel, pages_host
from gitlab_pipelines import Runner

INCIDENT: Final = """\
title: The API is gone
services: {api: down}
updates:
  - at: 2026-11-24T10:00:00Z
    message: No answers.
"""
WHERE: Final = "site-data/events/2026/2026-11-24-the-api-is-gone.yaml"
NOTIFICATIONS: Final = "channels:\n  - name: everybody\n    urls_from: EVERYBODY\n"


class Project(NamedTuple):
    """A project on GitLab, its page, and what runs its jobs."""

    remote: Remote
    runner: Runner
    pages: Pages
    gitlab: GitLab
    told: Channel

    def push(self, files: Mapping[str, str], message: str = "A change") -> str:
        """Push files to the default branch; return the commit."""
        clone = self.remote.clone("push")
        write_files(clone, files)
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", f"--message={message}")
        git(clone, "push", "--quiet", "origin", "main")
        return git(clone, "rev-parse", "HEAD").strip()

    def publish(self) -> dict[str, Ran]:
        """Run the pipeline of a push."""
        return self.runner.run("push")

    def build(self) -> None:
        """Run only the job that publishes."""
        ran = self.runner.job(self.runner.begin("push"), "pages")
        assert ran.code == 0, ran


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    with pages_host(tmp_path_factory.mktemp("pages") / "site") as pages:
        yield pages


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, host: Pages) -> Path:
    """Return a bare repository with a site as `init` makes it, which knows its address and whom to tell."""
    scratch = tmp_path_factory.mktemp("first")
    started = run_stashgen("init", "site", "--now", NOW, "--host", "gitlab-pages", cwd=scratch)
    assert started.code == 0, started.err
    site, bare = scratch / "site", scratch / "first.git"
    settings = site / "site-data" / "site.yaml"
    text = re.sub(r"(?m)^# url:.*", f"url: {host.url}", settings.read_text(encoding="utf-8"))
    settings.write_text(text + FEW_FILES, encoding="utf-8")
    write_files(site, {"site-data/notifications.yaml": NOTIFICATIONS})
    git(scratch, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    git(site, "init", "--quiet", "--initial-branch=main")
    git(site, "add", "--all")
    git(site, "commit", "--quiet", "--message=Start a status page")
    git(site, "push", "--quiet", str(bare), "main")
    return bare


@pytest.fixture
def site(first: Path, host: Pages, tmp_path: Path) -> Iterator[Project]:
    remote = copied(first, tmp_path)
    host.newest = 0
    host.refused.clear()
    shutil.rmtree(host.folder, ignore_errors=True)
    host.folder.mkdir()
    (tmp_path / "kept").mkdir()

    def deploy(number: int, commit: str, public: Path) -> bool:
        return host.deploy(number, public, is_head=commit == git(remote.bare, "rev-parse", "main").strip())

    with gitlab_api() as gitlab, channel() as told:
        facts = {
            "CI_DEFAULT_BRANCH": "main", "CI_REPOSITORY_URL": str(remote.bare), "CI_PROJECT_ID": "7",
            "CI_API_V4_URL": gitlab.url, "CI_JOB_TOKEN": JOB_TOKEN, "GITLAB_USER_NAME": "Tanuki Roe",
            "GITLAB_USER_EMAIL": "tanuki@example.com", "EVERYBODY": told.url,
        }  # fmt: skip
        yield Project(remote, Runner(remote, tmp_path / "kept", facts, deploy), host, gitlab, told)


def well(rans: Mapping[str, Ran]) -> list[str]:
    """Return the jobs that ran, of which none may have failed."""
    assert [(name, ran.out, ran.err) for name, ran in rans.items() if ran.code] == []
    return list(rans)


def test_a_push_is_published_looked_at_and_told_once(site: Project) -> None:
    assert well(site.publish()) == ["pages", "live"]
    assert site.pages.says("All services operational")
    site.push({WHERE: INCIDENT})
    rans = site.publish()
    assert well(rans) == ["pages", "live"]
    assert site.pages.says("The API is gone")
    assert len(site.told.heard) == 1
    assert "The API is gone" in site.told.heard[0]
    assert site.told.url.split("//")[1] not in rans["live"].out + rans["live"].err
    well(site.publish())
    assert len(site.told.heard) == 1, "the same news is told once, however often a job is run again"
    assert list((site.runner.kept / "cache-page" / ".cache" / "stashgen").iterdir()), "the memo is kept"


def test_who_cannot_be_told_turns_the_job_red_for_another_try(site: Project) -> None:
    well(site.publish())
    site.push({WHERE: INCIDENT})
    site.told.is_broken = True
    begun = site.runner.begin("push")
    assert site.runner.job(begun, "pages").code == 0
    assert str(site.runner.job(begun, "live").code) in begun.plan.jobs["live"]["retry"]["exit_codes"]
    assert site.pages.says("The API is gone")
    site.told.is_broken = False
    assert site.runner.job(begun, "live").code == 0
    assert len(site.told.heard) == 1


def test_a_broken_file_stops_neither_the_page_nor_the_news_and_the_pipeline_is_red(site: Project) -> None:
    well(site.publish())
    site.push({WHERE: INCIDENT.replace("api", "website"), "site-data/services/api.yaml": "name: API\nordr: 1\n"})
    rans = site.publish()
    assert (rans["pages"].code, rans["live"].code) == (0, 1)
    assert site.pages.says("The API is gone")
    assert "site-data/services/api.yaml:2: ordr: is not a field" in rans["live"].out
    assert len(site.told.heard) == 1


def test_what_cannot_be_built_at_all_leaves_the_page_as_it_was(site: Project) -> None:
    site.build()
    before = site.pages.facts()
    site.push({"site-data/site.yaml": "titel: [\n"})
    rans = site.publish()
    assert {name: ran.code for name, ran in rans.items()} == {"pages": 1}
    assert site.pages.facts() == before


def test_a_change_is_published_even_when_newer_pipelines_overtake_its_own(site: Project) -> None:
    """GitLab Pages refuses an older pipeline once a newer one has published, unless its commit is the newest."""
    facts = {"SERVICE": "api", "STATUS": "down", "MESSAGE": "No answers."}
    changing = site.runner.begin("web")
    assert changing.names == ["change"]
    overtaking = site.runner.begin("push")
    assert site.runner.job(overtaking, "pages").code == 0
    job = {**changing.plan.jobs["change"], "variables": facts}
    changed = site.runner.job(changing._replace(plan=changing.plan._replace(jobs={"change": job})), "change")
    assert (changed.code, site.gitlab.begun) == (0, ["main"]), changed.err
    assert site.pages.says("All services operational")
    assert well(site.runner.run("pipeline")) == ["pages", "live"]
    assert site.pages.says("No answers.")
    assert site.pages.refused == []


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 0, 1)], ids=str)
def test_pushes_that_race_end_with_the_newest(site: Project, order: tuple[int, ...]) -> None:
    """Jobs of the group run one at a time, in any order: GitLab's default."""
    commits = [site.push({WHERE: INCIDENT.replace("No answers.", f"Word {number}.")}) for number in range(3)]
    begun = [site.runner.begin("push", commit) for commit in commits]
    for number in order:
        assert site.runner.job(begun[number], "pages").code == 0
        assert site.pages.says("Word 2.")


def test_who_comes_late_is_content_with_the_newer_page(site: Project) -> None:
    late = site.runner.begin("push")
    facts = {**late.facts, "SOURCE_DATE_EPOCH": "1795600000"}  # two builds may well fall into one second
    assert site.runner.job(late._replace(facts=facts), "pages").code == 0
    site.push({WHERE: INCIDENT})
    newer = site.runner.begin("push")
    assert site.runner.job(newer, "pages").code == 0
    live = site.runner.job(late, "live")
    assert live.code == 0, live


def unready(begun: Any) -> Any:
    """Return a pipeline whose `live` does not wait for the host."""
    job = begun.plan.jobs["live"]
    quick = {**job, "script": [line.replace("--wait 5m", "--wait 0s") for line in job["script"]]}
    assert quick != job
    return begun._replace(plan=begun.plan._replace(jobs={**begun.plan.jobs, "live": quick}))


def test_nobody_is_told_what_readers_cannot_see(site: Project) -> None:
    well(site.publish())
    site.push({WHERE: INCIDENT})
    begun = unready(site.runner.begin("push"))
    shutil.copytree(site.pages.folder, site.runner.kept / "old")
    assert site.runner.job(begun, "pages").code == 0
    for there in (True, False):
        shutil.rmtree(site.pages.folder)
        if there:
            shutil.copytree(site.runner.kept / "old", site.pages.folder)
            site.pages.change(built_at="2026-11-24T00:00:00Z")
        assert site.runner.job(begun, "live").code == 1
        assert site.told.heard == []
    site.pages.folder.mkdir()
    well(site.publish())
    assert len(site.told.heard) == 1


def test_a_schedule_ends_at_once_while_nothing_is_due(site: Project) -> None:
    site.build()
    rans = site.runner.run("schedule")
    assert well(rans) == ["due"]
    assert rans["due"].out.startswith("Nothing is due before 20")
    assert site.gitlab.asked == []


def test_whatever_is_doubtful_is_due(site: Project) -> None:
    site.build()
    doubts: list[tuple[Mapping[str, Any], str]] = [
        ({"next_change_at": "2026-11-24T00:00:00Z"}, "2026-11-24T00:00:00Z has passed"),
        ({"next_change_at": "soon"}, "cannot be read"),
        ({"next_change_at": "2999-01-01T00:00:00Z", "commit": None}, "there is a newer commit"),
    ]
    for live, because in doubts:
        site.pages.change(**live)
        assert because in due(site)
    shutil.rmtree(site.pages.folder)
    assert "cannot be read" in due(site)
    site.push({"site-data/site.yaml": "title: A page that does not say where it is\n"})
    assert "does not say where" in due(site)


def test_what_was_begun_in_vain_waits_for_six_hours(site: Project, tmp_path: Path) -> None:
    assert "cannot be read" in due(site)
    site.gitlab.begun.clear()
    again = site.runner.run("schedule")["due"]
    assert (again.code, site.gitlab.begun) == (0, [])
    assert "in vain" in again.out
    (tried,) = tmp_path.glob("kept/cache-due/**/tried.json")
    *reason, at = json.loads(tried.read_text())
    tried.write_text(json.dumps([*reason, str(dt.datetime.fromisoformat(at) - dt.timedelta(hours=7))]))
    assert "cannot be read" in due(site)
    site.push({WHERE: INCIDENT})
    assert "cannot be read" in due(site), "this is another commit"


def due(site: Project) -> str:
    """Return why a schedule found the page due, and began a pipeline."""
    site.gitlab.begun.clear()
    rans = site.runner.run("schedule")
    assert (well(rans), site.gitlab.begun) == (["due"], ["main"])
    assert JOB_TOKEN not in rans["due"].out + rans["due"].err
    return rans["due"].err


def test_a_commit_that_no_pipeline_published_is_due(site: Project) -> None:
    site.build()
    site.push({WHERE: INCIDENT})
    assert "there is a newer commit" in due(site)


def test_a_pipeline_that_may_not_begin_is_said(site: Project) -> None:
    site.gitlab.takes_pipelines = False
    ran = site.runner.run("schedule")["due"]
    assert ran.code == 1
    assert "GitLab begins no pipeline for this job" in ran.out
    assert JOB_TOKEN not in ran.out + ran.err


@pytest.mark.parametrize("kind", ["Variable", "File"])
def test_a_signed_page_is_proved_and_an_altered_one_is_seen(site: Project, tmp_path: Path, kind: str) -> None:
    key, public = new_key(tmp_path)
    settings = (site.remote.clone("settings") / "site-data" / "site.yaml").read_text()
    site.push({"site-data/site.yaml": f"{settings}\nsigning_keys:\n  - {json.dumps(public)}\n"})
    secret = {"Variable": key.read_text(), "File": str(key)}[kind]
    key.chmod(0o666)  # as GitLab's runner leaves it
    begun = unready(site.runner.begin("push", STASHGEN_SIGNING_KEY=secret))
    built = site.runner.job(begun, "pages")
    assert built.code == 0, built.err
    assert "PRIVATE KEY" not in built.out + built.err
    assert (site.pages.folder / "stashgen-manifest.json.sig").is_file()
    live = site.runner.job(begun, "live")
    assert live.code == 0, live
    page = site.pages.folder / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("operational", "broken"), encoding="utf-8")
    assert site.runner.job(begun, "live").code == 1


def new_key(folder: Path) -> tuple[Path, str]:
    """Return a private key and the line of the public one."""
    key = folder / "key"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "status", "-f", str(key)]
    subprocess.run(command, check=True)
    return key, (folder / "key.pub").read_text().strip()
