"""stashgen notify through the front door: real webhooks and mail on loopback that count what they get."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from door import Result, Run, git, write_files
from news_receivers import Receiver, free_port, mail_server, receiver
from news_site import EVENT, FIRST, LATER, OPENED, RESOLVED, SITE, ledger, notify, repository

WORK = """\
title: Database upgrade
kind: maintenance
services: [web]
planned: {start: 2026-11-23T11:00:00Z, end: 2026-11-23T12:00:00Z}
updates:
  - at: 2026-11-23T10:05:00Z
    message: We move to new hardware.
"""


@pytest.fixture
def site(tmp_path: Path, invoke: Run, hook: Receiver) -> Path:
    """Return a page whose first run has been."""
    folder = repository(tmp_path / "my page \u05d0")
    first = notify(invoke, folder, hook, now=FIRST)
    assert (first.code, first.err) == (0, "")
    assert "counts as told" in first.out
    return folder


def say(folder: Path, text: str, path: str = EVENT) -> None:
    write_files(folder, {path: text})


def test_news_is_told_once(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, OPENED)
    told = notify(invoke, site, hook)
    assert told == (0, "ops: [Investigating] API errors · API\n1 message told.\n", "")
    (message,) = hook.messages
    assert message["title"] == "[Investigating] API errors · API"
    page = "https://status.acme.example/events/api-errors/#update-1"
    words = f"We see 5xx on a third of requests.\n\nAPI: Major outage\n\nAcme Status\n\n{page}"
    assert (message["message"], message["type"]) == (words, "failure")
    assert notify(invoke, site, hook) == (0, "There is nothing new to tell.\n", "")
    assert len(hook.bodies) == 1


def test_several_are_told_in_the_order_of_time(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, OPENED + RESOLVED)
    say(
        site,
        "title: Hello\nkind: notice\nupdates:\n  - {at: 2026-11-23T10:10:00Z, message: All of you.}\n",
        "site-data/events/hello.yaml",
    )
    assert notify(invoke, site, hook).code == 0
    assert hook.titles == ["[Investigating] API errors · API", "Hello", "[Resolved] API errors · API"]
    assert [message["type"] for message in hook.messages] == ["failure", "info", "success"]


def test_only_a_word_that_says_so_is_told_again(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, OPENED)
    notify(invoke, site, hook)
    say(site, OPENED.replace("a third", "half"))
    assert "nothing new" in notify(invoke, site, hook).out
    edited = OPENED.replace("    state", "    edited_at: 2026-11-23T10:25:00Z\n    state").replace("a third", "half")
    say(site, edited)
    assert notify(invoke, site, hook).code == 0
    assert hook.titles[1:] == ["[Investigating] API errors · API · edited 23 Nov 2026, 10:25 UTC"]
    assert hook.messages[1]["message"].startswith("We see 5xx on half of requests.\n")
    say(site, edited.replace("10:02:00", "10:03:00"))
    assert "nothing new" in notify(invoke, site, hook).out, "its time was corrected, no more"
    (site / EVENT).rename(site / EVENT.replace("api-errors", "api-down"))
    assert "nothing new" in notify(invoke, site, hook).out, "its file was renamed, no more"
    (site / EVENT.replace("api-errors", "api-down")).unlink()
    assert "nothing new" in notify(invoke, site, hook).out
    assert len(hook.bodies) == 2


def test_what_is_not_news_tells_nothing(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, OPENED.replace("api: down", "lab: down"))
    say(site, OPENED.replace("11-23", "11-20") + RESOLVED.replace("11-23", "11-20"), "site-data/events/imported.yaml")
    say(site, OPENED.replace("10:02:00", "10:40:00"), "site-data/events/ahead.yaml")
    assert "nothing new" in notify(invoke, site, hook).out
    assert notify(invoke, site, hook, now="2026-11-23T10:41:00Z").code == 0
    assert hook.titles == ["[Investigating] API errors · API"], "what lay ahead is told when its time has come"


def test_a_maintenance_starts_and_ends_without_a_commit(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, WORK, "site-data/events/work.yaml")
    for now in ("10:30", "11:01", "11:20", "12:05", "12:30"):
        assert notify(invoke, site, hook, now=f"2026-11-23T{now}:00Z").code == 0
    assert [message["message"].splitlines()[0] for message in hook.messages] == [
        "We move to new hardware.",
        "The planned maintenance began at 23 Nov 2026, 11:00 UTC.",
        "The planned maintenance ended at 23 Nov 2026, 12:00 UTC.",
    ]
    assert "Planned: 23 Nov 2026, 11:00 \u2013 12:00 UTC\nWeb site: Under maintenance" in hook.messages[0]["message"]
    assert hook.titles[1:] == [f"[{state}] Database upgrade · Web site" for state in ("In progress", "Completed")]


def test_a_renamed_maintenance_and_a_corrected_plan_are_no_news(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, WORK, "site-data/events/work.yaml")
    assert notify(invoke, site, hook, now="2026-11-23T11:05:00Z").code == 0
    assert len(hook.bodies) == 2
    say(site, WORK.replace("11:00", "10:55"), "site-data/events/work.yaml")
    assert "nothing new" in notify(invoke, site, hook, now="2026-11-23T11:06:00Z").out
    (site / "site-data/events/work.yaml").unlink()
    say(site, WORK.replace("11:00", "10:55").replace("new hardware", "newer hardware"), "site-data/events/moved.yaml")
    assert "nothing new" in notify(invoke, site, hook, now="2026-11-23T11:07:00Z").out, "and a word of it was corrected"
    tomorrow = WORK.replace("11-23T11:00", "11-24T11:00").replace("11-23T12:00", "11-24T12:00")
    say(site, tomorrow, "site-data/events/moved.yaml")
    assert "nothing new" in notify(invoke, site, hook, now="2026-11-23T11:08:00Z").out
    assert notify(invoke, site, hook, now="2026-11-24T11:01:00Z").code == 0
    assert hook.titles[2:] == ["[In progress] Database upgrade · Web site"], "this time it is another one"


def test_a_renamed_file_with_an_edit_tells_the_edit_alone(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, OPENED)
    assert notify(invoke, site, hook).code == 0
    (site / EVENT).unlink()
    edited = OPENED.replace("    state", "    edited_at: 2026-11-23T10:25:00Z\n    state").replace("a third", "half")
    say(site, edited, "site-data/events/api-down.yaml")
    assert notify(invoke, site, hook).code == 0
    assert hook.titles[1].endswith(" · edited 23 Nov 2026, 10:25 UTC")
    assert len(hook.bodies) == 2


def test_a_postmortem_is_news_weeks_later(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, OPENED + RESOLVED)
    notify(invoke, site, hook)
    say(site, OPENED.replace("updates:", "postmortem: A disk was **full**.\nupdates:") + RESOLVED)
    later = "2026-12-20T10:00:00Z"
    assert notify(invoke, site, hook, now=later).out.splitlines()[0] == "ops: [Postmortem] API errors · API"
    assert hook.messages[-1]["message"].splitlines()[0] == "A disk was full."
    old = OPENED.replace("2026-11-23", "2026-12-01").replace("updates:", "postmortem: Old.\nupdates:")
    say(site, old, "site-data/events/imported.yaml")
    assert "nothing new" in notify(invoke, site, hook, now=later).out, "one that comes with its event is no late word"
    assert len(hook.bodies) == 3


def test_channels_get_what_they_asked_for(tmp_path: Path, invoke: Run, hook: Receiver) -> None:
    filters = {
        "all": "", "web": "services: [web]", "core": "groups: [core]", "either": "services: [web]\n    groups: [core]",
        "bad": "level: ERROR", "planned": "kinds: [maintenance]", "ends": "news: [ended]", "first": "news: [opened]",
    }  # fmt: skip
    channels = "".join(f"  - name: {name}\n    urls_from: OPS_URLS\n    {more}\n" for name, more in filters.items())
    folder = repository(tmp_path / "site", {**SITE, "site-data/notifications.yaml": f"channels:\n{channels}"})
    notify(invoke, folder, hook, now=FIRST)
    say(folder, OPENED + RESOLVED)
    say(folder, WORK, "site-data/events/work.yaml")
    told = json.loads(notify(invoke, folder, hook, "--json").out)
    keys = {
        name: sorted(one["keys"][0].partition("/")[2][9:13] for one in told["messages"] if one["channel"] == name)
        for name in filters
    }
    assert keys == {
        "all": ["1002", "1005", "1020"], "web": ["1005"], "core": ["1002", "1020"], "either": ["1002", "1005", "1020"],
        "bad": ["1002", "1020"], "planned": ["1005"], "ends": ["1020"], "first": ["1002", "1005"],
    }  # fmt: skip
    assert {one["outcome"] for one in told["messages"]} == {"told"}


def test_a_storm_is_one_message(site: Path, invoke: Run, hook: Receiver) -> None:
    many = {
        f"site-data/events/storm-{number}.yaml": OPENED.replace("errors", f"errors {number}") for number in range(60)
    }
    write_files(site, many)
    assert notify(invoke, site, hook).out == "ops: Acme Status: 60 pieces of news\n1 message told.\n"
    (message,) = hook.messages
    lines = message["message"].splitlines()
    assert lines[0] == "- 23 Nov 2026, 10:02 UTC · [Investigating] API errors 9 · API"
    assert lines[20:] == ["and 40 more", "", "https://status.acme.example/history/"]
    assert "nothing new" in notify(invoke, site, hook).out


def test_who_fails_is_told_by_the_next_run(tmp_path: Path, invoke: Run, hook: Receiver) -> None:
    channels = "channels:\n  - {name: ops, urls_from: OPS_URLS}\n  - {name: boss, urls_from: BOSS_URL}\n"
    folder = repository(tmp_path / "site", {**SITE, "site-data/notifications.yaml": channels})
    with receiver() as second, receiver() as boss:
        env = {"OPS_URLS": f"{hook.apprise} {second.apprise}", "BOSS_URL": boss.apprise}

        def run() -> Result:
            return invoke("notify", "-C", folder, "--now", LATER, env=env)

        assert "counts as told" in invoke("notify", "-C", folder, "--now", FIRST, env=env).out
        say(folder, OPENED + RESOLVED)
        second.status = 503
        failed = run()
        assert failed.code == 1
        assert failed.out.splitlines()[2:] == [
            "ops/2: [Investigating] API errors · API: it was refused with 503",
            "boss: [Investigating] API errors · API",
            "boss: [Resolved] API errors · API",
            "4 messages told, 1 failed.",
        ]
        assert second.refused == 3, "it was tried three times, and what came after it waits"
        second.status = 200
        assert run().out.splitlines()[-1] == "2 messages told."
        assert "nothing new" in run().out
        assert [len(one.bodies) for one in (hook, second, boss)] == [2, 2, 2]
        assert second.titles == hook.titles


def test_a_debt_follows_words_that_get_another_time_or_name(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, OPENED)
    assert notify(invoke, site, f"json://127.0.0.1:{free_port()} {hook.apprise}").code == 1
    say(site, OPENED.replace("10:02:00", "10:03:00"))
    assert notify(invoke, site, f"json://127.0.0.1:{free_port()} {hook.apprise}").code == 1
    (site / EVENT).rename(site / EVENT.replace("api-errors", "api-down"))
    say(
        site,
        "title: X\nkind: notice\nupdates:\n  - {at: 2026-11-23T10:10:00Z, message: Y.}\n",
        "site-data/events/y.yaml",
    )
    with receiver() as other:
        told = notify(invoke, site, f"{other.apprise} {hook.apprise}")
        assert told.code == 0
        assert hook.titles == other.titles == ["[Investigating] API errors · API", "X"]


def test_a_short_failure_is_overcome_within_the_run(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, OPENED)
    hook.failures = 1
    assert notify(invoke, site, hook).code == 0
    assert (len(hook.bodies), hook.refused) == (1, 1)


def test_news_that_waited_for_two_days_is_given_up(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, OPENED)
    dead = f"json://127.0.0.1:{free_port()}"
    assert notify(invoke, site, dead).out.splitlines()[0].endswith(": it cannot be reached")
    assert notify(invoke, site, hook, now="2026-11-25T11:00:00Z").code == 0
    assert hook.bodies == []


def test_what_cannot_be_used_is_an_error_and_the_others_go_on(tmp_path: Path, invoke: Run, hook: Receiver) -> None:
    names = ("OPS_URLS", "NO_URLS", "BAD_URL", "ODD_URLS")
    channels = "".join(f"  - {{name: c{place}, urls_from: {name}}}\n" for place, name in enumerate(names))
    folder = repository(tmp_path / "site", {**SITE, "site-data/notifications.yaml": f"channels:\n{channels}"})
    notify(invoke, folder, hook, now=FIRST)
    say(folder, OPENED)
    env = {"OPS_URLS": hook.apprise, "BAD_URL": "s3cr3t-t0ken", "ODD_URLS": f"slack://s3cr3t-t0ken,\n{hook.apprise}"}
    told = invoke("notify", "-C", folder, "--now", LATER, env=env)
    assert told.code == 1
    see = "and that Apprise cannot use: see https://appriseit.com/services/"
    assert told.err.splitlines() == [
        "error: c1: the environment variable NO_URLS is not set",
        f"error: c2: BAD_URL is no URL {see}",
        f"error: c3: URL 1 of ODD_URLS is a URL that begins with slack:// {see}",
    ]
    assert len(hook.bodies) == 2
    assert "s3cr3t" not in told.out + told.err + ledger(folder)
    env["NO_URLS"] = hook.apprise
    invoke("notify", "-C", folder, "--now", LATER, env=env)
    assert len(hook.bodies) == 3, "the channel whose variable is there now is told late"


def test_calls_to_everybody_are_calmed(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, OPENED.replace("API errors", "'@everyone: errors'").replace("We see", "<!channel> \\<@U1> @here"))
    assert notify(invoke, site, hook).code == 0
    (message,) = hook.messages
    assert not any(call in json.dumps(message, ensure_ascii=False) for call in ("@everyone", "<!", "<@", "@here"))


def test_no_link_hides_behind_other_words(site: Path, invoke: Run, hook: Receiver) -> None:
    links = "\\[Sign in](https://evil.example) \\<https://evil.example|Sign in>"
    say(site, OPENED.replace("API errors", "'[Sign in](https://evil.example)'").replace("We see", links))
    assert notify(invoke, site, hook).code == 0
    (message,) = hook.messages
    words = json.dumps(message, ensure_ascii=False)
    assert "evil.example" in words
    assert not any(link in words for link in ("](", "<http"))


def test_a_page_that_runs_from_right_to_left_prints_no_escapes(tmp_path: Path, invoke: Run, hook: Receiver) -> None:
    files = {**SITE, "site-data/site.yaml": f"{SITE['site-data/site.yaml']}language: ar\n"}
    folder = repository(tmp_path / "site", files)
    notify(invoke, folder, hook, now=FIRST)
    say(folder, OPENED)
    for told in (notify(invoke, folder, hook, "--dry-run"), notify(invoke, folder, hook)):
        assert "API errors" in told.out
        assert "\\u20" not in told.out
    assert "\\u20" not in invoke("compare", "-C", folder, "--now", LATER, "--format", "markdown").out
    assert "\u2068API errors\u2069" in hook.titles[0]


def test_mail_comes_in_the_language_of_the_page(tmp_path: Path, invoke: Run) -> None:
    german = {**SITE, "site-data/site.yaml": f"{SITE['site-data/site.yaml']}language: de\ntimezone: Europe/Berlin\n"}
    folder = repository(tmp_path / "site", german)
    with mail_server() as server:
        port = server.server_address[1]
        url = f"mailto://me:s3cr3t@127.0.0.1:{port}/?smtp=127.0.0.1&from=status@acme.example&to=all@acme.example&mode=insecure&user="
        notify(invoke, folder, url, now=FIRST)
        say(folder, OPENED.replace("API errors", "Störung der Schnittstelle"))
        assert notify(invoke, folder, url).code == 0  # one by one: Apprise pauses between two mails of a run
        say(folder, WORK, "site-data/events/work.yaml")
        assert [notify(invoke, folder, url, now=f"2026-11-23T{at}:00Z").code for at in ("10:31", "11:05")] == [0, 0]
        assert server.recipients == ["all@acme.example"] * 3
        assert [str(mail["Subject"]) for mail in server.mails] == [
            "[In Untersuchung] Störung der Schnittstelle · API",
            "[Geplant] Database upgrade · Web site",
            "[Läuft] Database upgrade · Web site",
        ]
        body = server.mails[2].get_body(("plain",))
        assert body is not None
        assert "hat am 23. Nov. 2026" in body.get_content()


def test_a_dry_run_tells_and_keeps_nothing(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, OPENED)
    before = ledger(site)
    told = notify(invoke, site, hook, "--dry-run")
    assert told.out.splitlines()[:2] == [
        "ops: [Investigating] API errors · API",
        "    We see 5xx on a third of requests.",
    ]
    assert told.out.splitlines()[-1] == "1 message would be told."
    shown = json.loads(notify(invoke, site, hook, "--dry-run", "--json").out)
    assert shown["messages"][0] == {
        "channel": "ops",
        "title": "[Investigating] API errors · API",
        "text": "We see 5xx on a third of requests.\n\nAPI: Major outage\n\nAcme Status",
        "url": "https://status.acme.example/events/api-errors/#update-1",
        "keys": ["api-errors/20261123T100200Z"],
        "outcome": "waiting",
    }
    assert (hook.bodies, ledger(site)) == ([], before)
    assert notify(invoke, site, hook).code == 0
    assert len(hook.bodies) == 1


def test_a_page_with_problems_tells_what_is_sound(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, OPENED)
    say(site, "title: Broken\n", "site-data/events/broken.yaml")
    told = notify(invoke, site, hook)
    assert (told.code, len(hook.bodies)) == (0, 1)
    assert "site-data/events/broken.yaml" in told.err
    say(site, OPENED + RESOLVED)
    say(site, "channels:\n  - {name: ops}\n", "site-data/notifications.yaml")
    refused = notify(invoke, site, hook)
    assert refused.code == 1
    assert "notifications.yaml:2: channels[0].urls_from: is missing" in refused.err
    assert len(hook.bodies) == 1


def test_who_is_new_is_not_told_of_the_past(site: Path, invoke: Run, hook: Receiver) -> None:
    say(site, OPENED)
    notify(invoke, site, hook)
    say(site, "channels:\n  - {name: new, urls_from: OPS_URLS}\n", "site-data/notifications.yaml")
    assert "nothing new" in notify(invoke, site, hook).out
    say(site, OPENED + RESOLVED)
    assert notify(invoke, site, hook).out == "new: [Resolved] API errors · API\n1 message told.\n"


def test_nobody_to_tell_and_no_repository(tmp_path: Path, invoke: Run, hook: Receiver) -> None:
    alone = write_files(tmp_path / "alone", SITE)
    outside = notify(invoke, alone, hook)
    assert outside.code == 1
    assert outside.err == (
        f"error: {alone} is in no git repository: who was told is kept in one; `git init` makes it\n"
    )
    (alone / "site-data/notifications.yaml").unlink()
    assert notify(invoke, alone, hook).out.startswith("Nobody is to be told: there are no `channels`")


def test_a_damaged_ledger_is_said_with_the_remedy(site: Path, invoke: Run, hook: Receiver) -> None:
    git(site, "update-ref", "refs/stashgen/notified", git(site, "commit-tree", "HEAD^{tree}", "-m", "Torn").strip())
    say(site, OPENED)
    refused = notify(invoke, site, hook)
    assert (refused.code, hook.bodies) == (1, [])
    assert "`git update-ref -d refs/stashgen/notified` lets the next run begin anew" in refused.err


def test_without_apprise_the_remedy_is_said(tmp_path: Path, run: Run) -> None:
    folder = repository(tmp_path / "site")
    write_files(tmp_path / "bare", {"apprise.py": "raise ModuleNotFoundError('no', name='apprise')\n"})
    path = os.pathsep.join(filter(None, [str(tmp_path / "bare"), os.environ.get("PYTHONPATH")]))
    refused = run("notify", "-C", folder, "--now", FIRST, env={"OPS_URLS": "json://localhost", "PYTHONPATH": path})
    assert refused.code == 1
    assert refused.err == (
        "error: telling channels needs apprise, which is not installed: pip install 'stashgen[notify]'\n"
    )
