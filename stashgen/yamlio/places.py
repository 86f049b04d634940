"""Where the fields of a file stand: found by reading it once more, only when there is something to say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.events import AliasEvent, CollectionStartEvent, ScalarEvent

from stashgen.errors import Field, Finding, Problem
from stashgen.yamlio.builder import Builder, RefusedError, written


def place(data: bytes, path: str, findings: Sequence[Finding]) -> list[Problem]:
    """Turn findings about a file's fields into problems with line and column; `path` names the file."""
    locator = _Locator(path, findings)
    # If the file has changed since, what stands before a fault still has its place.
    with suppress(RefusedError, YAMLError):
        locator.run(CParser(data))
    return [locator.placed(finding) for finding in findings]


class _Locator(Builder):
    """Notes where the keys and values begin that findings are about, and those around them."""

    def __init__(self, path: str, findings: Iterable[Finding]) -> None:
        super().__init__(path, {}, dt.UTC)
        self.wanted = {one.field[:length] for one in findings for length in range(len(one.field) + 1)}
        self.mark_by_key: dict[Field, Any] = {}
        self.mark_by_value: dict[Field, Any] = {}

    def scalar(self, event: ScalarEvent) -> None:
        if self.key is None and isinstance(self.node, dict):
            super().scalar(event)
            self.note(self.mark_by_key, event.start_mark)
        else:
            self.note(self.mark_by_value, event.start_mark)
            super().scalar(event)

    def start(self, event: CollectionStartEvent) -> None:
        self.note(self.mark_by_value, event.start_mark)
        super().start(event)

    def alias(self, event: AliasEvent) -> None:
        self.note(self.mark_by_value, event.start_mark)
        super().alias(event)

    def note(self, marks: dict[Field, Any], mark: Any) -> None:
        field = self.field()
        if field in self.wanted:
            marks.setdefault(field, mark)

    def placed(self, finding: Finding) -> Problem:
        """Place a finding at its field, or at the nearest field around it that stands in the file."""
        mark = None
        for length in range(len(finding.field), -1, -1):
            around = finding.field[:length]
            is_key = finding.is_key or length < len(finding.field)
            marks = (self.mark_by_key, self.mark_by_value) if is_key else (self.mark_by_value, self.mark_by_key)
            mark = marks[0].get(around) or marks[1].get(around)
            if mark is not None:
                break
        return Problem(
            path=self.path,
            line=mark.line + 1 if mark else 0,
            column=mark.column + 1 if mark else 0,
            field=written(finding.field),
            message=finding.message,
            severity=finding.severity,
        )
