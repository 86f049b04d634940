"""The walls around the tests hold: in this process and in its children."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from door import child_environ
from playwright.sync_api import Browser
from walls import HOMES, TestReachedTheNetworkError, TestTouchedTheRealHomeError


def test_the_network_is_out_of_reach() -> None:
    with pytest.raises(TestReachedTheNetworkError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(TestReachedTheNetworkError):
        socket.getaddrinfo("example.com", 80)


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_the_real_home_is_closed() -> None:
    for home in os.environ[HOMES].split(os.pathsep):
        with pytest.raises(TestTouchedTheRealHomeError):
            Path(home, ".gitconfig").read_text(encoding="utf-8")
    assert os.environ["HOME"] not in os.environ[HOMES].split(os.pathsep)
    assert Path.home() != Path(pwd.getpwuid(os.getuid()).pw_dir)


def test_children_stand_inside_the_same_walls() -> None:
    script = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    done = subprocess.run(
        [sys.executable, "-c", script], env=child_environ(), capture_output=True, text=True, check=False
    )
    assert "TestReachedTheNetworkError" in done.stderr


def test_the_browser_is_real(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content("<title>Hello</title>")
    assert page.title() == "Hello"
    page.close()
