"""The workflow `Status page`: its jobs run in clones of a real remote, until a reader of the live page sees it."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from code_hosts import FEW_FILES, Told, copied, filled, first_remote, run_github, statuses
from door import git, run_stashgen, write_files
from github_api import GitHub, Live
from github_runner import Event, Job, Runner, workflow
from news_receivers import Receiver, receiver

from stashgen import clock

PUSH: Final = Event("push", {})
SCHEDULE: Final = Event("schedule", {})
DEPLOYS: Final = ("due", "build", "deploy")


class World(NamedTuple):
    """A repository on GitHub, GitHub's API, and where the page lives."""

    runner: Runner
    github: GitHub
    live: Live

    def publish(self, event: Event = PUSH, done: dict[str, Job] | None = None, *names: str) -> dict[str, Job]:
        """Run the workflow as the remote's newest commit has it, or the jobs of these names, but for those done."""
        flow = self.flow()
        jobs = {name: job for name, job in flow["jobs"].items() if name in (names or flow["jobs"])}
        return self.runner.run({**flow, "jobs": jobs}, event, done)

    def flow(self) -> Mapping[str, Any]:
        """Return the workflow."""
        return self.runner.remote.workflow("status-page")

    def push(self, files: Mapping[str, str], name: str = "pushing") -> None:
        """Push files in one commit."""
        clone = self.runner.remote.clone(name)
        write_files(clone, files)
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "--message=Change")
        git(clone, "push", "--quiet", "origin", "main")

    def head(self) -> str:
        """Return the newest commit."""
        return git(self.runner.remote.bare, "rev-parse", "main").strip()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with Live(tmp_path_factory.mktemp("nowhere")).running() as live:
        yield live


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, live: Live) -> Path:
    return first_remote(tmp_path_factory.mktemp("github"), "github", settings=f"url: {live.url}\n{FEW_FILES}")


@pytest.fixture
def world(first: Path, tmp_path: Path, live: Live) -> Iterator[World]:
    remote = copied(first, tmp_path)
    with GitHub(remote.bare).running() as github:
        runner = Runner(remote, github.url)
        live.folder = runner.live
        yield World(runner, github, live)


def results(jobs: Mapping[str, Job]) -> dict[str, str]:
    return {name: job.result for name, job in jobs.items()}


@pytest.fixture
def told(world: World) -> Iterator[Receiver]:
    """Let the remote have a channel."""
    page = ".github/workflows/status-page.yml"
    clone = world.runner.remote.clone("settings")
    files = {"site-data/notifications.yaml": "channels: [{name: ops, urls_from: OPS_URLS}]\n"}
    assert run_stashgen("init", "--refresh", cwd=write_files(clone, files)).code == 0
    world.push({**files, page: (clone / page).read_text()})
    with receiver() as hook:
        world.runner.secrets["OPS_URLS"] = hook.apprise
        yield hook


def test_a_push_is_published_looked_at_and_told_once_however_often_it_runs(world: World, told: Receiver) -> None:
    jobs = world.publish()
    assert results(jobs) == {
        "due": "skipped", "build": "success", "deploy": "success", "verify": "success", "notify": "success",
        "whole": "skipped",
    }, [job.told.err for job in jobs.values()]  # fmt: skip
    assert world.live.status()["commit"] == world.head()
    assert told.bodies == [], "what was there before counts as told"
    news = f"title: Gone\nservices: {{api: down}}\nupdates:\n  - at: {ago(0)}\n    message: No answers.\n"
    world.push({"site-data/events/2026/gone.yaml": news})
    told.status = 500
    jobs = world.publish()
    assert (jobs["deploy"].result, jobs["notify"].result) == ("success", "failure")
    told.status = 200
    failed_again = {name: job for name, job in jobs.items() if name != "notify"}
    all_again = {"verify": jobs["verify"]}  # which is of no matter here
    world.runner.attempt = "2"
    for done in (failed_again, all_again):
        assert world.publish(PUSH, done)["notify"].result == "success"
    assert [title.partition("]")[2] for title in told.titles] == [" Gone · API"]
    assert told.apprise not in "".join(job.told.out + job.told.err for job in jobs.values())
    # Every run recalls by the beginning of the key, and saves under one of its own.
    assert len(set(world.runner.cache_keys)) == len(world.runner.cache_keys) == 3


def test_what_is_published_is_the_newest_commit_whatever_the_event_says(world: World) -> None:
    old = world.head()
    world.push({"site-data/services/mail.yaml": "name: Mail\n"})
    jobs = world.publish(Event("push", {"after": old, "head_commit": {"id": old}}))
    assert results(jobs)["deploy"] == "success"
    assert world.live.status()["commit"] == world.head() != old
    assert jobs["notify"].result == "skipped", "nobody is to be told"


def test_pushes_that_race_end_with_the_newest_state(world: World) -> None:
    """One run is under way while two pushes arrive; of the two that wait GitHub keeps the newer."""
    services = ["mail", "search", "billing"]
    world.push({"site-data/services/mail.yaml": "name: mail\n"})
    assert world.flow()["concurrency"]["cancel-in-progress"] == "false"
    first = world.publish(PUSH, None, "due", "build")
    for service in services[1:]:
        world.push({f"site-data/services/{service}.yaml": f"name: {service}\n"}, service)
    world.publish(PUSH, first, *DEPLOYS)
    assert "billing" not in {one["id"] for one in world.live.status()["services"]}
    world.publish()
    assert {one["id"] for one in world.live.status()["services"]} >= set(services)
    assert world.live.status()["commit"] == world.head()


def test_a_run_with_nothing_to_do_pushes_nobody_out(world: World) -> None:
    group = world.flow()["concurrency"]["group"]

    def waits_in(payload: Mapping[str, Any], run: str) -> str:
        facts = {"event": payload, "run_id": run, "ref": "refs/heads/main"}
        return filled(group, {"github": facts})

    assert waits_in({}, "1") == waits_in({"workflow_run": {"conclusion": "success"}}, "2")
    assert waits_in({"workflow_run": {"conclusion": "skipped"}}, "3") == "status-page-3"
    jobs = world.publish(Event("workflow_run", {"workflow_run": {"conclusion": "skipped"}}))
    assert set(results(jobs).values()) == {"skipped"}


@pytest.mark.parametrize("ref", ["refs/heads/feature", "refs/tags/main"])
def test_other_branches_and_tags_are_not_published(world: World, ref: str) -> None:
    git(world.runner.remote.bare, "update-ref", ref, "main")
    assert set(results(world.publish(Event("push", {}, ref))).values()) == {"skipped"}


def test_a_branch_whose_name_differs_in_case_alone_is_not_published(world: World) -> None:
    """To GitHub's expressions and groups `MAIN` is `main`: then the one that is published has to be `main`."""
    clone = world.runner.remote.clone("other")
    write_files(clone, {"site-data/services/secret.yaml": "name: Secret\n"})
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message=Not to be seen")
    git(clone, "push", "--quiet", "origin", "HEAD:MAIN")
    jobs = world.publish(Event("push", {}, "refs/heads/MAIN"), None, *DEPLOYS)
    assert jobs["deploy"].result == "success"
    assert world.live.status()["commit"] == world.head()


def test_a_broken_file_does_not_stop_the_news(world: World) -> None:
    event = (
        "title: Mail is late\nservices: {api: warning}\nupdates:\n  - at: 2026-11-23T10:00:00Z\n    message: Late.\n"
    )
    world.push({"site-data/events/2026/good.yaml": event, "site-data/events/2026/bad.yaml": "title: [\n"})
    jobs = world.publish()
    assert results(jobs)["deploy"] == results(jobs)["verify"] == "success", jobs["build"].told.err
    assert jobs["whole"].result == "failure"
    assert "::error::" in jobs["whole"].told.out
    assert "file=site-data/events/2026/bad.yaml" in jobs["build"].told.out
    assert [one["id"] for one in world.live.status()["incidents"]] == ["good"]


def test_what_cannot_be_built_leaves_the_page_as_it_was(world: World) -> None:
    world.publish()
    before = world.live.status()
    world.push({"site-data/site.yaml": "title: [\n"})
    jobs = world.publish()
    assert jobs["build"].result == "failure"
    assert {name for name, job in jobs.items() if job.result == "success"} == set()
    assert world.live.status() == before


def test_it_is_signed_where_there_is_a_key(world: World, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    key = (tmp_path / "key").read_text()
    world.runner.secrets["STASHGEN_SIGNING_KEY"] = key
    public = (tmp_path / "key.pub").read_text().split()[:2]
    clone = world.runner.remote.clone("settings")
    settings = (clone / "site-data/site.yaml").read_text() + f"signing_keys: [{' '.join(public)}]\n"
    world.push({"site-data/site.yaml": settings})
    jobs = world.publish()
    assert jobs["build"].result == jobs["verify"].result == "success", jobs["verify"].told.out
    assert (world.live.folder / "stashgen-manifest.json.sig").is_file()
    assert key.splitlines()[1] not in "".join(job.told.out + job.told.err for job in jobs.values())


def test_a_page_that_does_not_arrive_is_noticed(world: World) -> None:
    flow = world.flow()
    steps = [
        {**step, "run": step["run"].replace("--wait 10m", "--wait 1s")}
        if "stashgen verify" in step.get("run", "")
        else step
        for step in flow["jobs"]["verify"]["steps"]
    ]
    flow = {**flow, "jobs": {**flow["jobs"], "verify": {**flow["jobs"]["verify"], "steps": steps}}}
    lost = {"deploy": world.publish(PUSH, None, *DEPLOYS)["deploy"]}
    world.push({"site-data/services/mail.yaml": "name: Mail\n"})
    assert world.runner.run(flow, PUSH, lost)["verify"].result == "failure"


class Past(NamedTuple):
    """An earlier run of the workflow: how it ended, and how its jobs did that did not succeed."""

    conclusion: str = "success"
    jobs: Mapping[str, str] = {}
    event: str = "schedule"
    hours: float = 1


LOOKED: Final = Past(jobs={"build": "skipped", "deploy": "skipped"})  # and found nothing due
FAILED: Final = Past("failure", {"notify": "failure"})
PAST: Final = "2020-01-01T00:00:00Z"


class Case(NamedTuple):
    """What GitHub and the live page say when the schedule asks, and whether there is something to do."""

    runs: tuple[Past, ...] = (Past(),)  # newest first
    live: Mapping[str, Any] = {}
    is_due: bool = True
    is_private: bool = False


DUE: Final = {
    "all is well": Case(is_due=False),
    "all is well for long": Case((LOOKED,) * 30, is_due=False),
    "another commit is live": Case(live={"commit": "0" * 40}),
    "built outside of git": Case(live={"commit": None}),
    "its time has passed": Case(live={"next_change_at": PAST}),
    "it says no time": Case(live={"next_change_at": None}),
    "the last run was pushed out by another that waited": Case((Past("cancelled"), Past())),
    "it was pushed out before the last look": Case((LOOKED, Past("cancelled"))),
    "the last run was passed over": Case((Past("skipped"), Past()), is_due=False),
    "nobody ran it yet": Case(()),
    "telling people failed": Case((FAILED,)),
    "it was told at the second attempt": Case((LOOKED, Past(), FAILED), is_due=False),
    "only files were left out": Case((Past("failure", {"whole": "failure"}),), is_due=False),
    "it failed again and looks are free": Case((FAILED, FAILED)),
    "it failed again and minutes are counted": Case((FAILED, FAILED), is_due=False, is_private=True),
    "minutes are counted, and it failed once": Case((FAILED._replace(event="push"),), is_private=True),
    "minutes are counted, and it failed long ago": Case((LOOKED, FAILED._replace(hours=7)), is_private=True),
    "minutes are counted, and it failed before the last look": Case((LOOKED, FAILED), is_due=False, is_private=True),
    "minutes are counted, and the host keeps the old page": Case(
        (FAILED,), live={"next_change_at": PAST, "commit": "0" * 40}, is_due=False, is_private=True
    ),
    "minutes are counted, and a time has come since": Case((FAILED,), live={"next_change_at": "now"}, is_private=True),
    "minutes are counted, and its time has passed": Case(live={"next_change_at": PAST}, is_private=True),
}


@pytest.fixture(scope="module")
def published(first: Path, tmp_path_factory: pytest.TempPathFactory, live: Live) -> Iterator[World]:
    scratch = tmp_path_factory.mktemp("published")
    remote = copied(first, scratch)
    with GitHub(remote.bare).running() as github:
        yield World(Runner(remote, github.url), github, live)


def ago(hours: float) -> str:
    return (clock.current({}) - dt.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def tell(github: GitHub, runs: tuple[Past, ...], settings: str = "", *, is_private: bool = False) -> None:
    """Let GitHub tell of these runs, and of other settings than the remote's."""
    github.settings = settings
    github.runs = [
        {
            "id": 100 + age, "run_number": 30 - age, "head_branch": "main", "conclusion": run.conclusion,
            "event": run.event, "created_at": ago(run.hours), "repository": {"private": is_private},
        }
        for age, run in enumerate(runs)
    ]  # fmt: skip
    github.jobs = {
        str(100 + age): [{"name": job, "conclusion": end} for job, end in {"build": "success", **run.jobs}.items()]
        for age, run in enumerate(runs)
        if run.conclusion != "cancelled"
    } | {str(100 + age): [] for age, run in enumerate(runs) if run.conclusion == "cancelled"}


def look(published: World) -> Job:
    """Run the job of the schedule."""
    return published.publish(SCHEDULE, None, "due")["due"]


@pytest.mark.parametrize("name", DUE)
def test_the_schedule_builds_only_what_is_due(published: World, name: str) -> None:
    case = DUE[name]
    status = {"commit": published.head(), "next_change_at": "2999-01-01T00:00:00Z", **case.live}
    status["next_change_at"] = ago(0.01) if status["next_change_at"] == "now" else status["next_change_at"]
    published.live.folder = published.runner.live
    write_files(published.live.folder, {"status.json": json.dumps(status)})
    tell(published.github, case.runs, is_private=case.is_private)
    job = look(published)
    assert job.result == "success", job.told.err
    assert job.outputs == {"due": str(case.is_due).lower()}, (job.told.out, job.told.err)


def test_where_nothing_is_due_nothing_runs(world: World) -> None:
    done = {"due": Job("success", {"due": "false"}, Told({}))}
    assert set(results(world.publish(SCHEDULE, done)).values()) == {"success", "skipped"}


@pytest.mark.parametrize(("is_private", "due"), [(False, "true"), (True, "false")])
def test_without_an_address_to_look_at_counted_minutes_are_spared(
    published: World, tmp_path: Path, *, is_private: bool, due: str
) -> None:
    published.live.folder = tmp_path
    settings = "title: Status\n# url: https://status.example.com\n"
    tell(published.github, (LOOKED, Past()), settings, is_private=is_private)
    job = look(published)
    assert job.outputs == {"due": due}, job.told.err


@pytest.mark.parametrize("line", ['url: "{}"', "url: '{}/'  # ours", "url:   {} # ours", "url: {}\nlinks: []"])
def test_the_look_finds_the_page_however_its_url_is_written(published: World, line: str) -> None:
    published.live.folder = published.runner.live
    status = {"commit": published.head(), "next_change_at": "2999-01-01T00:00:00Z"}
    write_files(published.live.folder, {"status.json": json.dumps(status)})
    tell(published.github, (Past(),), f"title: Status\n{line.format(published.live.url)}\n")
    job = look(published)
    assert job.outputs == {"due": "false"}, job.told.err


def test_an_outage_of_the_live_page_or_of_the_api_makes_it_due(published: World, tmp_path: Path) -> None:
    published.live.folder = tmp_path
    tell(published.github, (Past(),))
    assert look(published).outputs == {"due": "true"}
    dead = Runner(published.runner.remote, "http://127.0.0.1:9")
    assert look(published._replace(runner=dead)).outputs == {"due": "true"}


def test_a_form_that_was_sent_is_on_the_page_after_the_next_run(world: World) -> None:
    clone = world.runner.remote.clone("form")
    inputs = {"service": "api", "status": "down", "message": "No answers.", "title": "Gone"}
    context: Mapping[str, Any] = {
        "github": {"event_name": "workflow_dispatch", "ref_type": "branch", "event": {}}, "inputs": inputs,
    }  # fmt: skip
    person = {"GITHUB_ACTOR": "octo-cat", "GITHUB_ACTOR_ID": "1"}
    with ThreadPoolExecutor(2) as pool:
        form = pool.submit(run_github, clone, workflow(clone, "status-change")["jobs"]["change"], context, person)
        push = pool.submit(world.push, {"docs/readme.txt": "Other work.\n"})
        assert form.result().code == 0, form.result().err
        if push.exception():  # it was the slower one, and git told it so
            world.push({"docs/readme.txt": "Other work.\n"})
    jobs = world.publish(Event("workflow_run", {"workflow_run": {"conclusion": "success"}}))
    assert jobs["verify"].result == "success"
    assert {one["id"]: one["status"] for one in world.live.status()["services"]}["api"] == "down"
    assert statuses(world.runner.remote, "after")["api"] == "down"
