"""One change, one commit, in every kind of repository; nothing at all where it is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from clones import SITE, changes, git, hook, incident, is_sound, new_repository, opened, word
from door import write_files

from stashgen.errors import StashgenError
from stashgen.intents import Author
from stashgen.repository import Applied, Plan, Repository, Wishes


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return new_repository(tmp_path / "site")


def file_of(project: Path, applied: Applied) -> Path:
    return next((project / "site-data/events").rglob(f"{applied.plan.change.record}.yaml"))


@contextmanager
def nothing_changes(project: Path, saying: str) -> Iterator[None]:
    """Expect a refusal after which files, index and history are as before."""
    before = _picture(project)
    with pytest.raises(StashgenError, match=saying):
        yield
    assert _picture(project) == before


def _picture(project: Path) -> object:
    files = {path: path.read_bytes() for path in (project / "site-data").rglob("*") if path.is_file()}
    folders = sorted(path for path in (project / "site-data").rglob("*") if path.is_dir())
    return files, folders, git(project, "status", "--porcelain"), git(project, "rev-parse", "HEAD", check=False)


def test_a_commit_tells_who_how_and_which(site: Path) -> None:
    with opened(site) as repository:
        applied = repository.apply(incident(), Author(name="nagios\nSneaky: yes", via="webhook"))
    lines = git(site, "log", "-1", "--format=%B").splitlines()
    assert lines[0].startswith("incident ")
    assert lines[1:] == ["", "Via: webhook", "By: nagios Sneaky: yes", f"Change-Id: {applied.change_id}"]
    assert git(site, "rev-parse", "HEAD") == applied.commit
    assert is_sound(site)


def test_only_the_files_of_the_change_are_in_it(site: Path) -> None:
    write_files(site, {"staged.txt": "1", "site-data/services/api.yaml": "name: The API\n", "untracked.txt": "1"})
    git(site, "add", "staged.txt")
    with opened(site) as repository:
        applied = repository.apply(incident())
        repository.apply(word(applied.plan.change.record or ""))
    assert (
        git(site, "show", "--name-only", "--format=", "HEAD~1", "HEAD").splitlines()
        == [file_of(site, applied).relative_to(site).as_posix()] * 2
    )
    assert sorted(git(site, "status", "--porcelain", "-z").strip("\0").split("\0")) == [
        " M site-data/services/api.yaml", "?? untracked.txt", "A  staged.txt",
    ]  # fmt: skip


@pytest.mark.parametrize("is_staged", [False, True])
def test_a_file_with_changes_of_somebody_is_refused(site: Path, *, is_staged: bool) -> None:
    with opened(site) as repository:
        applied = repository.apply(incident())
        path = file_of(site, applied)
        path.write_text(path.read_text().replace("Errors", "Other errors"))
        if is_staged:
            git(site, "add", "--all")
        with nothing_changes(site, "not committed.*--no-commit"):
            repository.apply(word(applied.plan.change.record or ""))
        done = repository.apply(word(applied.plan.change.record or ""), wishes=Wishes(has_commit=False))
    assert done.commit is None
    assert "One more word" in path.read_text()
    assert "Other errors" in path.read_text()


@pytest.mark.parametrize("name", ["pre-commit", "prepare-commit-msg", "commit-msg"])
def test_a_hook_that_refuses(site: Path, name: str) -> None:
    with opened(site) as repository:
        first = repository.apply(incident())
        hook(site, name, "echo 'change freeze until Monday' >&2; exit 1")
        with nothing_changes(site, "(?s)a hook, said.*change freeze until Monday"):
            repository.apply(incident("Second"))
        with nothing_changes(site, "change freeze until Monday"):
            repository.apply(word(first.plan.change.record or ""))
    assert is_sound(site)


def test_a_hook_that_writes_the_file_anew_and_the_message_too(site: Path) -> None:
    hook(
        site, "pre-commit", 'for f in $(git diff --cached --name-only); do echo "# neat" >> "$f"; git add -- "$f"; done'
    )
    hook(site, "prepare-commit-msg", 'echo "Ticket: 1" >> "$1"')
    with opened(site) as repository:
        applied = repository.apply(incident())
        repository.apply(word(applied.plan.change.record or ""))
    assert file_of(site, applied).read_text().count("# neat") == 2
    assert "Ticket: 1" in git(site, "log", "-1", "--format=%B")
    assert is_sound(site)


def test_a_hook_that_writes_and_then_refuses(site: Path) -> None:
    with opened(site) as repository:
        first = repository.apply(incident())
        hook(site, "pre-commit", 'for f in $(git diff --cached --name-only); do echo "# neat" >> "$f"; done; exit 1')
        with nothing_changes(site, "said"):
            repository.apply(word(first.plan.change.record or ""))
        with nothing_changes(site, "said"):
            repository.apply(incident("Second"))


def test_what_a_hook_leaves_running_does_not_keep_us(site: Path) -> None:
    hook(site, "post-commit", "sleep 3 &")
    with opened(site) as repository:
        repository.apply(incident())


def test_commits_are_signed(site: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    allowed = f"author@example.com {key.with_suffix('.pub').read_text()}"
    (tmp_path / "allowed").write_text(allowed)
    for name, value in {
        "gpg.format": "ssh", "user.signingkey": str(key), "commit.gpgsign": "true",
        "gpg.ssh.allowedSignersFile": str(tmp_path / "allowed"), "log.showSignature": "true",
    }.items():  # fmt: skip
        git(site, "config", name, value)
    with opened(site) as repository:
        repository.apply(incident(), wishes=Wishes(key="one"))
        assert repository.apply(incident(), wishes=Wishes(key="one")).is_repeated
        assert git(site, "log", "-1", "--no-show-signature", "--format=%G?") == "G"
        key.unlink()
        with nothing_changes(site, "said"):
            repository.apply(incident("Second"))


def test_before_the_first_commit(tmp_path: Path) -> None:
    site = write_files(tmp_path / "site", SITE)
    git(site, "init", "--quiet")
    hook(site, "pre-commit", "test -e ../allowed")
    with opened(site) as repository:
        with nothing_changes(site, "said"):
            repository.apply(incident())
        (tmp_path / "allowed").touch()
        applied = repository.apply(incident())
    assert git(site, "ls-tree", "-r", "--name-only", "HEAD") == file_of(site, applied).relative_to(site).as_posix()


def test_a_linked_work_tree(site: Path, tmp_path: Path) -> None:
    git(site, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    with opened(site) as repository, opened(tmp_path / "side") as other:
        repository.apply(incident("Main"))
        other.apply(incident("Side"))
    assert len(changes(site, "main")) == len(changes(site, "side")) == 1
    assert git(tmp_path / "side", "status", "--porcelain") == ""


def test_a_detached_head_is_told(site: Path) -> None:
    git(site, "switch", "--quiet", "--detach")
    with opened(site) as repository:
        applied = repository.apply(incident())
    assert "HEAD is detached" in applied.remarks[0]
    assert git(site, "rev-parse", "HEAD") == applied.commit


def test_without_git(tmp_path: Path) -> None:
    site = write_files(tmp_path / "site", SITE)
    with opened(site, GIT_CEILING_DIRECTORIES=str(tmp_path)) as repository:
        applied = repository.apply(incident())
        assert applied.commit is None
        assert "not in a git repository" in applied.remarks[0]
        assert repository.pending() == []
        assert "not in a git repository" in (repository.push().error or "")
        with pytest.raises(StashgenError, match="git init"):
            repository.apply(incident("Second"), wishes=Wishes(has_commit=True))
    assert len(list((site / "site-data/events").rglob("*"))) == 2


def test_without_a_name(site: Path) -> None:
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("GIT_AUTHOR", "GIT_COMMITTER"))
    }
    git(site, "config", "user.useConfigOnly", "true")
    with Repository(site, environ) as repository, nothing_changes(site, "git config user.name NAME"):
        repository.apply(incident())


def test_a_path_that_git_ignores(site: Path) -> None:
    (site / ".gitignore").write_text("*errors*\n")
    git(site, "add", ".gitignore")
    git(site, "commit", "--quiet", "--message", "Ignore")
    with opened(site) as repository, nothing_changes(site, "git ignores events/.*--no-commit"):
        repository.apply(incident())


@pytest.mark.parametrize("operation", ["merge", "rebase", "cherry-pick"])
def test_in_the_middle_of_something_else(site: Path, operation: str) -> None:
    git(site, "switch", "--quiet", "-c", "side")
    (site / "site-data/services/api.yaml").write_text("name: Side\n")
    git(site, "commit", "--quiet", "--all", "--message", "Side")
    git(site, "switch", "--quiet", "main")
    (site / "site-data/services/api.yaml").write_text("name: Main\n")
    git(site, "commit", "--quiet", "--all", "--message", "Main")
    git(site, operation, "side", check=False)
    (site / "site-data/services/api.yaml").write_text("name: Main\n")
    with opened(site) as repository, nothing_changes(site, f"a {operation} is under way"):
        repository.apply(incident())


def test_site_data_that_is_a_submodule(site: Path, tmp_path: Path) -> None:
    data = write_files(tmp_path / "data", {name.removeprefix("site-data/"): text for name, text in SITE.items()})
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "Data"]):
        git(data, *arguments)
    shutil.rmtree(site / "site-data")
    git(site, "commit", "--quiet", "--all", "--message", "No data")
    git(site, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(data), "site-data")
    git(site, "commit", "--quiet", "--all", "--message", "Data as a submodule")
    with opened(site) as repository:
        applied = repository.apply(incident("One"))
    assert "submodule" in applied.remarks[0]
    assert len(changes(site / "site-data")) == 1
    assert not changes(site)


def test_site_data_that_is_a_link(site: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "site-data").symlink_to(site / "site-data")
    with opened(project) as repository:
        repository.apply(incident())
    assert len(changes(site)) == 1
    assert is_sound(site)


def test_settings_and_variables_that_get_in_the_way(site: Path, tmp_path: Path) -> None:
    for name, value in {
        "core.autocrlf": "true", "core.quotePath": "true", "commit.verbose": "true", "commit.cleanup": "scissors",
        "commit.template": str(tmp_path / "none"), "core.fsmonitor": "true", "status.showUntrackedFiles": "no",
        "status.relativePaths": "true", "color.ui": "always", "core.pager": "false", "core.editor": "false",
        "log.decorate": "full", "diff.noprefix": "true", "i18n.commitEncoding": "ISO-8859-1", "core.commentChar": "i",
    }.items():  # fmt: skip
        git(site, "config", name, value)
    elsewhere = {
        "GIT_DIR": "/nowhere",
        "GIT_INDEX_FILE": "/nowhere/index",
        "GIT_WORK_TREE": "/",
        "LC_ALL": "de_DE.UTF-8",
    }
    with opened(site, **elsewhere, GIT_LITERAL_PATHSPECS="1", GIT_EDITOR="false") as repository:
        applied = repository.apply(incident("Größere Störung"))
        repository.apply(word(applied.plan.change.record or "", "Noch ein Wort — 🚒"))
    assert len(changes(site)) == 2
    assert git(site, "status", "--porcelain", "--untracked-files=all") == ""


def test_names_with_any_character(site: Path) -> None:
    odd = site / "site-data/events/ä [b] *\n'\"" / "odd.yaml"
    write_files(
        odd.parent,
        {"odd.yaml": "title: Odd\nservices: {api: down}\nupdates:\n  - at: 2026-01-01T00:00:00Z\n    message: Hi\n"},
    )
    write_files(
        site, {"site-data/events/b.yaml": "title: B\nupdates:\n  - at: 2026-01-01T00:00:00Z\n    message: Hi\n"}
    )
    git(site, "add", "--all")
    git(site, "commit", "--quiet", "--message", "Odd")
    with opened(site) as repository:
        repository.apply(word("odd"))
    assert git(site, "show", "--name-only", "--format=", "-z", "HEAD").strip("\0\n") == odd.relative_to(site).as_posix()
    assert is_sound(site)


def test_reading_touches_nothing(site: Path) -> None:
    with opened(site) as repository:
        repository.read()
    assert not (site / ".git/stashgen").exists()


def test_a_dry_run_touches_nothing_and_a_no_is_a_no(site: Path) -> None:
    class NoError(Exception):
        pass

    def refuse(plan: Plan) -> None:
        assert plan.change.files
        raise NoError

    with opened(site) as repository:
        plan = repository.apply(incident(), wishes=Wishes(is_dry_run=True)).plan
        assert plan.change.files
        with pytest.raises(NoError):
            repository.apply(incident(), confirm=refuse)
    assert git(site, "status", "--porcelain") == ""
    assert not changes(site)


def test_what_was_confirmed_is_what_is_written(site: Path) -> None:
    with opened(site) as repository:
        event = repository.apply(incident()).plan.change.record or ""
        seen: list[Plan] = []

        def think(plan: Plan) -> None:
            seen.append(plan)
            if len(seen) == 1:
                with opened(site) as other:
                    other.apply(word(event, "Said meanwhile"))

        applied = repository.apply(word(event, "Said at last"), confirm=think)
    assert len(seen) == 2
    assert seen[-1].change.files == applied.plan.change.files
    text = file_of(site, applied).read_text()
    assert text.index("Said meanwhile") < text.index("Said at last")


def test_many_threads_and_processes_on_one_clone(site: Path) -> None:
    def write(repository: Repository, name: str) -> list[str]:
        return [repository.apply(incident(f"{name} {number}")).change_id for number in range(4)]

    with opened(site) as one, opened(site) as two, ThreadPoolExecutor(4) as pool:
        made = [pool.submit(write, (one, two)[number % 2], f"Thread {number}") for number in range(4)]
        ids = [change for future in made for change in future.result()]
    assert set(changes(site).items()) == {(change, 1) for change in ids}
    assert is_sound(site)


def test_a_file_that_git_ignores_and_that_is_there(site: Path) -> None:
    with opened(site) as repository:
        event = repository.apply(incident()).plan.change.record or ""
        (site / ".gitignore").write_text("events/\n")
        git(site, "rm", "-r", "--quiet", "--cached", "site-data/events")
        git(site, "add", ".gitignore")
        git(site, "commit", "--quiet", "--message", "Ignore events")
        with nothing_changes(site, "git ignores events/"):
            repository.apply(word(event))


def test_a_sparse_and_partial_clone(site: Path, tmp_path: Path) -> None:
    write_files(site, {"big/file.txt": "Elsewhere\n"})
    git(site, "add", "--all")
    git(site, "commit", "--quiet", "--message", "Big")
    git(tmp_path, "clone", "--quiet", "--bare", str(site), "bare.git")
    git(tmp_path / "bare.git", "config", "uploadpack.allowFilter", "true")
    url = f"file://{tmp_path / 'bare.git'}"
    for name in ("one", "two"):
        git(tmp_path, "clone", "--quiet", "--sparse", "--filter=blob:none", url, name)
        git(tmp_path / name, "sparse-checkout", "set", "site-data")
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        one.apply(incident("One"))
        two.apply(incident("Two"))
        assert one.push().is_up_to_date
        assert two.push().replayed == 1
    assert not (tmp_path / "two/big").exists()
    assert len(changes(tmp_path / "bare.git", "main")) == 2
    assert git(tmp_path / "two", "status", "--porcelain") == ""
