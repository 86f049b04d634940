"""Push, and when somebody was faster: fetch, carry our changes out once more on theirs, push again.

The network is never waited for under the lock: others write on while this goes on, and what they have written
meanwhile is taken along when the branch moves.
"""

from __future__ import annotations

import random
from contextlib import ExitStack
from typing import Final, Literal, Self

import msgspec

from stashgen import clock
from stashgen.errors import StashgenError
from stashgen.git import Git
from stashgen.repository.clone import Clone
from stashgen.repository.history import Commit, commits, is_in, span
from stashgen.repository.locking import locked
from stashgen.repository.moving import move
from stashgen.repository.recovery import recover
from stashgen.repository.replay import PARKED, Background, Replay
from stashgen.repository.routes import Route, Sent, fetch, route, send
from stashgen.repository.settling import branch, head, remember, remembered, settle
from stashgen.repository.values import Pushed
from stashgen.repository.workbench import Workbench, clear_away, workbench

_MOST_ROUNDS: Final = 10
_PAUSE_SECONDS: Final = 0.3  # grows with each lost race, and is never the same for two


class _Push:
    """One push from beginning to end: what is to be told of it gathers here."""

    def __init__(self, clone: Clone, way: Route, deadline: float) -> None:
        self._clone, self._way, self._deadline = clone, way, deadline
        self._commits = self._replayed = self._parked = 0
        self._remarks: list[str] = []
        self._seen: list[str] = []  # where the remote has been
        self._bench: Workbench | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take the work tree away, if one was needed."""
        self._stack.close()

    def run(self, start: str) -> Pushed:
        """Push a commit of the branch and what comes after it; raise GitError when the remote cannot be reached."""
        self._seen += remembered(self._clone, self._way)
        sent = self._send(start)
        for number in range(_MOST_ROUNDS):
            if sent.verdict == "refused":
                return self._told(sent.words)
            if sent.verdict in {"sent", "same"}:
                self._settle(start)
                return self._told(None)
            clock.sleep(random.uniform(0, _PAUSE_SECONDS * number))  # noqa: S311 - who waits how long is no secret
            if clock.monotonic() > self._deadline:
                break
            theirs = fetch(self._clone, self._way, self._left())
            if theirs is None:  # somebody deleted it: the push makes it anew
                sent = self._send(start)
                continue
            sent, start = self._on_top(theirs)
            self._seen.append(theirs)
        return self._told("the remote moves faster than this can push; the next push tries again")

    def _on_top(self, theirs: str) -> tuple[Sent, str]:
        """Carry out on their commit what is ours and push that; return how it went, and what is to be pushed now."""
        clone, start = self._clone, head(self._clone.git)
        if is_in(clone.git, theirs, start):
            return self._send(start), start
        bench = self._laid_out(theirs)
        replay = Replay(clone, bench, self._background(start, theirs))
        replay.run(commits(clone.git, *span(theirs, start)))
        tip = bench.tip
        sent = Sent("same", "") if tip == theirs else self._send(tip)
        if sent.verdict in {"race", "refused"}:
            return sent, start
        with clone.lock() as program:
            further = self._follow(program, (bench, replay), start)
        return (self._send(further), further) if further else (Sent("same", ""), tip)

    def _laid_out(self, commit: str) -> Workbench:
        # Once a push: what another round needs of a big site is little.
        if self._bench is None:
            self._bench = self._stack.enter_context(workbench(self._clone, commit))
        else:
            self._bench.go_to(commit)
        return self._bench

    def _follow(self, program: Git, work: tuple[Workbench, Replay], start: str) -> str | None:
        """Note what the remote has now, and bring the branch there with what was committed meanwhile on top.

        Return the branch's new commit if that is to be pushed too.
        """
        bench, replay = work
        self._remarks += recover(self._clone, program)
        tip, now = bench.tip, head(program)
        self._note(replay, "pushed")
        remember(self._clone, self._way, tip)
        if branch(program) != self._way.branch or not is_in(program, start, now):
            self._remarks.append("somebody moved the branch meanwhile: it stays where it is")
            return None
        later = replay.again()
        later.run(commits(program, *span(start, now)))
        refused = [_stray(one) for one in later.strays] or move(self._clone, program, now, bench.tip)
        if refused:
            self._remarks += refused
            return None
        self._note(later, "committed")
        return bench.tip if bench.tip != tip else None

    def _note(self, replay: Replay, stage: Literal["pushed", "committed"]) -> None:
        for row in replay.rows:
            self._commits += stage == "pushed" and row.stage == "committed"
            self._clone.journal.write(msgspec.structs.replace(row, stage=stage))
        for row in replay.parked:
            self._clone.git.ask("update-ref", PARKED + row.change_id, row.commit or "")
            self._clone.journal.write(row)
        self._replayed += replay.replayed
        self._parked += len(replay.parked)
        self._remarks += [
            f"{row.deed.subject}: parked, as it cannot be carried out on what the remote has; "
            f"`git cherry-pick {PARKED}{row.change_id}` takes it up again"
            for row in replay.parked
        ]

    def _background(self, start: str, theirs: str) -> Background:
        program = self._clone.git
        known = {name: one.id for one in commits(program, *span(start, theirs)) for name in one.changes}
        gone = {one.id for one in commits(program, *self._seen, f"^{theirs}")} if self._seen else set()
        return Background(known, gone)

    def _send(self, commit: str) -> Sent:
        return send(self._clone.git, self._way, commit, self._left())

    def _settle(self, commit: str) -> None:
        remember(self._clone, self._way, commit)
        count, remarks = settle(self._clone, commit)
        self._commits += count
        self._remarks += remarks
        if count:
            self._clone.journal.sweep(clock.current(self._clone.environ))
            # Our commits go without: git cleans up here, where nobody waits for it.
            self._clone.git.run("gc", "--auto", "--quiet", is_apart=True)

    def _left(self) -> float:
        return self._deadline - clock.monotonic()

    def _told(self, error: str | None) -> Pushed:
        return Pushed(
            commits=self._commits, replayed=self._replayed, parked=self._parked, error=error,
            is_up_to_date=error is None and not self._clone.journal.count("committed"), remarks=tuple(self._remarks),
        )  # fmt: skip


def push(clone: Clone, seconds: float) -> Pushed:
    """Push; see `Repository.push`."""
    try:
        if clone.layout is None or clone.place is None:
            return Pushed(error=f"{clone.folder} is not in a git repository: there is nothing to push")
        with locked(clone.place / "push.lock", seconds):
            return _pushed(clone, clock.monotonic() + seconds)
    except StashgenError as error:
        return Pushed(error=str(error))


def _pushed(clone: Clone, deadline: float) -> Pushed:
    clear_away(clone)
    with clone.lock() as program:
        remarks = tuple(recover(clone, program))
        name, start = branch(program), head(program)
    if not start:
        return Pushed(is_up_to_date=True, remarks=remarks)
    if name is None:
        return Pushed(
            error="HEAD is detached, on no branch that could be pushed: `git switch BRANCH` first", remarks=remarks
        )
    way = route(clone.git, name)
    if way is None:
        return Pushed(remarks=(*remarks, "there is no remote to push to: `git remote add origin URL` names one"))
    with _Push(clone, way, deadline) as this:
        done = this.run(start)
    return msgspec.structs.replace(done, remarks=(*remarks, *done.remarks))


def _stray(commit: Commit) -> str:
    return (
        f"commit {commit.id[:12]} ({commit.subject}) does not fit what the remote has, so the branch stays "
        "where it is: `git pull --rebase` and mend it by hand; changes of stashgen reach the remote all the same"
    )
