"""The anchor and chain that a ship of a length carries, by the classification societies' equipment tables."""

from typing import Final

import msgspec

from watchkeeper.cases.attribution.settings import settings

_OWN_BOWERS: Final = 2


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """One bower anchor, estimated: its mass [kg] and chain [m]; and whether the chain is longer than the water is deep
    (None where the depth is not known)."""

    mass_kg: float
    chain_m: float
    depth_m: float | None
    reaches: bool | None


def anchor_of(length_m: float | None, depth_m: float | None) -> Anchor | None:
    """The anchor of a ship of that length; None where the length is not known or too small for the table."""
    if length_m is None or length_m != length_m:
        return None
    table = settings().anchors
    number = table.per_length2 * length_m**2
    if number < table.table[0][0] / 2:
        return None
    row = next((row for row in table.table if number <= row[0]), table.table[-1])
    chain = row[2] / _OWN_BOWERS
    return Anchor(mass_kg=float(row[1]), chain_m=chain, depth_m=depth_m,
                  reaches=None if depth_m is None else chain > depth_m)  # fmt: skip
