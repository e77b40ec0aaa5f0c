"""One server for all tests that change nothing about it but what they add."""

from collections.abc import Iterator

import pytest

from api.sea import Sea, sea
from watchkeeper.api.access.limits import Rate
from watchkeeper.api.services import Limits

PLENTY = Limits(
    requests=Rate(1e6, 1e6), logins=Rate(1e6, 1e6), body_seconds=2.0, heartbeat_s=0.5, poll_s=0.05, streams=20
)
"""No test but those of the limits meets one."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sea]:
    with sea(tmp_path_factory.mktemp("sea"), limits=PLENTY) as made:
        yield made
