"""Fixtures every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# No deadline: the first example of a test may compile a kernel. The same examples every time: a red build stays red.
settings.register_profile("kernels", deadline=None, derandomize=True)
settings.load_profile("kernels")

REPO = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The folder of real sample data, where there is one."""
    folder = Path(os.environ.get("WATCHKEEPER_SAMPLE_DATA", REPO.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real sample data at {folder} (set WATCHKEEPER_SAMPLE_DATA)")
    return folder
