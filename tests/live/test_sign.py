"""`stashgen sign`: who signs, what is signed, and what a reader without stashgen makes of it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from door import NOW, Run, child_environ
from signers import Signer, built_with, copied, settings_with, signed, signer

SIGNATURE = "build/stashgen-manifest.json.sig"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, alice: Signer) -> Path:
    """Return a project that is built for alice's key."""
    return built_with(tmp_path_factory.mktemp("made") / "a site שלום", alice)


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    return copied(made, tmp_path / "my site")


def test_a_reader_checks_by_hand_with_what_every_machine_has(run: Run, project: Path, alice: Signer) -> None:
    result = run("sign", "-C", project, "--key", alice.file)
    assert result.code == 0, result.err
    assert result.out == f"Signed {project / SIGNATURE} with {alice.fingerprint}\n"
    by_hand = (
        "ssh-keygen -Y verify -f signing-keys.txt -I publisher -n stashgen"
        " -s stashgen-manifest.json.sig < stashgen-manifest.json &&"
        " jq -r '.files | to_entries[] | \"\\(.value.sha256)  \\(.key)\"' stashgen-manifest.json | sha256sum -c --quiet"
    )
    checked = subprocess.run(by_hand, shell=True, cwd=project / "build", capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert f'Good "stashgen" signature for publisher with ED25519 key {alice.fingerprint}' in checked.stdout


def test_the_keys_are_published_for_manifests_only(project: Path, alice: Signer) -> None:
    kind, data, _ = alice.public.split(" ", 2)
    assert (project / "build/signing-keys.txt").read_text() == f'publisher namespaces="stashgen" {kind} {data}\n'


def test_a_key_from_the_environment_needs_no_file_and_leaves_none(
    run: Run, project: Path, alice: Signer, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    text = alice.file.read_text()
    signatures = set()
    for secret in (text, text.strip(), text.replace("\n", "\r\n")):
        result = run("sign", "-C", project, env={"STASHGEN_SIGNING_KEY": secret, "TMPDIR": str(scratch)})
        assert result.code == 0, result.err
        signatures.add((project / SIGNATURE).read_bytes())
    assert len(signatures) == 1
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_other_kinds_of_keys_sign_too(run: Run, project: Path, keys: Path, kind: str) -> None:
    other = signer(keys, f"other-{kind}", kind)
    (project / "site-data/site.yaml").write_text(settings_with(other))
    assert run("build", "-C", project, "--now", NOW).code == 0
    result = run("sign", "-C", project, "--key", other.file)
    assert (result.code, other.fingerprint in result.out) == (0, True), result.err


def test_an_agent_signs_for_who_has_only_the_public_half(
    run: Run, project: Path, alice: Signer, tmp_path: Path
) -> None:
    socket = tmp_path / "agent"
    with subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL, env=child_environ()
    ) as agent:
        try:
            env = {"SSH_AUTH_SOCK": str(socket)}
            added = 'for _ in $(seq 500); do ssh-add -q "$0" && exit; sleep 0.02; done; exit 1'
            subprocess.run(
                ["sh", "-c", added, str(alice.file)], env={**os.environ, **env}, capture_output=True, check=True
            )
            public = tmp_path / "alice.pub"
            public.write_text(alice.public + "\n")
            result = run("sign", "-C", project, "--key", public, env=env)
        finally:
            agent.terminate()
    assert (result.code, alice.fingerprint in result.out) == (0, True), result.err


def test_a_key_that_no_reader_knows_signs_nothing(run: Run, project: Path, keys: Path) -> None:
    mallory = signer(keys, "mallory")
    result = run("sign", "-C", project, "--key", mallory.file)
    assert result.code == 1
    assert f"the key {mallory.fingerprint} is not in `signing_keys`" in result.err
    assert " ".join(mallory.public.split()[:2]) in result.err  # the line to add
    assert not (project / SIGNATURE).exists()


def test_what_is_not_as_it_was_built_is_not_signed(run: Run, project: Path, alice: Signer) -> None:
    (project / "build/index.html").write_text("evil")
    (project / "build/status.json").unlink()
    result = run("sign", "-C", project, "--key", alice.file)
    assert result.code == 1
    assert re.search(r"index\.html and 1 more: not as it was built; nothing was signed: build again", result.err)
    assert not (project / SIGNATURE).exists()


def test_a_build_that_changes_something_takes_the_old_signature_away(run: Run, project: Path, alice: Signer) -> None:
    signed(project, alice)
    before = (project / SIGNATURE).read_bytes()
    assert run("build", "-C", project, "--now", NOW).code == 0
    assert (project / SIGNATURE).read_bytes() == before  # nothing had changed
    assert run("build", "-C", project, "--now", "2026-11-23T10:31:00Z").code == 0
    assert not (project / SIGNATURE).exists()


def test_each_mistake_has_its_remedy(run: Run, project: Path, alice: Signer, keys: Path, tmp_path: Path) -> None:
    locked = signer(keys, "locked", passphrase="secret")
    open_to_all = tmp_path / "open"
    open_to_all.write_text(alice.file.read_text())
    open_to_all.chmod(0o644)
    nothing = tmp_path / "nothing"
    (nothing / "site-data").mkdir(parents=True)
    (nothing / "site-data/site.yaml").write_text("title: T\n")
    secret = locked.file.read_text()
    cases: list[tuple[list[str | Path], dict[str, str], str]] = [
        (["-C", project], {}, "give --key FILE, or set STASHGEN_SIGNING_KEY"),
        (["-C", project], {"STASHGEN_SIGNING_KEY": alice.public}, "STASHGEN_SIGNING_KEY holds no private key"),
        (["-C", project], {"STASHGEN_SIGNING_KEY": secret}, "STASHGEN_SIGNING_KEY: cannot be opened without its pass"),
        (["-C", project, "--key", open_to_all], {}, "can be read by others, so that it is no secret: chmod 600"),
        (["-C", project, "-o", tmp_path / "no build"], {}, "there is no site to sign: `stashgen build` makes one"),
        (["-C", nothing, "--key", alice.file], {}, "there is no site to sign"),
        (["-C", tmp_path], {}, "has no site-data/site.yaml"),
        (["-C", project, "--key", alice.file], {"PATH": "/nowhere"}, "ssh-keygen cannot be run"),
    ]
    for arguments, env, remedy in cases:
        result = run("sign", *arguments, env=env)
        assert (result.code, remedy in result.err) == (1, True), (arguments, result)
        assert "PRIVATE KEY--" not in result.err
    assert not (tmp_path / "no build").exists()
