"""Assets: cables, pipelines, power lines, ports, zones."""

from typing import Annotated

from msgspec import Meta

from watchkeeper.api.declare import Asked, Call, Items, Nothing, Paged, route
from watchkeeper.api.paging import page_of, read_cursor, slice_after
from watchkeeper.api.problems import not_found
from watchkeeper.api.reading import read_box
from watchkeeper.api.routes.shared import Id, Text
from watchkeeper.model.asset import Asset, Kind


class AssetsSought(Paged, frozen=True, kw_only=True):
    """``bbox``: west,south,east,north [deg]; ``kind``: cable, pipeline ...; ``q``: in the id or the name."""

    bbox: Text | None = None
    kind: Annotated[tuple[Kind, ...], Meta(max_length=6)] = ()
    q: Text = ""


class OneAsset(Asked, frozen=True, kw_only=True):
    """An asset by its id."""

    id: Id


@route("GET", "/api/v1/assets", params=AssetsSought, answer=Items[Asset], scope="assets:read")
def list_assets(call: Call[AssetsSought, Nothing]) -> Items[Asset]:
    """Assets by id."""
    p = call.params
    found = list(call.services.inventory.sought(read_box(p.bbox), p.kind, p.q))
    rows = slice_after(found, read_cursor(p.cursor, str), p.limit, lambda a: a.id)
    return page_of(rows, p.limit, lambda a: a.id, lambda a: a, len(found))


@route("GET", "/api/v1/assets/{id}", params=OneAsset, answer=Asset, scope="assets:read")
def one_asset(call: Call[OneAsset, Nothing]) -> Asset:
    """One asset."""
    asset = call.services.inventory.one(call.params.id)
    if asset is None:
        raise not_found("asset", call.params.id)
    return asset
