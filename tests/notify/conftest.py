"""What all tests of notifications have: somebody who is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from news_receivers import Receiver, receiver


@pytest.fixture
def hook() -> Iterator[Receiver]:
    """Yield a webhook on loopback that keeps what it is sent."""
    with receiver() as server:
        yield server
