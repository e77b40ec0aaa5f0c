"""movingpandas itself, as installed: its gap splitter and its stop detector on the same tracks."""

import warnings
from collections.abc import Iterator
from datetime import timedelta

import geopandas
import pandas as pd

from peers_sea import Rule, Said, Sea, Track, said

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it announces an optional part that is not installed
    import movingpandas

GAP = timedelta(hours=2)
STOP = timedelta(hours=4)
STOP_M = 5_000.0


def _trajectory(track: Track) -> "movingpandas.Trajectory":
    frame = geopandas.GeoDataFrame(
        {"mmsi": track.mmsi},
        index=pd.to_datetime(track.t, unit="s"),
        geometry=geopandas.points_from_xy(track.lon, track.lat),
        crs=4326,
    )
    return movingpandas.Trajectory(frame, track.mmsi)


def gaps(sea: Sea) -> Iterator[Said]:
    """What lies between the parts that the ObservationGapSplitter cuts."""
    for track in sea.tracks.values():
        if len(track.t) < 3:
            continue
        parts = movingpandas.ObservationGapSplitter(_trajectory(track)).split(gap=GAP).trajectories
        ends = [part.get_end_time().timestamp() for part in parts]
        starts = [part.get_start_time().timestamp() for part in parts]
        for end, start in zip(ends, starts[1:], strict=False):
            yield said("ais-gap", track.mmsi, end, start)


def stops(sea: Sea) -> Iterator[Said]:
    """The TrajectoryStopDetector's stops."""
    for track in sea.tracks.values():
        if len(track.t) < 3:
            continue
        detector = movingpandas.TrajectoryStopDetector(_trajectory(track))
        for stop in detector.get_stop_time_ranges(max_diameter=STOP_M, min_duration=STOP):
            yield said("loitering", track.mmsi, stop.t_0.timestamp(), stop.t_n.timestamp())


_VERSION = f"movingpandas {movingpandas.__version__}"

RULES = (
    Rule("ais-gap", _VERSION, "ObservationGapSplitter, 2 h", gaps),
    Rule("loitering", _VERSION, "TrajectoryStopDetector, 5 km, 4 h", stops),
)
