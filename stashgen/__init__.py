"""A static status page generator with git-backed data."""

__version__ = "0.1.0"
