"""What a change leaves in a file: by this it is known where a commit was squashed or lost its trailers."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher


def is_done(old: bytes | None, new: bytes | None, now: bytes | None) -> bool:
    """Return whether a file as it is now has what turned its old bytes into new ones; None: there is no file."""
    if new is None or now is None:
        return new is now
    before, after, lines = ((data or b"").splitlines() for data in (old, new, now))
    return all(
        _is_part(after[start:end], lines) if end > start else not _is_part(before[begin:stop], lines)
        for tag, begin, stop, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        if tag != "equal"
    )


def _is_part(few: Sequence[bytes], many: Sequence[bytes]) -> bool:
    return any(many[at : at + len(few)] == few for at in range(len(many) - len(few) + 1))
