"""What is new, told once: the state of a site against what is known already, or against an earlier commit.

`tell` sends messages (items.py says what there is to tell, ledger.py who knows it, store.py keeps that in git);
`compare` says what the working files would change on the page.
"""

from __future__ import annotations

from stashgen.news.states import Ground
from stashgen.news.telling import Order, Report, tell

__all__ = ["Ground", "Order", "Report", "tell"]
