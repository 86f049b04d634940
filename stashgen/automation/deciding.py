"""What counts -> deeds: incidents opened, joined, updated, resolved.

Nothing that a person wrote is overridden. An incident in which a person has written is a person's: depending on
`human`, alerts are noted in its map, or worsen and mend what they explain, or go elsewhere; only a person closes it.
What a person has closed stays closed: its alerts are mute until they end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, cast

from stashgen.automation import wording
from stashgen.automation.cases import Case, Deed, Outcome, Saying, What, outcome
from stashgen.automation.judging import Judge, rank
from stashgen.automation.standing import Stand, stands
from stashgen.intents import Signal
from stashgen.model import Alert, IncidentState, Site

_MUTE: Final = dt.timedelta(days=7)


class Decision(NamedTuple):
    """What is to be done, and what became of each signal; `event` of an outcome is None where it opens an incident."""

    deeds: tuple[Deed, ...]
    outcomes: tuple[Outcome, ...]


def decide(site: Site, signals: Iterable[Signal], now: dt.datetime) -> Decision:
    """Return what signals that count lead to, one after the other."""
    judge = Judge(site)
    desk = _Desk(site, now)
    outcomes = []
    for signal in signals:
        case = judge.judge(signal)
        outcomes.append(desk.take(case) if isinstance(case, Case) else case)
    return Decision(tuple(desk.deeds()), tuple(outcomes))


class _Desk:
    """All incidents while cases are dealt with."""

    def __init__(self, site: Site, now: dt.datetime) -> None:
        self.site, self.now = site, now
        self.policy = site.automation.human
        self.stands = stands(site, now)
        self.by_alert: dict[str, list[Stand]] = {}
        self.by_service: dict[str, list[Stand]] = {}
        for stand in self.stands:
            self._list(stand, stand.alerts, stand.services())

    def take(self, case: Case) -> Outcome:
        own = self.by_alert.get(case.name, [])
        here = next((stand for stand in own if stand.is_open and stand.is_firing(case.name)), None)
        if case.signal.is_only_said:
            return self._note(case, here)
        if case.is_resolved:
            return self._end(case, here, own)
        if here is not None:
            return self._go_on(case, here)
        muted = next((stand for stand in own if stand.is_firing(case.name) and self._is_mute(stand)), None)
        if muted is not None:
            return outcome(case.signal, "muted", muted.name, "a person resolved the incident while the alert went on")
        ended = [until for stand in own if (until := stand.alerts[case.name].until) is not None]
        if case.signal.at is not None and ended and case.signal.at <= max(ended):
            return outcome(case.signal, "stale", None, "this alert has ended meanwhile")
        return self._begin(case)

    def _is_mute(self, stand: Stand) -> bool:
        # Had the end of the alert got lost on its way, it would else be mute for ever.
        return stand.last_at is not None and self.now - stand.last_at < _MUTE

    def _begin(self, case: Case) -> Outcome:
        alert = Alert(services=dict(case.services), since=self._at(case.signal))
        for stand in self._candidates(case):
            has_changed = stand.put(case, alert, may_touch=self._may_touch(stand))
            self._list(stand, [case.name], case.services)
            return outcome(case.signal, "updated" if has_changed else "joined", stand.name)
        stand = Stand(self.site, None, None, None)
        stand.put(case, alert, may_touch=True)
        self.stands.append(stand)
        self._list(stand, [case.name], case.services)
        return outcome(case.signal, "opened")

    def _candidates(self, case: Case) -> list[Stand]:
        """Return the incident that an alert joins: a person's first, where alerts may go there at all."""
        found = [stand for service in case.services for stand in self.by_service.get(service, []) if stand.is_open]
        if self.policy == "separate":
            found = [stand for stand in found if not stand.has_person]
        return sorted(found, key=lambda stand: not stand.has_person)[:1]

    def _go_on(self, case: Case, stand: Stand) -> Outcome:
        old = stand.alerts[case.name]
        if dict(case.services) == old.services or not case.services:
            return outcome(case.signal, "unchanged", stand.name)
        alert = Alert(services=dict(case.services), since=old.since)
        has_changed = stand.put(case, alert, may_touch=self._may_touch(stand))
        self._list(stand, [case.name], case.services)
        return outcome(case.signal, "updated" if has_changed else "joined", stand.name)

    def _end(self, case: Case, here: Stand | None, own: list[Stand]) -> Outcome:
        stand = here or next((one for one in own if one.is_firing(case.name)), None)
        if stand is None:
            return outcome(case.signal, "unchanged", None, "no incident of this alert is open")
        old = stand.alerts[case.name]
        at = self._at(case.signal)
        if case.signal.at is not None and old.since is not None and at < old.since:
            return outcome(case.signal, "stale", stand.name, "the alert has begun anew since")
        has_changed = stand.put(
            case,
            Alert(services=old.services, since=old.since, until=at),
            may_touch=stand.is_open and self._may_touch(stand),
        )
        what: What = "resolved" if stand.has_ended and self._may_close(stand) else "updated" if has_changed else "ended"
        return outcome(case.signal, what, stand.name)

    def _note(self, case: Case, here: Stand | None) -> Outcome:
        if here is None or not case.signal.says:
            return outcome(case.signal, "unchanged", None, "no incident of this alert is open")
        if here.event is not None and any(
            update.source == case.signal.source and update.at == case.signal.at for update in here.event.updates
        ):
            return outcome(case.signal, "unchanged", here.name, "it has been said already")
        here.words.append(case.signal.says)
        here.told.append(case)
        return outcome(case.signal, "noted", here.name)

    def _may_touch(self, stand: Stand) -> bool:
        return not stand.has_person or self.policy == "update"

    def _may_close(self, stand: Stand) -> bool:
        return not stand.has_person and self.site.automation.resolve

    def _at(self, signal: Signal) -> dt.datetime:
        return min(signal.at or self.now, self.now)

    def _list(self, stand: Stand, alerts: Iterable[str], services: Iterable[str]) -> None:
        for name in alerts:
            _add(self.by_alert.setdefault(name, []), stand)
        for service in services:
            _add(self.by_service.setdefault(service, []), stand)

    def deeds(self) -> Iterator[Deed]:
        """Yield what came of all cases, one deed for each incident."""
        for stand in self.stands:
            if stand.told:
                title, sayings = self._opened(stand) if stand.event is None else ("", self._gone_on(stand))
                yield Deed(
                    event=stand.name,
                    signals=stand.alerts,
                    source=stand.told[-1].signal.source,
                    title=title,
                    sayings=tuple(sayings),
                    told=tuple(dict.fromkeys(case.name for case in stand.told)),
                )

    def _opened(self, stand: Stand) -> tuple[str, list[Saying]]:
        # The worst alert gives the words, the first of equals.
        first = max(
            stand.told, key=lambda case: max((rank(self.site, one) for one in case.services.values()), default=-1)
        )
        at = self.now
        held = stand.worst_held()
        title, words = wording.opening(self.site, first, held, at)
        message = "\n\n".join([words, *stand.words])
        state = cast("IncidentState", wording.state(self.site, first))
        sayings = [Saying(at=at, message=message, state=state, services=held)]
        # What began and ended within one batch is told all the same: it happened.
        return title, [*sayings, *(self._closed(stand, at) if stand.has_ended else [])]

    def _gone_on(self, stand: Stand) -> list[Saying]:
        at = max(self.now, stand.last_at or self.now)
        if stand.words and not stand.changes and not stand.has_ended:
            return [Saying(at=self._said_at(stand, at), message="\n\n".join(stand.words))]
        if stand.has_ended:
            return self._closed(stand, at)
        if not stand.changes:
            return []
        message = "\n\n".join([*stand.words, wording.changed(self.site, stand.changes)])
        return [Saying(at=at, message=message, services=stand.changes)]

    def _closed(self, stand: Stand, at: dt.datetime) -> list[Saying]:
        words = [] if stand.event is None else stand.words
        if self._may_close(stand):
            words = [*words, wording.resolved(self.site, stand.told[-1], stand.worst_held(), at)]
            return [Saying(at=at, message="\n\n".join(words), state="resolved")]
        if stand.is_by_machine or stand.changes:
            words = [*words, wording.ended()]
        return [Saying(at=at, message="\n\n".join(words), services=stand.changes)] if words else []

    def _said_at(self, stand: Stand, at: dt.datetime) -> dt.datetime:
        """Return when words were said in the monitor, if that is after what stands there: a resend is known by it."""
        said_at = stand.told[-1].signal.at
        return said_at if said_at is not None and (stand.last_at or said_at) <= said_at <= at else at


def _add(stands: list[Stand], stand: Stand) -> None:
    if stand not in stands:
        stands.append(stand)
