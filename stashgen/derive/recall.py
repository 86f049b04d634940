"""The memo as the steps of a derivation use it: plain values in, the same values out, or None.

Each value is kept under a key that names what all its entries share, and carries the digests of what it was made of;
who recalls it compares them. What cannot be read is as good as forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from stashgen.memo import Memo, digest

# Raise it whenever a rule or the shape of what is kept changes.
EDITION: Final = b"2"

T = TypeVar("T")


def key_of(name: str) -> bytes:
    """Return the key of something by its name."""
    return digest(EDITION, name.encode())


def recall(memo: Memo | None, step: str, key: bytes, decoder: msgspec.msgpack.Decoder[T]) -> T | None:
    """Return what was kept, or None."""
    kept = memo.recall(step, key) if memo else None
    if kept is None:
        return None
    try:
        return decoder.decode(kept)
    except msgspec.DecodeError:
        return None


def keep(memo: Memo | None, step: str, value_by_key: Mapping[bytes, object]) -> None:
    """Keep values of a step."""
    if memo and value_by_key:
        memo.keep(step, [(key, msgspec.msgpack.encode(value)) for key, value in value_by_key.items()])
