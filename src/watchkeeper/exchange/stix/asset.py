"""A cable, pipeline, power line, port, anchorage or zone as ``infrastructure`` with our extension ``asset``."""

from typing import Any, Final

import msgspec

from watchkeeper.exchange.stix.ids import CREATED
from watchkeeper.exchange.stix.scope import Entry, Scope
from watchkeeper.model.asset import Asset

ASSET: Final = "extension-definition--2b6f4d8a-1c35-4f0b-9e22-7d3a9c8b5e61"
_TYPES: Final = {
    "cable": "submarine-telecom-cable",
    "power-line": "submarine-power-cable",
    "pipeline": "pipeline",
    "port": "port",
    "anchorage": "anchorage",
    "zone": "zone",
}


def asset_object(scope: Scope, asset: Asset) -> Entry:
    """The asset. Its geometry may be marked more closely than the rest, and is then coarsened where it is withheld."""
    says = {key: value for key, value in msgspec.to_builtins(asset).items() if value is not None}
    says = {"asset_id": says.pop("id")} | says
    place = f" in {asset.country}" if asset.country else ""
    return scope.entry(
        scope.asset_id(asset.id),
        (CREATED, CREATED),
        scope.marking("asset", asset.id),
        {
            "name": asset.name or asset.id,
            "description": f"{asset.kind}{place}, position {asset.position_class}.",
            "infrastructure_types": [_TYPES[asset.kind]],
        },
        extensions={ASSET: says},
        parts=scope.part("geometry", f"extensions.{ASSET}.geometry"),
    )


def asset_of(says: dict[str, Any]) -> Asset:
    """The asset from our extension.

    Raises:
        ValueError: it is not what we write.
    """
    given = {key: value for key, value in says.items() if key not in ("extension_type", "asset_id")}
    return msgspec.convert({"id": says["asset_id"], "geometry": {}} | given, Asset)
