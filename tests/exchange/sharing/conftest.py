"""A centre for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.sharing.centre import Centre, centre


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Centre]:
    with centre(tmp_path / "watch") as made:
        yield made
