"""Many sites at once, each as a whole.

A site is asked for its manifest, signature and status first, then for every file that the manifest, or a build on the
disk, lists. How many questions are open at once is bounded over all sites.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from stashgen import urls
from stashgen.http import Client, HttpError
from stashgen.live import ages, contents, heads
from stashgen.live.abreast import abreast
from stashgen.live.contents import Task
from stashgen.live.findings import Finding, Report, SiteReport, report
from stashgen.live.heads import Head
from stashgen.live.wanted import Wanted

_SECONDS: Final = 10.0
_LOOKS: Final = 3  # a site that is just being published gives files of two builds
_MOVING: Final = frozenset({"missing", "altered", "stale", "signature"})

Progress = Callable[[int, int], None]


def client() -> Client:
    """Return what asks sites."""
    return Client(seconds=_SECONDS)


def verify(sites: Sequence[str], wanted: Wanted, jobs: int, progress: Progress | None = None) -> Report:
    """Look at sites, all of them at once, with so many questions at a time at most."""
    seen = _look(sites, wanted, jobs, progress)
    for _ in range(_LOOKS - 1):
        moved = [number for number, look in enumerate(seen) if look.has_moved()]
        if not moved:
            break
        for number, look in zip(moved, _look([sites[one] for one in moved], wanted, jobs, progress), strict=True):
            seen[number] = look
    older = ages.behind([look.head for look in seen])
    return report(wanted.now, [look.told(wanted, older.get(number)) for number, look in enumerate(seen)])


class _Look:
    """One site, looked at."""

    def __init__(self, head: Head) -> None:
        self.head = head
        self.files = 0
        self._findings = list(head.findings)

    def add(self, findings: Iterable[Finding], files: int) -> None:
        """Take findings of so many files."""
        self.files += files
        self._findings += findings

    def has_moved(self) -> bool:
        """Return whether something is wrong that may be so because the site was published meanwhile, and it was."""
        if not any(finding.kind in _MOVING and finding.severity == "error" for finding in self._findings):
            return False
        try:
            return self.head.visit.ask(urls.MANIFEST).body != self.head.manifest
        except HttpError:
            return False

    def told(self, wanted: Wanted, older: Finding | None) -> SiteReport:
        """Return the site's report; `older` is what is to be said of it beside the other sites."""
        head, status = self.head, self.head.status
        findings = [*self._findings, *ages.about(head, wanted), *([older] if older else [])]
        return SiteReport(
            url=head.visit.url,
            built_at=status.built_at if status else None,
            next_change_at=status.next_change_at if status else None,
            commit=status.commit if status else None,
            signature=head.signature,
            signed_by=head.signed_by,
            certificate_until=head.certificate_until,
            files=self.files,
            findings=tuple(sorted(findings, key=lambda one: (one.severity, bool(one.path), one.path, one))),
        )


def _look(sites: Sequence[str], wanted: Wanted, jobs: int, progress: Progress | None) -> list[_Look]:
    asking = client()
    seen = [_Look(head) for head in abreast(lambda url: heads.look(url, asking, wanted), sites, jobs)]
    tasks = contents.tasks([look.head for look in seen], is_quick=wanted.is_quick)

    def step(task: Task) -> tuple[Finding, ...]:
        return contents.look(seen[task.site].head, task.path)

    for task, findings in zip(tasks, abreast(step, tasks, jobs, progress), strict=True):
        seen[task.site].add(findings, 1)
    for look, findings in zip(seen, abreast(_beside, [look.head for look in seen], jobs), strict=True):
        look.add(findings, 0)
    return seen


def _beside(head: Head) -> tuple[Finding, ...]:
    return (*contents.look_at_proofs(head), *contents.look_at_folders(head))
