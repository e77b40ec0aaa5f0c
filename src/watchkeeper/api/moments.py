"""Columns of times in words."""

from typing import Any

import numpy as np

from watchkeeper.model.time import SECOND, to_iso


def iso_times(t: Any) -> list[str]:
    """Times [ms UTC] as :func:`~watchkeeper.model.time.to_iso` writes them, many at a time."""
    if (t % SECOND).any():
        return [to_iso(one) for one in t.tolist()]
    seconds = np.datetime_as_string(t.astype("datetime64[ms]"), unit="s")
    return [text + "Z" for text in seconds.tolist()]
