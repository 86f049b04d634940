"""What the rules said of each event, kept in the memo by the digest of its file.

One blob in columns: when the events are those of the last time, comparing them is one comparison of bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

import msgspec

from stashgen.check import event_rules
from stashgen.check.event_rules import Scope
from stashgen.errors import Finding
from stashgen.load import rules_digest
from stashgen.memo import Memo, digest
from stashgen.model import Site

_STEP: Final = "check.events"
_DIGEST_BYTES: Final = 16


class Verdicts(msgspec.Struct, array_like=True):
    """Of each event: the digest it was judged by, the services it names, what is wrong with it alone, its edits."""

    digests: bytes = b""
    services: list[tuple[str, ...]] = []
    findings_by_digest: dict[bytes, list[Finding]] = {}
    edits_by_digest: dict[bytes, list[tuple[int, dt.datetime]]] = {}


def judge(site: Site, scope: Scope, memo: Memo) -> Verdicts:
    """Return the verdicts on all events, in their order; only those never seen before are decoded."""
    digests = b"".join(site.digest_by_event.values())
    statuses = msgspec.msgpack.encode((sorted(site.statuses.items()), sorted(scope.broken)))
    key = digest(rules_digest(), statuses)
    known = _recall(memo, key)
    if known.digests == digests:
        return known
    fresh = _judge_new(site, scope, known, digests)
    memo.keep(_STEP, [(key, msgspec.msgpack.encode(fresh))])
    return fresh


def _judge_new(site: Site, scope: Scope, known: Verdicts, digests: bytes) -> Verdicts:
    services_by_digest = dict(zip(_split(known.digests), known.services, strict=True))
    findings_by_digest: dict[bytes, list[Finding]] = {}
    edits_by_digest: dict[bytes, list[tuple[int, dt.datetime]]] = {}
    for event, event_digest in site.digest_by_event.items():
        if event_digest in services_by_digest:
            found = known.findings_by_digest.get(event_digest)
            edits = known.edits_by_digest.get(event_digest)
        else:
            record = site.events[event]
            services_by_digest[event_digest] = tuple(
                {service: None for _, service in event_rules.services_said(record)}
            )
            found = list(event_rules.findings(record, scope))
            edits = list(event_rules.edits_said(record))
        if found:
            findings_by_digest[event_digest] = found
        if edits:
            edits_by_digest[event_digest] = edits
    services = [services_by_digest[one] for one in site.digest_by_event.values()]
    return Verdicts(digests, services, findings_by_digest, edits_by_digest)


def _recall(memo: Memo, key: bytes) -> Verdicts:
    blob = memo.recall(_STEP, key)
    if blob is not None:
        with suppress(msgspec.MsgspecError):
            found = msgspec.msgpack.decode(blob, type=Verdicts)
            if len(found.digests) == len(found.services) * _DIGEST_BYTES:
                return found
    return Verdicts()


def _split(digests: bytes) -> list[bytes]:
    return [digests[start : start + _DIGEST_BYTES] for start in range(0, len(digests), _DIGEST_BYTES)]


def unknown_services(site: Site, verdicts: Verdicts, broken: frozenset[str]) -> Mapping[str, list[Finding]]:
    """Return the findings about services that do not exist, by event."""
    known = site.services.keys() | broken
    if known.issuperset(set().union(*verdicts.services)):
        return {}
    return {
        event: list(event_rules.unknown_services(site.events[event], site.services, broken))
        for event, services in zip(site.digest_by_event, verdicts.services, strict=True)
        if not known.issuperset(services)
    }


def future_edits(site: Site, verdicts: Verdicts, now: dt.datetime) -> Iterator[tuple[str, list[Finding]]]:
    """Yield the findings about edits that lie in the future, by event."""
    if not verdicts.edits_by_digest:
        return
    for event, event_digest in site.digest_by_event.items():
        findings = list(event_rules.future_edits(verdicts.edits_by_digest.get(event_digest, ()), now))
        if findings:
            yield event, findings
