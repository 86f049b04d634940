"""Publishers: a shelf of modules, one for each kind of place that a built site can go to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stashgen.publishers import folder, git_branch, rsync, s3
from stashgen.publishers.store import Publisher

# The first that fits is the one that is meant: a folder is what is nothing else.
PUBLISHERS: Final[Mapping[str, Publisher]] = {
    "git": Publisher(git_branch.fits, git_branch.publish),
    "s3": Publisher(s3.fits, s3.publish),
    "rsync": Publisher(rsync.fits, rsync.publish),
    "folder": Publisher(folder.fits, folder.publish),
}


def publisher(target: str) -> Publisher:
    """Return what publishes to a target."""
    return next(one for one in PUBLISHERS.values() if one.fits(target))
