"""`stashgen verify` against who would make readers believe something else: the manifest and its signature attacked."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from door import Run, write_files
from live_host import LiveHost, live, verified
from signers import Signer, built_with, copied, keygen, settings_with, signed, signer

MANIFEST, SIGNATURE = "stashgen-manifest.json", "stashgen-manifest.json.sig"
LATER = "2026-11-23T11:00:00Z"


@pytest.fixture(scope="module")
def mallory(keys: Path) -> Signer:
    return signer(keys, "mallory")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, alice: Signer) -> Path:
    """Return the owner's project, built and signed; its settings are where the keys come from."""
    folder = built_with(tmp_path_factory.mktemp("owner") / "site", alice)
    signed(folder, alice)
    return folder


@pytest.fixture
def site(project: Path, tmp_path: Path) -> Path:
    """Return what lies on the host, to be attacked."""
    return copied(project / "build", tmp_path / "host")


@pytest.fixture
def host(site: Path) -> Iterator[LiveHost]:
    with live(site) as running:
        yield running


def rewrite(site: Path, path: str, data: bytes) -> None:
    """Change a file, and the manifest so that it fits."""
    (site / path).write_bytes(data)
    manifest = json.loads((site / MANIFEST).read_text())
    digest = subprocess.run(["sha256sum"], input=data, capture_output=True, check=True).stdout.decode().split()[0]
    manifest["files"][path] = {"sha256": digest, "size": len(data)}
    (site / MANIFEST).write_text(json.dumps(manifest))


def sign_by_hand(site: Path, by: Signer, namespace: str = "stashgen") -> None:
    """Sign as anybody can who has a key."""
    (site / SIGNATURE).unlink(missing_ok=True)
    keygen("-q", "-Y", "sign", "-f", str(by.file), "-n", namespace, str(site / MANIFEST))


def test_a_signed_site_is_proven(invoke: Run, host: LiveHost, project: Path, alice: Signer) -> None:
    for option, place in (("-C", project), ("--key", alice.public_file), ("--key", project / "build/signing-keys.txt")):
        found = verified(invoke, host.url, option, place)
        (report,) = found.report["sites"]
        assert (found.code, found.errors, found.warnings) == (0, [], [])
        assert (report["signature"], report["signed_by"]) == ("good", alice.fingerprint)


def test_without_a_key_of_ones_own_nothing_is_called_proven(invoke: Run, host: LiveHost) -> None:
    # The site publishes keys; so would who took it over.
    found = verified(invoke, host.url)
    assert (found.code, found.report["sites"][0]["signature"], found.report["sites"][0]["signed_by"]) == (
        0,
        "unchecked",
        None,
    )
    assert "signed, but there is no key to check it with" in invoke("verify", host.url, "--quick").out


def test_an_altered_file_is_found(invoke: Run, host: LiveHost, site: Path, project: Path) -> None:
    (site / "index.html").write_text("All is well, send money.")
    assert verified(invoke, host.url, "-C", project).errors == [("altered", "index.html")] * 1


def test_an_altered_file_with_a_manifest_to_match_is_found(
    invoke: Run, host: LiveHost, site: Path, project: Path
) -> None:
    rewrite(site, "index.html", b"All is well, send money.")
    found = verified(invoke, host.url, "-C", project)
    assert found.errors == [("signature", SIGNATURE)]
    assert "is not of this manifest" in found.messages


def test_who_takes_the_signature_away_is_found(invoke: Run, host: LiveHost, site: Path, project: Path) -> None:
    (site / SIGNATURE).unlink()
    assert verified(invoke, host.url, "-C", project).errors == [("signature", SIGNATURE)]


@pytest.mark.parametrize(
    "proof", [b"", b"-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n", b"x" * 100_000, b"\xff\x00"]
)
def test_what_is_no_signature_proves_nothing(
    invoke: Run, host: LiveHost, site: Path, project: Path, proof: bytes
) -> None:
    (site / SIGNATURE).write_bytes(proof)
    found = verified(invoke, host.url, "-C", project)
    assert found.errors == [("signature", SIGNATURE)]
    assert "is no signature of ssh-keygen" in found.messages


def test_a_stranger_who_signs_everything_anew_and_publishes_his_key_is_found(
    invoke: Run, host: LiveHost, site: Path, project: Path, mallory: Signer
) -> None:
    kind, data, _ = mallory.public.split(" ", 2)
    rewrite(site, "signing-keys.txt", f'publisher namespaces="stashgen" {kind} {data}\n'.encode())
    rewrite(site, "index.html", b"All is well, send money.")
    sign_by_hand(site, mallory)
    found = verified(invoke, host.url, "-C", project)
    assert found.errors == [("signature", SIGNATURE)]
    assert f"is by the key {mallory.fingerprint}, which is none of those that count" in found.messages


def test_our_own_signature_of_something_else_proves_nothing(
    invoke: Run, host: LiveHost, site: Path, project: Path, alice: Signer
) -> None:
    # Somebody was given a signature of these bytes for another purpose, such as a commit.
    rewrite(site, "index.html", b"All is well, send money.")
    sign_by_hand(site, alice, namespace="git")
    found = verified(invoke, host.url, "-C", project)
    assert found.errors == [("signature", SIGNATURE)]
    assert "is a signature for `git`, not for `stashgen`" in found.messages


def test_an_old_state_with_its_own_good_signature_is_found_by_its_age(
    invoke: Run, host: LiveHost, project: Path, tmp_path: Path, alice: Signer
) -> None:
    # A replay: all of it was true once.
    assert verified(invoke, host.url, "-C", project, now=LATER).code == 0
    assert verified(invoke, host.url, "-C", project, "--max-age", "20m", now=LATER).errors == [("old", "")]
    newer = built_with(tmp_path / "newer", alice, now=LATER)
    signed(newer, alice)
    found = verified(invoke, host.url, "-C", project, "--against", newer / "build", "--quick", now=LATER)
    assert ("stale", "") in found.errors


def test_times_cannot_be_forged_without_the_key(invoke: Run, host: LiveHost, site: Path, project: Path) -> None:
    status = json.loads((site / "status.json").read_text())
    (site / "status.json").write_text(json.dumps({**status, "built_at": LATER}))
    assert verified(invoke, host.url, "-C", project, "--quick", "--max-age", "5m", now=LATER).errors == [
        ("altered", "status.json")
    ]


def test_files_that_the_signed_build_does_not_list_prove_nothing(
    invoke: Run, host: LiveHost, site: Path, project: Path
) -> None:
    # The signature is the one beside the build here: another, however good, is told.
    other = write_files(site, {SIGNATURE: b"-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"})
    found = verified(invoke, host.url, "--against", project / "build", "--quick")
    assert (other, found.errors) == (site, [("signature", SIGNATURE)])


def test_keys_are_changed_without_a_gap(invoke: Run, run: Run, tmp_path: Path, alice: Signer, keys: Path) -> None:
    bob = signer(keys, "bob")
    folder = built_with(tmp_path / "site", alice, bob)
    for one in (alice, bob):
        with live(signed(folder, one)) as host:
            found = verified(invoke, host.url, "-C", folder, "--quick")
        assert (found.code, found.report["sites"][0]["signed_by"]) == (0, one.fingerprint)
    # Alice has left: what she signed does not count any more.
    old = copied(signed(folder, alice), tmp_path / "old")
    (folder / "site-data/site.yaml").write_text(settings_with(bob))
    with live(old) as host:
        assert verified(invoke, host.url, "-C", folder, "--quick").errors == [("signature", SIGNATURE)]


def test_keys_that_are_none_are_refused_before_anything_is_asked(
    invoke: Run, host: LiveHost, alice: Signer, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.pub"
    empty.write_text("# nobody\n")
    broken = tmp_path / "broken.pub"
    broken.write_text("ssh-ed25519 AAAAnonsense\n")
    for file, why in (
        (alice.file, "is a private key, which nobody else may see"),
        (empty, "holds no public key"),
        (broken, "is no public key"),
    ):
        result = invoke("verify", host.url, "--key", file)
        assert (result.code, why in result.err) == (1, True), result
    assert host.asked == []


def test_settings_with_mistakes_do_not_pass_for_settings_without_keys(
    invoke: Run, host: LiveHost, tmp_path: Path, alice: Signer
) -> None:
    project = write_files(tmp_path / "p", {"site-data/site.yaml": settings_with(alice) + "titel: x\n"})
    result = invoke("verify", host.url, "-C", project)
    assert (result.code, "site.yaml" in result.err, host.asked) == (1, True, [])
    # What is wrong in other files is no concern of who looks at the live site.
    good = write_files(
        tmp_path / "q", {"site-data/site.yaml": settings_with(alice), "site-data/services/x.yaml": "nmae: x\n"}
    )
    assert verified(invoke, host.url, "-C", good, "--quick").report["sites"][0]["signature"] == "good"


def test_a_machine_without_ssh_keygen_says_so(run: Run, host: LiveHost, project: Path) -> None:
    result = run("verify", host.url, "-C", project, "--quick", env={"PATH": "/nowhere"})
    assert (result.code, result.out) == (1, "")
    assert "ssh-keygen cannot be run" in result.err
