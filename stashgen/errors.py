"""What can go wrong, as values: a `Problem` for a place in a file, a `StashgenError` for all else a user can mend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

Severity = Literal["error", "warning"]
Field = tuple[str | int, ...]  # keys and places in lists, from the file down to a value


class Problem(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One thing wrong in one place of the user's data, with what to do about it.

    `path` is relative to the folder above site-data, with `/`; `line` and `column` count from 1, 0 means the
    whole file; `field` is a dotted path such as `updates[1].state`, empty for the whole file.
    """

    path: str
    line: int = 0
    column: int = 0
    field: str = ""
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        """Print as `path:line: field: message`; warnings say so."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        parts = [place, *([self.field] if self.field else [])]
        text = f"warning: {self.message}" if self.severity == "warning" else self.message
        return ": ".join([*parts, text])


class Finding(NamedTuple):
    """Something to say about a field, before its place in the file is known; `is_key` points at the key itself."""

    field: Field
    message: str
    severity: Severity = "error"
    is_key: bool = False


class StashgenError(Exception):
    """An error that the user or the outside world caused: printed as one line, exit code 1."""


class DataError(StashgenError):
    """Site-data that cannot be built; carries every problem found, sorted by place.

    `reason` tells why a build that keeps going stopped all the same.
    """

    def __init__(self, problems: Sequence[Problem], reason: str = "") -> None:
        self.problems, self.reason = tuple(sorted(problems)), reason
        super().__init__("\n".join(map(str, self.problems)))


class SettingError(StashgenError):
    """A setting of site.yaml that names something that is not there."""

    def __init__(self, field: str, message: str) -> None:
        self.field, self.message = field, message
        super().__init__(f"site-data/site.yaml: {field}: {message}")


class ThemeError(StashgenError):
    """A theme that cannot be found or rendered; the text names the file and, where known, the line."""


class BuildError(StashgenError):
    """The output folder cannot be written; the site in it is as it was."""
