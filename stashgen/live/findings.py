"""What a look at live sites gives: findings and facts of each site, as `verify --json` prints them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import msgspec

from stashgen.errors import Severity

Kind = Literal[
    "unreachable", "redirect", "insecure", "certificate", "manifest", "signature", "missing", "not-found", "altered",
    "stale", "unchecked", "newer", "behind", "old", "future", "overdue", "type", "header",
]  # fmt: skip
Verdict = Literal["good", "bad", "missing", "unchecked"]


class Finding(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One thing that a live site does otherwise than it should; `path` is empty where it is the whole site."""

    kind: Kind
    path: str = ""
    message: str
    severity: Severity = "error"


class SiteReport(msgspec.Struct, frozen=True, kw_only=True):
    """One site: what it says of itself, how many of its files were looked at, and what is wrong."""

    url: str
    built_at: dt.datetime | None = None
    next_change_at: dt.datetime | None = None
    commit: str | None = None
    signature: Verdict = "missing"
    signed_by: str | None = None
    certificate_until: dt.datetime | None = None
    files: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Return whether nothing is an error."""
        return all(finding.severity != "error" for finding in self.findings)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All sites at one time."""

    version: Literal[1] = 1
    looked_at: dt.datetime
    errors: int
    warnings: int
    sites: tuple[SiteReport, ...]


def report(looked_at: dt.datetime, sites: Sequence[SiteReport]) -> Report:
    """Count what was found on all sites."""
    found = [finding.severity for site in sites for finding in site.findings]
    return Report(looked_at=looked_at, errors=found.count("error"), warnings=found.count("warning"), sites=tuple(sites))
