"""A project folder as its one writer uses it: intents are edited in, checked, written, committed and pushed.

    with Repository(project, environ) as repository:
        applied = repository.apply(intent, author)

Every accepted change is one commit. A lock keeps the processes on one clone apart.
"""

from stashgen.repository.applying import Applied, Plan, Pushed, Repository, Wishes

__all__ = ["Applied", "Plan", "Pushed", "Repository", "Wishes"]
