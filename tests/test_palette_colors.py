"""Colours stay legible, keep their hue, and are told apart by people who see fewer of them."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stashgen import palette
from stashgen.theme import load_theme

LEVELS: Final = ("normal", "maintenance", "warning", "error", "critical")
# Machado, Oliveira, Fernandes 2009: full dichromacy, on linear sRGB.
SIGHTS: Final = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
APART: Final = 0.085  # in OKLab, where 0.02 is just noticeable side by side

colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(colors, st.sampled_from(["#ffffff", "#121416"]), st.sampled_from([3.0, 4.5]))
def test_an_adjusted_color_stands_out(color: str, paper: str, ratio: float) -> None:
    assert palette.contrast(palette.adjusted(color, paper, ratio), paper) >= ratio


@given(colors, st.sampled_from(["#ffffff", "#121416"]))
def test_an_adjusted_color_keeps_its_hue(color: str, paper: str) -> None:
    changed = palette.adjusted(color, paper, palette.MARK_CONTRAST)
    if palette.contrast(color, paper) >= palette.MARK_CONTRAST:
        assert changed == color
    _, chroma, hue = palette.lch(color)
    _, new_chroma, new_hue = palette.lch(changed)
    if min(chroma, new_chroma) > 0.03:
        assert abs(math.remainder(hue - new_hue, math.tau)) < 0.12


def test_contrast_is_that_of_the_standard() -> None:
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert palette.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sight", SIGHTS)
def test_the_five_levels_are_told_apart(scheme: str, sight: str, tmp_path: Path) -> None:
    theme = load_theme("default", tmp_path)
    named = theme.palettes.light if scheme == "light" else theme.palettes.dark
    marks = {level: palette.adjusted(named[level], named["paper"], palette.MARK_CONTRAST) for level in LEVELS}
    seen = {level: lab(simulated(mark, sight)) for level, mark in marks.items()}
    close = {(a, b): math.dist(seen[a], seen[b]) for a, b in itertools.combinations(LEVELS, 2)}
    assert {pair: distance for pair, distance in close.items() if distance < APART} == {}


def simulated(color: str, sight: str) -> str:
    linear = [decoded(int(color[place : place + 2], 16) / 255) for place in (1, 3, 5)]
    mixed = [sum(share * part for share, part in zip(row, linear, strict=True)) for row in SIGHTS[sight]]
    return "#" + "".join(f"{round(255 * encoded(min(max(part, 0), 1))):02x}" for part in mixed)


def decoded(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def encoded(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else float(1.055 * part ** (1 / 2.4) - 0.055)


def lab(color: str) -> tuple[float, float, float]:
    lightness, chroma, hue = palette.lch(color)
    return lightness, chroma * math.cos(hue), chroma * math.sin(hue)
