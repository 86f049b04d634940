"""The door to ssh-keygen: signatures over a manifest, made, looked at and believed or not.

A signature is in OpenSSH's own format (https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig), so
that a reader needs nothing of ours to check one. Which keys count is said by whoever asks, never by the signature.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from stashgen.errors import StashgenError
from stashgen.text import quoted

NAMESPACE: Final = "stashgen"  # what is signed with it is good for nothing else, and the other way round
PRINCIPAL: Final = "publisher"  # who signs, whichever of the keys it is
KEY_VARIABLE: Final = "STASHGEN_SIGNING_KEY"
_SECONDS: Final = 120.0
_ARMOR: Final = re.compile(rb"\s*-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END SSH SIGNATURE-----\s*")
_KEY: Final = re.compile(r"(?:^|\s)((?:sk-)?(?:ssh|ecdsa)-[a-zA-Z0-9@.-]+)\s+(AAAA[A-Za-z0-9+/]+=*)(?=\s|$)")


class SigningError(StashgenError):
    """Nothing was signed, or a signature proves nothing; the text says why."""


class Key(NamedTuple):
    """A public key: its kind, such as `ssh-ed25519`, and its bytes as SSH sends them."""

    kind: str
    data: bytes

    @property
    def fingerprint(self) -> str:
        """Return the name that `ssh-keygen -l` gives it."""
        digest = base64.b64encode(hashlib.sha256(self.data).digest()).decode()
        return f"SHA256:{digest.rstrip('=')}"

    @property
    def line(self) -> str:
        """Return it as it stands in a `.pub` file, without a comment."""
        return f"{self.kind} {base64.b64encode(self.data).decode()}"


class Signature(NamedTuple):
    """What a signature says of itself; nothing of it is proven."""

    key: Key
    namespace: str


def keys(text: str, source: str) -> tuple[Key, ...]:
    """Read public keys, one a line, from a `.pub`, an authorized_keys or an allowed_signers file.

    Raises SigningError for a text with none, and for a private key.
    """
    if "PRIVATE KEY" in text:
        raise SigningError(f"{source}: is a private key, which nobody else may see; name the file that ends with .pub")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = [_key(line, source) for line in lines]
    if not found:
        raise SigningError(f"{source}: holds no public key: a line such as `ssh-ed25519 AAAA...`")
    return tuple(dict.fromkeys(found))


def allowed_signers(trusted: Sequence[Key]) -> str:
    """Return the keys in the form that `ssh-keygen -Y verify` reads, good for manifests only."""
    return "".join(f'{PRINCIPAL} namespaces="{NAMESPACE}" {key.line}\n' for key in trusted)


def read(signature: bytes) -> Signature:
    """Read what a signature says of itself; raise SigningError where it is none."""
    match = _ARMOR.fullmatch(signature)
    try:
        data = base64.b64decode(match[1] if match else b"", validate=False)
        if data[:10] != b"SSHSIG\0\0\0\1":
            raise SigningError("is no signature of ssh-keygen")
        key, rest = _string(data[10:])
        namespace, _ = _string(rest)
        kind, _ = _string(key)
        return Signature(Key(kind.decode("ascii"), key), namespace.decode())
    except (ValueError, struct.error, binascii.Error):
        raise SigningError("is no signature of ssh-keygen") from None


def sign(data: bytes, key_file: Path, *, may_ask: bool = True) -> bytes:
    """Sign some bytes with a private key, or with the key of the agent whose public key the file holds.

    ssh-keygen asks for the key's passphrase on the terminal, if it may.
    """
    done = _ssh_keygen("sign", "-n", NAMESPACE, "-f", str(key_file), stdin=data, may_ask=may_ask)
    if done.returncode:
        raise SigningError(_why_not_signed(done.stderr.decode("utf-8", "replace"), str(key_file)))
    return done.stdout


def sign_with(data: bytes, private_key: str) -> bytes:
    """Sign some bytes with a private key that is a text: it lies on the disk for the moment, for our eyes only."""
    if "PRIVATE KEY" not in private_key:
        raise SigningError(
            f"{KEY_VARIABLE} holds no private key: put the whole text of the key file in it, from `-----BEGIN` on"
        )
    # Secrets come out of web forms with other line ends, or without the last one.
    text = private_key.strip().replace("\r\n", "\n") + "\n"
    with _scratch() as folder:
        file = folder / "key"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as kept:
            kept.write(text)
        try:
            return sign(data, file, may_ask=False)
        except SigningError as error:
            raise SigningError(str(error).replace(str(file), KEY_VARIABLE)) from None


def verify(data: bytes, signature: bytes, trusted: Sequence[Key]) -> Key:
    """Return the key that signed these bytes; raise SigningError where it is none of the trusted ones, or did not."""
    said = read(signature)
    if said.namespace != NAMESPACE:
        raise SigningError(
            f"is a signature for {quoted(said.namespace)}, not for `{NAMESPACE}`: it was made for something else"
        )
    if said.key not in trusted:
        raise SigningError(f"is by the key {said.key.fingerprint}, which is none of those that count here")
    with _scratch() as folder:
        signers, proof = folder / "signers", folder / "signature"
        signers.write_text(allowed_signers(trusted), encoding="ascii")
        proof.write_bytes(signature)
        names = ("-n", NAMESPACE, "-I", PRINCIPAL, "-f", str(signers), "-s", str(proof))
        done = _ssh_keygen("verify", *names, stdin=data, may_ask=False)
    if done.returncode:
        raise SigningError("is not of this manifest: one of them was changed after it had been signed")
    return said.key


def _key(line: str, source: str) -> Key:
    # Options before a key may hold anything in quotes: a key in them is none.
    match = _KEY.search(re.sub(r'"[^"]*"', '""', line))
    try:
        data = base64.b64decode(match[2], validate=True) if match else b""
        fields = list(_strings(data))
        if match and len(fields) > 1 and fields[0] == match[1].encode():
            return Key(match[1], data)
    except (ValueError, struct.error):
        pass
    raise SigningError(f"{source}: {quoted(line)} is no public key, such as `ssh-ed25519 AAAA...`")


def _string(data: bytes) -> tuple[bytes, bytes]:
    """Return the first string of some of SSH's bytes, and what follows it."""
    (length,) = struct.unpack_from(">I", data)
    if len(data) < 4 + length:
        raise ValueError(length)
    return data[4 : 4 + length], data[4 + length :]


def _strings(data: bytes) -> Iterator[bytes]:
    """Yield all strings of some of SSH's bytes, as those of a key are; raise ValueError where one is cut off."""
    while data:
        string, data = _string(data)
        yield string


def _why_not_signed(said: str, key_file: str) -> str:
    if "passphrase" in said:
        return (
            f"{key_file}: cannot be opened without its passphrase: use a key without one, "
            "or put it into ssh-agent and name its .pub file"
        )
    if "UNPROTECTED" in said:
        return f"{key_file}: can be read by others, so that it is no secret: chmod 600, or make another"
    return f"{key_file}: cannot be signed with: {(said.strip().splitlines() or ['ssh-keygen does not say why'])[-1]}"


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="stashgen-") as folder:
        yield Path(folder)


def _ssh_keygen(verb: str, *arguments: str, stdin: bytes, may_ask: bool) -> subprocess.CompletedProcess[bytes]:
    plain: Mapping[str, str] = {"LC_ALL": "C", **({} if may_ask else {"SSH_ASKPASS_REQUIRE": "never"})}
    try:
        return subprocess.run(
            ["ssh-keygen", "-Y", verb, *arguments],
            input=stdin,
            env={**os.environ, **plain},
            capture_output=True,
            timeout=_SECONDS,
            start_new_session=not may_ask,  # without a terminal there is nobody to ask
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise StashgenError(f"ssh-keygen took more than {_SECONDS:g} seconds and was stopped") from None
    except OSError as error:
        raise StashgenError(
            f"ssh-keygen cannot be run ({error.strerror or error}): install OpenSSH 8.2 or newer"
        ) from error
