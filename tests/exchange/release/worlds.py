"""Small worlds of markings and recipients, and strategies over them."""

from itertools import product

from hypothesis import strategies as st

from watchkeeper.model.marking import PAP, PURPOSES, TLP, Marking, Part, Purpose, Recipient, Tlp

ORGS = ("A", "B", "C")
NAMES = ("org:A", "org:B", "country:EST", "country:FIN", "community:subsea")
REALMS = ("real", "exercise:bold")
T0 = 1_800_000_000_000
TIMES = (T0, T0 + 1, T0 + 2)

groups = st.lists(
    st.lists(st.sampled_from(NAMES), max_size=3, unique=True).map(tuple), max_size=3, unique=True
).map(tuple)


def markings(
    *, tlp: tuple[Tlp | None, ...] = (None, *TLP), realms: tuple[str, ...] = REALMS
) -> st.SearchStrategy[Marking]:
    return st.builds(
        Marking,
        tlp=st.sampled_from(tlp),
        pap=st.sampled_from((None, *PAP)),
        releasable_to=groups,
        originator=st.sampled_from((None, *ORGS)),
        originator_control=st.booleans(),
        expires=st.sampled_from((None, *TIMES)),
        purposes=st.none()
        | st.lists(st.sampled_from(PURPOSES), unique=True).map(
            lambda chosen: tuple(p for p in PURPOSES if p in chosen)
        ),
        realm=st.sampled_from(realms),
        unknown=st.sampled_from(((), (), (), ("marking-definition--x",))),
    )


parts = st.builds(
    Part,
    selector=st.sampled_from(("description", "extensions.x.geometry")),
    marking=markings(),
    how=st.sampled_from(("remove", "coarsen")),
)

recipients = st.builds(
    Recipient,
    organisation=st.sampled_from(ORGS),
    country=st.sampled_from((None, "EST", "FIN")),
    communities=st.sampled_from(((), ("subsea",))),
    accepts=st.lists(st.sampled_from(TLP), unique=True).map(tuple),
    purposes=st.lists(st.sampled_from(PURPOSES), unique=True).map(tuple),
    exercises=st.sampled_from(((), ("bold",), ("other",), ("bold", "other"))),
    revoked_at=st.sampled_from((None, *TIMES)),
)

purposes: st.SearchStrategy[Purpose] = st.sampled_from(PURPOSES)
times = st.sampled_from((T0 - 1, *TIMES, T0 + 3))


def everybody(agreements: set[tuple[Tlp, ...]]) -> list[Recipient]:
    """Every kind of recipient that the rules can tell apart, with one of the agreements about levels."""
    who = product((*ORGS, "Z"), (None, "EST", "FIN"), ((), ("subsea",)), agreements)
    return [
        Recipient(
            organisation=org,
            country=country,
            communities=communities,
            accepts=accepts,
            purposes=PURPOSES,
            exercises=("bold",),
        )
        for org, country, communities, accepts in who
    ]
