"""Write docs/data.md from the records in stashgen/model.py, and docs/status-json.md from those of the JSON outputs.

The examples are files in docs/example/; `tests/test_docs.py` builds them and fails when the page is stale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, get_args

import msgspec
from msgspec import inspect

from stashgen import model
from stashgen.documents import event, index, service, status
from stashgen.documents.document import MONTH_PATTERN

PAGE: Final = Path(__file__).parent / "data.md"
JSON_PAGE: Final = Path(__file__).parent / "status-json.md"
EXAMPLE: Final = Path(__file__).parent / "example"


class File(NamedTuple):
    """One kind of file: its record, its name in site-data, and examples: a sentence and a path below docs/example."""

    record: type[model.Record]
    name: str
    examples: tuple[tuple[str, str], ...]


FILES: Final = (
    File(model.Settings, "site.yaml", (("", "site-data/site.yaml"),)),
    File(model.Status, "statuses/<id>.yaml", (("", "site-data/statuses/read-only.yaml"),)),
    File(model.Group, "groups/<id>.yaml", (("", "site-data/groups/platform.yaml"),)),
    File(model.Service, "services/<id>.yaml", (("", "site-data/services/api.yaml"),)),
    File(
        model.Event,
        "events/**/<id>.yaml",
        (
            ("", "site-data/events/2026/2026-03-09-api-errors.yaml"),
            (
                "A maintenance names its window; a plain list of services is enough, they will be under maintenance.",
                "site-data/events/2026/2026-03-14-database.yaml",
            ),
            (
                "A notice changes no status and goes away by itself.",
                "site-data/events/2026/2026-03-20-office-hours.yaml",
            ),
        ),
    ),
    File(model.Template, "templates/<id>.yaml", (("", "site-data/templates/api-trouble.yaml"),)),
    File(
        model.Automation,
        "automation.yaml",
        (("[Monitors](monitors.md) explains it and has a recipe for each.", "site-data/automation.yaml"),),
    ),
    File(
        model.Notifications,
        "notifications.yaml",
        (("[Notifications](notifications.md) explains it.", "site-data/notifications.yaml"),),
    ),
)

# Records that stand inside others, in the order in which a reader meets them, and where.
PARTS: Final[Mapping[type[model.Record], str]] = {
    model.Link: "An entry of `links` in site.yaml.",
    model.Window: "`planned` of a maintenance.",
    model.Update: "An entry of `updates` of an event.",
    model.Replan: "`planned` of an update.",
    model.Alert: "An entry of `signals` of an event.",
    model.Rule: "An entry of `rules` in automation.yaml.",
    model.NotificationChannel: "An entry of `channels` in notifications.yaml.",
    model.Mapped: "An entry of `generic` in automation.yaml. Every path is one such as `alert.labels.name` or `items[0].id`.",
}
_WORD_BY_PATTERN: Final[Mapping[str | None, str]] = {
    None: "text",
    model.ID_PATTERN: "id",
    model.REF_PATTERN: "id",
    model.LINE_PATTERN: "text",
    model.URL_PATTERN: "URL",
    model.LINK_PATTERN: "link",
    model.COLOR_PATTERN: "colour",
    model.DURATION_PATTERN: "duration",
    model.VARIABLE_PATTERN: "name of an environment variable",
    model.KEY_PATTERN: "public key",
    model.PATH_PATTERN: "path",
    MONTH_PATTERN: "month, `2026-11`",
    service.SPAN_PATTERN: "`24h`, `7d`, `30d`, `90d`, `365d` or a month, `2026-11`",
}
_WORD_BY_TYPE: Final[Mapping[type[inspect.Type], str]] = {
    inspect.BoolType: "`true` or `false`",
    inspect.DateTimeType: "instant",
    inspect.DateType: "day, `2026-11-23`",
}
# msgspec sorts the values of a Literal; the model's own order tells a story.
_IN_ORDER: Final[Mapping[frozenset[object], tuple[object, ...]]] = {
    frozenset(get_args(alias)): get_args(alias)
    for alias in (
        model.Kind,
        model.State,
        model.IncidentState,
        model.StatuspageWord,
        model.Family,
        model.HumanPolicy,
        model.UnknownPolicy,
        model.MaintenancePolicy,
        model.News,
    )
}
INTRODUCTION: Final = """\
# Data files

<!-- Written by `make docs` from stashgen/model.py and docs/generate.py. Change those instead. -->

Everything a page shows comes from YAML files in `site-data/`. One thing, one file: the file's name without `.yaml` is its id.
`stashgen check` finds every mistake with its line; `stashgen schema` prints the same rules as JSON Schema for editors.

```
site-data/
  site.yaml             settings of the page
  statuses/<id>.yaml    what a service can be; optional
  groups/<id>.yaml      an ordered set of services; optional
  services/<id>.yaml    a thing with a status
  events/**/<id>.yaml   an incident, a maintenance or a notice; folders below events/ are yours
  templates/<id>.yaml   words for an event that is opened in a hurry; optional
  automation.yaml       what monitors may do to the page; optional
  notifications.yaml    who is told of news; optional
  static/               copied as it is: logo, icons, images
```

How values are written:

| In the tables below | means |
|---|---|
| text | YAML text. Scalars are read the YAML 1.2 way: `no`, `on` and `10:30` stay text |
| id | a file's name: lower-case letters, digits and hyphens, at most 80, beginning with a letter or digit |
| instant | a date and time with its zone, `2026-11-23T10:02:00Z` or `2026-11-23 11:02 +01:00`; without one it is in the page's `timezone` |
| day | a calendar day such as `2026-11-23`, from midnight in the page's `timezone`; an instant is possible too |
| duration | numbers with their units `s`, `m`, `h` and `d`: `90s`, `5m`, `1h30m` |
| colour | `"#rrggbb"`, quoted, because `#` begins a comment |
| Markdown | paragraphs, emphasis, lists, links, code, tables; raw HTML is made safe |

Unknown keys, keys given twice and texts that are not UTF-8 are errors.
"""


JSON_INTRODUCTION: Final = """\
# Our own JSON files

<!-- Written by `make docs` from stashgen/documents/ and docs/generate.py. Change those instead. -->

Every build writes JSON for programs beside the pages for people. All are plain files: they need no key, take no parameters,
and any host can serve them. [What programs can read](api.md) lists the other formats.

| File | What it is | Its JSON Schema |
|---|---|---|
| `status.json` | the state of the page now; small, so that it can be polled | `schemas/status.schema.json` |
| `services/<id>.json` | one service with its past: uptime by window and month, its days, its events | `schemas/service.schema.json` |
| `events/<id>.json` | one event with its whole timeline | `schemas/event.schema.json` |
| `api/index.json` | where everything is that a program can read | `schemas/index.schema.json` |

```console
$ curl -s $SITE/status.json | jq -r .overall.sentence
Partial outage: Label creation
$ curl -s $SITE/services/api.json | jq -r '.windows[] | select(.name == "90d") | .ratio, .events[].event'
0.999944
2026-09-22-api-errors-after-a-release
$ curl -s $SITE/events/2026-09-22-api-errors-after-a-release.json | jq -r '.title, .state, .ended_at'
API answers with errors after a release
resolved
...
$ curl -s $SITE/api/index.json | jq -r '.families[] | select(.name == "service-json") | .files[].path'
services/{service}.json
```

Rules for readers:

- Instants are UTC in RFC 3339 form, such as `2026-11-23T10:02:00Z`. Ids never change.
- Every key is always there; what does not apply is `null` or an empty list.
- `version` counts up only when a key changes its meaning or goes away. New keys may come at any time: ignore what you do
  not know.
- What moves with every build is only in `status.json`: the other files keep their bytes while there is nothing new to say.
  Uptime over a window that ends now therefore has no `end_at`, and one that has data from its beginning on no `start_at`.
- Poll with `If-None-Match` or `If-Modified-Since`, once a minute at most. `revision` changes when the dashboard has something
  new to say, `built_at` with every build.
- The file is stale once `next_change_at` has passed: a newer one should have been built by then, and what it says may no
  longer be true.
- Paths are relative to the page's root, so that they hold on a mirror and below a path.
"""
DOCUMENTS: Final[Mapping[str, tuple[type[msgspec.Struct], ...]]] = {
    "status.json": (
        status.StatusDocument,
        status.Page,
        status.OverallState,
        status.StatusWord,
        status.GroupState,
        status.ServiceState,
        status.EventState,
    ),
    "services/<id>.json": (
        service.ServiceDocument,
        service.GroupName,
        service.UptimeSpan,
        service.Downtime,
        service.DayBar,
        service.BarDay,
        service.ServiceEvent,
        service.ServiceFiles,
    ),
    "events/<id>.json": (
        event.EventDocument,
        event.TouchedService,
        event.HeldStretch,
        event.Said,
    ),
    "api/index.json": (
        index.IndexDocument,
        index.FamilyEntry,
        index.Entry,
        index.GroupEntry,
        index.ServiceEntry,
    ),
}


BUILT_IN: Final = """\
`up` is the default: a service that no event holds is in it. A file with the id of one of these changes it; another id
adds a status.
"""


def page() -> str:
    """Return the whole reference page as Markdown."""
    sections = [INTRODUCTION, *(_file_section(file) for file in FILES), _built_in_statuses(), "## Parts of the files\n"]
    sections += [f"### {record.__name__}\n\n{where}\n\n{_table(record)}" for record, where in PARTS.items()]
    return "\n".join(sections)


def json_page() -> str:
    """Return the reference of the JSON outputs as Markdown."""
    sections = [JSON_INTRODUCTION]
    for name, (document, *parts) in DOCUMENTS.items():
        sections += [f"## `{name}`\n", f"{document.__doc__}\n", _json_table(document)]
        sections += [f"### {part.__name__}\n\n{part.__doc__}\n\n{_json_table(part)}" for part in parts]
    return "\n".join(sections)


def _json_table(record: type[msgspec.Struct]) -> str:
    rows = [(_json_words(field.type), _json_description(field.type)) for field in _fields(record)]
    return _columns(record, ("Value", "Meaning"), rows)


def _json_words(kind: inspect.Type) -> str:
    inner = kind.type if isinstance(kind, inspect.Metadata) else kind
    can_be_null = isinstance(inner, inspect.UnionType) and any(isinstance(one, inspect.NoneType) for one in inner.types)
    return _words(inner) + (" or `null`" if can_be_null else "")


def _json_description(kind: inspect.Type) -> str:
    return str(kind.cls.__doc__) if isinstance(kind, inspect.StructType) else _description(kind)


def _file_section(file: File) -> str:
    shown = [_example(sentence, path) for sentence, path in file.examples]
    return "\n".join([f"## `{file.name}`\n", f"{_summary(file.record)}\n", _table(file.record), *shown])


def _example(sentence: str, path: str) -> str:
    text = (EXAMPLE / path).read_text(encoding="utf-8")
    return f"{sentence}\n\n```yaml\n# {path}\n{text}```\n".lstrip()


def _summary(record: type[model.Record]) -> str:
    summary = (record.__doc__ or "").partition("\n")[0].partition(": ")[2]
    return summary[:1].upper() + summary[1:]


def _table(record: type[model.Record]) -> str:
    rows = [(_words(field.type), _default(field), _description(field.type)) for field in _fields(record)]
    return _columns(record, ("Value", "Default", "Meaning"), rows)


def _columns(record: type[msgspec.Struct], names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    keyed = [(f"`{field.encode_name}`", *row) for field, row in zip(_fields(record), rows, strict=True)]
    lines = [("Key", *names), ("---",) * (len(names) + 1), *keyed]
    return (
        "\n".join("|" + "|".join(line) + "|" if line[0] == "---" else f"| {' | '.join(line)} |" for line in lines)
        + "\n"
    )


def _fields(record: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    described = inspect.type_info(record)
    assert isinstance(described, inspect.StructType)
    return described.fields


def _description(kind: inspect.Type) -> str:
    if not isinstance(kind, inspect.Metadata):
        return ""
    return str((kind.extra_json_schema or {}).get("description", ""))


def _default(field: inspect.Field) -> str:
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if value in (None, "", (), {}):
        return ""
    return f"`{msgspec.json.encode(value).decode()}`" if isinstance(value, (bool, int, float)) else f"`{value}`"


def _words(kind: inspect.Type) -> str:
    match kind:
        case inspect.Metadata(type=inner, extra=extra):
            return "day" if (extra or {}).get("is_day") else _words(inner)
        case inspect.UnionType(types=types):
            return " or ".join(_words(one) for one in types if not isinstance(one, inspect.NoneType))
        case inspect.StructType(cls=cls):
            return f"[{cls.__name__}](#{cls.__name__.lower()})"
        case inspect.VarTupleType(item_type=item):
            return f"list of {_words(item)}"
        case inspect.DictType(key_type=key, value_type=value):
            return f"map of {_words(key)} to {_words(value)}"
    return _scalar(kind)


def _scalar(kind: inspect.Type) -> str:
    match kind:
        case inspect.LiteralType(values=choices):
            return ", ".join(f"`{choice}`" for choice in _IN_ORDER.get(frozenset(choices), choices))
        case inspect.EnumType(cls=cls):
            return ", ".join(f"`{member.value}`" for member in cls)
        case inspect.StrType(pattern=pattern):
            return _WORD_BY_PATTERN[pattern]
        case inspect.IntType(ge=low, le=high) | inspect.FloatType(ge=low, le=high):
            name = "whole number" if isinstance(kind, inspect.IntType) else "number"
            return name if low is None or high is None else f"{name}, {low} to {high}"
    return _WORD_BY_TYPE[type(kind)]


def _built_in_statuses() -> str:
    rows = [
        f"| `{name}` | {status.name} | {status.level.value} | {status.downtime:g} | `{status.statuspage}` |"
        for name, status in model.BUILT_IN_STATUSES.items()
    ]
    head = ["| Id | Name | Level | Share that counts as down | Statuspage word |", "|---|---|---|---|---|"]
    return "\n".join(["## Built-in statuses\n", BUILT_IN, *head, *rows]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    JSON_PAGE.write_text(json_page(), encoding="utf-8")
