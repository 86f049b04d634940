"""Lanes are delivered side by side, and what became of each message is noted at once.

In a lane one message follows the other. One that fails keeps back the rest; one that is refused for what it says,
which no later try will mend, does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event, Lock
from typing import Final, Protocol

from stashgen import clock
from stashgen.errors import StashgenError
from stashgen.news.lanes import Lane, Note, Parcel, Telling, telling
from stashgen.news.ledger import CLAIM, Ledger
from stashgen.notifiers import Message, NotDeliveredError, Target

_PAUSES: Final = (0.5, 2.0)  # before a message is tried again
_MOST_AT_ONCE: Final = 8
_RENEWED_AFTER: Final = CLAIM / 3
_LOST: Final = "another run has taken it over, as this one took too long"
_TWICE_AT_MOST: Final = "so it may have been taken: it is tried once more at most"
_UNNOTED: Final = "was delivered, but that could not be noted, so it may be told once more: "


class Claims(Protocol):
    """What a run has claimed, in the ledger."""

    def change(self, note: Note) -> Ledger:
        """Change the ledger and renew the claims; return it as it is then."""
        ...

    def holds(self, ledger: Ledger, channel: str | None, keys: Sequence[str]) -> bool:
        """Tell whether all of this is claimed by this run."""
        ...


class _Pending:
    def __init__(self, note: Note) -> None:
        self.note, self.is_done, self.error = note, False, ""


class _Notes:
    """Notes of several lanes, written together: each writing is a push, which takes a second or more."""

    def __init__(self, claims: Claims, ledger: Ledger) -> None:
        self._claims, self._ledger = claims, ledger
        self._pending: list[_Pending] = []
        self._queue, self._writing = Lock(), Lock()
        self._written_at = clock.current({})

    def write(self, note: Note) -> str:
        """Write a note; return why it could not be, "" if it was."""
        mine = _Pending(note)
        with self._queue:
            self._pending.append(mine)
        with self._writing:
            if not mine.is_done:
                self._write_all()
        return mine.error

    def holds(self, lane: Lane, parcel: Parcel) -> bool:
        """Tell whether a parcel is still claimed, after renewing the claims when they are getting old."""
        # Not the monotonic clock: it stands still while a laptop sleeps, and other runs go on.
        if clock.current({}) - self._written_at > _RENEWED_AFTER and self.write(lambda ledger: ledger):
            return False
        return self._claims.holds(self._ledger, lane.channel, parcel.keys)

    def _write_all(self) -> None:
        with self._queue:
            batch, self._pending = self._pending, []

        def apply(ledger: Ledger) -> Ledger:
            for one in batch:
                ledger = one.note(ledger)
            return ledger

        try:
            self._ledger = self._claims.change(apply)
            self._written_at = clock.current({})
        except StashgenError as error:
            for one in batch:
                one.error = str(error)
        for one in batch:
            one.is_done = True


class Post:
    """Delivers lanes; `ledger` has what was claimed."""

    def __init__(self, claims: Claims, ledger: Ledger) -> None:
        self._notes, self._stop = _Notes(claims, ledger), Event()

    def deliver(self, lanes: Sequence[Lane]) -> list[Telling]:
        """Deliver all lanes; return what became of each message that was tried."""
        if not lanes:
            return []
        with ThreadPoolExecutor(min(len(lanes), _MOST_AT_ONCE)) as pool:
            try:
                runs = [pool.submit(self._lane, lane) for lane in lanes]
                wait(runs)
            except BaseException:
                self._stop.set()
                raise
        return [one for run in runs for one in run.result()]

    def _lane(self, lane: Lane) -> list[Telling]:
        told: list[Telling] = []
        for parcel in lane.parcels:
            if self._stop.is_set():
                break
            if not self._notes.holds(lane, parcel):
                return [*told, telling(lane, parcel, "failed", _LOST)]
            one, is_open = self._parcel(lane, parcel)
            told.append(one)
            if not is_open:
                break
        return told

    def _parcel(self, lane: Lane, parcel: Parcel) -> tuple[Telling, bool]:
        """Deliver a parcel; return what became of it, and whether the next one may follow."""
        try:
            self._send(lane.target, parcel.message)
        except NotDeliveredError as error:
            if error.fate != "unsure" or parcel.doubt is None:
                return telling(lane, parcel, "failed", str(error)), error.fate == "refused"
            reason = self._notes.write(parcel.doubt) or _TWICE_AT_MOST
            return telling(lane, parcel, "failed", f"{error}, {reason}"), False
        reason = self._notes.write(parcel.note) if parcel.note else ""
        return telling(lane, parcel, "told", f"{_UNNOTED}{reason}" if reason else ""), not reason

    def _send(self, target: Target, message: Message) -> None:
        for pause in _PAUSES:
            try:
                return target.send(message)
            except NotDeliveredError as error:
                if error.fate != "failed":
                    raise
                self._stop.wait(pause)
        return target.send(message)
