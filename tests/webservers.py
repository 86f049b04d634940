"""Real web servers on loopback, each with the settings that a built site brings along for it."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from door import child_environ

PATIENCE_SECONDS: Final = 60
# Debian keeps servers where only root looks.
_PLACES: Final = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])
_APACHE_MODULES: Final = ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules")
_APACHE_NEEDS: Final = ("mpm_event", "authz_core", "alias", "dir", "headers", "mime", "rewrite")
_TEMPORARY: Final = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Place(NamedTuple):
    """What a server is started with."""

    site: Path  # the built site
    scratch: Path  # a folder for what the server writes
    base: str  # path of the site on the host, with a slash at both ends
    port: int


class Command(NamedTuple):
    """A server's command line: one that checks its settings, one that runs it until it is stopped."""

    check: list[str]
    run: list[str]


class Answer(NamedTuple):
    """What a server sent; the names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Server(NamedTuple):
    """A server that runs."""

    port: int

    def ask(self, target: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request on a connection of its own; fails where a header comes twice."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, target, headers=dict(headers or {}))
            response = connection.getresponse()
            pairs = [(name.lower(), value) for name, value in response.getheaders()]
            names = [name for name, _ in pairs if name != "vary"]
            assert len(set(names)) == len(names), pairs
            return Answer(response.status, dict(pairs), response.read())
        finally:
            connection.close()


def program(*names: str) -> str:
    """Return the path of a program by the first of its names that is there; a machine without it fails the test."""
    found = next(filter(None, (shutil.which(name, path=_PLACES) for name in names)), None)
    if found is None:
        pytest.fail(f"no {names[0]} found: run `make programs`, or install it as CONTRIBUTING.md says")
    return found


def _nginx(place: Place) -> Command:
    temporary = "\n".join(f"    {name}_temp_path {place.scratch / name};" for name in _TEMPORARY)
    user = "user root;" if os.getuid() == 0 else ""
    settings = place.scratch / "nginx.conf"
    settings.write_text(
        f"{user}\nworker_processes 1;\npid {place.scratch / 'pid'};\nerror_log stderr warn;\nevents {{ }}\nhttp {{\n"
        f"    access_log off;\n{temporary}\n    server {{\n        listen 127.0.0.1:{place.port};\n"
        f"        set $stashgen_root {place.site};\n        include {place.site}/hosts/nginx.conf;\n    }}\n}}\n"
    )
    common = [program("nginx"), "-p", str(place.scratch), "-c", str(settings), "-e", "stderr"]
    return Command([*common, "-t", "-q"], [*common, "-g", "daemon off;"])


def _caddy(place: Place) -> Command:
    matcher = "*" if place.base == "/" else f"{place.base}*"
    settings = place.scratch / "Caddyfile"
    settings.write_text(
        "{\n\tadmin off\n\tauto_https off\n}\n"
        f"http://127.0.0.1:{place.port} {{\n\troot {matcher} {place.site}\n\timport {place.site}/hosts/Caddyfile\n}}\n"
    )
    common = ["--config", str(settings), "--adapter", "caddyfile"]
    return Command([program("caddy"), "validate", *common], [program("caddy"), "run", *common])


def _apache(place: Place) -> Command:
    modules = next((Path(folder) for folder in _APACHE_MODULES if Path(folder).is_dir()), None)
    if modules is None:
        pytest.fail("no modules of Apache found: run `make programs`")
    files = [(name, modules / f"mod_{name}.so") for name in _APACHE_NEEDS]
    loads = "".join(f"LoadModule {name}_module {file}\n" for name, file in files if file.exists())
    user = "User #65534\nGroup #65534\n" if os.getuid() == 0 else ""
    settings = place.scratch / "httpd.conf"
    settings.write_text(
        f"ServerRoot {place.scratch}\nServerName 127.0.0.1\nListen 127.0.0.1:{place.port}\n{user}{loads}"
        f"PidFile {place.scratch / 'pid'}\nDefaultRuntimeDir {place.scratch}\nErrorLog /dev/stderr\n"
        "TypesConfig /dev/null\n"
        f"<VirtualHost 127.0.0.1:{place.port}>\n    Define STASHGEN_ROOT {place.site}\n"
        f"    Include {place.site}/hosts/apache.conf\n</VirtualHost>\n"
    )
    common = [program("apache2", "httpd"), "-d", str(place.scratch), "-f", str(settings)]
    return Command([*common, "-t"], [*common, "-X"])


SERVERS: Final[Mapping[str, Callable[[Place], Command]]] = {"nginx": _nginx, "caddy": _caddy, "apache": _apache}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def running(name: str, place: Place) -> Iterator[Server]:
    """Check the server's settings, run it, and stop it at the end."""
    command = SERVERS[name](place)
    environment = child_environ(dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(place.scratch)))
    checked = subprocess.run(command.check, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stderr + checked.stdout
    with (place.scratch / "log").open("wb") as log:
        process = subprocess.Popen(command.run, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _await(place, process)
        yield Server(place.port)
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _await(place: Place, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", place.port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail(f"the server did not come up: {(place.scratch / 'log').read_text()}")
