"""All vessels when the data end, as columns."""

from dataclasses import dataclass

from watchkeeper.engine.presence import Presence
from watchkeeper.engine.vessels import Vessels
from watchkeeper.kernels.presence import FIRST_ROW, FIRST_T, LAST_T, REPORTS
from watchkeeper.model.records import Array, Statics


@dataclass(frozen=True, slots=True)
class FleetColumns:
    """See :class:`watchkeeper.model.picture.Fleet`."""

    statics: Statics
    said_by: Array
    mmsi: Array
    first_t: Array
    last_t: Array
    first_row: Array
    reports: Array
    first_lat: Array
    first_lon: Array


def fleet_of(vessels: Vessels, presence: Presence) -> FleetColumns:
    """The columns from the engine's memory."""
    statics, said_by = vessels.changes()
    register = presence.register(vessels.count)
    places = presence.places(vessels.count)
    return FleetColumns(
        statics,
        said_by,
        vessels.mmsi,
        register[:, FIRST_T],
        register[:, LAST_T],
        register[:, FIRST_ROW],
        register[:, REPORTS],
        places[:, 0],
        places[:, 1],
    )
