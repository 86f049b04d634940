"""A project folder as its one writer uses it: intents are edited in, checked, written, committed and pushed.

    with Repository(project, environ) as repository:
        applied = repository.apply(intent, author)
        pushed = repository.push()

Every accepted change is one commit. A lock keeps the processes on one clone apart; a journal in git's folder tells
after a kill what is to be settled, and what the remote does not have yet.
"""

from stashgen.repository.front import Repository
from stashgen.repository.state import State
from stashgen.repository.values import Applied, Pending, Plan, Pushed, Wishes

__all__ = ["Applied", "Pending", "Plan", "Pushed", "Repository", "State", "Wishes"]
