"""Published sites, looked at from outside: `wait(urls, wanted, jobs, seconds) -> Report`.

What a site says of itself is held against keys and a build that are ours; nothing proves itself.
"""

from stashgen.live.ages import span
from stashgen.live.findings import Finding, Report, SiteReport
from stashgen.live.waiting import wait
from stashgen.live.wanted import Wanted, read_build

__all__ = ["Finding", "Report", "SiteReport", "Wanted", "read_build", "span", "wait"]
