from __future__ import annotations

import pytest
from publish_sites import States, build_states


@pytest.fixture(scope="session")
def states(tmp_path_factory: pytest.TempPathFactory, _session_environ: None) -> States:
    """Return three states of one site, built once; they are only looked at."""
    return build_states(tmp_path_factory.mktemp("states"))
