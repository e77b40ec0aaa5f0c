"""Two kinds of place for a lake: a folder, and a bucket of a real S3 server on loopback.

Makes :mod:`lake_rows` importable here.
"""

import logging
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from pyarrow import fs
from werkzeug.serving import WSGIRequestHandler

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an object storage server that was started for the tests."""
    # Without this every answer waits for the client's delayed acknowledgement, 40 ms.
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    monkeypatch.undo()


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty bucket, with the environment that leads to it."""
    for name, value in {
        "WATCHKEEPER_S3_ENDPOINT": s3_server,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"lake-{uuid.uuid4().hex[:8]}"
    made = fs.S3FileSystem(
        scheme="http", endpoint_override=s3_server.removeprefix("http://"), allow_bucket_creation=True
    )
    made.create_dir(name)
    return name


@pytest.fixture(params=["folder", "s3"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a lake can be, both ways."""
    if request.param == "folder":
        return str(tmp_path / "lake")
    return f"s3://{request.getfixturevalue('bucket')}/some/store"
