"""A service's status, by whatever is needed for it: what `set` does.

Events count as they stand at the instant of the intent. An incident *holds* a service while it gives it another
status than the default one; it *names* a service that it held before, or spoke of.

A status other than the default one:

| open on the service | what happens |
|---|---|
| incidents hold it | the worst (of equals the last begun) gets the status, and so does what holds it at worse |
| an incident names it | that gets an update: the service joins it again |
| a maintenance holds it, and the status is of the level MAINTENANCE | the maintenance gets an update |
| nothing | an incident is opened |

The default status:

| open on the service | what happens |
|---|---|
| incidents hold it, and other services | each gets an update that lets the service go, and stays open |
| incidents hold only it | each is resolved |
| an incident names it and holds nothing | it is resolved |
| an incident names it and holds others | it gets the words |
| a maintenance holds it | the maintenance gets the words and goes on: only `complete` or its plan ends planned work |
| nothing | a word on record: an incident that is resolved from the beginning |

Where several incidents change the first says the words, and the others point to it: a reader finds them once.

With `if_changed` nothing happens if the service has the status already, or if only a maintenance keeps it from the
default one. On a replay that was decided before, and the words are said.

A note (or no status at all) changes nothing: it is an update of the incident, maintenance or notice that is open on
the service, else a notice of its own that runs for a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from stashgen.edit import asked, opening
from stashgen.edit.change import Change, Ground
from stashgen.edit.saying import Word, added
from stashgen.edit.standing import Open, default_status, survey
from stashgen.edit.wording import cut, some
from stashgen.intents import OpenIncident, PostNotice, SetStatus
from stashgen.model import Level
from stashgen.templates import escaped

_NOTE: Final = dt.timedelta(days=1)


class _Scene(NamedTuple):
    """What is open on a service when its status is set."""

    service: str
    default: str
    at: dt.datetime
    holding: Sequence[Open]  # incidents that hold it, the worst last
    naming: Sequence[Open]  # incidents that name it and do not hold it, the one that began last at the end
    maintaining: Sequence[Open]  # maintenances that hold it
    telling: Sequence[Open]  # notices about it
    status: str  # the service's


def status(ground: Ground, intent: SetStatus) -> Change:
    """Set the status of a service, or post a note about it."""
    service = asked.service(ground, intent.service)
    if intent.status is not None:
        asked.status(ground, intent.status)
    scene = _scene(ground, service, intent.at)
    word = Word(at=scene.at, message=asked.message(intent.message))
    if intent.status is None or intent.is_note:
        return _noted(ground, intent, scene, word)
    if intent.if_changed and not ground.is_replay and _is_settled(scene, intent.status):
        return Change(subject=f"service {service}: {scene.status} already", record=None)
    if intent.status == scene.default:
        return _well(ground, intent, scene, word)
    return _ill(ground, intent, scene, word)


def _scene(ground: Ground, service: str, asked_at: dt.datetime | None) -> _Scene:
    default = default_status(ground)
    seen = survey(ground, asked.instant(ground, asked_at or ground.now))
    touching = [one for one in seen.open if service in one.services]
    touching.sort(key=lambda one: (one.step.begun_at or 0, one.name))
    touching.sort(key=lambda one: _rank(ground, one.step.held.get(service, default)))
    incidents = [one for one in touching if one.event.kind == "incident"]
    holding = [one for one in touching if service in one.step.held]
    worst = max(holding, key=lambda one: _rank(ground, one.step.held[service]), default=None)
    return _Scene(
        service=service,
        default=default,
        at=asked.moment(ground, asked_at, seen.last_at),
        holding=[one for one in incidents if service in one.step.held],
        naming=[one for one in incidents if service not in one.step.held],
        maintaining=[one for one in holding if one.event.kind == "maintenance"],
        telling=[one for one in touching if one.event.kind == "notice"],
        status=worst.step.held[service] if worst else default,
    )


def _is_settled(scene: _Scene, wanted: str) -> bool:
    is_only_maintained = wanted == scene.default and not scene.holding and bool(scene.maintaining)
    return scene.status == wanted or is_only_maintained


def _ill(ground: Ground, intent: SetStatus, scene: _Scene, word: Word) -> Change:
    wanted = intent.status or scene.default
    rank = _rank(ground, wanted)
    targets = [*scene.holding[-1:]] or [*scene.naming[-1:]]
    if not targets and ground.site.statuses[wanted].level is Level.MAINTENANCE:
        targets = [*scene.maintaining[-1:]]
    if not targets:
        return _opened(ground, intent, scene, word, wanted)
    targets += [one for one in scene.holding[:-1] if _rank(ground, one.step.held[scene.service]) > rank]
    # Said although it is so already: "still down" is more than a note.
    changed = msgspec.structs.replace(word, services={scene.service: wanted})
    said = [added(ground, one.name, _pointing(changed, targets[0], one)) for one in targets]
    return _together(scene.service, wanted, said)


def _well(ground: Ground, intent: SetStatus, scene: _Scene, word: Word) -> Change:
    if scene.holding:
        first, *others = reversed(scene.holding)
        said = [added(ground, one.name, _released(scene, one, _pointing(word, first, one))) for one in (first, *others)]
        return _together(scene.service, scene.default, said)
    if scene.naming:
        one = scene.naming[-1]
        state = word if one.step.held else msgspec.structs.replace(word, state="resolved")
        return added(ground, one.name, state)
    if scene.maintaining:
        change = added(ground, scene.maintaining[-1].name, word)
        name = scene.maintaining[-1].name
        body = f"The maintenance {name} goes on, and holds {scene.service} until it is completed."
        return msgspec.structs.replace(change, body=body)
    return _opened(ground, intent, scene, word, scene.default)


def _pointing(word: Word, first: Open, one: Open) -> Word:
    """Return the word for one of several incidents: only the first says it, the others say where it stands."""
    if one is first:
        return word
    return msgspec.structs.replace(word, message=f"See “{escaped(first.event.title)}”.")


def _released(scene: _Scene, one: Open, word: Word) -> Word:
    if len(one.step.held) > 1:
        return msgspec.structs.replace(word, services={scene.service: scene.default})
    return msgspec.structs.replace(word, state="resolved")


def _opened(ground: Ground, intent: SetStatus, scene: _Scene, word: Word, wanted: str) -> Change:
    title = intent.title or f"{ground.site.services[scene.service].name}: {ground.site.statuses[wanted].name}"
    new = OpenIncident(
        title=title,
        message=word.message,
        services={scene.service: wanted},
        state="resolved" if wanted == scene.default else "investigating",
        at=scene.at,
        suffix=intent.suffix,
        source=intent.source,
    )
    return opening.incident(ground, new)


def _noted(ground: Ground, intent: SetStatus, scene: _Scene, word: Word) -> Change:
    for found in (scene.holding, scene.naming, scene.maintaining, scene.telling):
        if found:
            return added(ground, found[-1].name, word)
    record = ground.site.services[scene.service]
    new = PostNotice(
        title=intent.title or record.name,
        message=word.message,
        services=(scene.service,),
        until=scene.at + _NOTE,
        at=scene.at,
        suffix=intent.suffix,
        source=intent.source,
    )
    return opening.notice(ground, new)


def _together(service: str, wanted: str, changes: Sequence[Change]) -> Change:
    """Return several changes as one."""
    first = changes[0]
    if len(changes) == 1:
        return first
    names = some(one.record or "" for one in changes)
    return msgspec.structs.replace(
        first,
        files={path: data for one in changes for path, data in one.files.items()},
        subject=cut(f"service {service}: {wanted} ({names})", 100),
        body="\n".join(f"- {one.subject}" for one in changes),
    )


def _rank(ground: Ground, status: str) -> int:
    record = ground.site.statuses.get(status)
    return record.level.rank if record else 0
