"""Which reports show a ship slower than her own habit."""

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.model.records import Array


@kernel
def slower_than_usual(
    sog_kn: Array,
    usual_kn: Array,
    leg_kn: Array,
    leg_s: Array,
    deficit: float,
    least_kn: float,
    least_usual_kn: float,
    sparse_s: float,
) -> Array:
    """Reports at which a ship is slower than usual by a share of it, and still under way.

    Args:
        sog_kn, usual_kn, leg_kn, leg_s: ``(n,)`` speed, usual speed, and speed and duration of the leg before [kn, s].
        deficit: the share of the usual speed that is lost at least.
        least_kn, least_usual_kn: how fast the ship is, and usually is, at least [kn].
        sparse_s: after so long a leg its mean speed counts where it is the lower one: between two reports minutes apart
            a ship can slow down and recover [s].

    Returns:
        ``(n,)`` bool; ``False`` where speed or habit is not known.
    """
    slower = np.empty(len(sog_kn), np.bool_)
    for i in range(len(sog_kn)):
        speed = float(sog_kn[i])
        if leg_s[i] >= sparse_s and leg_kn[i] < speed:
            speed = leg_kn[i]
        usual = usual_kn[i]
        slower[i] = usual >= least_usual_kn and speed >= least_kn and speed <= (1.0 - deficit) * usual
    return slower


@kernel
def first_of_slot(t: Array, t_before: Array, sog_kn: Array, least_kn: float, slot_ms: int) -> Array:
    """Of the reports of a ship under way the first in each slot of time.

    Args:
        t, t_before: ``(n,)`` time of a report and of the one before, NaN where there is none [ms].
        sog_kn: ``(n,)`` [kn].
        least_kn: slower is not under way [kn].
        slot_ms: length of a slot [ms].

    Returns:
        ``(n,)`` bool.
    """
    first = np.empty(len(t), np.bool_)
    for i in range(len(t)):
        under_way = sog_kn[i] >= least_kn
        first[i] = under_way and not t_before[i] >= t[i] // slot_ms * slot_ms
    return first
