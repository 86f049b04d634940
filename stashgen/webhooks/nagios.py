"""Nagios, Icinga and their kin: the macros of a notification command, as JSON, a form, or lines `NAME=value`.

https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/macrolist.html
"""

from __future__ import annotations

import re
from typing import Final

from stashgen.intents import Signal
from stashgen.model import Automation
from stashgen.webhooks.payload import Fields, any_fields, line
from stashgen.webhooks.source import PayloadError, Post

# Planned work is on the page as a maintenance, and what flaps is damped here.
_SILENT: Final = ("DOWNTIME", "FLAPPING")
_SEVERITY_BY_STATE: Final = {
    "WARNING": "warning", "CRITICAL": "critical", "UNKNOWN": "unknown", "DOWN": "critical", "UNREACHABLE": "critical",
}  # fmt: skip
_WELL: Final = ("OK", "UP")
# Icinga says `service.name` where Nagios says SERVICEDESC.
_OTHER_NAMES: Final = {
    "SERVICENAME": "SERVICEDESC", "TYPE": "NOTIFICATIONTYPE", "HOST": "HOSTNAME", "SERVICE": "SERVICEDESC",
    "HOSTDISPLAYNAME": "HOSTALIAS", "SERVICEDISPLAYNAME": "SERVICEALIAS", "SERVICESTASHGEN": "STASHGEN",
}  # fmt: skip


def read(post: Post, automation: Automation) -> list[Signal]:  # noqa: ARG001 - the shelf's signature
    """Return the signal of a notification; raise PayloadError."""
    macros = _macros(any_fields(post))
    host, service = macros.needed("HOSTNAME"), macros.line("SERVICEDESC")
    kind = macros.line("NOTIFICATIONTYPE").upper()
    subject = "SERVICE" if service else "HOST"
    state = _state(macros, subject)
    is_resolved = kind == "RECOVERY" or state in _WELL
    is_soft = macros.line(f"{subject}STATETYPE", "STATETYPE").upper() == "SOFT"
    if kind.startswith(_SILENT) or (is_soft and not is_resolved):
        return []
    labels = {"host": host, "service": service, "type": kind, "state": state}
    labels |= {"hostgroup": macros.line("HOSTGROUPNAME"), "servicegroup": macros.line("SERVICEGROUPNAME")}
    # What a custom variable of the service, or else of its host, says.
    named = macros.words("STASHGEN") or macros.words("HOSTSTASHGEN")
    signal = Signal(
        source="nagios",
        key=f"{host}/{service}" if service else host,
        services=named or (service or host,),
        status="" if is_resolved else _SEVERITY_BY_STATE[state],
        # The name of a machine is nothing for a headline that everybody reads.
        title=macros.line("SERVICEALIAS") or service or macros.line("HOSTALIAS") or host,
        text=macros.text(f"{subject}OUTPUT") or macros.text("OUTPUT"),
        is_resolved=is_resolved,
        # A reminder is newer than what it reminds of.
        at=macros.at(f"LAST{subject}STATECHANGE") or macros.at("TIMET"),
        labels={name: value for name, value in labels.items() if value},
    )
    return [signal]


def _macros(fields: Fields) -> Fields:
    """Return the fields by Nagios' names: `host.name`, `NAGIOS_HOSTNAME` and `$HOSTNAME$` are HOSTNAME."""
    found: dict[str, object] = {}
    for name, value in fields.values.items():
        plain = re.sub(r"[^A-Z]", "", name.upper())
        for start in ("NAGIOS", "ICINGA", "NOTIFY"):
            plain = plain.removeprefix(start) or plain
        # A macro that Nagios does not know in this place stays as it was written.
        if not (isinstance(value, str) and re.fullmatch(r"\s*\$[\w.:]+\$\s*", value)):
            found.setdefault(_OTHER_NAMES.get(plain, plain), value)
    return Fields(found)


def _state(macros: Fields, subject: str) -> str:
    name = f"{subject}STATE"
    state = line(macros.text(name) or macros.text("STATE")).upper()
    if not state and macros.line("NOTIFICATIONTYPE").upper() == "RECOVERY":
        return "OK"
    if not state:
        raise PayloadError(name, "is missing")
    if state not in _WELL and state not in _SEVERITY_BY_STATE:
        raise PayloadError(name, "must be OK, WARNING, CRITICAL or UNKNOWN, or for a host UP, DOWN or UNREACHABLE")
    return state
