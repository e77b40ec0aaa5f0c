"""``drifting``: a ship that moves across its heading."""

from watchkeeper.kernels.geodesy import angles_between_deg, distance_m
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.shiptypes import FISHING, PLEASURE, SERVICE, TOWING
from watchkeeper.model.units import Degrees, Knots, Metres, Minutes, Ratio


@behaviour(
    id="drifting",
    version=1,
    references=(
        Reference(
            "Danish Maritime Authority, AisAbnormal, drift analysis",
            "github.com/dma-ais/AisAbnormal",
            "speed 1 to 5 kn and course more than 45 degrees off the heading for 10 min over 500 m",
        ),
    ),
    monotone={"min_duration": +1, "min_distance": +1, "min_steady": +1},
)
def drifting(
    fix: Fixes,
    *,
    min_speed: Knots = 0.8,
    max_speed: Knots = 5.0,
    min_angle: Degrees = 40.0,
    min_duration: Minutes = 15.0,
    bridge: Minutes = 3.0,
    min_distance: Metres = 500.0,
    min_steady: Ratio = 0.5,
) -> Episodes:
    """Drifting: a ship moves slowly in a direction far from where its bow points.

    Why it matters: a ship without engine or steerage way can drift over cables and ashore; some wait so for others.
    Innocent causes: waiting with the engine stopped, manoeuvring with thrusters, strong current, a gyro fault.
    Next step: call the ship, look at wind and current, and at what lies ahead of the drift.
    """
    off = angles_between_deg(fix.cog_deg, fix.heading_deg)
    across = (fix.sog_kn >= min_speed) & (fix.sog_kn <= max_speed) & (off >= min_angle)
    return fix.runs(
        across, at_least_s=min_duration * 60.0, bridge_s=bridge * 60.0, silence_s=1800.0, value=off, low=off
    )


@drifting.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_speed: Knots,
    max_speed: Knots,
    min_angle: Degrees,
    min_duration: Minutes,
    min_distance: Metres,
    min_steady: Ratio,
) -> Verdict:
    """Set aside ships whose work it is, berths and those that only turn about."""
    ship = context.ship(e.vessel)
    if ship.ship_type in FISHING | SERVICE | TOWING | PLEASURE:
        return SetAside("type of ship whose work or leisure it is")
    # By speed and time: late copies of old reports make the sum of the legs too long.
    drifted_m = e.sog_mean * e.hours * 1852.0
    if drifted_m < min_distance:
        return SetAside("moved too little")
    if context.place_near(e.lat, e.lon, 0.0):
        return SetAside("in a port or anchorage")
    if distance_m(e.lat0, e.lon0, e.lat1, e.lon1) < min_steady * drifted_m:
        return SetAside("turned about, no steady drift")
    measured = (
        Measured("course off heading, mean", round(e.value), "deg", ">=", min_angle),
        Measured("speed, mean", round(e.sog_mean, 1), "kn", "<=", max_speed),
        Measured("duration", round(e.hours * 60.0), "min", ">=", min_duration),
        Measured("distance", round(drifted_m), "m", ">=", min_distance),
    )
    return Found(
        measured,
        f"Moved {drifted_m / 1852.0:.1f} nmi at {e.sog_mean:.1f} kn, its course {e.value:.0f} degrees off its heading.",
        "high" if e.hours >= 1.0 and e.value >= 45.0 else "medium",
        f"{e.n} reports over {e.hours * 60.0:.0f} min",
        ("drift begins", "drift ends", "course and heading nearest to each other"),
        place=(e.lat0, e.lon0),
    )
