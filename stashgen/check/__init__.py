"""Rules over what was loaded: each a function that yields findings, all listed in two tuples."""

from stashgen.check.reading import Reading, read

__all__ = ["Reading", "read"]
