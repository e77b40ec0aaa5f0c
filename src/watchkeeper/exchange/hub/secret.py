"""The secret of a hub, made once and kept in its database: ``next`` of all its processes is signed with it."""

import secrets

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from watchkeeper.exchange.hub.tables import secrets as kept
from watchkeeper.store.decisions.engines import reading, writing

_NAME = "next"


def secret_of(engine: Engine) -> bytes:
    """The secret; made where there is none yet."""
    asked = sa.select(kept.c.value).where(kept.c.name == _NAME)
    with reading(engine) as connection:
        found = connection.execute(asked).scalar()
    if found is None:
        with writing(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("LOCK TABLE exchange_secrets IN EXCLUSIVE MODE")
            found = connection.execute(asked).scalar()
            if found is None:
                found = secrets.token_bytes(32)
                connection.execute(kept.insert().values(name=_NAME, value=found))
    return bytes(found)
