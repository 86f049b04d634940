"""The texts of events as safe HTML, read from their files when an output asks for them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from stashgen import load, markup
from stashgen.memo import Memo, digest, edition
from stashgen.model import Site

NO_STAND_INS: Final[Mapping[str, bytes]] = MappingProxyType({})
_MARKUP: Final = "markup"
_TEXTS: Final = "texts"
_KEPT_CHARACTERS: Final = 4_000_000  # the texts of two thousand events
_KEPT_RESULTS: Final = 200


class Texts(NamedTuple):
    """The texts of one event as safe HTML; `messages` in the order of the file."""

    messages: tuple[str, ...]
    postmortem: str | None


class TextReader:
    """Reads the texts of one event at a time: ten thousand events are never in memory together.

    Pages, feeds and APIs ask for the same event far apart, so what a file says is kept by its digest.
    """

    def __init__(self, root: Path, site: Site, memo: Memo, stand_ins: Mapping[str, bytes] = NO_STAND_INS) -> None:
        """Take a site from its folder; `stand_ins` are files, by path, that it was made of instead of those there."""
        self._root, self._site, self._memo, self._stand_ins = root, site, memo, stand_ins
        self._texts: OrderedDict[str, Texts] = OrderedDict()
        self._characters = 0
        self._made: dict[str, list[tuple[bytes, bytes]]] = {_MARKUP: [], _TEXTS: []}

    def __call__(self, event: str) -> Texts:
        """Return the texts of an event, by its id."""
        if event not in self._texts:
            texts = self._texts[event] = self._read(event)
            self._characters += _length(texts)
            while self._characters > _KEPT_CHARACTERS and len(self._texts) > 1:
                _, oldest = self._texts.popitem(last=False)
                self._characters -= _length(oldest)
        return self._texts[event]

    def flush(self) -> None:
        """Keep in the memo what was made since the last time."""
        for step, made in self._made.items():
            if made:
                self._memo.keep(step, made)
                made.clear()

    def _read(self, event: str) -> Texts:
        key = digest(edition(), self._site.digest_by_event[event])
        known = self._memo.recall(_TEXTS, key)
        if known is not None:
            with suppress(msgspec.MsgspecError):
                return msgspec.msgpack.decode(known, type=Texts)
        stand_in = self._stand_ins.get(self._site.path_by_event[event])
        record = load.read_event(self._root, self._site, event, stand_in)
        texts = Texts(
            tuple(self._html(update.message) for update in record.updates),
            None if record.postmortem is None else self._html(record.postmortem),
        )
        self._keep(_TEXTS, key, msgspec.msgpack.encode(texts))
        return texts

    def _html(self, text: str) -> str:
        short = markup.quick(text)
        if short is not None:
            return short
        key = digest(markup.VERSION, text.encode())
        known = self._memo.recall(_MARKUP, key)
        if known is not None:
            return known.decode()
        made = markup.full(text)
        self._keep(_MARKUP, key, made.encode())
        return made

    def _keep(self, step: str, key: bytes, value: bytes) -> None:
        self._made[step].append((key, value))
        if len(self._made[step]) >= _KEPT_RESULTS:
            self.flush()


def _length(texts: Texts) -> int:
    return sum(map(len, texts.messages)) + len(texts.postmortem or "")
