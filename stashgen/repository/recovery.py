"""After a kill: settle what was prepared. Quick when there is nothing to do: one question to the store."""

from __future__ import annotations

import shutil

import msgspec

from stashgen.git import Git, literal
from stashgen.git.index import mend
from stashgen.git.locks import clear_ours
from stashgen.repository.clone import Clone
from stashgen.repository.committing import take_back
from stashgen.repository.history import found
from stashgen.repository.journal import Row
from stashgen.repository.moving import finish


def recover(clone: Clone, program: Git) -> list[str]:
    """Settle what another process left half done; the lock is held. Return remarks."""
    rows = clone.journal.on("prepared")
    remarks = mend(program, clone.layout) if clone.layout else []
    strange = []
    for row in rows:
        site = clone.at(row.deed.prefix)
        strange += _settled(site, program._replace(folder=site.folder), row)
    if rows and not strange:
        shutil.rmtree(clone.aside, ignore_errors=True)
    if clone.layout:
        remarks += finish(clone, program)
    told, clone.store.remarks = clone.store.remarks, []
    return [*told, *remarks, *strange]


def _settled(clone: Clone, program: Git, row: Row) -> list[str]:
    if clone.layout and row.deed.has_commit:
        # Whoever prepared it is gone, as the lock is ours now, and so is the git that it had started.
        clear_ours(program, clone.layout)
        commit = found(clone, program, row)
        if commit:
            # The branch is there before the index is.
            program.run("reset", "--quiet", "--", *literal(one.path for one in row.deed.files))
            clone.journal.write(msgspec.structs.replace(row, stage="committed", commit=commit))
            return []
    strange = take_back(clone, program, row, is_sure=False)
    if not strange:
        return []
    clone.journal.forget(row.change_id)
    return [f"a change was broken off; {', '.join(strange)} is neither as before nor as it was to be: look at it"]
