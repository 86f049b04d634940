"""The records: every field of every file under site-data/, typed and described once.

From these structs come validation, the JSON Schemas of `stashgen schema` and the reference page of the docs.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from stashgen import instants

# `$` alone would let a last line end pass.
ID_PATTERN: Final = "^[a-z0-9][a-z0-9-]{0,79}$(?!\\n)"
REF_PATTERN: Final = "^[^\\r\\n]+$(?!\\n)"
URL_PATTERN: Final = "^https?://[^\\s]+$(?!\\n)"
LINK_PATTERN: Final = "^(https?://|mailto:|tel:|(?![a-zA-Z][a-zA-Z0-9+.-]*:))[^\\s]+$(?!\\n)"
COLOR_PATTERN: Final = "^#[0-9a-fA-F]{6}$(?!\\n)"
VARIABLE_PATTERN: Final = "^[A-Za-z_][A-Za-z0-9_]*$(?!\\n)"
KEY_PATTERN: Final = "^(ssh|sk-ssh|ecdsa|sk-ecdsa)-[a-zA-Z0-9@.-]+ [A-Za-z0-9+/]+=*( [^\\r\\n]*)?$(?!\\n)"
LINE_PATTERN: Final = "^(?=.*\\S)[^\\r\\n]+$(?!\\n)"

# `form` is what a value that does not fit is told: "`My API` is not ...".
Id = Annotated[
    str, Meta(pattern=ID_PATTERN, extra={"form": "an id: small letters, digits and dashes, such as `my-api`"})
]
# An id of another record: whether it exists is a rule's to say, and it knows which one was meant.
Ref = Annotated[str, Meta(pattern=REF_PATTERN, extra={"form": "an id"})]
Line = Annotated[str, Meta(pattern=LINE_PATTERN, extra={"form": "one line of text"})]
Url = Annotated[str, Meta(pattern=URL_PATTERN, extra={"form": "a web address, which begins with https:// or http://"})]
LinkTarget = Annotated[
    str,
    Meta(pattern=LINK_PATTERN, extra={"form": "a link: begin with https:// or mailto:, or give a path on this site"}),
]
Variable = Annotated[
    str,
    Meta(
        pattern=VARIABLE_PATTERN,
        extra={"form": "the name of an environment variable, such as `STATUS_SLACK_URL`", "is_secret": True},
    ),
]
PublicKey = Annotated[
    str,
    Meta(pattern=KEY_PATTERN, extra={"form": "a public key as `ssh-keygen` writes it, such as `ssh-ed25519 AAAA...`"}),
]
DURATION_PATTERN: Final = "^(?:[0-9]{1,6}(?:s|m|h|d))+$(?!\\n)"
Duration = Annotated[str, Meta(pattern=DURATION_PATTERN, extra={"form": "a duration, such as 90s, 5m, 1h30m or 1d"})]
# Names, places in a list, and names in quotes where they hold a dot: `items[0].labels["app.kubernetes.io/name"]`.
PATH_PATTERN: Final = (
    '^(?:\\.|(?:\\$\\.)?(?:[^.\\[\\]"]+|\\[-?[0-9]{1,6}\\]|\\["[^"]+"\\])'
    '(?:\\.[^.\\[\\]"]+|\\[-?[0-9]{1,6}\\]|\\["[^"]+"\\])*)$(?!\\n)'
)
PayloadPath = Annotated[
    str, Meta(pattern=PATH_PATTERN, extra={"form": "a path, such as `alert.labels.name` or `items[0].id`"})
]
Minutes = Annotated[int, Meta(ge=0, le=10_080)]  # up to a week
Color = Annotated[str, Meta(pattern=COLOR_PATTERN, extra={"form": "a colour: write it like `#d92d20`, in quotes"})]
# Markdown that must say something; its emptiness is found while the file is read, since a light event has none.
Message = Annotated[str, Meta(extra_json_schema={"minLength": 1}, extra={"is_said": True})]
# An instant is converted while the file is read, because one without a zone is in the site's zone.
Instant = Annotated[
    dt.datetime, Meta(extra_json_schema={"pattern": f"^{instants.INSTANT_PATTERN}$", "examples": [instants.EXAMPLE]})
]
Day = Annotated[
    dt.datetime,
    Meta(
        extra={"is_day": True},
        extra_json_schema={
            "pattern": f"^({instants.DAY_PATTERN}|{instants.INSTANT_PATTERN})$",
            "examples": [instants.EXAMPLE[:10]],
        },
    ),
]


class Level(enum.Enum):
    """Severity, from none to worst."""

    NORMAL = "NORMAL"
    MAINTENANCE = "MAINTENANCE"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"

    @property
    def rank(self) -> int:
        """Return 0 for NORMAL up to 4 for CRITICAL."""
        return _RANKS[self.value]


_RANKS: Final[Mapping[str, int]] = {level.value: rank for rank, level in enumerate(Level)}

Kind = Literal["incident", "maintenance", "notice"]
IncidentState = Literal["investigating", "identified", "monitoring", "resolved"]
MaintenanceState = Literal["scheduled", "in-progress", "verifying", "completed", "cancelled"]
State = Literal[
    "investigating", "identified", "monitoring", "resolved",
    "scheduled", "in-progress", "verifying", "completed", "cancelled",
]  # fmt: skip
INCIDENT_STATES: Final = ("investigating", "identified", "monitoring", "resolved")
MAINTENANCE_STATES: Final = ("scheduled", "in-progress", "verifying", "completed", "cancelled")
CLOSING_STATES: Final = frozenset({"resolved", "completed", "cancelled"})

Family = Literal[
    "api-description", "badges", "calendars", "csv-files", "embeds", "event-json", "feeds", "host-files", "metrics",
    "offline", "pages", "service-json", "stashboard-api", "static-files", "status-json", "statuspage-api", "text-files", "upptime-badges",
]  # fmt: skip
HumanPolicy = Literal["absorb", "update", "separate"]
UnknownPolicy = Literal["refuse", "ignore", "incident"]
MaintenancePolicy = Literal["hold", "open"]
# What there is to tell of an event: its first word, a later one, that its plan came true, and how it ended.
News = Literal["opened", "updated", "started", "ended", "postmortem"]
# What monitors are called; the shelf of webhooks reads each of them.
SOURCES: Final = (
    "alertmanager", "grafana", "pagerduty", "nagios", "icinga", "uptime-kuma", "uptimerobot", "pingdom", "datadog",
    "betterstack", "github",
)  # fmt: skip
StatuspageWord = Literal["operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"]


# One field, one line: what a record holds is read down the page.
# fmt: off
class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all records share: immutable, keyword-only, unknown keys refused."""


class Link(Record, frozen=True, kw_only=True):
    """One link in the header of every page."""

    title: Annotated[Line, Meta(description="What the reader sees.")]
    url: Annotated[LinkTarget, Meta(description="Where it goes: a full URL, a mailto: address, or a path on this site.")]


class Settings(Record, frozen=True, kw_only=True):
    """site.yaml: the settings of one page."""

    title: Annotated[Line, Meta(description="Name of the page, such as `Acme Status`.")]
    url: Annotated[Url | None, Meta(description="Where the page is published, a path included; canonical links, feeds and CNAME come from it.")] = None
    description: Annotated[str, Meta(description="One sentence for search engines and link previews.")] = ""
    timezone: Annotated[Line, Meta(description="IANA zone of the page, such as `Europe/Berlin`: its days, and instants without a zone.")] = "UTC"
    language: Annotated[Line, Meta(description="Language of the page's own words: `en`, `de`, `ar`, or a translation of yours.")] = "en"
    theme: Annotated[Line, Meta(description="Theme by name: one in `themes/` beside site-data, or a packaged one (`default`, `classic`).")] = "default"
    logo: Annotated[str | None, Meta(description="Image in `static/` shown beside the title, such as `logo.svg`.")] = None
    favicon: Annotated[str | None, Meta(description="Icon in `static/` for browser tabs.")] = None
    links: Annotated[tuple[Link, ...], Meta(description="Links in the header: website, support, report a problem.")] = ()
    history_days: Annotated[int, Meta(ge=1, le=365, description="Days in a service's bar.")] = 90
    recent_days: Annotated[int, Meta(ge=1, le=90, description="Past days listed on the dashboard.")] = 14
    since: Annotated[Day | None, Meta(description="Day from which services without a `since` of their own have data.")] = None
    repository: Annotated[Url | None, Meta(description="Web address of the git repository; the footer links built commit and repository.")] = None
    mirrors: Annotated[tuple[Url, ...], Meta(description="Other places where this page is published.")] = ()
    signing_keys: Annotated[tuple[PublicKey, ...], Meta(description="Public keys, as `ssh-keygen` writes them, whose owners may sign what is published.")] = ()
    hub: Annotated[Url | None, Meta(description="WebSub hub that the feeds name and that `stashgen notify` tells of news, such as `https://pubsubhubbub.appspot.com/`.")] = None
    calendar_alarm_minutes: Annotated[Minutes | None, Meta(description="Minutes before a planned maintenance at which subscribers' calendars remind them; empty: no reminder.")] = None
    external_id: Annotated[str | None, Meta(description="Id of the page in the system it came from; the Statuspage API keeps it.")] = None
    outputs: Annotated[dict[Family, bool], Meta(description="Families of output files to switch off, such as `event-json: false`.")] = {}


class Status(Record, frozen=True, kw_only=True):
    """statuses/<id>.yaml: what a service can be. A file with a built-in's id changes it, another adds one."""

    name: Annotated[Line, Meta(description="Words shown for it, such as `Degraded performance`.")]
    level: Annotated[Level, Meta(description="Severity: NORMAL, MAINTENANCE, WARNING, ERROR or CRITICAL.")]
    description: Annotated[str, Meta(description="One sentence for the legend.")] = ""
    icon: Annotated[str, Meta(description="A built-in icon by name, or an image file in `static/`; empty: the level's own shape.")] = ""
    color: Annotated[Color | None, Meta(description="Colour of its marks as `#rrggbb`, adjusted where contrast needs it; empty: the level's own colour.")] = None
    downtime: Annotated[float, Meta(ge=0, le=1, description="Share of the time in this status that counts as down.")] = 0.0
    statuspage: Annotated[StatuspageWord | None, Meta(description="Word for it in the Statuspage API; empty: the level's own.")] = None
    default: Annotated[bool, Meta(description="True for the one status of a service that no event holds.")] = False


class Group(Record, frozen=True, kw_only=True):
    """groups/<id>.yaml: an ordered set of services."""

    name: Annotated[Line, Meta(description="Heading of the group.")]
    description: Annotated[str, Meta(description="One sentence below the heading.")] = ""
    order: Annotated[int, Meta(ge=-1_000_000, le=1_000_000, description="Groups are sorted by this, then by name.")] = 0
    collapsed: Annotated[bool | None, Meta(description="Fold the group while it is fine; empty: fold only on pages with many services.")] = None
    external_id: Annotated[str | None, Meta(description="Id in the system it came from; an importer finds the group again by it.")] = None
    aliases: Annotated[tuple[Id, ...], Meta(description="Ids that it had before: their addresses lead to the ones it has now.")] = ()


class Service(Record, frozen=True, kw_only=True):
    """services/<id>.yaml: a thing with a status."""

    name: Annotated[Line, Meta(description="Name shown to readers; no two services share one.")]
    description: Annotated[str, Meta(description="One sentence: what it is, for readers who do not know.")] = ""
    group: Annotated[Ref | None, Meta(description="Id of its group; empty: listed before the groups.")] = None
    order: Annotated[int, Meta(ge=-1_000_000, le=1_000_000, description="Services of a group are sorted by this, then by name.")] = 0
    url: Annotated[Url | None, Meta(description="Where the service itself is found.")] = None
    since: Annotated[Day | None, Meta(description="Day or instant from which uptime counts; before it there is no data.")] = None
    hidden: Annotated[bool, Meta(description="True keeps the service out of every output.")] = False
    external_id: Annotated[str | None, Meta(description="Id in the system it came from; an importer finds the service again by it.")] = None
    aliases: Annotated[tuple[Id, ...], Meta(description="Ids that it had before: their addresses lead to the ones it has now.")] = ()


class Window(Record, frozen=True, kw_only=True):
    """When a maintenance is planned."""

    start: Annotated[Instant, Meta(description="Planned start.")]
    end: Annotated[Instant, Meta(description="Planned end, after the start.")]


class Replan(Record, frozen=True, kw_only=True):
    """A change of plan announced by an update; what is left out stays as it was."""

    start: Annotated[Instant | None, Meta(description="New planned start.")] = None
    end: Annotated[Instant | None, Meta(description="New planned end.")] = None


class Update(Record, frozen=True, kw_only=True):
    """One entry of an event's timeline."""

    at: Annotated[Instant, Meta(description="When it was said, such as `2026-11-23T10:02:00Z`.")]
    state: Annotated[State | None, Meta(description="Where the event stands from here on; empty: as before.")] = None
    services: Annotated[dict[Ref, Ref], Meta(description="Statuses that change here, `service: status`; the others stay as they were.")] = {}
    planned: Annotated[Replan | None, Meta(description="Maintenance only: a new planned start or end.")] = None
    edited_at: Annotated[Instant | None, Meta(description="When an edit of this update said something new: subscribers to feeds are told again.")] = None
    source: Annotated[Line | None, Meta(description="The monitor that wrote this update, such as `alertmanager`; empty: a person did, and no monitor overrides it.")] = None
    message: Annotated[Message, Meta(description="What readers are told, in Markdown.")]


class Alert(Record, frozen=True, kw_only=True):
    """One alert of a monitor in the incident that it belongs to."""

    services: Annotated[dict[Ref, Ref], Meta(description="Status that it gives to each service.")] = {}
    since: Annotated[Instant | None, Meta(description="Since when it has been firing.")] = None
    until: Annotated[Instant | None, Meta(description="When it ended; empty: it is firing.")] = None


class Event(Record, frozen=True, kw_only=True):
    """events/**/<id>.yaml: an incident, a maintenance or a notice with its timeline."""

    title: Annotated[Line, Meta(description="Headline.")]
    kind: Annotated[Kind, Meta(description="incident, maintenance or notice.")] = "incident"
    services: Annotated[dict[Ref, Ref] | tuple[Ref, ...], Meta(description="Services it holds from its start, `service: status`; a plain list where the kind gives the status (maintenance, notice).")] = {}
    planned: Annotated[Window | None, Meta(description="Maintenance only, required there: planned start and end.")] = None
    pinned: Annotated[bool, Meta(description="Notice: keep it at the top of the dashboard until it ends.")] = False
    until: Annotated[Instant | None, Meta(description="Notice: when it ends; empty: it stays.")] = None
    postmortem: Annotated[Message | None, Meta(description="What happened and what was learnt, in Markdown, shown like an article.")] = None
    external_id: Annotated[str | None, Meta(description="Id in the system it came from; machines find the event again by it.")] = None
    source: Annotated[str | None, Meta(description="The system it came from, such as `statuspage`.")] = None
    tags: Annotated[tuple[Line, ...], Meta(description="Free labels.")] = ()
    signals: Annotated[dict[Line, Alert], Meta(description="Alerts of monitors, each by `source:key`. Machines keep this; an incident that only they wrote is resolved when the last alert has ended.")] = {}
    updates: Annotated[tuple[Update, ...], Meta(min_length=1, description="The timeline, oldest first; always the last key, so that an update is appended text.")]


class Template(Record, frozen=True, kw_only=True):
    """templates/<id>.yaml: words for an event that somebody, or a monitor, will open in a hurry."""

    title: Annotated[Line, Meta(description="Headline; `{{ ... }}` is filled in.")]
    message: Annotated[Message, Meta(description="First words in Markdown; `{{ ... }}` is filled in.")]
    resolved: Annotated[str, Meta(description="Words when it is over; empty: the built-in ones.")] = ""
    kind: Annotated[Kind, Meta(description="incident, maintenance or notice.")] = "incident"
    state: Annotated[IncidentState | None, Meta(description="State that the first update gives; empty: investigating.")] = None
    services: Annotated[dict[Ref, Ref], Meta(description="Services it holds, `service: status`.")] = {}


class Mapped(Record, frozen=True, kw_only=True):
    """How the fields of somebody's own JSON become a signal; each is a path such as `alert.labels.name` or `items[0].id`."""

    key: Annotated[PayloadPath, Meta(description="Path of what names the alert: the same for its firing and its end.")]
    status: Annotated[PayloadPath, Meta(description="Path of the word that `statuses` translates.")]
    statuses: Annotated[dict[Line, Ref], Meta(description="Word -> status; `resolved` means that the alert is over.")]
    services: Annotated[PayloadPath | None, Meta(description="Path of a service, or of a list of services, by id or name; empty: rules say which.")] = None
    title: Annotated[PayloadPath | None, Meta(description="Path of one line that says what is wrong.")] = None
    text: Annotated[PayloadPath | None, Meta(description="Path of more words.")] = None
    labels: Annotated[dict[Line, PayloadPath], Meta(description="Label -> its path, for rules to match on.")] = {}
    at: Annotated[PayloadPath | None, Meta(description="Path of when it was: an ISO 8601 instant, or seconds since 1970.")] = None
    items: Annotated[PayloadPath | None, Meta(description="Path of a list of alerts; the other paths then begin at each of its entries.")] = None


class Rule(Record, frozen=True, kw_only=True):
    """What to make of the alerts that fit; the first rule that fits counts."""

    source: Annotated[Line | None, Meta(description="Only alerts of this source, such as `alertmanager`; empty: of any.")] = None
    match: Annotated[dict[Line, Line], Meta(description="Only alerts whose labels fit: `label: pattern`, with `*` for anything.")] = {}
    services: Annotated[tuple[Ref, ...], Meta(description="Services they concern; empty: those that the alert names.")] = ()
    status: Annotated[Ref | None, Meta(description="Status they give; empty: what the monitor's severity means.")] = None
    template: Annotated[Ref | None, Meta(description="Template of the incident's words; empty: the built-in ones.")] = None
    quiet: Annotated[Duration | None, Meta(description="How long they must last before the page tells of them; empty: as for the whole file.")] = None
    stay: Annotated[Duration | None, Meta(description="How long they must be over before the page says so; empty: as for the whole file.")] = None
    ignore: Annotated[bool, Meta(description="True drops them.")] = False


class Automation(Record, frozen=True, kw_only=True):
    """automation.yaml: what monitors may do to the page."""

    quiet: Annotated[Duration, Meta(description="How long an alert must last before the page tells of it, such as `2m`.")] = "0s"
    stay: Annotated[Duration, Meta(description="How long an alert must be over before the page says so, such as `5m`.")] = "0s"
    status: Annotated[Ref, Meta(description="Status of an alert whose severity is not given or not known.")] = "down"
    statuses: Annotated[dict[Line, Ref], Meta(description="Severity of a monitor -> status, such as `critical: partial`; added to the built-in table. A severity whose status is the default one is dropped.")] = {}
    human: Annotated[HumanPolicy, Meta(description="What an alert does to an open incident in which a person has written, about one of its services: `absorb` notes it in `signals` and touches neither words nor statuses, `update` worsens and mends what its alerts explain, `separate` opens an incident of its own.")] = "absorb"
    resolve: Annotated[bool, Meta(description="False leaves the closing of incidents to people: that all alerts have ended is only said.")] = True
    maintenance: Annotated[MaintenancePolicy, Meta(description="What becomes of an alert about a service under maintenance: `hold` waits until the maintenance is over, `open` tells of it like of any other.")] = "hold"
    unknown: Annotated[UnknownPolicy, Meta(description="What happens to an alert about a service that is not on the page: `refuse` answers with an error, `ignore` drops it, `incident` opens one without services.")] = "refuse"
    issue_label: Annotated[Line, Meta(description="GitHub: only issues with this label count.")] = "incident"
    rules: Annotated[tuple[Rule, ...], Meta(description="What to make of which alerts; the first that fits counts.")] = ()
    generic: Annotated[dict[Id, Mapped], Meta(description="Sources of your own: name -> where their JSON holds what.")] = {}


class NotificationChannel(Record, frozen=True, kw_only=True):
    """Where news is sent, and which."""

    name: Annotated[Id, Meta(description="What it is called; who was told what is kept under this name.")]
    urls_from: Annotated[Variable, Meta(description="Environment variable that holds its Apprise URLs, one or several with spaces between them, such as `slack://...`. They are secrets: they never stand in this file.")]
    services: Annotated[tuple[Ref, ...], Meta(description="Only events that touch one of these services; with `groups` too, one of either. Empty: all.")] = ()
    groups: Annotated[tuple[Ref, ...], Meta(description="Only events that touch a service of one of these groups.")] = ()
    level: Annotated[Level | None, Meta(description="Only events that are, or will be, at least this severe; empty: all.")] = None
    kinds: Annotated[tuple[Kind, ...], Meta(description="Only these kinds of events; empty: all.")] = ()
    news: Annotated[tuple[News, ...], Meta(description="Only this: `opened`, `updated`, `started` (a maintenance, by its plan), `ended`, `postmortem`; empty: all.")] = ()


class Notifications(Record, frozen=True, kw_only=True):
    """notifications.yaml: who is told of news, and of which."""

    channels: Annotated[tuple[NotificationChannel, ...], Meta(description="Every channel gets what fits it, once.")] = ()


# fmt: on


class Label(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What other programs call an event, without the rest of it: cheap to tell of ten thousand."""

    external_id: str | None = None


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Everything read from one site-data folder.

    Maps are keyed by id. `events` may read lazily and holds every event without its texts (messages and
    postmortem are "", a missing postmortem stays None): a page of ten thousand events fits in memory.
    """

    settings: Settings
    statuses: Mapping[str, Status]
    groups: Mapping[str, Group]
    services: Mapping[str, Service]
    events: Mapping[str, Event]
    templates: Mapping[str, Template] = {}
    automation: Automation = Automation()
    notifications: Notifications = Notifications()
    path_by_event: Mapping[str, str]  # relative to site-data
    digest_by_event: Mapping[str, bytes]  # of the file's bytes and the zone they were read in
    label_by_event: Mapping[str, Label] = {}


BUILT_IN_STATUSES: Final[Mapping[str, Status]] = {
    "up": Status(
        name="Operational", level=Level.NORMAL, description="Works as it should.",
        icon="tick", downtime=0.0, statuspage="operational", default=True,
    ),
    "maintenance": Status(
        name="Under maintenance", level=Level.MAINTENANCE, description="Planned work is going on.",
        icon="wrench", downtime=0.0, statuspage="under_maintenance",
    ),
    "warning": Status(
        name="Degraded performance", level=Level.WARNING, description="Works, but slowly or not always.",
        icon="triangle", downtime=0.0, statuspage="degraded_performance",
    ),
    "partial": Status(
        name="Partial outage", level=Level.ERROR, description="Does not work for some.",
        icon="half", downtime=0.3, statuspage="partial_outage",
    ),
    "down": Status(
        name="Major outage", level=Level.CRITICAL, description="Does not work.",
        icon="cross", downtime=1.0, statuspage="major_outage",
    ),
}  # fmt: skip
