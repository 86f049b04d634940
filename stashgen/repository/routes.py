"""Where a branch is pushed to, as git's settings say, and the two calls that go over the network."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from stashgen.git import Done, Git, GitError
from stashgen.git.locks import patiently
from stashgen.repository.clone import Clone
from stashgen.repository.committing import ALONE

Verdict = Literal["sent", "same", "race", "refused"]

_FETCHED: Final = "refs/worktree/stashgen/fetched"  # of this work tree alone
# What another push at the same moment looks like; everything else that a remote says is meant.
_RACE: Final = re.compile(
    r"\[rejected\] \((fetch first|non-fast-forward|stale info|remote ref updated since checkout)\)"
    r"|\[remote rejected\] \((cannot lock ref|failed to (update|lock)|incorrect old value|reference already exists)"
)
_QUIET_SSH: Final = "ssh -o BatchMode=yes -o ConnectTimeout=15"
_SSH_SETTINGS: Final = ("GIT_SSH_COMMAND", "GIT_SSH")


class Route(NamedTuple):
    """A branch here, as a full name, and the branch of a remote that it goes to."""

    branch: str
    remote: str
    ref: str

    @property
    def tracking(self) -> str:
        """Return where git usually notes what the remote has."""
        return f"refs/remotes/{self.remote}/{self.ref.removeprefix('refs/heads/')}"


class Sent(NamedTuple):
    """How a push went."""

    verdict: Verdict
    words: str


def route(program: Git, branch: str) -> Route | None:
    """Return where a branch goes; None where there is no remote that could be meant."""
    settings = _settings(program)
    name = branch.removeprefix("refs/heads/")
    remotes = sorted(
        {key[7:].rpartition(".")[0] for key in settings if re.fullmatch(r"remote\..+\.(push)?url", key, re.DOTALL)}
    )
    upstream = settings.get(f"branch.{name}.remote")
    likely = ("origin",) if "origin" in remotes else remotes if len(remotes) == 1 else ()
    wanted = (settings.get(f"branch.{name}.pushremote"), settings.get("remote.pushdefault"), upstream, *likely)
    remote = next((one for one in wanted if one and one != "."), None)
    if remote is None:
        return None
    merged = settings.get(f"branch.{name}.merge", "")
    return Route(branch, remote, merged if remote == upstream and merged.startswith("refs/heads/") else branch)


def send(program: Git, way: Route, commit: str, seconds: float) -> Sent:
    """Push a commit to where a route leads, never by force."""
    command = ("push", "--porcelain", "--no-follow-tags", "--", way.remote, f"{commit}:{way.ref}")
    try:
        done = over_the_network(program, command, seconds)
    except GitError as error:
        return Sent("refused", str(error))
    flags = [line[0] for line in done.out.decode("utf-8", "replace").splitlines() if line[1:2] == "\t"]
    if done.code == 0:
        return Sent("same" if flags and set(flags) <= {"="} else "sent", done.words)
    return Sent("race" if _RACE.search(done.words) else "refused", _plain(done))


def fetch(clone: Clone, way: Route, seconds: float) -> str | None:
    """Fetch what a route leads to; return the commit, None where there is no such branch. Raises GitError."""
    command = (
        *ALONE, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
        "--", way.remote, f"+{way.ref}:{_FETCHED}",
    )  # fmt: skip
    program = clone.git
    done = patiently(lambda: over_the_network(program, command, seconds), clone.layout)
    if done.code and "find remote ref" in done.err:
        return None
    if done.code:
        raise GitError(_plain(done))
    commit = program.ask("rev-parse", "--verify", f"{_FETCHED}^{{commit}}")
    program.run("update-ref", "-d", _FETCHED)
    return commit


def over_the_network(program: Git, command: tuple[str, ...], seconds: float) -> Done:
    """Run git where it may ask a server, without a way to ask a person."""
    asks_ssh = not any(name in program.environ for name in _SSH_SETTINGS) and not program.has(
        "config", "core.sshCommand"
    )
    settings = {"GIT_SSH_COMMAND": _QUIET_SSH} if asks_ssh else {}
    # Apart from the terminal, so that nothing can ask for a password that nobody is there to give.
    return program.run(*command, seconds=max(seconds, 1), settings=settings, is_apart=True)


def _plain(done: Done) -> str:
    lines = (line.rstrip() for line in done.words.splitlines())
    told = [
        line for line in lines if line and not line.startswith(("hint:", "To ", "Done", "error: failed to push some"))
    ]
    return "\n".join(told) or done.words


def _settings(program: Git) -> dict[str, str]:
    done = program.run("config", "-z", "--get-regexp", r"^(branch|remote)\.")
    parts = (entry.partition("\n") for entry in done.text.split("\0") if entry)
    return {key: value for key, _, value in parts}
