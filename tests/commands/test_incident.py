"""Incidents from the command line: files with comments, commits, diffs, and what is said about them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from changing_site import INCIDENT, NOW, SITE, count, event_text, repository, subject
from door import Run, git, write_files

EVENT = next(iter(INCIDENT))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return repository(tmp_path / "site", {**SITE, **INCIDENT})


@pytest.fixture
def quiet_site(tmp_path: Path) -> Path:
    return repository(tmp_path / "site", SITE)


def test_an_incident_is_opened_updated_and_resolved(quiet_site: Path, run: Run) -> None:
    opened = run(
        "incident", "open", "API errors", "-s", "api=down", "-s", "Web site:warning", "-m", "First.", "-m", "Second.",
        "--tag", "deploy", "--now", NOW, cwd=quiet_site,
    )  # fmt: skip
    assert opened.code == 0, opened.err
    assert "+    message: |\n+      First.\n+\n+      Second." in opened.out
    assert "All services operational → Major outage: API" in opened.out
    assert "API: Operational → Major outage" in opened.out
    assert "Web site: Operational → Degraded performance" in opened.out
    assert "Committed" in opened.out
    assert "There is no remote to push it to." in opened.out
    assert "\x1b" not in opened.out, "no colours where no terminal is"
    updated = run(
        "incident", "update", "-m", "A bad deploy.", "--state", "identified", "-s", "api=warning",
        "--now", "2026-11-23T10:40:00Z", cwd=quiet_site,
    )  # fmt: skip
    assert updated.code == 0, updated.err
    assert updated.err == "incident 2026-11-23-api-errors\n", "it says which one was taken"
    assert subject(quiet_site) == "incident 2026-11-23-api-errors: identified (api: warning)"
    resolved = run("incident", "resolve", "-m", "Over.", "--now", "2026-11-23T11:05:00Z", cwd=quiet_site)
    assert resolved.code == 0, resolved.err
    assert "→ All services operational" in resolved.out
    assert count(quiet_site) == 3
    assert run("check", "--strict", cwd=quiet_site).code == 0
    assert git(quiet_site, "status", "--short") == ""


def test_an_update_is_appended_text_and_comments_stay(site: Path, invoke: Run) -> None:
    result = invoke("incident", "update", "-m", "Line one\n\n- a list", "--now", NOW, cwd=site)
    assert result.code == 0, result.err
    assert event_text(site) == INCIDENT[EVENT] + (
        "  - at: 2026-11-23T10:30:00Z\n    message: |\n      Line one\n\n      - a list\n"
    )
    assert git(site, "show", "--format=", "--numstat").split() == ["5", "0", EVENT]


def test_a_commit_says_how_it_came_to_be(site: Path, invoke: Run) -> None:
    assert invoke("incident", "resolve", "-m", "Over.", "--now", NOW, cwd=site).code == 0
    message = git(site, "log", "-1", "--format=%B")
    assert message.splitlines()[0] == "incident 2026-11-23-api-errors: resolved"
    assert "\nVia: cli\n" in message


def test_files_of_others_are_left_alone(site: Path, invoke: Run) -> None:
    other = site / "site-data" / "services" / "web.yaml"
    other.write_text("name: Web site  # half done\n", encoding="utf-8")
    (site / "untracked").write_text("mine", encoding="utf-8")
    git(site, "add", "site-data/services/web.yaml")
    assert invoke("incident", "update", "-m", "x", "--now", NOW, cwd=site).code == 0
    assert git(site, "show", "--format=", "--name-only").split() == [EVENT]
    assert git(site, "status", "--short").splitlines() == ["M  site-data/services/web.yaml", "?? untracked"]


def test_broken_files_of_others_do_not_block_the_news(site: Path, invoke: Run) -> None:
    (site / "site-data" / "services" / "broken.yaml").write_text("nme: x\n", encoding="utf-8")
    assert invoke("incident", "update", "-m", "x", "--now", NOW, cwd=site).code == 0


def test_a_dry_run_shows_and_changes_nothing(site: Path, invoke: Run) -> None:
    result = invoke("incident", "resolve", "-m", "Over.", "--dry-run", "--now", NOW, cwd=site)
    assert result.code == 0
    assert "+    state: resolved" in result.out
    assert "Nothing was written, this was a dry run" in result.out
    assert (count(site), event_text(site)) == (0, INCIDENT[EVENT])


def test_without_a_commit_the_file_is_written(site: Path, invoke: Run) -> None:
    result = invoke("incident", "resolve", "-m", "Over.", "--no-commit", "--now", NOW, cwd=site)
    assert "Written, not committed" in result.out
    assert count(site) == 0
    assert git(site, "status", "--short").split() == ["M", EVENT]


def test_a_change_is_pushed_when_asked(site: Path, invoke: Run, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    git(site, "remote", "add", "origin", str(tmp_path / "remote.git"))
    git(site, "push", "--quiet", "-u", "origin", "main")
    kept = invoke("incident", "update", "-m", "x", "--now", NOW, cwd=site)
    assert "Not pushed yet: `git push` publishes it" in kept.out
    pushed = invoke("incident", "resolve", "-m", "y", "--push", "--now", "2026-11-23T10:31:00Z", cwd=site)
    assert pushed.code == 0, pushed.err
    assert "Pushed" in pushed.out
    assert git(tmp_path / "remote.git", "log", "-1", "--format=%s", "main").startswith("incident 2026")


def test_what_others_have_pushed_is_told(site: Path, invoke: Run, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(site), "remote.git")
    git(site, "remote", "add", "origin", str(tmp_path / "remote.git"))
    git(site, "fetch", "--quiet")
    git(site, "branch", "--quiet", "--set-upstream-to", "origin/main")

    def others_write(name: str, text: str) -> None:
        (site / name).write_text(text, encoding="utf-8")
        git(site, "commit", "--quiet", "--all", "-m", "Theirs")
        git(site, "push", "--quiet")
        git(site, "reset", "--quiet", "--hard", "HEAD~1")

    others_write("site-data/services/web.yaml", "name: Web\n")
    anew = invoke("incident", "update", "-m", "x", "--push", "--json", "--now", NOW, cwd=site)
    assert (anew.code, json.loads(anew.out)["pushed"]["replayed"]) == (0, 1), anew.err
    # The commit that was made first is on no branch any more.
    assert json.loads(anew.out)["commit"] == git(site, "rev-parse", "origin/main").strip()
    others_write(EVENT, "title: [\n")
    parked = invoke("incident", "resolve", "-m", "y", "--push", "--now", "2026-11-23T10:31:00Z", cwd=site)
    assert parked.code == 1
    assert "not pushed: it does not fit what others have pushed" in parked.err
    assert "git cherry-pick refs/stashgen/parked/" in " ".join(parked.err.split())


def test_a_push_that_fails_is_told_and_nothing_is_lost(site: Path, invoke: Run, tmp_path: Path) -> None:
    git(site, "remote", "add", "origin", str(tmp_path / "nowhere.git"))
    git(site, "config", "branch.main.remote", "origin")
    git(site, "config", "branch.main.merge", "refs/heads/main")
    result = invoke("incident", "resolve", "-m", "y", "--push", "--now", NOW, cwd=site)
    assert result.code == 1
    assert "not pushed:" in result.err
    assert count(site) == 1


def test_a_detached_head_is_told(site: Path, invoke: Run) -> None:
    git(site, "checkout", "--quiet", "--detach")
    result = invoke("incident", "update", "-m", "x", "--now", NOW, cwd=site)
    assert result.code == 0
    assert "HEAD is detached" in result.err


def test_a_script_gets_json_and_nothing_else(site: Path, invoke: Run) -> None:
    result = invoke("incident", "resolve", "-m", "Over.", "--json", "--now", NOW, cwd=site)
    told = json.loads(result.out)
    assert told["record"] == "2026-11-23-api-errors"
    assert told["update"] == "20261123T103000Z"
    assert told["files"] == [{"path": EVENT, "change": "changed"}]
    assert (told["before"]["services"]["api"], told["after"]["services"]["api"]) == ("down", "up")
    assert told["commit"] == git(site, "rev-parse", "HEAD").strip()


def test_a_hook_that_refuses_is_told_and_nothing_is_left(site: Path, invoke: Run) -> None:
    hook = site / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    result = invoke("incident", "resolve", "-m", "Over.", "--now", NOW, cwd=site)
    assert result.code == 1
    assert "not on a Friday" in result.err
    assert (count(site), git(site, "status", "--short"), event_text(site)) == (0, "", INCIDENT[EVENT])


def test_a_change_upon_something_half_done_is_refused_with_a_remedy(site: Path, invoke: Run) -> None:
    (site / EVENT).write_text(INCIDENT[EVENT].replace("API errors", "Half done"), encoding="utf-8")
    result = invoke("incident", "resolve", "-m", "Over.", "--now", NOW, cwd=site)
    assert result.code == 1
    assert "--no-commit" in result.err
    assert invoke("incident", "resolve", "-m", "Over.", "--no-commit", "--now", NOW, cwd=site).code == 0
    assert "Half done" in event_text(site)


def test_without_git_the_files_are_written(tmp_path: Path, invoke: Run) -> None:
    site = write_files(tmp_path / "plain", {**SITE, **INCIDENT})
    result = invoke("incident", "resolve", "-m", "Over.", "--now", NOW, cwd=site)
    assert result.code == 0, result.err
    assert "Written, not committed" in result.out
    assert "not in a git repository" in result.err


def test_a_terminal_without_our_letters_gets_the_news_too(site: Path, run: Run) -> None:
    latin = {"PYTHONIOENCODING": "iso-8859-1"}
    result = run("set", "api", "warning", "-m", "A 🔥", "--now", NOW, cwd=site, env=latin)
    assert result.code == 0, result.err
    assert "Major outage: API -> Degraded performance: API" in result.out
    assert "A \\U0001f525" in result.out


def test_quiet_is_quiet(site: Path, invoke: Run) -> None:
    result = invoke("incident", "resolve", "-q", "-m", "Over.", "--now", NOW, cwd=site)
    assert (result.code, result.out, result.err) == (0, "", "")


@pytest.mark.parametrize("name", ["2026-11-23-api-errors", "api", "errors", "2026-11"])
def test_an_event_is_known_by_a_part_of_its_id(site: Path, invoke: Run, name: str) -> None:
    assert invoke("incident", "update", name, "-m", "x", "--now", NOW, cwd=site).code == 0


def test_an_ambiguous_name_lists_what_it_may_be(site: Path, invoke: Run) -> None:
    assert invoke("incident", "open", "API again", "-s", "api=down", "-m", "x", "--now", NOW, cwd=site).code == 0
    result = invoke("incident", "resolve", "api", "-m", "x", "--now", NOW, cwd=site)
    assert result.code == 1
    assert "`api` may be one of 2: 2026-11-23-api-again, 2026-11-23-api-errors" in result.err
    nameless = invoke("incident", "resolve", "-m", "x", "--now", NOW, cwd=site)
    assert nameless.code == 2
    assert "EVENT is missing: 2 are open" in nameless.err


def test_a_resolved_incident_is_reopened(site: Path, invoke: Run) -> None:
    invoke("incident", "resolve", "-m", "Over.", "--now", NOW, cwd=site)
    result = invoke("incident", "reopen", "api", "-m", "Back.", "--now", "2026-11-23T10:45:00Z", cwd=site)
    assert result.code == 0, result.err
    assert "API: Operational → Major outage" in result.out
    again = invoke("incident", "reopen", "api", "-m", "Back.", "--now", "2026-11-23T10:46:00Z", cwd=site)
    assert again.code == 1


def test_a_title_is_edited_where_it_stands(site: Path, invoke: Run) -> None:
    result = invoke("incident", "edit", "--title", "API: errors", "--now", NOW, cwd=site)
    assert result.code == 0, result.err
    assert event_text(site).startswith("# found by hand\ntitle: 'API: errors'   # keep the quotes\n")
    assert git(site, "show", "--format=", "--numstat").split()[:2] == ["1", "1"]


def test_services_and_one_update_are_edited(site: Path, invoke: Run) -> None:
    result = invoke(
        "incident", "edit", "-s", "web=warning", "-m", "Better words.", "--at", "11:01", "--now", NOW, cwd=site
    )
    assert result.code == 0, result.err
    text = event_text(site)
    assert "services: {api: down, web: warning}" in text
    assert "Better words." in text
    assert "at: 2026-11-23T10:01:00Z" in text
    gone = invoke("incident", "edit", "-s", "web=", "--now", NOW, cwd=site)
    assert gone.code == 0, gone.err
    assert "services: {api: down}\n" in event_text(site)


def test_which_update_is_edited_has_to_be_said(site: Path, invoke: Run) -> None:
    invoke("incident", "update", "-m", "Second.", "--now", NOW, cwd=site)
    unsaid = invoke("incident", "edit", "-m", "x", "--now", NOW, cwd=site)
    assert unsaid.code == 2
    assert "--update newest" in unsaid.err
    for name in ("newest", "2", "20261123T103000Z"):
        result = invoke("incident", "edit", "--update", name, "-m", f"By {name}.", "--now", NOW, cwd=site)
        assert result.code == 0, result.err
        assert f"By {name}." in event_text(site)
    assert invoke("incident", "edit", "--update", "7", "-m", "x", "--now", NOW, cwd=site).code == 1


def test_words_are_taken_back(site: Path, invoke: Run) -> None:
    invoke("incident", "update", "-m", "Too soon.", "--now", NOW, cwd=site)
    assert invoke("incident", "retract", "--now", NOW, cwd=site).code == 0
    assert event_text(site) == INCIDENT[EVENT]
    assert invoke("incident", "retract", "--all", "--now", NOW, cwd=site).code == 0
    assert not (site / EVENT).exists()
    git(site, "revert", "--no-edit", "HEAD")
    assert event_text(site) == INCIDENT[EVENT]


def test_list_and_show_fit_the_terminal(site: Path, invoke: Run) -> None:
    wide = invoke("incident", "list", "--now", NOW, cwd=site, env={"COLUMNS": "100"})
    assert wide.out == "✗ 2026-11-23-api-errors  Investigating  23 Nov 2026  API errors\n"
    narrow = invoke("incident", "list", "--now", NOW, cwd=site, env={"COLUMNS": "30"})
    assert max(map(len, narrow.out.splitlines())) <= 30
    shown = invoke("incident", "show", "--now", NOW, cwd=site, env={"COLUMNS": "40"})
    assert "20261123T100200Z" in shown.out
    assert "We see **5xx**." in shown.out
    told = json.loads(invoke("incident", "show", "api", "--json", "--now", NOW, cwd=site).out)
    assert told["updates"][0]["name"] == "20261123T100200Z"
    assert told["path"] == EVENT


def test_the_list_leaves_out_what_is_over_when_asked(site: Path, invoke: Run) -> None:
    invoke("incident", "resolve", "-m", "Over.", "--now", NOW, cwd=site)
    later = ("--now", "2026-11-24T00:00:00Z")
    assert invoke("incident", "list", "--open", *later, cwd=site).out == "There are no incidents that are open.\n"
    assert "Resolved" in invoke("incident", "list", "--all", *later, cwd=site).out
    told = json.loads(invoke("incident", "list", "--json", *later, cwd=site).out)
    assert [event["is_open"] for event in told["events"]] == [False]


@pytest.mark.parametrize(
    ("args", "told", "code"),
    [
        (["open", "T", "-m", "x", "-s", "ap=down"], "there is no service `ap` (did you mean `api`?)", 1),
        (["open", "T", "-m", "x", "-s", "api=dwn"], "there is no status `dwn` (did you mean `down`?)", 1),
        (["open", "T", "-m", "x", "-s", "api"], "write api=down", 2),
        (["open", "T", "-m", " \n "], "says nothing", 2),
        (["open", "T", "-m", "a\x1b[2Jb"], "the control character '\\x1b'", 2),
        (["open", "T", "-m", "a\udcffb"], "bytes that are not UTF-8", 2),
        (["open", "a\nb", "-m", "x"], "more than one line", 2),
        (["open", "T", "-m", "x", "-F", "y"], "-m and -F exclude each other", 2),
        (["open", "T", "-F", "no-such-file"], "No such file", 2),
        (["open", "T", "-m", "x", "--set", "a=b"], "--template", 2),
        (["open", "T", "-m", "x", "--template", "no"], "there is no template `no`", 1),
        (["open", "T", "-m", "x", "--id", "2026-11-23-api-errors"], "2026-11-23-api-errors", 1),
        (["update", "zzz", "-m", "x"], "there is no incident `zzz`; open: 2026-11-23-api-errors", 1),
        (["updat"], "there is no `incident updat` (did you mean `update`?)", 2),
        (["list", "--open", "--all"], "exclude each other", 2),
    ],
)
def test_a_mistake_is_told_and_changes_nothing(site: Path, invoke: Run, args: list[str], told: str, code: int) -> None:
    result = invoke("incident", *args, cwd=site)
    assert told in " ".join(result.err.split())
    assert result.code == code
    assert count(site) == 0


@pytest.mark.parametrize(
    "text",
    [
        "Füße 🔥 größer",
        "\u200f\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
        "x" * 5000,
        "```\ncode\n```\n\n| a | b |\n|---|---|",
    ],
)
def test_any_text_comes_through(site: Path, invoke: Run, text: str) -> None:
    assert invoke("incident", "update", "-m", text, "--now", NOW, cwd=site).code == 0
    told = json.loads(invoke("incident", "show", "api", "--json", "--now", NOW, cwd=site).out)
    assert told["updates"][1]["message"].strip() == text.strip()


def test_a_message_comes_from_stdin_or_a_file(site: Path, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "words.md"
    file.write_bytes("\ufeffFrom a file.\r\nTwo lines.\r\n".encode())
    assert run("incident", "update", "-F", file, "--now", NOW, cwd=site).code == 0
    assert "From a file.\n      Two lines.\n" in event_text(site)
    piped = run("incident", "update", "-m", "-", "--now", "2026-11-23T10:31:00Z", cwd=site, stdin="Piped.\n")
    assert piped.code == 0, piped.err
    also = run("incident", "update", "-F", "-", "--now", "2026-11-23T10:32:00Z", cwd=site, stdin="Too.\n")
    assert also.code == 0, also.err
    assert "message: Piped." in event_text(site)


def test_a_template_gives_the_words(site: Path, invoke: Run) -> None:
    templates = site / "site-data" / "templates"
    templates.mkdir()
    (templates / "database.yaml").write_text(
        'title: "{{ service }}: {{ status }}"\n'
        "message: |\n  The database is slow, see {{ set.ticket }}.\n"
        "resolved: The database is fast again.\nstate: identified\nservices: {web: warning}\n",
        encoding="utf-8",
    )
    result = invoke(
        "incident", "open", "--template", "database", "--set", "ticket=#4711 *", "-m", "More **soon**.",
        "-s", "web=partial", "--now", NOW, cwd=site,
    )  # fmt: skip
    assert result.code == 0, result.err
    (path,) = (site / "site-data" / "events" / "2026").glob("*web-site*")
    text = path.read_text(encoding="utf-8")
    assert 'title: "Web site: Partial outage"' in text
    assert "The database is slow, see \\#4711 \\*.\n\n      More **soon**." in text
    assert "state: identified" in text
    lacking = invoke("incident", "open", "--template", "database", "--now", NOW, cwd=site)
    assert lacking.code == 1
    assert "--set ticket=" in lacking.err
    other = invoke("notice", "post", "--template", "database", "--set", "ticket=1", "--now", NOW, cwd=site)
    assert "template `database` is of kind incident, and this is of kind notice" in other.err
    over = invoke("incident", "resolve", "web", "--template", "database", "--set", "ticket=1", "--now", NOW, cwd=site)
    assert over.code == 0, over.err
    assert "message: The database is fast again." in path.read_text(encoding="utf-8")
