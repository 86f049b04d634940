"""Looking again until a site is as it should be: hosts and their caches take a while to give what was published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from stashgen import clock
from stashgen.live import heads, sites
from stashgen.live.abreast import abreast
from stashgen.live.findings import Finding, Report
from stashgen.live.sites import Progress
from stashgen.live.wanted import Wanted

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 15.0
# The others are there to stay until somebody changes the host's settings.
_PASSING: Final = frozenset(
    {"unreachable", "manifest", "signature", "missing", "altered", "stale", "behind", "old", "overdue"}
)


def wait(urls: Sequence[str], wanted: Wanted, jobs: int, seconds: float, progress: Progress | None = None) -> Report:
    """Look at sites again and again, for so long at most, until nothing is wrong that time can mend."""
    began = clock.monotonic()
    pause = _FIRST_PAUSE
    while True:
        passed = clock.monotonic() - began
        as_of = wanted._replace(now=wanted.now + dt.timedelta(seconds=int(passed)))
        is_last = passed >= seconds
        if is_last or _has_arrived(urls, as_of, jobs):
            report = sites.verify(urls, as_of, jobs, progress)
            if is_last or not any(_may_pass(finding) for site in report.sites for finding in site.findings):
                return report
        clock.sleep(max(0.0, min(pause, seconds - (clock.monotonic() - began))))
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _has_arrived(urls: Sequence[str], wanted: Wanted, jobs: int) -> bool:
    # A few questions a site tell; thousands of files are worth looking at only then.
    asking = sites.client()
    seen = abreast(lambda url: heads.look(url, asking, wanted), urls, jobs)
    return not any(_may_pass(finding) for head in seen for finding in head.findings)


def _may_pass(finding: Finding) -> bool:
    return finding.severity == "error" and finding.kind in _PASSING
