"""Write a deterministic site-data folder: services in groups, years of incidents and maintenances.

    python benchmarks/corpus.py --incidents 1000 --services 50 --out DIR

Same arguments, same bytes. An event depends only on the seed and its number. A sixth of the events is planned
maintenance; the newest two incidents are open, and two maintenances lie ahead of the corpus's own now.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

END: Final = dt.datetime(2025, 12, 31, 12, tzinfo=dt.UTC)
YEARS: Final = 5
GROUP_SIZE: Final = 7
GROUPS: Final = ("Harbour", "Freight", "Customs", "Pilots", "Billing", "Weather", "Archive", "Partners")
PARTS: Final = ("API", "Website", "Webhooks", "Search", "Reports", "Sign-in", "Uploads", "Mail", "Ledger", "Maps")
FAULTS: Final = ("Slow answers", "Errors", "Failed requests", "Late messages", "Missing entries", "Dropped connections")
WORKS: Final = ("Switch replacement", "Database upgrade", "Storage move", "Certificate renewal", "Restore rehearsal")
STORY: Final = {
    "investigating": "We see something unusual and are looking for the cause.",
    "identified": "The cause is known: a change that went out this morning.",
    "monitoring": "The change is taken back; the figures are recovering.",
    "resolved": "All figures have been normal for half an hour.",
    "scheduled": "The work is planned as described here.",
    "in-progress": "The work has begun.",
    "completed": "The work is done and checked.",
}
WORDS: Final = (
    "about after again all and answer any are before berth boat bridge by cable captain cause chart check clear cold "
    "crane crew deck dock door early engine fog from gate hour in is keep lamp late light line load lock long map "
    "mast message minute moor near net new night north of oil on one open order our pier pilot port queue quiet "
    "rail rain read ready report rope route sail second ship shore short signal slow steady stern storm the then "
    "tide time to tow tug turn two under until wait warm watch water wave west while wind with work yard"
).split()


class Event(NamedTuple):
    """One event file."""

    id: str
    started_at: dt.datetime
    lines: list[str]


def service_names(count: int) -> list[tuple[str, str]]:
    """Return (group, service) names, GROUP_SIZE services a group, no service twice."""
    groups = [
        f"{GROUPS[n % len(GROUPS)]}{' ' + str(n // len(GROUPS) + 1) if n >= len(GROUPS) else ''}" for n in range(count)
    ]
    return [(group := groups[n // GROUP_SIZE], f"{group} {PARTS[n % GROUP_SIZE]}") for n in range(count)]


def slug(name: str) -> str:
    """Return a name as an id."""
    return name.lower().replace(" ", "-")


def stamp(at: dt.datetime) -> str:
    """Return an instant as YAML wants it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def sentence(chance: random.Random) -> str:
    """Return some words with now and then an emphasis, a piece of code or a link among them."""
    words = chance.choices(WORDS, k=chance.randrange(6, 18))
    decoration = chance.random()
    place = chance.randrange(1, len(words))
    if decoration < 0.12:
        words[place] = f"**{words[place]}**"
    elif decoration < 0.3:
        words[place] = f"`{words[place]}-{chance.randrange(9)}`"
    elif decoration < 0.36:
        words[place] = f"[{words[place]}](https://docs.harbour.example/{words[place]})"
    return " ".join(words).capitalize() + "."


def message(chance: random.Random, state: str) -> str:
    """Return 30 to 120 words of Markdown: paragraphs, sometimes a list, rarely a code block or a table."""
    blocks = [" ".join([STORY[state], *(sentence(chance) for _ in range(chance.randrange(2, 6)))])]
    if chance.random() < 0.4:
        blocks.append(" ".join(sentence(chance) for _ in range(chance.randrange(1, 4))))
    extra = chance.random()
    if extra < 0.18:
        blocks.append("\n".join(f"- {sentence(chance)}" for _ in range(chance.randrange(2, 5))))
    elif extra < 0.21:
        blocks.append(f"```\nstatus 503\nretry in {chance.randrange(5, 90)} s\n```")
    elif extra < 0.23:
        rows = "\n".join(f"| {part} | {chance.randrange(1, 60)} % |" for part in chance.sample(PARTS, 3))
        blocks.append(f"| Part | Errors |\n|---|---|\n{rows}")
    return "\n\n".join(blocks)


def event(number: int, total: int, services: list[str], seed: str) -> Event:
    """Return event `number` of `total`, the last one the newest."""
    chance = random.Random(f"{seed}:{number}")
    span = dt.timedelta(days=365 * YEARS) * ((total - number - chance.random()) / total)
    is_ahead = total > 10 and number in (total // 3, 2 * total // 3)
    is_open = number >= total - 2
    is_planned = is_ahead or (not is_open and chance.random() < 1 / 6)
    started_at = (END + dt.timedelta(days=2 + number % 9) if is_ahead else END - span).replace(microsecond=0)
    hit = chance.sample(services, min(len(services), chance.choice((1, 1, 1, 1, 2, 2, 3))))
    title = f"{chance.choice(WORKS if is_planned else FAULTS)}: {hit[0]}"
    steps = chance.randrange(2, 7)
    head = [f"title: {json.dumps(title)}"]
    if is_planned:
        ends_at = started_at + dt.timedelta(hours=chance.choice((1, 2, 4, 6)))
        head += ["kind: maintenance", f"services: [{', '.join(map(slug, hit))}]"]
        head += [f"planned: {{start: {stamp(started_at)}, end: {stamp(ends_at)}}}"]
        states = ["scheduled", *["in-progress"] * (steps - 2), "completed"]
    else:
        worst = chance.choices(("warning", "partial", "down"), (5, 3, 2))[0]
        head += [f"services: {{{', '.join(f'{slug(name)}: {worst}' for name in hit)}}}"]
        middle = ("investigating", "identified", "monitoring")
        states = [*(middle[min(2, step * 3 // steps)] for step in range(steps - 1)), "resolved"]
    if is_ahead:
        states = ["scheduled"] * steps
    if is_open:
        states[-1] = "monitoring"
    first_at = END - dt.timedelta(days=steps) if is_ahead else started_at
    lines = [*head, "updates:", *timeline(chance, first_at, states)]
    return Event(f"{started_at:%Y-%m-%d}-{slug(title.replace(':', ''))}-{number:05}", started_at, lines)


def timeline(chance: random.Random, at: dt.datetime, states: list[str]) -> Iterator[str]:
    """Yield the lines of the updates."""
    before = ""
    for state in states:
        yield f"  - at: {stamp(at)}"
        if state != before:
            yield f"    state: {state}"
        yield "    message: |"
        yield from (f"      {line}" if line else "" for line in message(chance, state).split("\n"))
        before = state
        at += dt.timedelta(minutes=chance.choice((5, 11, 19, 34, 58, 95)), seconds=chance.randrange(60))


def write(root: Path, incidents: int, services: int, seed: str) -> None:
    """Write the whole site-data folder."""
    names = service_names(services)
    groups = list(dict.fromkeys(group for group, _ in names))
    for kind in ("groups", "services", "events"):
        (root / kind).mkdir(parents=True, exist_ok=True)
    (root / "site.yaml").write_text("title: Harbour Status\nurl: https://status.harbour.example\n", encoding="utf-8")
    for order, group in enumerate(groups):
        (root / "groups" / f"{slug(group)}.yaml").write_text(f"name: {group}\norder: {order}\n", encoding="utf-8")
    for order, (group, name) in enumerate(names):
        text = f"name: {name}\ndescription: The part that {group} calls {name}.\ngroup: {slug(group)}\norder: {order}\n"
        (root / "services" / f"{slug(name)}.yaml").write_text(text, encoding="utf-8")
    for number in range(incidents):
        made = event(number, incidents, [name for _, name in names], seed)
        folder = root / "events" / f"{made.started_at:%Y}"
        folder.mkdir(exist_ok=True)
        (folder / f"{made.id}.yaml").write_text("\n".join(made.lines) + "\n", encoding="utf-8")


def main() -> None:
    """Read the arguments and write the corpus."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--incidents", type=int, required=True, help="events to write")
    parser.add_argument("--services", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder that gets site-data/")
    parser.add_argument("--format", choices=["stashgen"], default="stashgen")
    parser.add_argument("--seed", default="harbour")
    arguments = parser.parse_args()
    write(arguments.out / "site-data", arguments.incidents, arguments.services, arguments.seed)


if __name__ == "__main__":
    main()
