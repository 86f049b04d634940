"""The texts of events as safe HTML, read from their files when an output asks for them."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Final, NamedTuple

from stashgen import load, markup
from stashgen.memo import Memo, digest
from stashgen.model import Site

_STEP: Final = "markup"
_KEPT_EVENTS: Final = 256
_KEPT_RESULTS: Final = 200


class Texts(NamedTuple):
    """The texts of one event as safe HTML; `messages` in the order of the file."""

    messages: tuple[str, ...]
    postmortem: str | None


class TextReader:
    """Reads the texts of one event at a time: ten thousand events are never in memory together."""

    def __init__(self, root: Path, site: Site, memo: Memo) -> None:
        self._root, self._site, self._memo = root, site, memo
        self._texts: OrderedDict[str, Texts] = OrderedDict()
        self._made: list[tuple[bytes, bytes]] = []

    def __call__(self, event: str) -> Texts:
        """Return the texts of an event, by its id."""
        if event not in self._texts:
            if len(self._texts) >= _KEPT_EVENTS:
                self._texts.popitem(last=False)
            record = load.read_event(self._root, self._site, event)
            self._texts[event] = Texts(
                tuple(self._html(update.message) for update in record.updates),
                None if record.postmortem is None else self._html(record.postmortem),
            )
        return self._texts[event]

    def flush(self) -> None:
        """Keep in the memo what was made since the last time."""
        if self._made:
            self._memo.keep(_STEP, self._made)
            self._made = []

    def _html(self, text: str) -> str:
        short = markup.quick(text)
        if short is not None:
            return short
        key = digest(markup.VERSION, text.encode())
        known = self._memo.recall(_STEP, key)
        if known is not None:
            return known.decode()
        made = markup.full(text)
        self._made.append((key, made.encode()))
        if len(self._made) >= _KEPT_RESULTS:
            self.flush()
        return made
