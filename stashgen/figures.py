"""Figures as readers want them: durations in two units, percentages that never promise more than was kept."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import Final

_UNITS: Final = (("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1))


def split(seconds: float) -> list[tuple[str, int]]:
    """Return a duration as its two largest units, (`hours`, 1) and (`minutes`, 12); one unit where that is all."""
    left = max(0, round(seconds))
    # Rounded before it is split: 59 min 31 s is 1 h, not 60 min.
    grain = 1 if left < 60 else 60 if left < 86400 else 3600
    left = (left + grain // 2) // grain * grain
    counts = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        counts.append((unit, count))
    first = next((index for index, (_, count) in enumerate(counts) if count), len(counts) - 1)
    return counts[first : first + 1] + [part for part in counts[first + 1 : first + 2] if part[1]]


def floored_percent(ratio: float) -> Decimal:
    """Return a share of 1 in percent, rounded down to two decimals: 100 only when nothing is missing."""
    if ratio >= 1:
        return Decimal(100)
    # Twelve digits forgive the float's own error; below the whole it still never reaches 100.
    exact = Decimal(str(round(ratio, 12))) * 100
    return min(exact.quantize(Decimal("0.01"), rounding=ROUND_FLOOR), Decimal("99.99"))


def floored_share(ratio: float) -> float:
    """Return a share of 1 rounded down to six digits: 1 only when nothing is missing."""
    if ratio >= 1:
        return 1.0
    exact = Decimal(str(round(ratio, 12)))
    return float(min(exact.quantize(Decimal("0.000001"), rounding=ROUND_FLOOR), Decimal("0.999999")))


def plain_percent(ratio: float) -> Decimal:
    """Return a share of 1 in percent with up to two decimals, and no more than it needs."""
    percent = Decimal(str(round(ratio * 100, 2)))
    return percent.quantize(Decimal(1)) if percent == int(percent) else percent
