"""What a site says of itself before its files are looked at: manifest, signature, status, and where it leads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from stashgen import files, hosting, signing, urls
from stashgen.files import Entry, Manifest
from stashgen.hearsay import Page, Status, status
from stashgen.http import Answer, Client, HttpError
from stashgen.live.findings import Finding, Verdict
from stashgen.live.visiting import Visit
from stashgen.live.wanted import Wanted
from stashgen.model import Settings
from stashgen.signing import SigningError

_NEEDED: Final = (urls.MANIFEST, urls.STATUS_JSON, urls.DASHBOARD)


class Head(NamedTuple):
    """A site as it presents itself; `expected` is what its files should be, an entry None where nobody knows."""

    visit: Visit
    findings: tuple[Finding, ...]
    answers: Mapping[str, Answer] = {}
    status: Status | None = None
    signature: Verdict = "missing"
    signed_by: str | None = None
    listed: Mapping[str, Entry] = {}  # what its own manifest says
    expected: Mapping[str, Entry | None] = {}
    origins: tuple[str, ...] = ()

    @property
    def manifest(self) -> bytes | None:
        """Return the bytes of its manifest."""
        answer = self.answers.get(urls.MANIFEST)
        return answer.body if answer and answer.status == 200 else None

    @property
    def certificate_until(self) -> dt.datetime | None:
        """Return when the site's certificate ends."""
        return next((one.certificate_until for one in self.answers.values() if one.certificate_until), None)


def look(url: str, client: Client, wanted: Wanted) -> Head:
    """Ask a site for what it says of itself."""
    visit = Visit(url, client)
    answers: dict[str, Answer] = {}
    gone = []
    for path in (*_NEEDED, urls.SIGNATURE):
        try:
            answers[path] = visit.ask(path)
        except HttpError as error:
            gone.append(Finding(kind="unreachable", message=str(error)))
            if not answers:  # one long wait tells enough
                return Head(visit, tuple(gone))
    return _read(visit, wanted, answers, [*gone, *_leads(visit.url, answers), *_not_found(visit)])


def _read(visit: Visit, wanted: Wanted, answers: Mapping[str, Answer], findings: list[Finding]) -> Head:
    there = {path: one.body for path, one in answers.items() if one.status == 200 and not visit.is_missing(one)}
    state = status(there.get(urls.STATUS_JSON))
    manifest = _manifest(there, findings)
    verdict, signed_by = _signature(there, wanted, findings)
    expected = _expected(there, manifest, state, wanted, findings)
    return Head(
        visit,
        tuple(findings),
        answers,
        status=state,
        signature=verdict,
        signed_by=signed_by,
        listed=manifest.files if manifest else {},
        expected=expected,
        origins=_origins(state.page if state else Page()),
    )


def _origins(page: Page) -> tuple[str, ...]:
    try:
        return hosting.origins(Settings(title="-", url=page.url, mirrors=page.mirrors))
    except ValueError:  # what it calls an address may be none
        return ()


def _leads(url: str, answers: Mapping[str, Answer]) -> Iterator[Finding]:
    answer = answers.get(urls.DASHBOARD) or next(iter(answers.values()))
    asked, led = urlsplit(url), urlsplit(answer.url)
    if (asked.hostname, asked.port) != (led.hostname, led.port):
        message = f"leads to {urls.origin(answer.url)}, and so is gone when that is"
        yield Finding(kind="redirect", message=message, severity="warning")
    if led.scheme == "http" and not urls.is_loopback(led.hostname or ""):
        message = "is sent over http: anybody on the way can change it"
        yield Finding(kind="insecure", message=message, severity="warning")


def _not_found(visit: Visit) -> Iterator[Finding]:
    try:
        answer = visit.learn_nothing()
    except HttpError:
        return
    if answer.status not in (404, 410):
        message = f"answers {answer.status} for what is not there: programs take that for a page"
        yield Finding(kind="not-found", message=message, severity="warning")


def _manifest(there: Mapping[str, bytes], findings: list[Finding]) -> Manifest | None:
    data = there.get(urls.MANIFEST)
    if data is None:
        message = "there is no manifest: what is not a site of stashgen cannot be verified"
        findings.append(Finding(kind="manifest", path=urls.MANIFEST, message=message))
        return None
    try:
        manifest = files.parse_manifest(data)
    except msgspec.MsgspecError:
        message = "is no manifest, or names files outside of its folder: nothing in it is believed"
        findings.append(Finding(kind="manifest", path=urls.MANIFEST, message=message))
        return None
    findings += _unlisted(there, manifest)
    return manifest


def _unlisted(there: Mapping[str, bytes], manifest: Manifest) -> Iterator[Finding]:
    """Yield what readers look at first and the manifest says nothing of: nobody vouches for it."""
    if not manifest.files:
        yield Finding(kind="manifest", path=urls.MANIFEST, message="lists no file at all")
    for path in (urls.STATUS_JSON, urls.DASHBOARD):
        if path in there and path not in manifest.files:
            yield Finding(kind="manifest", path=path, message="is there, but the manifest does not list it")


def _signature(there: Mapping[str, bytes], wanted: Wanted, findings: list[Finding]) -> tuple[Verdict, str | None]:
    proof, manifest = there.get(urls.SIGNATURE), there.get(urls.MANIFEST)
    if not wanted.keys:
        return "unchecked" if proof is not None else "missing", None
    if proof is None or manifest is None:
        message = "is not there, but there are keys: the site is not signed, or somebody took the signature away"
        findings.append(Finding(kind="signature", path=urls.SIGNATURE, message=message))
        return "missing", None
    try:
        return "good", signing.verify(manifest, proof, wanted.keys).fingerprint
    except SigningError as error:
        findings.append(Finding(kind="signature", path=urls.SIGNATURE, message=str(error)))
        return "bad", None


def _expected(
    there: Mapping[str, bytes],
    manifest: Manifest | None,
    state: Status | None,
    wanted: Wanted,
    findings: list[Finding],
) -> Mapping[str, Entry | None]:
    build = wanted.against
    if build is None or (manifest is not None and there[urls.MANIFEST] == build.data):
        if manifest is None:
            return dict.fromkeys((urls.STATUS_JSON, urls.DASHBOARD))
        if build is not None and build.signature is not None and there.get(urls.SIGNATURE) != build.signature:
            message = f"is another signature than the one in {build.folder}, or none"
            findings.append(Finding(kind="signature", path=urls.SIGNATURE, message=message))
        return dict(manifest.files)
    finding = _compared(state, wanted, build.status)
    findings.append(finding)
    is_newer = finding.kind == "newer" and manifest is not None
    return dict(manifest.files if is_newer and manifest else build.manifest.files)


def _compared(state: Status | None, wanted: Wanted, built: Status | None) -> Finding:
    folder = wanted.against.folder if wanted.against else ""
    if state is None or built is None:
        return Finding(kind="stale", message=f"is another build than the one in {folder}")
    theirs, ours = (at.strftime("%Y-%m-%d %H:%M:%S UTC") for at in (state.built_at, built.built_at))
    if state.built_at > built.built_at:
        message = f"was built at {theirs}, after the build in {folder} ({ours}): somebody has published since"
        return Finding(kind="newer", message=message, severity="warning")
    if state.built_at < built.built_at:
        return Finding(kind="stale", message=f"was built at {theirs}, before the build in {folder} ({ours})")
    return Finding(kind="stale", message=f"is another build than the one in {folder}, though of the same time")
