"""Write stashgen/outputs/badges/advances.py: `python docs/advances.py DejaVuSans.ttf DejaVuSans-Bold.ttf`.

Read are the widths alone (the tables cmap and hmtx, https://learn.microsoft.com/typography/opentype/spec/hmtx).
DejaVu Sans is as wide as Verdana, which badges ask for first: both come from one design.
"""

from __future__ import annotations

import struct
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parent.parent
MODULE: Final = REPOSITORY / "stashgen" / "outputs" / "badges" / "advances.py"
# Latin, Greek, Cyrillic, Hebrew, Arabic, punctuation and arrows: first and last code point.
RANGES: Final = ((0x20, 0x17F), (0x370, 0x45F), (0x5D0, 0x5EA), (0x620, 0x6D5), (0x2010, 0x203A), (0x2190, 0x2195))
SHAPES: Final = range(0xFE70, 0xFEFD)  # Arabic letters as they look at the start, in the middle, at the end, alone
UNKNOWN: Final = {"REGULAR": 65, "BOLD": 75}  # for code points that the font lacks

HEAD: Final = '''"""How wide letters are, in hundredths of the font's size, two hexadecimal digits each.

Written by docs/advances.py from DejaVu Sans 2.37 and its bold face; a joined Arabic letter has the mean of its shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

'''


def tables(font: bytes) -> Mapping[str, bytes]:
    """Return the tables of a TrueType font by name."""
    (count,) = struct.unpack_from(">H", font, 4)
    entries = [struct.unpack_from(">4sLLL", font, 12 + 16 * number) for number in range(count)]
    return {tag.decode(): font[start : start + length] for tag, _, start, length in entries}


def glyphs(cmap: bytes) -> Iterator[tuple[int, int]]:
    """Yield code point and glyph of each character of the basic plane (cmap, format 4)."""
    (count,) = struct.unpack_from(">H", cmap, 2)
    starts = [struct.unpack_from(">HHL", cmap, 4 + 8 * number)[2] for number in range(count)]
    start = next(start for start in starts if struct.unpack_from(">H", cmap, start) == (4,))
    segments = struct.unpack_from(">H", cmap, start + 6)[0] // 2

    def column(place: int) -> tuple[int, ...]:
        return struct.unpack_from(f">{segments}H", cmap, start + 14 + place * 2 * segments + (2 if place else 0))

    for segment, (last, first, delta, offset) in enumerate(zip(*map(column, range(4)), strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            place = start + 16 + 6 * segments + 2 * segment + offset + 2 * (code - first)
            glyph = struct.unpack_from(">H", cmap, place)[0] if offset else code
            if glyph:
                yield code, (glyph + delta) % 0x10000


def advances(font: bytes) -> dict[int, float]:
    """Return the width of each character in hundredths of the font's size."""
    parts = tables(font)
    (unit,) = struct.unpack_from(">H", parts["head"], 18)
    (count,) = struct.unpack_from(">H", parts["hhea"], 34)
    widths = [struct.unpack_from(">H", parts["hmtx"], 4 * number)[0] for number in range(count)]
    found = {code: widths[min(glyph, count - 1)] * 100 / unit for code, glyph in glyphs(parts["cmap"])}
    shapes: dict[int, list[float]] = {}
    for shape in SHAPES:
        letters = unicodedata.decomposition(chr(shape)).split()[1:]
        if len(letters) == 1 and shape in found:
            shapes.setdefault(int(letters[0], 16), []).append(found[shape])
    return found | {code: mean(widths) for code, widths in shapes.items()}


def lines(name: str, font: bytes) -> Iterator[str]:
    """Yield the source of one table."""
    found = advances(font)
    yield f"{name}: Final[Mapping[int, str]] = {{"
    for first, last in RANGES:
        digits = "".join(f"{round(found.get(code, UNKNOWN[name])):02x}" for code in range(first, last + 1))
        yield f"    0x{first:X}: ("
        yield from (f'        "{digits[place : place + 96]}"' for place in range(0, len(digits), 96))
        yield "    ),"
    yield "}"


if __name__ == "__main__":
    sources = [
        "\n".join(lines(name, Path(path).read_bytes())) for name, path in zip(UNKNOWN, sys.argv[1:3], strict=True)
    ]
    MODULE.write_text(HEAD + "\n".join(sources) + "\n", encoding="utf-8")
