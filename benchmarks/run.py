"""Race stashgen and Hugo over the same events, interleaved in one run, and print the medians.

    python benchmarks/run.py --hugo .venv-bench/bin/hugo --events 100 1000 --runs 3

Hugo builds a page an event and one list (benchmarks/hugo), nothing else; stashgen builds the whole status page.
Times are wall clock; compare the two columns of one run, never two runs: machines drift. Memory is the peak of the
hungriest single process. Files and bytes are those of the finished site.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

HERE: Final = Path(__file__).resolve().parent
SERVICES: Final = 50
DEADLINE_SECONDS: Final = 1800.0
POLL_SECONDS: Final = 0.005

Samples = dict[tuple[str, str], list[float]]  # (measure, program) -> one value a run


class Racer(NamedTuple):
    """One program with its own copy of the events."""

    name: str
    build: tuple[str, ...]
    serve: tuple[str, ...]  # the port is added
    folder: Path
    out: Path
    event: Path  # the file that changes
    change: str  # added to that file; %d tells one change from the next
    cache: Path


class Usage(NamedTuple):
    """What one process and its children took."""

    seconds: float
    cpu_seconds: float
    mib: float


def measure(command: Sequence[str], cwd: Path) -> Usage:
    """Run a command to its end."""
    begin = time.perf_counter()
    log = cwd / "bench.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{log.read_text(encoding='utf-8')}")
    return Usage(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measured(label: str, racer: Racer) -> Iterator[tuple[str, float]]:
    """Build once and yield what it took."""
    usage = measure(racer.build, racer.folder)
    yield f"{label}, s", usage.seconds
    yield f"{label}, CPU s", usage.cpu_seconds
    yield f"{label}, peak MiB a process", usage.mib


def processes_below(pid: int) -> Iterator[int]:
    """Yield a process and everything it started."""
    yield pid
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text(encoding="ascii").split():
            yield from processes_below(int(child))


def peak_mib(pid: int) -> float:
    """Return the high-water mark of the hungriest process below this one."""
    peaks = []
    for one in processes_below(pid):
        lines = Path(f"/proc/{one}/status").read_text(encoding="utf-8").splitlines()
        peaks += [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")]
    return max(peaks)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def serving(racer: Racer, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program's own server while the block runs."""
    command = [*racer.serve, str(port)]
    with (racer.folder / "bench.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=racer.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def await_text(url: str, text: str) -> None:
    """Ask for a page until it holds a text."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=DEADLINE_SECONDS) as answer:
                if text.encode() in answer.read():
                    return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(POLL_SECONDS)
    raise SystemExit(f"{url} never said {text!r}")


def changed(racer: Racer) -> str:
    """Add a sentence to one event and return it."""
    sentence = racer.change % racer.event.stat().st_size
    with racer.event.open("a", encoding="utf-8") as file:
        file.write(sentence)
    return sentence.strip()


def size(out: Path) -> tuple[int, float]:
    """Return the files of a site and their size in MB."""
    sizes = [path.stat().st_size for path in out.rglob("*") if path.is_file() and not path.is_symlink()]
    return len(sizes), sum(sizes) / 1e6


def race(racers: Sequence[Racer], runs: int) -> Samples:
    """Let the programs take turns at every measure, so that a slow moment of the machine hits both."""
    samples: Samples = defaultdict(list)
    for _ in range(runs):
        for lap in (cold_build, same_build, changed_build, changed_while_serving):
            for racer in racers:
                for name, value in lap(racer):
                    samples[name, racer.name].append(value)
    for racer in racers:
        files, megabytes = size(racer.out)
        samples["files", racer.name].append(files)
        samples["MB", racer.name].append(megabytes)
    return samples


def cold_build(racer: Racer) -> Iterator[tuple[str, float]]:
    """Build with neither output nor cache there."""
    shutil.rmtree(racer.out, ignore_errors=True)
    shutil.rmtree(racer.cache, ignore_errors=True)
    yield from measured("cold build", racer)


def same_build(racer: Racer) -> Iterator[tuple[str, float]]:
    """Build again with nothing changed."""
    yield from measured("nothing changed", racer)


def changed_build(racer: Racer) -> Iterator[tuple[str, float]]:
    """Build after one event got a sentence more."""
    changed(racer)
    yield from measured("one event changed", racer)


def changed_while_serving(racer: Racer) -> Iterator[tuple[str, float]]:
    """Change an event while the program's own server runs, until the event's page says so."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/events/{racer.event.stem}/"
    with serving(racer, port) as process:
        await_text(url, "<h1")
        time.sleep(1)  # let the watcher settle
        sentence = changed(racer)
        begin = time.perf_counter()
        await_text(url, sentence)
        yield "one event changed in serve, s", time.perf_counter() - begin
        yield "serve, peak MiB a process", peak_mib(process.pid)


def prepare(work: Path, events: int, corpus_script: Path) -> tuple[Path, Path]:
    """Write the events for both programs and return their folders."""
    ours, theirs = work / "stashgen", work / "hugo"
    arguments = ["--incidents", str(events), "--services", str(SERVICES), "--out", str(ours), "--format", "stashgen"]
    subprocess.run([sys.executable, str(corpus_script), *arguments], check=True)
    subprocess.run([sys.executable, str(HERE / "as_hugo.py"), str(ours / "site-data"), str(theirs)], check=True)
    return ours, theirs


def entrants(work: Path, events: int, chosen: argparse.Namespace) -> list[Racer]:
    """Return both programs, ready to run over the same events; Hugo only when there is one."""
    ours, theirs = prepare(work, events, chosen.corpus_script)
    paths = sorted((ours / "site-data" / "events").rglob("*.yaml"), key=lambda path: path.stem)
    event = paths[len(paths) // 2]
    stashgen = (sys.executable, "-m", "stashgen")
    racer = Racer(
        name="stashgen",
        build=(*stashgen, "build", "--now", chosen.now),
        serve=(*stashgen, "serve", "--now", chosen.now, "--port"),
        folder=ours,
        out=ours / "build",
        event=event,
        change="      Measured change number %d.\n",
        cache=Path(os.environ["XDG_CACHE_HOME"]),
    )
    if not chosen.hugo:
        return [racer]
    hugo = str(program(chosen.hugo.absolute()))
    rival = Racer(
        name="Hugo",
        build=(hugo, "--quiet"),
        serve=(hugo, "server", "--quiet", "--port"),
        folder=theirs,
        out=theirs / "public",
        event=theirs / "content" / "events" / f"{event.stem}.md",
        change="\nMeasured change number %d.\n",
        cache=Path(os.environ["HUGO_CACHEDIR"]),
    )
    return [racer, rival]


def program(hugo: Path) -> Path:
    """Return the binary behind the Python script that the hugo package installs, so that Python costs it nothing."""
    inside = [*hugo.parent.parent.glob("lib/python*/site-packages/hugo/binaries/hugo*")]
    return inside[0] if inside else hugo


def medians(samples: Samples) -> dict[tuple[str, str], float]:
    """Return the median of every measure."""
    return {key: statistics.median(values) for key, values in samples.items()}


def table(values: dict[tuple[str, str], float]) -> str:
    """Return (measure, program) -> value as a Markdown table with a column a program."""
    programs = list(dict.fromkeys(program for _, program in values))
    lines = [f"| | {' | '.join(programs)} |", f"|---|{'---:|' * len(programs)}"]
    for name in dict.fromkeys(name for name, _ in values):
        cells = [shown(name, values[name, program]) for program in programs]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def growth(small: Samples, large: Samples) -> dict[tuple[str, str], float]:
    """Return how many times longer everything takes for the larger corpus."""
    before = medians(small)
    return {key: value / before[key] for key, value in medians(large).items() if key[0].endswith(" s")}


def shown(name: str, value: float) -> str:
    """Return a number with as many digits as mean something."""
    return f"{value:,.0f}" if name == "files" or "MiB" in name else f"{value:.3g}"


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--hugo", type=Path, help="the hugo program; without it stashgen runs alone")
    parser.add_argument("--corpus-script", type=Path, default=HERE / "corpus.py")
    parser.add_argument("--now", default="2025-12-31T12:00:00Z", help="the corpus's own now")
    parser.add_argument("--work", type=Path, help="folder for corpora and sites  [default: a temporary one]")
    parser.add_argument("--json", type=Path, help="write every sample there")
    return parser.parse_args()


def as_json(samples: Samples) -> list[dict[str, object]]:
    """Return every sample as plain data."""
    return [{"measure": name, "program": program, "values": values} for (name, program), values in samples.items()]


def main() -> None:
    """Race over every size and print what came out."""
    chosen = options()
    work = (chosen.work or Path(tempfile.mkdtemp(prefix="stashgen-bench-"))).absolute()
    os.environ["XDG_CACHE_HOME"] = str(work / "cache" / "stashgen")
    os.environ["HUGO_CACHEDIR"] = str(work / "cache" / "hugo")
    samples_by_size: dict[int, Samples] = {}
    for events in chosen.events:
        samples = race(entrants(work / str(events), events, chosen), chosen.runs)
        title = f"{events:,} events, {SERVICES} services, median of {chosen.runs}"
        print(f"\n### {title}\n\n{table(medians(samples))}", flush=True)
        samples_by_size[events] = samples
    for small, large in pairwise(samples_by_size):
        ratios = growth(samples_by_size[small], samples_by_size[large])
        print(f"\n### {large:,} events take so many times what {small:,} take\n\n{table(ratios)}")
    text = json.dumps({size: as_json(samples) for size, samples in samples_by_size.items()})
    if chosen.json:
        chosen.json.write_text(text, encoding="utf-8")
    else:
        print(f"\n{text}")
    if not chosen.work:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
