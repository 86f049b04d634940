"""Git's index: what a power cut tore, or took away, is made anew from the commit."""

from __future__ import annotations

from hashlib import sha1, sha256

from stashgen.git.layout import Layout
from stashgen.git.program import Git


def mend(git: Git, layout: Layout) -> list[str]:
    """Look whether the index is whole, and make it anew if not; nobody else may write meanwhile. Return remarks."""
    index = layout.git_dir / "index"
    data = index.read_bytes() if index.exists() else None
    if data is not None and _is_whole(data):
        return []
    aside = index.with_name("index.torn")
    if data is not None:
        index.replace(aside)
    git.run("reset", "--quiet")
    return [f"{index} was torn: it was made anew from the last commit, and is kept as {aside}"] if data else []


def _is_whole(data: bytes) -> bool:
    # It ends with a hash of what is before, or with zeros (index.skipHash). Git itself looks at its head only.
    ends = ((20, sha1(data[:-20], usedforsecurity=False)), (32, sha256(data[:-32])))
    return data.startswith(b"DIRC") and any(data[-size:] in (bytes(size), end.digest()) for size, end in ends)
