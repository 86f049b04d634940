"""Files of an importer: which of them are new, which have news, and which have become somebody's own.

Each begins with a mark that digests the rest as it was written. That tells three things apart: a file nobody changed
(the source's news replace it), one that somebody changed while the source stood still (it is theirs), and one that
both changed (it is theirs, and they are told).
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final, Literal

from stashgen.edit.change import Change, Ground
from stashgen.edit.wording import cut
from stashgen.intents import AdoptFiles

Verdict = Literal["new", "updated", "unchanged", "kept", "clash"]

_MARK: Final = re.compile(rb"# Imported from [^\n]*\[import ([0-9a-f]{16})\]\r?\n")
_WIDTH: Final = 60


def adopt(ground: Ground, intent: AdoptFiles) -> Change:
    """Write what is new or has news, and leave the rest alone."""
    data = {path: text.encode() for path, text in intent.files.items()}
    due = {path: new for path, new in data.items() if verdict(_current(ground, path), new) in ("new", "updated")}
    if not due:
        return Change(subject=f"everything from {intent.source} is here already")
    events = sum(path.startswith("events/") for path in due)
    counts = [f"{events} event{'s' * (events != 1)}"] if events else []
    others = len(due) - events
    counts += [f"{others} other file{'s' * (others != 1)}"] if others else []
    subject = f"import from {cut(intent.source, _WIDTH)}: {' and '.join(counts)}"
    return Change(files=due, subject=subject, trailers=(("Source", cut(intent.source, _WIDTH)),))


def marked(title: str, body: bytes) -> bytes:
    """Return the bytes of a file below the line that marks it as imported from a system of that title."""
    note = "Once you change it, it is yours: later imports leave it alone."
    return f"# Imported from {title}. {note} [import {_digest(body)}]\n".encode() + body


def verdict(current: bytes | None, new: bytes) -> Verdict:
    """Return what is to be done with a marked file where these bytes, or none, are now."""
    if current is None:
        return "new"
    here, there = _MARK.match(current), _MARK.match(new)
    if here is None or there is None:
        return "kept"
    is_as_written = _digest(current[here.end() :]) == here[1].decode()
    if here[1] == there[1]:
        return "unchanged" if is_as_written else "kept"
    return "updated" if is_as_written else "clash"


def _current(ground: Ground, path: str) -> bytes | None:
    try:
        return ground.read(path)
    except FileNotFoundError:
        return None


def _digest(body: bytes) -> str:
    # Git may have given the file other line ends; that is nobody's change.
    return blake2b(body.replace(b"\r\n", b"\n"), digest_size=8).hexdigest()
