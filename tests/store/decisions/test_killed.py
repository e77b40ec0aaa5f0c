"""A writer that is killed at any moment leaves no part of an append, and loses nothing that it was told is written."""

import json
import subprocess
import sys
from pathlib import Path

from sqlalchemy.engine import Engine

PROGRAM = Path(__file__).with_name("killed_writer.py")
ROUNDS = 60


def test_sixty_kills(engine: Engine) -> None:
    address = engine.url.database if engine.dialect.name == "sqlite" else engine.url.render_as_string()
    engine.dispose()
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(address).replace("+psycopg", ""), str(ROUNDS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told.pop("events") > ROUNDS
    assert told == {"rounds": ROUNDS, "damaged": 0, "torn": 0, "lost": 0}
