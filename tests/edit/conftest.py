from __future__ import annotations

from pathlib import Path

import pytest
from edit_desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk with three services and no event."""
    return Desk(tmp_path / "site")
