"""A small sea to ask about: ships in a real lake, findings and alerts in a log, users; and a real server over it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import sqlalchemy as sa

from cases.making import finding, ship
from watchkeeper.api.access.passwords import Passwords
from watchkeeper.api.access.roles import ROLES, SCOPES
from watchkeeper.api.access.users import User
from watchkeeper.api.app import make_app
from watchkeeper.api.assembly import services_of
from watchkeeper.api.server import Listening, bound, make_server
from watchkeeper.api.services import Services
from watchkeeper.cases.alarms import after_judging, projectors
from watchkeeper.cases.alarms.wording import json_values
from watchkeeper.cases.register import projectors as register_projectors
from watchkeeper.model.asset import Asset
from watchkeeper.model.event import Draft
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import HOUR, MINUTE, from_iso, to_iso
from watchkeeper.store.decisions import DecisionLog, begin, sqlite_engine
from watchkeeper.store.lake import Lake

START = from_iso("2025-03-01T06:00:00Z")
END = START + 3 * HOUR
FIRST = 211_000_000
SHIPS = 12
HOSTILE = "<B>\"'; DROP--"
EXERCISE = "exercise:spring"
PASSWORD = "a sea of four words"

CABLE = Asset(
    id="cables/c-one", name="C One", kind="cable", buffer_m=1852.0, layer="cables",
    geometry={"type": "LineString", "coordinates": [[18.0, 56.0], [18.0, 58.0]]},
)  # fmt: skip
ACROSS = Asset(
    id="cables/dateline", name="Dateline", kind="cable", buffer_m=1852.0, layer="cables",
    geometry={"type": "MultiLineString",
              "coordinates": [[[179.0, 10.0], [180.0, 10.0]], [[-180.0, 10.0], [-179.0, 10.0]]]},
)  # fmt: skip
PORT = Asset(
    id="ports/visby", name="Visby", kind="port", buffer_m=3000.0, layer="ports",
    geometry={"type": "Point", "coordinates": [18.28, 57.63]},
)  # fmt: skip


class Clock:
    """The server's clock, which tests move."""

    def __init__(self) -> None:
        self.now = END + MINUTE

    def __call__(self) -> int:
        return self.now


def observed(lake: Lake) -> None:
    """Ships that sail north-east, a report a minute; the last one crosses the antimeridian. One more in an exercise."""
    lake.append(1, "real", _positions(SHIPS), _statics(SHIPS), sources=["feed"])
    lake.append(1, EXERCISE, _positions(1), _statics(1), sources=["injected"])


def _positions(ships: int) -> Positions:
    t = np.tile(np.arange(START, END, MINUTE), ships)
    n = len(t)
    number = np.repeat(np.arange(ships), n // ships)
    hours = (t - START) / HOUR
    lon = np.where(number == SHIPS - 1, 179.8 + hours * 0.2, 17.0 + number * 0.1 + hours * 0.2)
    return Positions(
        t=t, row=np.arange(n) + 1, mmsi=(FIRST + number).astype("i4"), lat=57.0 + number * 0.01 + hours * 0.1,
        lon=(lon + 180.0) % 360.0 - 180.0, sog_kn=np.full(n, 11.5, "f4"), cog_deg=np.full(n, 45.0, "f4"),
        heading_deg=np.full(n, np.nan, "f4"), nav_status=np.zeros(n, "i1"), ais_class=np.ones(n, "i1"),
    )  # fmt: skip


def _statics(ships: int) -> Statics:
    numbers = np.arange(ships)
    names = [HOSTILE if k == 3 else f"SHIP {k}" for k in range(ships)]
    return Statics(
        t=np.full(ships, END - MINUTE), row=numbers + 1, mmsi=(FIRST + numbers).astype("i4"),
        imo=np.full(ships, 9_074_729, "i4"), name=np.array(names, "S20"), callsign=np.full(ships, b"ABC1", "S7"),
        ship_type=np.full(ships, 70, "i2"), length_m=np.full(ships, 120.0, "f4"), beam_m=np.full(ships, 20.0, "f4"),
        draught_m=np.full(ships, 7.0, "f4"), destination=np.full(ships, b"VISBY", "S20"),
        ais_class=np.ones(ships, "i1"),
    )  # fmt: skip


def decided(log: DecisionLog, now: int) -> None:
    """A finding of each of five ships and what is made of it; a feed that is live."""
    drafts = []
    for k in range(5):
        made = finding(
            "ais-gap", FIRST + k, k, start=to_iso(START), end=to_iso(START + HOUR), lat=57.0 + k * 0.1, lon=18.0,
            name=HOSTILE if k == 3 else f"SHIP {k}", summary=f"Not heard for an hour ({k}).",
        )  # fmt: skip
        drafts.append(
            Draft(
                kind="finding.closed",
                subject=made.id,
                at=now,
                actor="watch",
                body={"finding": json_values(made)},
            )
        )
    drafts.append(Draft(kind="feed.live", subject="feed", at=now, actor="watch", body={}))
    log.append(drafts)
    after_judging(log, now=now, ship_of=ship)


@dataclass
class Sea:
    """A server that runs, and what is behind it. ``keys`` are of each role, with every scope."""

    url: str
    services: Services
    clock: Clock
    log: DecisionLog
    users: dict[str, User]
    keys: dict[str, str]
    opened: list[httpx.Client] = field(default_factory=list)

    def client(self, role: str | None = None, **more: object) -> httpx.Client:
        """A client with the key of a role."""
        headers = {} if role is None else {"Authorization": f"Bearer {self.keys[role]}"}
        # Without certificates to load, a client is made in a moment.
        made = httpx.Client(
            base_url=self.url, headers=headers, verify=False, trust_env=False, timeout=20.0, **more
        )  # type: ignore[arg-type]
        self.opened.append(made)
        return made

    def signed_in(self, role: str) -> httpx.Client:
        """A client with a session of a role, which sends what a page of ours sends."""
        user = self.users[role]
        token = self.services.desk.sessions.begin(user.id, "127.0.0.1", self.clock())
        client = self.client()
        client.headers.update({"Cookie": f"watchkeeper_session={token}", "X-Watchkeeper": "1"})
        return client


def made_services(folder: Path, clock: Clock, **more: object) -> tuple[Services, DecisionLog, sa.Engine]:
    """The services over a new store in a folder."""
    lake = Lake.open(str(folder / "lake"), write=True)
    observed(lake)
    engine = sqlite_engine(folder / "decisions.db", create=True)
    begin(engine, lake.id)
    log = DecisionLog(engine, [*projectors(), *register_projectors()])
    decided(log, clock())
    services = services_of(
        lake, log, engine, clock, assets=(CABLE, ACROSS, PORT), passwords=Passwords(1, 8192),
        **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return services, log, engine


@contextmanager
def serving(services: Services) -> Iterator[str]:
    """A real server on this machine; its address."""
    with bound(Listening(port=0)) as (listener, url):
        server = make_server(make_app(services), Listening(port=0))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
        thread.start()
        with httpx.Client(base_url=url, trust_env=False, timeout=20.0) as client:
            assert client.get("/health/live").status_code == 200
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join(20.0)
            assert not thread.is_alive()


@contextmanager
def sea(folder: Path, **more: object) -> Iterator[Sea]:
    """A sea with a user of each role, served."""
    clock = Clock()
    services, log, engine = made_services(folder, clock, **more)
    desk = services.desk
    users = {role: desk.users.add(role, role, clock(), password=PASSWORD) for role in ROLES}
    keys = {role: desk.keys.make(users[role].id, "test", SCOPES, 30, clock())[1] for role in ROLES}
    with serving(services) as url:
        made = Sea(url, services, clock, log, users, keys)
        yield made
        for client in made.opened:
            client.close()
    engine.dispose()
