"""YAML files of people changed so that their comments, order and quoting stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stashgen.yamlwrite import document


def appended(data: bytes, entry: Mapping[str, Any]) -> bytes:
    """Return a file whose last key is the list `updates`, with one more entry at its end."""
    lines = document({"updates": [entry]}).splitlines(keepends=True)[1:]
    return data.rstrip(b"\n") + b"\n" + "".join(lines).encode()
