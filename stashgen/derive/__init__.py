"""derive(site, now) -> Board: the rules of status, history and uptime.

The rules themselves are told in docs/derivation.md. An event becomes steps (steps.py) and a track (tracks.py); what
all tracks hold a service at becomes its stretches (timeline.py), and these its bar (days.py) and uptime (uptime.py).
"""

from stashgen.derive.assemble import derive

__all__ = ["derive"]
