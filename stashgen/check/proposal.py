"""What a change of files would make of a site, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stashgen import load, yamlio
from stashgen.check.reading import Judgement, Reading, judged
from stashgen.errors import Finding, Problem
from stashgen.load.revise import revise
from stashgen.model import Site

Files = Mapping[str, bytes | None]  # path below site-data -> bytes; None: the file is taken away


class Proposal(NamedTuple):
    """The site as it would be, and the problems that it has not had before."""

    site: Site
    problems: tuple[Problem, ...]


def propose(before: Judgement, known: Sequence[Problem], files: Files) -> Proposal:
    """Return the site that `before` would be with these files; `known` are the problems that it has already."""
    root = before.root
    revised = revise(root, before.site, files)
    names = {f"{root.name}/{path}" for path in files}
    old = [problem for problem in known if problem.path not in names]

    def place(path: str, findings: Sequence[Finding]) -> list[Problem]:
        data = files.get(path)
        if data is None:
            return load.place(root, path, findings)
        return yamlio.place(data, f"{root.name}/{path}", findings)

    after: Reading = judged(before._replace(site=revised.site, problems=[*old, *revised.problems]), place)
    seen = {_gist(problem) for problem in known}
    return Proposal(after.site, tuple(one for one in after.problems if _gist(one) not in seen))


def _gist(problem: Problem) -> tuple[str, str, str]:
    # The line moves when something is said above it.
    return problem.path, problem.field, problem.message
