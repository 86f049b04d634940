"""Say what each family of files costs: how many files, how many bytes, how long to plan and to make.

    python benchmarks/families.py --events 10000

Everything is made anew, in one process, one family after the other; nothing is written. Planning is what a build
pays for a family in which nothing has changed: its paths and keys. A family or a file beyond the limits of static
hosts ends it with exit code 1.
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from stashgen import build
from stashgen.memo import Memo
from stashgen.outputs import SHELF
from stashgen.outputs.context import Context

HERE: Final = Path(__file__).resolve().parent
NOW: Final = dt.datetime(2025, 12, 31, 12, tzinfo=dt.UTC)  # the corpus's own
MOST_FILES: Final = 20_000  # Cloudflare Pages: files of a site
MOST_BYTES: Final = 25 * 1024 * 1024  # Cloudflare Pages: bytes of a file


class Cost(NamedTuple):
    """What one family costs."""

    family: str
    files: int
    bytes: int
    largest: int
    largest_path: str
    planned_seconds: float
    made_seconds: float

    @property
    def is_within_limits(self) -> bool:
        """Tell whether static hosts take it."""
        return self.files < MOST_FILES and self.largest <= MOST_BYTES


def costs(context: Context) -> Iterator[Cost]:
    """Yield the cost of each family, the largest file included."""
    for family, book in SHELF.items():
        begin = time.perf_counter()
        outputs = list(book.render(context))
        planned = time.perf_counter()
        sizes = [(len(output.make()), output.path) for output in outputs]
        made = time.perf_counter()
        largest, path = max(sizes, default=(0, ""))
        whole = sum(size for size, _ in sizes)
        yield Cost(family, len(sizes), whole, largest, path, planned - begin, made - planned)


def context_of(project: Path, memo: Memo) -> Context:
    """Return all that outputs are given, for a project."""
    job = build.Job(project=project, output=project / "build", now=NOW, memo=memo)
    context, _ = build.compose(job, build.read(job))
    return context


def row(cost: Cost) -> str:
    """Return a line of the table."""
    return (
        f"| {cost.family} | {cost.files:,} | {cost.bytes / 1e6:,.1f} | {cost.largest / 1e3:,.0f} | {cost.largest_path} "
        f"| {cost.planned_seconds:.2f} | {cost.made_seconds:.1f} |"
    )


def main() -> None:
    """Measure over a corpus and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--services", type=int, default=50)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stashgen-families-") as folder:
        arguments = ["--incidents", str(chosen.events), "--services", str(chosen.services), "--out", folder]
        subprocess.run([sys.executable, HERE / "corpus.py", *arguments], check=True)
        context = context_of(Path(folder), Memo(Path(folder) / "memo"))
        print(f"### {chosen.events:,} events, {chosen.services} services\n")
        print("| family | files | MB | largest kB | which | planned s | made s |\n|---|---:|---:|---:|---|---:|---:|")
        fits = True
        for cost in costs(context):
            print(row(cost), flush=True)
            fits &= cost.is_within_limits
    sys.exit(0 if fits else 1)


if __name__ == "__main__":
    main()
