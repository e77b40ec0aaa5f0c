"""What the engine itself assumes, as data with units and origins."""

from dataclasses import dataclass

from watchkeeper.model.units import Hours, Knots, Metres, Minutes, Seconds


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What the engine itself assumes. Each figure with its origin."""

    lateness: Minutes = 15.0
    """Late rows: the DMA day files and receiver logs read so far are late by seconds; base-station buffering
    by minutes. Older rows are counted, not used."""
    receiver_repeat: Seconds = 5.0
    """One report heard by several receivers: 1-2 s apart in the Danish 2013 log. Shorter than the 10 s between
    two reports of a slow class A ship (ITU-R M.1371), so that no own report is lost."""
    receiver_echo: Seconds = 60.0
    """The same report again by a slower way, after newer ones: seen tens of seconds late in the Danish logs of 2014."""
    max_speed: Knots = 60.0
    """Faster than any ship that reports by AIS; above it two reports are not one hull's (maritime survey: peers
    take 25 to 60 kn)."""
    jump_slack: Metres = 1852.0
    """Position error and clock error allowed on top of max_speed."""
    under_way: Knots = 4.0
    """Slower reports do not count towards a ship's usual speed."""
    usual_rise: Minutes = 20.0
    usual_fall: Hours = 6.0
    usual_known: Minutes = 20.0
    """Usual speed: rises with 20 minutes, falls with 6 hours, so that a slow-down of hours still shows against
    it (Yi Peng 3 slowed for more than a day, Newnew Polar Bear for five minutes)."""
