"""Draw a badge: two fields with a text in each, as an SVG of its own that loads nothing."""

from __future__ import annotations

import unicodedata
from math import ceil
from typing import Final, NamedTuple

from markupsafe import Markup

from stashgen import xmlwrite
from stashgen.documents.badge import Badge
from stashgen.outputs.badges.measure import width

LABEL_COLOR: Final = "#4b525a"
INK: Final = "#ffffff"
_FONTS: Final = "Verdana,Geneva,'DejaVu Sans',sans-serif"
_CURSIVE: Final = ("ARABIC", "SYRIAC", "NKO", "MONGOLIAN", "MANDAIC")  # scripts whose letters join


class Style(NamedTuple):
    """Measures of a kind of badge, in pixels."""

    height: int
    radius: int
    size: int  # of the font
    baseline: float
    padding: int
    spacing: float  # between letters
    is_upper: bool
    is_message_bold: bool


FLAT: Final = Style(20, 3, 11, 14, 6, 0, is_upper=False, is_message_bold=False)
FOR_THE_BADGE: Final = Style(28, 0, 10, 17.5, 11, 1.25, is_upper=True, is_message_bold=True)


class _Field(NamedTuple):
    text: str
    is_bold: bool
    spacing: float
    text_width: float
    width: int


def draw(badge: Badge, style: Style) -> bytes:
    """Return the SVG of a badge."""
    label = _field(badge.label, style, is_bold=False)
    message = _field(badge.message, style, is_bold=style.is_message_bold)
    said = f"{_line(badge.label)}: {_line(badge.message)}"
    whole = label.width + message.width
    svg = xmlwrite.element(
        "svg",
        xmlwrite.element("title", said),
        xmlwrite.element("path", d=_left(label.width, style), fill=LABEL_COLOR),
        xmlwrite.element("path", d=_right(label.width, message.width, style), fill=badge.color),
        xmlwrite.element(
            "g",
            _text(label, 0, style),
            _text(message, label.width, style),
            fill=INK,
            **{"font-family": _FONTS, "font-size": str(style.size), "text-anchor": "middle"},
        ),
        xmlns=xmlwrite.SVG,
        width=str(whole),
        height=str(style.height),
        viewBox=f"0 0 {whole} {style.height}",
        role="img",
        **{"aria-label": said},
    )
    return f"{svg}\n".encode()


def _line(text: str) -> str:
    return " ".join(text.split())


def _field(text: str, style: Style, *, is_bold: bool) -> _Field:
    shown = _line(text.upper() if style.is_upper else text)
    # Letters that join would be torn apart.
    is_joined = any(unicodedata.name(character, "").startswith(_CURSIVE) for character in shown)
    spacing = 0 if is_joined else style.spacing
    text_width = width(shown, style.size, is_bold=is_bold) + spacing * len(shown)
    return _Field(shown, is_bold, spacing, text_width, ceil(text_width - spacing) + 2 * style.padding)


def _text(field: _Field, left: int, style: Style) -> Markup:
    # The space behind the last letter belongs to the text's length, not to what is seen.
    middle = left + (field.width + field.spacing) / 2
    return xmlwrite.element(
        "text",
        field.text,
        x=_number(middle),
        y=_number(style.baseline),
        textLength=_number(field.text_width),
        lengthAdjust="spacingAndGlyphs",
        direction="rtl" if _runs_left(field.text) else None,
        **{
            "font-weight": "bold" if field.is_bold else None,
            "letter-spacing": _number(field.spacing) if field.spacing else None,
        },
    )


def _runs_left(text: str) -> bool:
    strong = (kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL"))
    return next(strong, "L") != "L"


def _left(wide: int, style: Style) -> str:
    radius, height = style.radius, style.height
    if not radius:
        return f"M0 0h{wide}v{height}H0z"
    return (
        f"M{radius} 0H{wide}v{height}H{radius}a{radius} {radius} 0 0 1-{radius}-{radius}"
        f"V{radius}a{radius} {radius} 0 0 1 {radius}-{radius}z"
    )


def _right(left: int, wide: int, style: Style) -> str:
    radius, height = style.radius, style.height
    if not radius:
        return f"M{left} 0h{wide}v{height}H{left}z"
    return (
        f"M{left} 0h{wide - radius}a{radius} {radius} 0 0 1 {radius} {radius}v{height - 2 * radius}"
        f"a{radius} {radius} 0 0 1-{radius} {radius}H{left}z"
    )


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
