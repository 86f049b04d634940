"""The gateway as tests use it: the real program on a free port, a real clone with a bare remote behind it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from door import child_environ, git, write_files

from stashgen.gateway import tokens

PATIENCE_SECONDS: Final = 60
TOKENS: Final = {
    "admin": ("admin",),
    "writer": ("read", "events"),
    "reader": ("read",),
    "keeper": ("read", "services"),
}
SITE: Final = {
    "site-data/site.yaml": "title: Acme Status\nurl: https://status.example.com\n",
    "site-data/services/api.yaml": "name: API\n",
    "site-data/services/web.yaml": "name: Web\n",
    "site-data/services/mail.yaml": "name: Mail\n",
}


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]  # names in small letters
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


def make_remote(folder: Path, files: Mapping[str, str | bytes] = SITE) -> Path:
    """Return a bare repository with one commit that holds these files."""
    seed, bare = folder / "seed", folder / "remote.git"
    write_files(seed, files)
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    git(seed, "init", "--quiet", "--initial-branch=main")
    git(seed, "add", "-A")
    git(seed, "commit", "--quiet", "-m", "Start a page")
    git(seed, "push", "--quiet", str(bare), "main")
    return bare


def make_clone(remote: Path, folder: Path) -> Path:
    """Return a clone of a remote with an identity of its own: what the tests' environment says does not count there."""
    subprocess.run(["git", "clone", "--quiet", str(remote), str(folder)], check=True, capture_output=True)
    git(folder, "config", "user.name", "Gateway")
    git(folder, "config", "user.email", "gateway@example.com")
    return folder


class Gateway:
    """A gateway in a process of its own."""

    def __init__(self, project: Path, config: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> None:
        self.project = project
        self.tokens = {name: tokens.new() for name in TOKENS}
        self.config_file = project.parent / f"{project.name}-gateway.yaml"
        self._environ = environ
        self._log = project.parent / f"{project.name}-gateway.log"
        own = {name: {"sha256": tokens.digest(self.tokens[name]), "scopes": scopes} for name, scopes in TOKENS.items()}
        self.configure({**config, "tokens": {**own, **config.get("tokens", {})}})
        self.process: subprocess.Popen[str] | None = None
        self.url = ""

    def configure(self, config: Mapping[str, Any]) -> None:
        """Write the config; JSON is YAML."""
        self.config_file.write_text(json.dumps(config, indent=1), encoding="utf-8")
        self.config_file.chmod(0o600)

    def start(self) -> None:
        """Start it and wait until it listens."""
        with self._log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "stashgen", "gateway", *self._options()],
                env=child_environ(self._environ),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        match = re.match(r"Listening on (http://\S+)", line)
        assert match, (line, self.log())
        self.url = match[1]

    def _options(self) -> list[str]:
        return ["--config", str(self.config_file), "--listen", "127.0.0.1:0", "-C", str(self.project)]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal and wait for its end; return its exit code."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        process.send_signal(number)
        assert process.stdout is not None
        with process.stdout:
            return process.wait(timeout=PATIENCE_SECONDS)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.stop(signal.SIGKILL)

    def restart(self) -> None:
        """Stop it and start it again, on another port."""
        self.stop()
        self.start()

    def log(self) -> str:
        """Return what it wrote to standard error so far."""
        return self._log.read_text(encoding="utf-8")

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = "writer",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request: bytes as they are, anything else as JSON, with one of the tokens by name."""
        sent = dict(headers or {})
        if token is not None:
            sent.setdefault("Authorization", f"Bearer {self.tokens.get(token, token)}")
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if data is not None and not isinstance(body, bytes):
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, data, sent)
            response = connection.getresponse()
            answered = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, answered, response.read())
        finally:
            connection.close()


@contextmanager
def gateway(
    folder: Path,
    config: Mapping[str, Any] | None = None,
    files: Mapping[str, str | bytes] = SITE,
    environ: Mapping[str, str] | None = None,
) -> Iterator[Gateway]:
    """Yield a running gateway on a new clone (`clone`) of a new bare remote (`remote.git`)."""
    one = Gateway(make_clone(make_remote(folder, files), folder / "clone"), config or {}, environ)
    one.start()
    try:
        yield one
    finally:
        one.stop()
        assert "a bug in stashgen" not in one.log(), one.log()


def subjects(project: Path, *refs: str) -> list[str]:
    """Return the subjects of all commits, the newest first."""
    return git(project, "log", "--format=%s", *refs, "--").splitlines()


def is_alive(number: int) -> bool:
    """Tell whether a process is there."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True
