"""What holds a service -> its past: all that does not depend on `now`, made anew only when an event changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from stashgen.derive.board import Stretch, Uptime
from stashgen.derive.recall import keep, key_of, recall
from stashgen.derive.rules import Rules
from stashgen.derive.timeline import Claim, stretches
from stashgen.derive.uptime import months
from stashgen.memo import Memo, digest

_PASTS: Final = "derive.pasts"

MonthStart = tuple[str, dt.datetime]


class Past(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A service's stretches over all time, and its complete months with data, oldest first."""

    made_of: bytes
    stretches: tuple[Stretch, ...]
    months: tuple[Uptime, ...]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a service's past is made of."""

    imprint: bytes  # of the events that touch it
    since_at: dt.datetime | None
    month_starts: Sequence[MonthStart]  # of the months with data, the last of which is the current one


_PAST_DECODER: Final = msgspec.msgpack.Decoder(Past)


def pasts(
    sources: Mapping[str, Source],
    read_claims: Callable[[Sequence[str]], Mapping[str, Sequence[Claim]]],
    rules: Rules,
    memo: Memo | None,
) -> dict[str, Past]:
    """Return the past of every service, making only those that changed; claims are read only for these."""
    key_by_service = {service: key_of(service) for service in sources}
    made_of = {service: _made_of(source, rules) for service, source in sources.items()}
    kept = {service: recall(memo, _PASTS, key, _PAST_DECODER) for service, key in key_by_service.items()}
    result = {service: past for service, past in kept.items() if past and past.made_of == made_of[service]}
    stale = [service for service in sources if service not in result]
    if stale:
        claims = read_claims(stale)
        news = {service: _past(claims[service], sources[service], made_of[service], rules) for service in stale}
        keep(memo, _PASTS, {key_by_service[service]: past for service, past in news.items()})
        result.update(news)
    return result


def _made_of(source: Source, rules: Rules) -> bytes:
    return digest(rules.digest, source.imprint, msgspec.msgpack.encode((source.since_at, source.month_starts)))


def _past(claims: Sequence[Claim], source: Source, made_of: bytes, rules: Rules) -> Past:
    of_all_time = tuple(stretches(claims, rules))
    since_at = source.since_at
    complete = tuple(months(of_all_time, source.month_starts, since_at)) if since_at else ()
    return Past(made_of=made_of, stretches=of_all_time, months=complete)
