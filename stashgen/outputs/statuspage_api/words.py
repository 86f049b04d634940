"""Statuspage's words: statuses of components, states of events, and what they come to over a page or an incident."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from stashgen.documents.statuspage import Impact, IncidentWord, MaintenanceWord, Rollup
from stashgen.model import Level, State, Status, StatuspageWord

OPERATIONAL: Final = "operational"
_WORD_BY_LEVEL: Final[Mapping[Level, StatuspageWord]] = {
    Level.NORMAL: "operational",
    Level.MAINTENANCE: "under_maintenance",
    Level.WARNING: "degraded_performance",
    Level.ERROR: "partial_outage",
    Level.CRITICAL: "major_outage",
}
_RANK_BY_WORD: Final[Mapping[StatuspageWord, int]] = {word: level.rank for level, word in _WORD_BY_LEVEL.items()}
INCIDENT_WORDS: Final[Mapping[State | None, IncidentWord]] = {
    "investigating": "investigating", "identified": "identified", "monitoring": "monitoring", "resolved": "resolved",
}  # fmt: skip
# There is no word for a maintenance that was called off: nothing of it is left to be done.
MAINTENANCE_WORDS: Final[Mapping[State | None, MaintenanceWord]] = {
    "scheduled": "scheduled", "in-progress": "in_progress", "verifying": "verifying",
    "completed": "completed", "cancelled": "completed",
}  # fmt: skip
_Rule = tuple[Callable[[Collection[StatuspageWord], frozenset[StatuspageWord]], bool], Rollup]
_RULES: Final[tuple[_Rule, ...]] = (
    (lambda _, kinds: kinds == {"major_outage"}, Rollup(indicator="critical", description="Major System Outage")),
    (lambda _, kinds: kinds == {"partial_outage"}, Rollup(indicator="major", description="Partial System Outage")),
    (lambda _, kinds: "major_outage" in kinds, Rollup(indicator="major", description="Partial System Outage")),
    (lambda _, kinds: "partial_outage" in kinds, Rollup(indicator="minor", description="Minor Service Outage")),
    (
        lambda words, kinds: kinds == {"degraded_performance"} and len(words) > 1,
        Rollup(indicator="minor", description="Degraded System Service"),
    ),
    (
        lambda _, kinds: "degraded_performance" in kinds,
        Rollup(indicator="minor", description="Partially Degraded Service"),
    ),
    (
        lambda _, kinds: "under_maintenance" in kinds,
        Rollup(indicator="maintenance", description="Service Under Maintenance"),
    ),
    (lambda _words, _kinds: True, Rollup(indicator="none", description="All Systems Operational")),
)
_IMPACTS: Final[tuple[Impact, ...]] = ("none", "minor", "major", "critical")


def word(status: Status) -> StatuspageWord:
    """Return the word for a status: the one its file gives, or its level's."""
    return status.statuspage or _WORD_BY_LEVEL[status.level]


def worst(words: Iterable[StatuspageWord]) -> StatuspageWord:
    """Return the worst of some words."""
    return max(words, key=_RANK_BY_WORD.__getitem__, default="operational")


def rollup(words: Collection[StatuspageWord]) -> Rollup:
    """Return what the components' statuses come to; groups are not counted.

    The first rule that holds counts, as Atlassian describes it in "Top-level status and incident impact
    calculations". A page without components is operational: an incident that touches none has no impact.
    """
    return next(result for holds, result in _RULES if holds(words, frozenset(words)))


def impact(moments: Iterable[Collection[StatuspageWord]]) -> Impact:
    """Return the worst that the rules of the page come to over an incident's own components, moment after moment."""
    reached: set[Impact] = {"none"}
    for words in moments:
        indicator = rollup(words).indicator
        if indicator != "maintenance":
            reached.add(indicator)
    return max(reached, key=_IMPACTS.index)
