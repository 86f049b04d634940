"""A branch of a git repository: `git:REMOTE#BRANCH`, where REMOTE is the name of a remote, a URL or a path.

Nothing of the project's own repository is touched, neither its work tree nor its index, branches or objects: the commit
is made in a repository of its own that is thrown away, with the settings of the project's, and moves the branch only
from where it was when we looked.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from stashgen import clock
from stashgen.files import SIGNATURE
from stashgen.git import Done, Git
from stashgen.git.remotes import remotes
from stashgen.publishers.plan import LOOKED_AT, Found, Plan, found, is_foreign, plan
from stashgen.publishers.site import Site
from stashgen.publishers.standing import is_newer
from stashgen.publishers.store import Order, PublishError, Report, hushed
from stashgen.text import did_you_mean, listed, printable, quoted
from stashgen.urls import DASHBOARD

_PREFIX: Final = "git:"
_SECONDS: Final = 900.0
_MOST_ROUNDS: Final = 10
_PAUSE_SECONDS: Final = 0.3  # grows with each lost race, and is never the same for two
_DEFAULT: Final = "gh-pages"
_OLD: Final = "refs/heads/old"
_NEW: Final = "refs/heads/new"
_QUIET_SSH: Final = "ssh -o BatchMode=yes -o ConnectTimeout=20"
_MOST_LINES: Final = 3
_TELLING: Final = ("fatal:", "error:", "ssh:", "!")
_NOBODY: Final = "stashgen <stashgen@localhost>"
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://|[^/]+:|[./~]|.*/", re.IGNORECASE | re.DOTALL)
# What another push at the same moment looks like; everything else that a remote says is meant.
_RACE: Final = re.compile(
    r"\[rejected\] \((fetch first|non-fast-forward|stale info|remote ref updated since checkout)\)"
    r"|\[remote rejected\] \((cannot lock ref|failed to (update|lock)|incorrect old value|reference already exists)"
)
_WORDS: Final = (
    (r"Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED",
     "the host's key is not the one in known_hosts, or there is none; compare it with the host's own and add it"),
    (r"Permission denied \(p|Authentication failed|could not read (Username|Password)|returned error: 40[13]",
     "the host does not let us in: give git a key or a token that may push"),
    (r"does not appear to be a git repository|[Rr]epository .*not found|does not exist", "there is no such repository"),
    (r"No space left on device|Disk quota exceeded|disk quota", "the disk there is full; free some space"),
    (r"insufficient permission|unable to create temporary object directory|Permission denied",
     "the repository cannot be written there"),
    (r"\[remote rejected\]", "the remote does not take it; look at its rules for this branch"),
)  # fmt: skip
# Settings that say how a remote is reached. All others are of no use where there is no work tree.
_KEPT: Final = re.compile(
    r"(credential|http|https|url|protocol|ssh|core\.(sshcommand|gitproxy|askpass))\b", re.IGNORECASE
)


class _Branch(NamedTuple):
    """Where the site goes."""

    url: str
    ref: str


class _Bench(NamedTuple):
    """The repository in which the commit is made, and how git is set up in it."""

    git: Git
    settings: Mapping[str, str]

    def far(self, *arguments: str) -> Done:
        """Run what goes over the network; nobody is asked anything."""
        return self.git.run(*arguments, seconds=_SECONDS, settings=self.settings, is_apart=True)


def fits(target: str) -> bool:
    """Return whether a target is a branch."""
    return target.startswith(_PREFIX)


def publish(target: str, site: Site, order: Order) -> Report:
    """Bring a branch to the state of the site."""
    branch = _branch(target, order)
    with tempfile.TemporaryDirectory(prefix="stashgen-git-") as scratch:
        settings = _settings(order, Path(scratch))
        for number in range(_MOST_ROUNDS):
            folder = Path(scratch) / str(number)
            folder.mkdir()
            order.wait(random.uniform(0, _PAUSE_SECONDS * number))  # noqa: S311 - who waits how long is no secret
            report = _round(_Bench(Git(folder, order.environ), settings), branch, site, order)
            if report is not None:
                return report
    raise PublishError("others push to this branch all the time; publish again later")


def _round(bench: _Bench, branch: _Branch, site: Site, order: Order) -> Report | None:
    """Look, decide, and move the branch; return None where somebody else has moved it meanwhile."""
    old = _fetched(bench, branch)
    there = _look(bench.git, has_tip=old is not None, is_forced=order.is_forced)
    if not order.is_forced and is_newer(there.standing, site.standing, order.known):
        note = f"left as it is: what is there is newer ({there.standing}; here: {site.standing})"
        return Report("left", unchanged=len(site.files), notes=(note,))
    todo = plan(site, there, "", is_all=order.is_forced)
    if todo.is_empty:
        return Report("unchanged", unchanged=todo.unchanged)
    sent = (*todo.send, *todo.last)
    notes = () if there.files is not None or not there.is_ours else (f"{branch.ref}: its manifest was lost",)
    size = sum(map(site.size, sent))
    if order.is_dry:
        return Report("planned", sent, todo.remove, todo.unchanged, size, notes)
    order.go_on()
    _commit(bench.git, site, todo, order, has_tip=old is not None)
    if not _moved(bench, branch, old):
        return None
    return Report("published", sent, todo.remove, todo.unchanged, size, notes)


def _branch(target: str, order: Order) -> _Branch:
    remote, _, name = target.removeprefix(_PREFIX).rpartition("#")
    if not _:
        remote, name = name, _DEFAULT
    if not remote or not Git(order.project, order.environ).has("check-ref-format", f"refs/heads/{name}"):
        raise PublishError("give a remote and a branch, such as git:origin#gh-pages", is_lasting=True)
    return _Branch(_url(remote, order), f"refs/heads/{name}")


def _url(remote: str, order: Order) -> str:
    git = Git(order.project, order.environ)
    known = remotes(order.project, order.environ)
    if remote in known:
        # By its URL: git would note in the project's repository what a remote of this name has.
        return _absolute(git.ask("remote", "get-url", "--push", remote), Path(git.ask("rev-parse", "--show-toplevel")))
    if not _URL.match(remote):
        names = listed(map(quoted, sorted(known))) or "none"
        raise PublishError(
            f"there is no remote {quoted(remote)}{did_you_mean(remote, known)}; there are: {names}; a folder is "
            f"written ./{printable(remote)}",
            is_lasting=True,
        )
    if remote.startswith("-"):
        raise PublishError("a repository's name does not begin with a dash", is_lasting=True)
    return _absolute(remote, Path())


def _absolute(url: str, base: Path) -> str:
    is_path = re.match(r"[./~]", url) is not None or ":" not in url.partition("/")[0]
    return str((base / Path(url).expanduser()).resolve()) if is_path else url


def _settings(order: Order, elsewhere: Path) -> dict[str, str]:
    """Return what makes git reach remotes from a folder elsewhere as it does from the project: keys, proxies, names."""
    here, there = _listed(order.project, order), _listed(elsewhere, order)
    missing = Counter(here)
    missing.subtract(Counter(there))
    wanted = [pair for pair in here if missing[pair] > 0 and _KEPT.match(pair[0])]
    first = int(order.environ.get("GIT_CONFIG_COUNT") or 0)
    settings = {"GIT_CONFIG_COUNT": str(first + len(wanted))}
    for number, (key, value) in enumerate(wanted, first):
        settings |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    names = {key for key, _ in here}
    if "core.sshcommand" not in names and not {"GIT_SSH", "GIT_SSH_COMMAND"} & order.environ.keys():
        settings["GIT_SSH_COMMAND"] = _QUIET_SSH
    return settings


def _listed(folder: Path, order: Order) -> list[tuple[str, str]]:
    done = Git(folder, order.environ).run("config", "--null", "--list", "--includes")
    entries = done.out.decode("utf-8", "surrogateescape").split("\0") if done.code == 0 else []
    return [(key, value) for key, is_set, value in (entry.partition("\n") for entry in entries) if is_set]


def _fetched(bench: _Bench, branch: _Branch) -> str | None:
    """Make the repository and fetch the tip of the branch into it; return None where there is no such branch."""
    asked = bench.far("ls-remote", "--", branch.url, branch.ref)
    if asked.code:
        raise _explained(asked)
    tip = next((line.split("\t")[0] for line in asked.text.splitlines() if line.endswith(f"\t{branch.ref}")), None)
    form = "sha256" if len(tip or "") == 64 else "sha1"
    made = bench.git.run("init", "--quiet", "--bare", "--template=", f"--object-format={form}", ".")
    if made.code:
        raise PublishError(made.words)
    if tip is None:
        return None
    done = bench.far(
        "fetch", "--quiet", "--depth=1", "--no-tags", "--no-auto-maintenance", "--", branch.url, f"+{branch.ref}:{_OLD}"
    )
    if done.code:
        raise _explained(done)
    return bench.git.ask("rev-parse", _OLD)


def _look(git: Git, *, has_tip: bool, is_forced: bool) -> Found:
    read = dict(_blobs(git)) if has_tip else {}
    there = found(read)
    if is_foreign(there, read) and not is_forced:
        raise PublishError(
            f"the branch holds a page ({DASHBOARD}) that is of no site of stashgen; choose another branch, or let "
            "--force put this site over it",
            is_lasting=True,
        )
    return there


def _blobs(git: Git) -> Iterator[tuple[str, bytes]]:
    for name in (*(one for one in LOOKED_AT if not one.endswith("/")), DASHBOARD):
        if git.run("cat-file", "-t", f"{_OLD}:{name}").text == "blob":
            yield name, git.run("cat-file", "blob", f"{_OLD}:{name}").out


def _commit(git: Git, site: Site, todo: Plan, order: Order, *, has_tip: bool) -> None:
    """Write the commit: what is on the branch and not ours stays; a grown history has the old one as its parent."""
    # Through a file: a site of ten thousand events would fill the memory twice.
    with tempfile.TemporaryFile(dir=git.folder) as stream:
        stream.writelines(_stream(git, site, todo, order, has_tip=has_tip))
        stream.seek(0)
        done = git.run("fast-import", "--quiet", "--done", stdin=stream, seconds=_SECONDS)
    if done.code:
        raise PublishError(f"git fast-import: {hushed(done.words.splitlines()[0])}")


def _stream(git: Git, site: Site, todo: Plan, order: Order, *, has_tip: bool) -> Iterator[bytes]:
    """Yield the commit in the language of `git fast-import`."""
    yield b"feature done\n"
    who = _who(order)
    source = f"\nSource: {site.standing.commit}\n" if site.standing.commit else ""
    message = f"Publish the site {site.standing}\n{source}".encode()
    yield b"commit %s\nauthor %s\ncommitter %s\ndata %d\n%s" % (_NEW.encode(), who, who, len(message), message)
    if has_tip and order.history == "growing":
        yield b"from %s^0\n" % _OLD.encode()
    elif has_tip:
        yield b'M 040000 %s ""\n' % git.ask("rev-parse", f"{_OLD}^{{tree}}").encode()
    gone = [*todo.remove, *([SIGNATURE] if todo.is_signature_old else [])]
    yield from (b"D %s\n" % _path(name) for name in gone)
    for name in (*todo.send, *todo.last):
        data = site.read(name)
        yield b"M 100644 inline %s\ndata %d\n%s\n" % (_path(name), len(data), data)
    yield b"done\n"


def _path(name: str) -> bytes:
    plain = name.encode("utf-8", "surrogateescape")
    return b'"%s"' % plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")


def _who(order: Order) -> bytes:
    told = Git(order.project, order.environ).run("var", "GIT_COMMITTER_IDENT")
    name = told.text.rpartition(">")[0] + ">" if told.code == 0 else _NOBODY
    return f"{name} {int(clock.current(order.environ).timestamp())} +0000".encode("utf-8", "surrogateescape")


def _moved(bench: _Bench, branch: _Branch, old: str | None) -> bool:
    """Push; return whether the branch was still where we saw it."""
    lease = f"--force-with-lease={branch.ref}:{old or ''}"
    done = bench.far(
        "push", "--porcelain", "--no-verify", "--no-signed", lease, "--", branch.url, f"{_NEW}:{branch.ref}"
    )
    if done.code == 0:
        return True
    if _RACE.search(done.words):
        return False
    raise _explained(done)


def _explained(done: Done) -> PublishError:
    said = hushed(done.words)
    lines = [line.strip().replace("\t", " ") for line in said.splitlines() if line.strip()]
    for pattern, words in _WORDS:
        if re.search(pattern, said):
            heard = [line for line in lines if line.startswith("remote:")] if "[remote" in pattern else []
            heard += [line for line in lines if re.search(pattern, line)]
            return PublishError(f"{words} ({'; '.join(heard[:_MOST_LINES]) or lines[0]})", is_lasting=True)
    # Of the last word of git one learns nothing: what ssh said stands before it.
    telling = [line for line in lines if line.startswith(_TELLING) and "Could not read from remote" not in line]
    return PublishError((telling or lines)[0])
