"""``listed-vessel``: a ship in the traffic stands on a list."""

import numpy as np

from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fleet
from watchkeeper.model.units import Count


@behaviour(
    id="listed-vessel",
    version=1,
    references=(
        Reference(
            "IMO A.1117(30)",
            "IMO ship identification number scheme",
            "the number stays with the hull for life",
        ),
        Reference("EU 833/2014, Article 3s and Annex XLII", "EUR-Lex", "listed vessels by IMO number"),
    ),
    observes="vessels",
    at_once=True,
    monotone={"min_reports": +1},
)
def listed_vessel(fleet: Fleet, *, min_reports: Count = 1) -> Episodes:
    """Listed vessel: a ship that was heard is named by a list that was given.

    Why it matters: the list's programme says what may not be done with this ship.
    Innocent causes: the listing ended or was amended since the list's date, a number sent wrongly, a like name.
    Next step: check the newest list, and the IMO number against the ship's register and photographs.
    """
    heard = np.flatnonzero(fleet.reports >= min_reports)
    return Episodes.build(
        len(heard),
        vessel=heard,
        start=fleet.first_t[heard],
        end=fleet.last_t[heard],
        open=np.ones(len(heard), bool),
        first_row=fleet.first_row[heard],
        lat0=fleet.first_lat[heard],
        lon0=fleet.first_lon[heard],
        n=fleet.reports[heard],
    )


@listed_vessel.judge
def judge(e: Episode, context: Context) -> Verdict:
    """One finding a ship, with every list entry that names it."""
    matches = context.list_matches(e.vessel)
    if not matches:
        return SetAside("on none of the lists given")
    best = min(matches, key=lambda m: ("high", "medium", "low").index(m.confidence))
    measured = tuple(
        Measured(
            f"named by {m.list_title} ({m.as_of})", m.entry, f"match by {m.by}", "is", m.programs or None
        )
        for m in matches
    )
    return Found(
        measured,
        f"On {best.list_title} as {best.entry}"
        + (f" ({best.programs})" if best.programs else "")
        + f", matched by {best.by}.",
        best.confidence,
        best.reason,
        ("first report heard", "", ""),
    )
