"""A site with everything that Statuspage's API tells: each kind of event in each state, odd names, clocks that change.

It lies under a path, in New York's zone, where clocks went back on 1 November 2026.
"""

from __future__ import annotations

from typing import Final

NOW: Final = "2026-11-23T10:30:00Z"
SERVICES: Final = {
    "api": "name: API & <b>more</b>\ngroup: core\nexternal_id: 0123456789ab\n",
    "db": 'name: Database\ngroup: core\norder: 1\ndescription: Where "all" lies.\nsince: 2026-02-03\n',
    "cdn": "name: CDN 🛰\ngroup: edge\n",
    "web": "name: موقع\nsince: 2026-01-01\n",
    "mail": "name: Mail\n",
    "secret": "name: Secret\nhidden: true\n",
}


def event(head: str, *updates: str) -> str:
    """Return the file of an event; an update is `at | state | message`, with `| more` behind it."""
    entries = []
    for update in updates:
        at, state, message, *more = (part.strip() for part in update.split("|"))
        lines = [f"at: {at}", *([f"state: {state}"] if state else []), *more, f"message: {message}"]
        entries.append("  - " + "\n    ".join(lines))
    return "\n".join([head.strip(), "updates:", *entries, ""])


EVENTS: Final = {
    "api-down": event(
        'title: "Errors & <script>alert(1)</script> 💥"\nservices: {api: down, secret: down}',
        "2026-11-23T09:00:00.250Z | | Requests fail.",
        "2026-11-23T09:20:00Z | identified | '**Found** it, see [the log](static/log.txt) & wait.'"
        "| services: {api: partial, db: warning} | edited_at: 2026-11-23T09:40:00Z",
        "2026-11-23T09:30:00Z | monitoring | Watching.",
        "2026-11-23T09:30:00Z | | Still watching.",
    ),
    "nothing-held": event("title: We look into it", "2026-11-23T08:00:00Z | | No service yet."),
    "learnt": event(
        'title: "Night without clocks"\nservices: {db: down}\n'
        'postmortem: "# Why\\n\\nThe **clock**.\\n\\n- one\\n- two"',
        "2026-11-01T05:30:00Z | | Once.",
        "2026-11-01T06:30:00Z | resolved | Over.",
    ),
    "reopened": event(
        "title: It came back\nservices: {mail: warning}\npostmortem: Not yet.",
        "2026-10-02T10:00:00Z | | Slow.",
        "2026-10-02T11:00:00Z | resolved | Done.",
        "2026-11-22T10:00:00Z | investigating | Slow again.",
    ),
    "written-down": event(
        "title: Written down afterwards\nservices: {api: down, db: down}",
        "2026-05-04T10:00:00Z | resolved | It was down for an hour.",
    ),
    "by-plan": event(
        "title: Done by plan\nkind: maintenance\nservices: [db, cdn]\n"
        "planned: {start: 2026-10-05T02:00:00Z, end: 2026-10-05T04:00:00Z}",
        "2026-10-01T10:00:00Z | | We will work.",
    ),
    "running": event(
        "title: Runs by plan\nkind: maintenance\nservices: [cdn]\n"
        "planned: {start: 2026-11-23T10:00:00Z, end: 2026-11-23T12:00:00Z}",
        "2026-11-20T10:00:00Z | scheduled | We will work.",
    ),
    "verifying": event(
        "title: Nearly done\nkind: maintenance\nservices: {web: warning}\n"
        "planned: {start: 2026-11-23T08:00:00Z, end: 2026-11-23T11:00:00Z}",
        "2026-11-20T10:00:00Z | | We will work.",
        "2026-11-23T07:50:00Z | in-progress | We begin.",
        "2026-11-23T10:10:00Z | verifying | We look whether it works.",
    ),
    "to-come": event(
        "title: To come\nkind: maintenance\nservices: [mail]\n"
        "planned: {start: 2026-12-01T04:00:00Z, end: 2026-12-01T06:00:00Z}",
        "2026-11-20T10:00:00Z | | We will work.",
    ),
    "over-midnight": event(
        "title: Over midnight\nkind: maintenance\nservices: [mail]\n"
        "planned: {start: 2027-01-05T04:00:00Z, end: 2027-01-05T06:00:00Z}",
        "2026-11-21T10:00:00Z | | We will work.",
    ),
    "called-off": event(
        "title: Called off\nkind: maintenance\nservices: [mail]\n"
        "planned: {start: 2026-11-25T04:00:00Z, end: 2026-11-25T06:00:00Z}",
        "2026-11-10T10:00:00Z | | We will work.",
        "2026-11-12T10:00:00Z | cancelled | No need any more.",
    ),
    "put-off": event(
        "title: Put off\nkind: maintenance\nservices: [mail]\n"
        "planned: {start: 2026-11-15T04:00:00Z, end: 2026-11-15T06:00:00Z}",
        "2026-11-10T10:00:00Z | | We will work.",
        "2026-11-15T05:00:00Z | scheduled | Next week."
        "| planned: {start: 2026-11-28T04:00:00Z, end: 2026-11-28T06:00:00Z}",
    ),
    "announced-late": event(
        "title: Announced late\nkind: maintenance\nservices: [web]\n"
        "planned: {start: 2026-09-01T04:00:00Z, end: 2026-09-01T06:00:00Z}",
        "2026-09-01T05:00:00Z | scheduled | We already work.",
    ),
    "hello": event("title: A notice\nkind: notice", "2026-11-22T10:00:00Z | | Hello."),
    "future": event("title: Not said yet\nservices: {mail: down}", "2026-11-23T11:00:00Z | | Later."),
}


def files(url: str | None = "https://example.com/status") -> dict[str, str]:
    """Return the site's files; `url` None: it does not know where it is published."""
    head = "title: Exämple & Co status\ntimezone: America/New_York\n" + (f"url: {url}\n" if url else "")
    return {
        "site-data/site.yaml": head,
        "site-data/groups/core.yaml": "name: Core\n",
        "site-data/groups/edge.yaml": "name: Edge\norder: 1\nexternal_id: ba9876543210\n",
        "site-data/static/log.txt": "log\n",
        "site-data/statuses/slow.yaml": "name: Slow\nlevel: WARNING\n",
        **{f"site-data/services/{name}.yaml": text for name, text in SERVICES.items()},
        **{f"site-data/events/2026/{name}.yaml": text for name, text in EVENTS.items()},
    }


def crowd(count: int) -> dict[str, str]:
    """Return many incidents and maintenances, one of each a day, the first the oldest."""
    many: dict[str, str] = {}
    for number in range(count):
        day = f"2026-{1 + number // 28:02}-{1 + number % 28:02}"
        many[f"site-data/events/many/i{number}.yaml"] = event(
            f"title: Incident {number}\nservices: {{web: warning}}",
            f"{day}T10:00:00Z | | Slow.", f"{day}T11:00:00Z | resolved | Fast.",
        )  # fmt: skip
        many[f"site-data/events/many/m{number}.yaml"] = event(
            f"title: Maintenance {number}\nkind: maintenance\nservices: [web]\n"
            f"planned: {{start: {day}T12:00:00Z, end: {day}T13:00:00Z}}",
            f"{day}T08:00:00Z | | We will work.",
        )
    return many
