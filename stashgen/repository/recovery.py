"""After a kill: settle what was prepared. Quick when there is nothing to do: one question to the store."""

from __future__ import annotations

import msgspec

from stashgen.git import Git
from stashgen.git.locks import INDEX, clear
from stashgen.repository.clone import Clone
from stashgen.repository.committing import take_back
from stashgen.repository.history import found
from stashgen.repository.journal import Row
from stashgen.repository.moving import finish


def recover(clone: Clone, program: Git) -> list[str]:
    """Settle what another process left half done; the lock is held. Return remarks."""
    rows = clone.journal.on("prepared")
    remarks = [told for row in rows for told in _settled(clone, program, row)]
    if clone.layout:
        remarks += finish(clone, program)
    told, clone.store.remarks = clone.store.remarks, []
    return [*told, *remarks]


def _settled(clone: Clone, program: Git, row: Row) -> list[str]:
    remarks = []
    layout = clone.layout
    if layout and row.deed.has_commit:
        # Whoever prepared it is gone, as the lock is ours now, and so is the git that it had started.
        told = clear(layout.git_dir / INDEX, layout, is_ours=True)
        remarks += [told] if told else []
        commit = found(clone, program, row)
        if commit:
            clone.journal.write(msgspec.structs.replace(row, stage="committed", commit=commit))
            return remarks
    strange = take_back(clone, program, row, is_sure=False)
    if strange:
        clone.journal.forget(row.change_id)
        remarks.append(
            f"a change was broken off; {', '.join(strange)} is neither as before nor as it was to be: look at it"
        )
    return remarks
