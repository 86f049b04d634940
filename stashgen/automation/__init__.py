"""What monitors may do to the page: automation.yaml as pure functions.

A signal is judged by the rules (judging.py) and becomes a case; damping (damping.py) says when it counts; what counts
is decided against the incidents that are there (deciding.py) and becomes deeds, one for each incident concerned.
Alerts stand in the incidents themselves, so a decision needs nothing but the site: made anew on what somebody else
has pushed meanwhile, it takes that into account.
"""

from stashgen.automation.cases import Case, Deed, Outcome, Saying, What
from stashgen.automation.damping import Facts, Memory, Step, ripe, step
from stashgen.automation.deciding import Decision, decide
from stashgen.automation.judging import Judge, touched
from stashgen.automation.judging import name as alert_name
from stashgen.automation.standing import maintained_until, shown

__all__ = [
    "Case", "Decision", "Deed", "Facts", "Judge", "Memory", "Outcome", "Saying", "Step", "What", "alert_name",
    "decide", "maintained_until", "ripe", "shown", "step", "touched",
]  # fmt: skip
