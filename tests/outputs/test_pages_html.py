"""The pages as files: what stands on them, what they weigh, when they change and when they must not."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
from door import MakeProject
from pagecheck import Page, name, pages, words
from rich_site import NOW, build_at, copy_rich

from stashgen import palette
from stashgen.build import Job, compose, read
from stashgen.memo import Memo
from stashgen.outputs import pages as pages_output

FIRST_PAINT_BYTES: Final = 14_600
SCRIPT_BYTES: Final = 4096
AWAY_BYTES: Final = 2400
SERVICES: Final = 20
EVENTS: Final = 60
DAYS: Final = 90
DASH: Final = "\N{EN DASH}"
MINUS: Final = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_at(copy_rich(tmp_path_factory.mktemp("rich") / "site"))


@pytest.fixture(scope="module")
def parsed(rich: Path) -> dict[str, Page]:
    return pages(rich)


def busy_site() -> dict[str, str]:
    """Return a site whose services had an outage every few weeks, most with words of their own."""
    files = {"site-data/site.yaml": "title: Busy\nurl: https://status.example.com\nsince: 2026-06-01\n"}
    for number in range(4):
        files[f"site-data/groups/g{number}.yaml"] = f"name: Platform {number}\norder: {number}\n"
    for number in range(SERVICES):
        files[f"site-data/services/s{number}.yaml"] = f"name: Service number {number}\ngroup: g{number % 4}\n"
    for number in range(EVENTS):
        at = NOW - dt.timedelta(days=number * DAYS // EVENTS + 1, hours=number % 24)
        end = at + dt.timedelta(minutes=(2, 30, 90, 400, 2000)[number % 5])
        held = {f"s{(number * step) % SERVICES}": ("down", "partial", "warning")[step % 3] for step in (1, 3, 7)}
        files[f"site-data/events/{at:%Y-%m-%d}-trouble-{number * 7919}.yaml"] = (
            f"title: {('Slow answers', 'Outage', 'Lost messages')[number % 3]} of kind {number * 104729}\n"
            f"services: {{{', '.join(f'{service}: {status}' for service, status in held.items())}}}\n"
            f"updates:\n  - at: {at.isoformat()}\n    message: We look into it.\n"
            f"  - at: {end.isoformat()}\n    state: resolved\n    message: Over.\n"
        )
    return files


def test_the_first_paint_fits_into_one_window(project: MakeProject) -> None:
    output = build_at(project(busy_site()))
    html = (output / "index.html").read_bytes()
    assert html.count(b'<svg class="bar"') == SERVICES
    style = next(output.glob("assets/style.*.css")).read_bytes()
    script = next(output.glob("assets/app.*.js")).read_bytes()
    assert len(gzip.compress(html)) + len(gzip.compress(style)) <= FIRST_PAINT_BYTES
    assert len(gzip.compress(script)) <= SCRIPT_BYTES
    away = next(output.glob("assets/away.*.js")).read_bytes()
    assert len(gzip.compress(away)) <= AWAY_BYTES


def test_the_page_calls_for_nothing_but_its_own_style_and_script(parsed: Mapping[str, Page]) -> None:
    for path, page in parsed.items():
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page.text), path
        scripts = list(page.elements("script"))
        assert [sorted(script.attrib) for script in scripts] == [["defer", "src"]] * len(scripts), path
        assert 1 <= len(scripts) <= 2, path
        loaded = [link.target for link in page.links() if link.tag in ("script", "img", "source")]
        named_only = ("canonical", "alternate")
        loaded += [link.attrib["href"] for link in page.elements("link") if link.attrib["rel"] not in named_only]
        assert not [target for target in loaded if "//" in target], path


def test_quiet_days_cost_nothing(parsed: Mapping[str, Page]) -> None:
    services = {
        words(item): item for item in parsed["index.html"].elements("li") if item.attrib.get("class") == "service"
    }
    quiet = next(item for text, item in services.items() if text.startswith("Reporting"))
    paths = [path.attrib for path in quiet.iter() if name(path) == "path"]
    assert [path["class"] for path in paths] == ["track", "base s-up", "today"]
    assert sum(len(path["d"]) for path in paths) < 60
    young = next(item for text, item in services.items() if text.startswith("Search"))
    start = next(path.attrib["d"] for path in young.iter() if path.attrib.get("class") == "track")
    assert int(start[1:].split()[0]) > 0, "before its first day there is no track"


def test_a_bar_says_its_bad_days_in_words(parsed: Mapping[str, Page]) -> None:
    service = next(item for item in parsed["index.html"].elements("li") if item.attrib.get("data-name") == "Search")
    bar = next(item for item in service.iter() if name(item) == "details")
    assert words(next(item for item in bar.iter() if name(item) == "summary")) == "Incidents on 4 of the last 90 days"
    days = [words(item) for item in bar.iter() if name(item) == "li"]
    assert days[0] == "18 Nov Partial outage 1 h 50 min Data centre lost power"
    assert len(days) == 4


def test_the_dashboard_tells_the_worst_first(parsed: Mapping[str, Page]) -> None:
    page = parsed["index.html"]
    headings = [words(heading) for tag in ("h1", "h2") for heading in page.elements(tag)]
    assert headings == [
        "Partial outage: API", "Notice", "Open incidents", "Maintenance now", "Upcoming maintenance", "Notice",
        "Services", "Past 14 days", "What the statuses mean",
    ]  # fmt: skip
    recent = next(section for section in page.elements("section") if section.attrib.get("id") == "recent")
    days = [words(heading) for heading in recent.iter() if name(heading) == "h3"]
    assert (len(days), days[0], days[-1]) == (14, "Monday, 23 November", "Tuesday, 10 November")
    quiet = [words(item) for item in recent.iter() if name(item) == "p" and item.attrib.get("class") is None]
    assert (quiet.count("No incidents"), quiet.count("Ongoing: Data centre lost power")) == (7, 2)


def test_an_archive_names_what_went_on_over_days_without_a_beginning(parsed: Mapping[str, Page]) -> None:
    new_year = [item for item in parsed["history/2026/01/index.html"].elements("li") if item.attrib.get("class")]
    assert [words(item) for item in new_year] == [
        f"3 Jan {DASH} 31 Jan No incidents",
        f"1 Jan {DASH} 2 Jan Ongoing: Payments in the region fail",
    ]


def test_a_bar_keeps_maintenance_apart_from_incidents(parsed: Mapping[str, Page]) -> None:
    said = [words(item) for item in parsed["index.html"].elements("summary")]
    assert "Incidents on 3 of the last 90 days \N{MIDDLE DOT} Maintenance on 1 of the last 90 days" in said


def test_an_event_tells_its_whole_story(parsed: Mapping[str, Page]) -> None:
    page = parsed["events/2026-11-18-lights-out/index.html"]
    anchors = [item.attrib["id"] for item in page.elements("li") if item.attrib.get("id", "").startswith("update-")]
    assert anchors == ["update-4", "update-3", "update-2", "update-1"]
    text = words(page.root)
    assert f"Resolved 18 Nov 2026, 14:10 {DASH} 20 Nov 2026, 10:00 CET 1 d 20 h" in text.replace(
        f" CET {DASH}", f" {DASH}"
    )
    assert f"Search Partial outage 18 Nov 2026, 14:10 {DASH} 16:00 CET 1 h 50 min" in text
    links = {link.attrib["href"] for link in page.elements("a")}
    assert {f"#{anchor}" for anchor in anchors} < links
    assert [heading for heading in page.elements("h2") if words(heading) == "Postmortem"]


def test_a_maintenance_shows_its_plan_beside_the_truth(parsed: Mapping[str, Page]) -> None:
    page = parsed["events/2026-09-30-early/index.html"]
    times = next(page.elements("dl"))
    assert words(times) == (
        f"Planned 30 Sep 2026, 06:00 {DASH} 08:00 CEST Actual 30 Sep 2026, 05:50 {DASH} 06:31 CEST Duration 41 min"
    )
    cancelled = words(parsed["events/2026-10-12-cancelled/index.html"].root)
    assert "Affected services" not in cancelled
    assert "0 s" not in cancelled


def test_every_figure_names_the_events_behind_it(parsed: Mapping[str, Page]) -> None:
    page = parsed["services/api/index.html"]
    rows = {words(row).split("%")[0]: row for row in page.elements("tr")}
    row = next(row for text, row in rows.items() if text.startswith("Last 30 days"))
    assert [link.attrib["href"] for link in row.iter() if name(link) == "a"] == [
        "../../events/2026-11-23-api-errors/index.html"
    ]
    text = words(page.root)
    assert f"Uptime is 1 {MINUS} downtime ÷ time on record." in text
    assert "Partial outage counts 30 % as downtime." in text


def test_what_moves_with_the_clock_stands_on_few_pages(tmp_path: Path) -> None:
    project = copy_rich(tmp_path / "site")
    today = {path.relative_to(project): path.read_bytes() for path in build_at(project).rglob("*.html")}
    build_at(project, NOW + dt.timedelta(hours=1))
    changed = {str(path.relative_to("build")) for path, data in today.items() if (project / path).read_bytes() != data}
    open_events = {"2026-11-23-api-errors", "2026-11-23-storage-upgrade", "2026-11-28-database"}
    assert "index.html" in changed
    for path in changed - {"index.html"}:
        assert path.startswith(("services/", "groups/")) or path.split("/")[1] in open_events, path


def change(path: str, old: str, new: str) -> Callable[[Path], None]:
    def changed(project: Path) -> None:
        file = project / "site-data" / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    return changed


def theme_of_its_own(project: Path) -> None:
    folder = project / "themes" / "default"
    folder.mkdir(parents=True)
    (folder / "style.css").write_text("h1 { color: red }", encoding="utf-8")


CHANGES: Final = {
    "nothing": lambda project: None,
    "a service's name": change("services/search.yaml", "name: Search", "name: Finder"),
    "a group's name": change("groups/core.yaml", "name: Core", "name: Heart"),
    "a status": change("statuses/brownout.yaml", "name: Brownout", "name: Dimmed"),
    "an old event": change("events/2025/2025-12-30-new-year.yaml", "title: ", "title: Once more "),
    "a message": change("events/2026/2026-11-21-two-minutes.yaml", "message: ", "message: And "),
    "the title": change("site.yaml", "title: Nordlicht", "title: Südlicht"),
    "the language": change("site.yaml", "language: en", "language: de"),
    "the theme": theme_of_its_own,
}


@pytest.mark.parametrize(
    ("what", "minutes"),
    [*((what, minutes) for what in CHANGES for minutes in (0, 7)), ("nothing", 1440), ("nothing", 13_000)],
)
def test_a_page_with_the_same_key_has_the_same_bytes(tmp_path: Path, what: str, minutes: int) -> None:
    project = copy_rich(tmp_path / "site")
    later = dt.timedelta(minutes=minutes)
    before = made(project, NOW)
    CHANGES[what](project)
    after = made(project, NOW + later)
    stale = [
        path
        for path, (key, data) in after.items()
        if path in before and before[path][0] == key and before[path][1] != data
    ]
    assert stale == []
    if what == "nothing" and not later:
        assert {path: key for path, (key, _) in before.items()} == {path: key for path, (key, _) in after.items()}


def made(project: Path, now: dt.datetime) -> dict[str, tuple[bytes, bytes]]:
    job = Job(project=project, output=project / "build", now=now, memo=Memo(None))
    context, _ = compose(job, read(job))
    return {output.path: (output.key, output.make()) for output in pages_output.render(context)}


def test_a_status_of_the_site_is_legible_in_both_schemes(rich: Path) -> None:
    style = next(rich.glob("assets/style.*.css")).read_text(encoding="utf-8")
    light, dark = style.split("@media screen and (prefers-color-scheme:dark)")[:2]
    for scheme in (light, dark):
        found = re.search(r"--paper:(#\w{6})", scheme)
        assert found
        pairs = re.findall(r"\.[sl]-([\w-]+)\{--t:([^;]+);--m:(#\w{6})\}", scheme)
        assert {"brownout", "lights-out", "up", "down"} < {status for status, _, _ in pairs}
        for status, text, mark in pairs:
            assert palette.contrast(mark, found[1]) >= palette.MARK_CONTRAST, status
            assert text == "var(--ink)" or palette.contrast(text, found[1]) >= palette.TEXT_CONTRAST, status


def test_the_page_for_unknown_addresses_links_absolutely(parsed: Mapping[str, Page]) -> None:
    links = [link.target for link in parsed["404.html"].links() if "//" not in link.target and link.tag != "use"]
    own = [target for target in links if not target.startswith(("#", "mailto:"))]
    assert own
    assert all(target.startswith("/live/") for target in own), own


def test_every_day_on_record_has_its_place(parsed: Mapping[str, Page]) -> None:
    months = sorted(path for path in parsed if re.fullmatch(r"history/\d{4}/\d\d/index.html", path))
    assert months[0] == "history/2025/10/index.html"
    assert len(months) == 14
    for path in months[:-1]:
        year, month = map(int, path.split("/")[1:3])
        length = (dt.date(year + month // 12, month % 12 + 1, 1) - dt.date(year, month, 1)).days
        assert sorted(anchor for anchor in parsed[path].ids() if anchor.startswith("day-")) == [
            f"day-{day:02}" for day in range(1, length + 1)
        ]


def test_a_site_without_events_says_since_when(project: MakeProject) -> None:
    files = {
        "site-data/site.yaml": "title: Calm\nsince: 2026-06-01\n",
        "site-data/services/api.yaml": "name: API\ngroup: only\n",
        "site-data/groups/only.yaml": "name: Only group\n",
    }
    page = pages(build_at(project(files)))["index.html"]
    text = words(page.root)
    assert "All services operational" in text
    assert "1 June 2026" in text
    assert "Only group" not in text, "one service needs no heading of a group"


def test_a_page_without_services_can_be_built(project: MakeProject) -> None:
    page = pages(build_at(project({"site-data/site.yaml": "title: Empty\n"})))["index.html"]
    assert "No services yet" in words(page.root)
