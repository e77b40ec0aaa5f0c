"""Ships of the lake that others said to look for, by IMO number or MMSI."""

from collections.abc import Iterable
from typing import Final

from watchkeeper.errors import StoreError
from watchkeeper.exchange.indicators import ships_named
from watchkeeper.exchange.things import Indicator
from watchkeeper.model.finding import REAL
from watchkeeper.store.folder import Store

_NUMBERS: Final = ("mmsi",)


def ships_sought(store: Store, indicators: Iterable[Indicator], realm: str = REAL) -> set[int]:
    """MMSIs of the ships in a store that an indicator names; none where nothing was observed."""
    imos, mmsis = ships_named((i.kind, i.value) for i in indicators if not i.revoked)
    if not imos and not mmsis:
        return set()
    try:
        lake = store.lake
        span = lake.span(realm)
    except StoreError:
        return set()
    if span is None:
        return set()
    start, end = span[0], span[1] + 1
    found: set[int] = set()
    if imos:
        said = lake.statics(start, end, None, realm).select(["mmsi", "imo"]).to_pydict()
        found |= {mmsi for mmsi, imo in zip(said["mmsi"], said["imo"], strict=True) if imo in imos}
    if mmsis:
        for batch in lake.scan(start, end, _NUMBERS, mmsi=sorted(mmsis), realm=realm):
            found |= set(batch["mmsi"].unique().to_pylist())
    return found
