"""The door to git: the git program, called with argument lists, never through a shell and never with a prompt."""

from stashgen.git.layout import Layout, find, head
from stashgen.git.program import Done, Git, GitError
from stashgen.git.standing import Standing, literal, standing

__all__ = ["Done", "Git", "GitError", "Layout", "Standing", "find", "head", "literal", "standing"]
