"""Python imports this at the start of every child process that the tests run with this folder on PYTHONPATH."""

from __future__ import annotations

import os

import walls

if walls.HOMES in os.environ:
    walls.raise_walls(dict(os.environ))
