"""Colours that can be read: contrast by WCAG 2, and adjustment in OKLCH, which keeps the hue people chose.

Colours are `#rrggbb`. OKLab is Björn Ottosson's, https://bottosson.github.io/posts/oklab/
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

TEXT_CONTRAST: Final = 4.5  # WCAG 2.2, 1.4.3
MARK_CONTRAST: Final = 3.0  # WCAG 2.2, 1.4.11
_STEPS: Final = 200

Triple = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def adjusted(color: str, paper: str, ratio: float) -> str:
    """Return the colour, made darker or lighter no more than it takes to stand out from the paper by `ratio`.

    The hue stays; the chroma gives way only where sRGB has no such colour.
    """
    if contrast(color, paper) >= ratio:
        return color.lower()
    lightness, chroma, hue = lch(color)
    goal = 0.0 if _luminance(paper) > 0.18 else 1.0
    for step in range(1, _STEPS + 1):
        candidate = _in_gamut(lightness + (goal - lightness) * step / _STEPS, chroma, hue)
        if contrast(candidate, paper) >= ratio:
            return candidate
    return "#000000" if goal == 0.0 else "#ffffff"


def seen_on_all(color: str, papers: Iterable[str], ratio: float) -> str:
    """Return the colour, adjusted to each of some papers: for what does not know which of them it lies on."""
    for paper in papers:
        color = adjusted(color, paper, ratio)
    return color


def lch(color: str) -> Triple:
    """Return lightness (0 to 1), chroma (0 to about 0.4) and hue (radians) of a colour in OKLCH."""
    red, green, blue = (_linear(channel) for channel in _channels(color))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _in_gamut(lightness: float, chroma: float, hue: float) -> str:
    for step in range(_STEPS + 1):
        channels = _rgb(lightness, chroma * (1 - step / _STEPS), hue)
        if all(-0.0005 <= channel <= 1.0005 for channel in channels):
            break
    return "#" + "".join(f"{round(255 * _encoded(min(max(channel, 0.0), 1.0))):02x}" for channel in channels)


def _rgb(lightness: float, chroma: float, hue: float) -> Triple:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _luminance(color: str) -> float:
    red, green, blue = (_linear(channel) for channel in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(color: str) -> Triple:
    return int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _encoded(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)
