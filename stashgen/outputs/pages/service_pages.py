"""One page a service, one a month below it, one a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from markupsafe import Markup

from stashgen import urls
from stashgen.derive.board import GroupView, ServiceView, Uptime
from stashgen.outputs.context import Output
from stashgen.outputs.pages.cards import Link, event_card
from stashgen.outputs.pages.months import ServiceMonth, month_facts, month_values, service_months
from stashgen.outputs.pages.press import Page, Press
from stashgen.outputs.pages.services import (
    bar_facts,
    event_links,
    group_card,
    service_card,
    uptime_facts,
)
from stashgen.outputs.subscriptions import SITE, group_channel, service_channel

RANK = 1
_LISTED_CAUSES = 5


class UptimeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an uptime table; `more` events are on the page of the period."""

    label: str
    href: str | None
    uptime: Markup
    downtime: Markup | None
    causes: tuple[Link, ...]
    more: int


def outputs(press: Press) -> Iterator[Output]:
    """Yield the pages of all services, of their months and of all groups."""
    for service in press.context.board.services.values():
        months = service_months(press, service)
        yield _service_output(press, service, months)
        for month in months.values():
            yield _month_output(press, service, month)
    for group in press.context.board.groups:
        if group.id:
            yield _group_output(press, group.id, group)


def _service_output(press: Press, service: ServiceView, months: Mapping[str, ServiceMonth]) -> Output:
    uptimes = [uptime_facts(press, uptime) for uptime in (*service.windows, *service.months)]
    recent = _recent_events(press, service)
    events = [press.key_by_event[event] for event in recent]
    facts = (bar_facts(press, service), uptimes, events, [*months], service.since_at, _group_name(press, service))
    key = press.key("service", *facts)

    def page() -> bytes:
        return press.printed(_service_page(press, service, months, recent))

    return Output(urls.service_page(service.id), key, page, RANK)


def _service_page(press: Press, service: ServiceView, months: Mapping[str, ServiceMonth], recent: list[str]) -> Page:
    path = urls.service_page(service.id)
    root = urls.root(path)
    values = {
        "service": service_card(press, root, service, None),
        "group": _group_link(press, root, service),
        "address": service.record.url,
        "since": press.wording.ago(service.status_since_at) if service.status_since_at else None,
        "records": press.wording.date(press.day(service.since_at)) if service.since_at else None,
        "windows": [
            _row(press, root, window, press.wording.text(f"uptime.window.{window.name}"), None)
            for window in service.windows
        ],
        "months": [_month_row(press, root, service, uptime, [*months]) for uptime in service.months],
        "shares": _shares(press),
        "events": [event_card(press, root, press.event(event)) for event in recent],
        "bar_days": press.context.board.settings.history_days,
    }
    return Page(
        path=path, template="service.html", title=service.record.name, description=service.record.description,
        values=values, level=press.marks(root)[service.status].level, is_live=True,
        channel=service_channel(press.context, service.id),
    )  # fmt: skip


def _recent_events(press: Press, service: ServiceView) -> list[str]:
    """Return the events of the days of the bar: those that began then, newest first, and older ones that still held."""
    held = {event for cell in service.bar.cells for event in cell.events}
    began: list[str] = []
    for event in service.events:
        if press.day(press.context.board.phases[event].started_at) < service.bar.first_day:
            break
        began.append(event)
    return [*began, *(event for event in service.events if event in held and event not in began)]


def _row(press: Press, root: str, uptime: Uptime, label: str, path: str | None) -> UptimeRow:
    causes = [cause.event for cause in uptime.causes]
    return UptimeRow(
        label=label,
        href=root + path if path else None,
        uptime=press.wording.percent(uptime.ratio),
        downtime=press.wording.duration(uptime.down_seconds) if uptime.down_seconds else None,
        causes=event_links(press, root, causes[:_LISTED_CAUSES]),
        more=max(0, len(causes) - _LISTED_CAUSES),
    )


def _month_row(press: Press, root: str, service: ServiceView, uptime: Uptime, told: list[str]) -> UptimeRow:
    year, month = map(int, uptime.name.split("-"))
    path = urls.service_month_page(service.id, year, month) if uptime.name in told else None
    return _row(press, root, uptime, press.wording.month(year, month), path)


def _shares(press: Press) -> list[str]:
    """Return what share of its time each status counts as downtime."""
    board = press.context.board
    ranked = sorted(board.statuses.items(), key=lambda item: (-item[1].downtime, item[0]))
    names = [(press.marks("")[name].name, status.downtime) for name, status in ranked if status.downtime]
    return [
        press.wording.text("uptime.share", status=name, percent=_whole_percent(press, share)) for name, share in names
    ]


def _whole_percent(press: Press, share: float) -> str:
    return press.context.translator.share(share)


def _group_name(press: Press, service: ServiceView) -> str | None:
    link = _group_link(press, "", service)
    return link.title if link else None


def _group_link(press: Press, root: str, service: ServiceView) -> Link | None:
    for group in press.context.board.groups:
        if group.id and group.record and service.id in group.services:
            return Link(title=group.record.name, href=root + urls.group_page(group.id))
    return None


def _month_output(press: Press, service: ServiceView, month: ServiceMonth) -> Output:
    key = press.key("service-month", service.id, service.record.name, month_facts(press, month))
    path = urls.service_month_page(service.id, month.year, month.month)

    def page() -> bytes:
        name = press.wording.month(month.year, month.month)
        title = press.wording.text("service.month", service=service.record.name, month=name)
        values: dict[str, Any] = {
            "service": Link(title=service.record.name, href=urls.root(path) + urls.service_page(service.id)),
            "month_name": name,
            **month_values(press, service, month),
        }
        channel = service_channel(press.context, service.id)
        return press.printed(
            Page(path=path, template="service-month.html", title=title, values=values, channel=channel)
        )

    return Output(path, key, page)


def _group_output(press: Press, id: str, group: GroupView) -> Output:  # noqa: A002  # a group's id
    board = press.context.board
    members = [board.services[service] for service in group.services]
    open_events = [event for event in (*board.incidents, *board.maintenances) if _touches(press, event, group)]
    facts = [bar_facts(press, service) for service in members]
    key = press.key("group", group, facts, [press.key_by_event[event] for event in open_events])
    path = urls.group_page(id)
    root = urls.root(path)

    def page() -> bytes:
        card = group_card(press, root, group, None)
        values = {
            "group": card,
            "bar_days": board.settings.history_days,
            "events": [event_card(press, root, press.event(event)) for event in open_events],
        }
        return press.printed(
            Page(path=path, template="group.html", title=card.name or id, description=card.description,
                 values=values, level=card.mark.level, is_live=True, channel=group_channel(group) or SITE)
        )  # fmt: skip

    return Output(path, key, page, RANK)


def _touches(press: Press, event: str, group: GroupView) -> bool:
    return any(service in group.services for service in press.context.board.phases[event].services)
