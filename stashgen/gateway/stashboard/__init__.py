"""Stashboard's admin API: its clients read and write here as they did there.

A request is read (`asking`), looked up in a table (`deeds`), turned into an intent by a pure function (`records`,
`statuses`, `posting`), carried out by the gate, and answered from the site as it is then (`library`) in the records
of Stashboard's API.
"""

from stashgen.gateway.stashboard.blueprint import part

__all__ = ["part"]
