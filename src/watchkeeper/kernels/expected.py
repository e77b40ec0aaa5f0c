"""How often a ship should be heard."""

import numpy as np

from watchkeeper.model.records import CLASS_B, Array

# ITU-R M.1371-5, annex 2: table 1 (class A) and table 2 (class B "SO"), without the faster rates in a turn.
_CLASS_A_KN = np.array([3.0, 14.0, 23.0])
_CLASS_A_S = np.array([180.0, 10.0, 6.0, 2.0])
_CLASS_B_KN = np.array([2.0, 14.0, 23.0])
_CLASS_B_S = np.array([180.0, 30.0, 15.0, 5.0])


def expected_interval_s(ais_class: Array, sog_kn: Array) -> Array:
    """The reporting interval of ITU-R M.1371 by class and speed [s].

    Args:
        ais_class: ``(n,)``, 2 for class B; anything else is taken as class A.
        sog_kn: ``(n,)`` speed over ground; NaN is taken as lying still (the longest interval).

    Returns:
        ``(n,)`` float64. A ship under 3 kn that is not moored reports every 10 s; the longer interval is the
        cautious one, as the status sent is often wrong.
    """
    speed = np.nan_to_num(np.asarray(sog_kn, np.float64), nan=0.0)
    a = _CLASS_A_S[np.searchsorted(_CLASS_A_KN, speed, side="right")]
    b = _CLASS_B_S[np.searchsorted(_CLASS_B_KN, speed, side="right")]
    return np.where(np.asarray(ais_class) == CLASS_B, b, a)
