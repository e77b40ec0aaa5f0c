"""The columns of a table of reports, in whatever file it stands."""

from typing import Final

ROLES: Final = (
    "t", "mmsi", "lat", "lon", "sog_kn", "cog_deg", "heading_deg", "nav_status", "ais_class",
    "imo", "name", "callsign", "ship_type", "length_m", "beam_m", "draught_m", "destination",
)  # fmt: skip
"""What a column can hold; a slot is the position in this list. The first four are mandatory."""
