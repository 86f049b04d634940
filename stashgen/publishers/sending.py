"""The engine of all places with files: what differs goes there in an order in which no reader is misled.

Several publishers may be at work on one place, and any of them may die at any moment. Each first lays its claim, then
looks: so of two at least one sees the other. The older built one makes way and decides again when the newer one is
done; the newer one waits until the older one has made way, and sends again what that one may have touched.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import msgspec

from stashgen import clock
from stashgen.files import MANIFEST, SIGNATURE
from stashgen.publishers.claims import Claim, Claims, claim_bytes, claim_name, holder, read_claims
from stashgen.publishers.plan import LOOKED_AT, Found, Plan, batches, found, is_foreign, plan
from stashgen.publishers.site import Site
from stashgen.publishers.standing import Standing, is_newer
from stashgen.publishers.store import CLAIMS, Order, Outcome, PublishError, Report, Store
from stashgen.urls import DASHBOARD

_MOST_ROUNDS: Final = 20
_LOOK_AGAIN_SECONDS: Final = 0.5
_SILENT_SECONDS: Final = 120.0  # a publisher elsewhere that has not moved for so long is taken for dead
_BEAT_SECONDS: Final = 10.0


class OverruledError(Exception):
    """Something newer is being published here: make way, and look again when that is done."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)


def publish(store: Store, site: Site, order: Order) -> Report:
    """Bring a place to the state of the site; raise PublishError when it does not take it."""
    return _Publishing(store, site, order).run()


class _Publishing:
    """One try: what is to be told of it gathers here."""

    def __init__(self, store: Store, site: Site, order: Order) -> None:
        self._store, self._site, self._order = store, site, order
        self._claim: Claim | None = None
        self._name = ""
        self._has_touched = False
        self._beaten_at = 0.0
        self._silent: set[str] = set()

    def run(self) -> Report:
        """Look first, without leaving a trace: most often nothing has changed."""
        there = self._look()
        todo = self._plan(there)
        if self._is_left(there):
            return self._left(there)
        if todo.is_empty and not there.claims.by_name and not there.litter:
            return Report("unchanged", unchanged=todo.unchanged)
        if self._order.is_dry:
            return self._told("planned", todo, there)
        for _ in range(_MOST_ROUNDS):
            self._begin(there, todo)
            try:
                return self._round()
            except OverruledError as newer:
                self._withdraw()
                self._await_end(newer.names)
            except BaseException:
                with suppress(PublishError):
                    self._withdraw()
                raise
            there = self._look()
            todo = self._plan(there)
        raise PublishError("others publish here all the time; publish again later")

    def _look(self) -> Found:
        self._order.go_on()
        there = found(self._store.read(LOOKED_AT))
        if not there.is_ours and not self._order.is_forced:
            pages = self._store.read([DASHBOARD])
            if is_foreign(there, pages):
                raise PublishError(
                    f"holds a page ({DASHBOARD}) that is of no site of stashgen; choose another place, or let --force "
                    "put this site over it",
                    is_lasting=True,
                )
        return there

    def _plan(self, there: Found) -> Plan:
        return plan(self._site, there, self._name, is_all=self._order.is_forced)

    def _is_left(self, there: Found) -> bool:
        return not self._order.is_forced and is_newer(there.standing, self._site.standing, self._order.known)

    def _left(self, there: Found) -> Report:
        words = f"what is there is newer ({there.standing}; here: {self._site.standing})"
        unsure = there.claims.abandoned({self._name, *self._others(there.claims)})
        notes = [f"left as it is: {words}"]
        if unsure:
            notes.append("some files there may be of a publishing that was interrupted: publish the newest again")
        return Report("left", unchanged=len(self._site.files), notes=tuple(notes))

    def _told(self, outcome: Outcome, todo: Plan, there: Found) -> Report:
        size = sum(self._site.size(name) for name in (*todo.send, *todo.last))
        sent = (*todo.send, *todo.last)
        return Report(outcome, sent, todo.remove, todo.unchanged, size, tuple(_remarks(there, self._name)))

    def _round(self) -> Report:
        there = self._alone()
        if self._is_left(there):
            report = self._left(there)
            self._withdraw()
            return report
        todo = self._plan(there)
        self._touch(todo)
        if todo.in_way:
            self._store.remove(todo.in_way)
        for number, batch in enumerate(batches(self._site, todo.send)):
            if number:
                self._check()
            self._store.send(self._site, batch)
        self._check()
        self._finish(todo)
        others = [*(there.claims.by_name.keys() - {self._name}), *there.litter]
        for names in (others, [self._name]):  # ours last: others wait for it
            if names:
                self._store.remove(names)
        self._claim = None
        return self._told("published", todo, there)

    def _finish(self, todo: Plan) -> None:
        if todo.is_signature_old:
            self._store.remove([SIGNATURE])
        for name in todo.last:  # the signature right after what it signs
            self._store.send(self._site, [name])
        left = [name for name in todo.remove if name not in todo.in_way]
        if left:
            self._store.remove(left)

    def _begin(self, there: Found, todo: Plan) -> None:
        self._name = claim_name(self._order.run, secrets.token_hex(4))
        self._put(
            Claim(
                run=self._order.run,
                holder=holder(),
                standing=self._site.standing,
                replaces=there.standing,
                files=todo.touched,
                is_forced=self._order.is_forced,
            )
        )

    def _put(self, claim: Claim) -> None:
        self._store.put(self._name, claim_bytes(claim))
        self._claim, self._beaten_at = claim, clock.monotonic()

    def _touch(self, todo: Plan) -> None:
        claim = self._claim
        if claim is not None and not set(todo.touched) <= set(claim.files):
            self._put(msgspec.structs.replace(claim, files=todo.touched, beat=claim.beat + 1))
        self._has_touched = True

    def _withdraw(self) -> None:
        """Say that we are no longer at work; what we may have touched stays known to who comes next."""
        claim, name, has_touched = self._claim, self._name, self._has_touched
        self._claim, self._name, self._has_touched = None, "", False
        if claim is not None and has_touched:
            self._store.put(name, claim_bytes(msgspec.structs.replace(claim, is_over=True)))
        elif claim is not None:
            self._store.remove([name])

    def _alone(self) -> Found:
        """Wait until nobody else is at work here, then look; raise OverruledError where we are the ones to make way."""
        # Claims first, and all the rest after them: who ends between two questions asked at once would be seen by none.
        while others := self._others(read_claims(self._store.read([CLAIMS]))):
            self._make_way(others)
            self._await_end(others)
        return self._look()

    def _check(self) -> None:
        self._order.go_on()
        if self._store.is_alone:
            return
        claims = read_claims(self._store.read([CLAIMS]))
        if self._name not in claims.by_name:
            raise PublishError(
                "another publisher took this one for dead and finished its own, which this one may have written over: "
                "publish the newest again",
                is_lasting=True,
            )
        self._make_way(self._others(claims))
        claim = self._claim
        if claim is not None and clock.monotonic() - self._beaten_at > _BEAT_SECONDS:
            self._put(msgspec.structs.replace(claim, beat=claim.beat + 1))

    def _others(self, claims: Claims) -> dict[str, Claim]:
        if self._store.is_alone:
            return {}
        return {name: one for name, one in claims.others(self._order.run).items() if name not in self._silent}

    def _make_way(self, others: dict[str, Claim]) -> None:
        own = self._claim
        higher = [name for name, claim in others.items() if own is not None and claim.rank > own.rank]
        if higher:
            raise OverruledError(higher)

    def _await_end(self, names: Iterable[str]) -> None:
        """Wait until these claims are gone, over, or nobody's who lives."""
        waiting = dict.fromkeys(names)
        since = clock.monotonic()
        last: dict[str, Claim] = {}
        while waiting:
            self._order.wait(_LOOK_AGAIN_SECONDS)
            now = self._others(read_claims(self._store.read([CLAIMS])))
            now = {name: claim for name, claim in now.items() if name in waiting}
            if now != last:
                since, last = clock.monotonic(), now
            if clock.monotonic() - since > _SILENT_SECONDS:
                self._silent |= now.keys()
                return
            waiting = dict.fromkeys(now)


def _remarks(there: Found, own: str) -> Iterable[str]:
    if there.files is None and (there.manifest is not None or there.standing != Standing()):
        lost = "is damaged" if there.manifest is not None else "is missing"
        yield f"the target's {MANIFEST} {lost}: all files are sent, and none of an older state are removed"
    if there.claims.is_any_damaged:
        yield "the target does not tell what an interrupted publishing left there: all files are sent"
    elif any(claim and claim.files for name, claim in there.claims.by_name.items() if name != own):
        yield "the files of an interrupted publishing are put right"
