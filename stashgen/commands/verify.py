"""stashgen verify: published sites, looked at from outside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import click
import msgspec

from stashgen import live, signing, terminal
from stashgen.commands import options, site_settings
from stashgen.errors import Severity, StashgenError
from stashgen.live import Finding, Report, SiteReport, Wanted
from stashgen.model import Settings
from stashgen.signing import Key
from stashgen.text import printable

_SHOWN: Final = 20  # findings a site; JSON has all
_COLORS: Final[Mapping[Severity, str]] = {"error": "red", "warning": "yellow"}


def site_url(text: str) -> str:
    """Read the address of a site; any other text is a usage error."""
    try:
        parts = urlsplit(text)
        is_fine = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_fine = False
    if not is_fine or parts.query or parts.fragment:
        raise click.BadParameter(f"{text!r} is not the address of a site, such as https://status.example.com/")
    if parts.username is not None:
        raise click.BadParameter("names and passwords would be printed with the address: put them into ~/.netrc")
    return text


@click.command
@options.directory
@click.option(
    "--against",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="A built site, such as build/: the live one must be the same, or newer.",
)
@click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Public keys that may sign: a .pub or an allowed_signers file.  [default: `signing_keys` of site.yaml]",
)
@click.option("--max-age", type=options.duration, metavar="DURATION", help="How old the page may be, such as 25h.")
@click.option(
    "--min-certificate-days",
    type=click.IntRange(min=0),
    default=14,
    show_default=True,
    metavar="N",
    help="How many days the certificate must still be good for.",
)
@click.option(
    "--wait",
    type=options.duration,
    default="0",
    metavar="DURATION",
    help="Look again until all is well, for so long at most: hosts take a while to give what was published.",
)
@click.option(
    "--quick",
    "is_quick",
    is_flag=True,
    help="Look at manifest, signature, status.json and dashboard only: a few questions instead of one a file.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=8,
    show_default=True,
    metavar="N",
    help="Questions that are open at once, all sites together.",
)
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object with all findings.")
@options.strict
@options.now
@click.argument("sites", nargs=-1, type=site_url, metavar="[URL]...")
def verify(  # noqa: PLR0913 - one parameter an option
    directory: Path,
    against: Path | None,
    key_file: Path | None,
    sites: tuple[str, ...],
    now: dt.datetime,
    *,
    max_age: int | None,
    min_certificate_days: int,
    wait: int,
    jobs: int,
    is_quick: bool,
    is_json: bool,
    is_strict: bool,
) -> int:
    """Look at published sites from outside, as readers get them.

    Every file of the manifest is fetched: missing, stale and altered ones are found, wrong types and headers, a page
    that is too old, a certificate that ends soon, a signature that proves nothing, a mirror that lags behind.
    Without a URL, the `url` and the `mirrors` of site.yaml are looked at.

    Exit code 1: something is wrong (with --strict: there are warnings).
    """
    settings = None if key_file is not None and sites else site_settings.read(directory)
    wanted = Wanted(
        now=now,
        keys=_keys(key_file, settings),
        against=live.read_build(against) if against is not None else None,
        max_age_seconds=max_age,
        certificate_days=min_certificate_days,
        is_quick=is_quick,
    )
    with terminal.progress("Looking at files") as progress:
        report = live.wait(list(dict.fromkeys(sites)) or _own(settings), wanted, jobs, wait, progress)
    if is_json:
        click.echo(msgspec.json.format(msgspec.json.encode(report), indent=2))
    else:
        click.echo("\n".join(line for site in report.sites for line in lines(site, report)))
    return int(report.errors > 0 or (is_strict and report.warnings > 0))


def _keys(key_file: Path | None, settings: Settings | None) -> tuple[Key, ...]:
    if key_file is None:
        return site_settings.keys(settings)
    return signing.keys(key_file.read_text(encoding="utf-8", errors="replace"), str(key_file))


def _own(settings: Settings | None) -> Sequence[str]:
    places = [url for url in (settings.url, *settings.mirrors) if url] if settings else []
    if not places:
        raise StashgenError("there is no site to look at: name its URL, or set `url` in site-data/site.yaml")
    return list(dict.fromkeys(places))


class Group(NamedTuple):
    """Findings that say the same of several files."""

    findings: Sequence[Finding]

    @property
    def line(self) -> str:
        """Return them as one line."""
        first = self.findings[0]
        severity = click.style(f"{first.severity}:", fg=_COLORS[first.severity])
        others = f" and {len(self.findings) - 1} more" if len(self.findings) > 1 else ""
        path = f"{printable(first.path)}{others}: " if first.path else ""
        return f"{severity} {first.kind}: {path}{printable(first.message)}"


def lines(site: SiteReport, report: Report) -> Iterator[str]:
    """Yield what is to be read about a site: one line on the whole, one for what several files have in common."""
    groups = grouped(site.findings)
    yield f"{click.style(site.url, bold=True)}  {', '.join(facts(site, report, groups))}"
    for group in groups[:_SHOWN]:
        yield f"  {group.line}"
    left = [finding for group in groups[_SHOWN:] for finding in group.findings]
    if left:
        kinds = [finding.kind for finding in left]
        counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
        yield f"  ... and {len(left)} more ({counts}); --json tells all"


def facts(site: SiteReport, report: Report, groups: Sequence[Group]) -> Iterator[str]:
    """Yield what a site says of itself, in words."""
    severities = [group.findings[0].severity for group in groups]
    counts = [(severities.count(severity), severity) for severity in _COLORS]
    yield ", ".join(f"{count} {word}{'s' * (count != 1)}" for count, word in counts if count) or "as it should be"
    yield f"{site.files} file{'s' * (site.files != 1)}"
    if site.built_at is not None:
        source = f" from {printable(site.commit[:10])}" if site.commit else ""
        yield f"built {live.span(report.looked_at - site.built_at)} ago{source}"
    if site.signature == "good":
        yield f"signed with {site.signed_by}"
    elif site.signature == "unchecked":
        yield "signed, but there is no key to check it with"
    if site.certificate_until is not None:
        yield f"certificate for {live.span(site.certificate_until - report.looked_at)}"


def grouped(findings: Sequence[Finding]) -> list[Group]:
    """Return findings, those that say the same together: errors first, and what concerns the whole site."""

    def said(finding: Finding) -> tuple[str, bool, str, str]:
        return finding.severity, bool(finding.path), finding.kind, finding.message

    return [Group(list(group)) for _, group in groupby(sorted(findings, key=said), said)]
