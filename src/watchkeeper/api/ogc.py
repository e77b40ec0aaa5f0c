"""What OGC API Features, part 1 (OGC 17-069r4), asks for: links, collections, conformance, the items' frame."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from watchkeeper.api.declare import GEOJSON, JSON

ROOT: Final = "/ogc"
CONFORMS: Final = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
OPENAPI_30: Final = "application/vnd.oai.openapi+json;version=3.0"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.1"
CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

TITLES: Final[Mapping[str, tuple[str, str, str]]] = {
    "ships": ("Ships", "Ships heard in the last hour of the data, each at its last report.", "ships:read"),
    "tracks": (
        "Tracks",
        "Where ships went, as lines: those heard in the last hour, over a window.",
        "ships:read",
    ),
    "findings": ("Findings", "What was measured about ships, at its place.", "findings:read"),
    "assets": ("Assets", "Cables, pipelines, power lines, ports, zones.", "assets:read"),
}
"""Collections: title, description, and the scope that reading them needs."""


class Linked(msgspec.Struct, frozen=True, kw_only=True, rename={"kind": "type"}):
    """A link."""

    href: str
    rel: str
    kind: str = JSON
    title: str = ""


class Landing(msgspec.Struct, frozen=True, kw_only=True):
    """The landing page."""

    title: str
    description: str
    links: list[Linked]


class Conformance(msgspec.Struct, frozen=True, kw_only=True):
    """Which parts of the standard are kept."""

    conformsTo: tuple[str, ...]  # noqa: N815 - the standard's spelling


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A collection of features."""

    id: str
    title: str
    description: str
    extent: dict[str, Any]
    itemType: str = "feature"  # noqa: N815
    crs: tuple[str, ...] = (CRS84,)
    links: list[Linked]


class Collections(msgspec.Struct, frozen=True, kw_only=True):
    """All collections."""

    collections: list[Collection]
    links: list[Linked]


def landing(origin: str) -> Landing:
    """The landing page."""
    at = origin + ROOT
    return Landing(
        title="watchkeeper",
        description="Ships, tracks, findings and assets of a watch.",
        links=[
            Linked(href=at + "/", rel="self", title="this page"),
            Linked(href=f"{origin}/openapi.json", rel="service-desc", kind=OPENAPI, title="the API"),
            # Clients of today (owslib 0.35, QGIS 3) look for this type only, and read what they need of 3.1 too.
            Linked(href=f"{origin}/openapi.json", rel="service-desc", kind=OPENAPI_30, title="the API"),
            Linked(href=f"{at}/conformance", rel="conformance", title="what is kept of the standard"),
            Linked(href=f"{at}/collections", rel="data", title="the collections"),
        ],
    )


def collection(origin: str, id: str, interval: tuple[str | None, str | None]) -> Collection:
    """One collection; ``interval`` is from when to when there are data."""
    title, description, _ = TITLES[id]
    at = f"{origin}{ROOT}/collections/{id}"
    return Collection(
        id=id,
        title=title,
        description=description,
        extent={
            "spatial": {"bbox": [[-180, -90, 180, 90]], "crs": CRS84},
            "temporal": {"interval": [list(interval)]},
        },
        links=[
            Linked(href=at, rel="self", title=title),
            Linked(href=f"{at}/items", rel="items", kind=GEOJSON, title=f"{title} as GeoJSON"),
        ],
    )


def links_of_page(
    origin: str, id: str, query: Mapping[str, str], next_cursor: str | None
) -> list[dict[str, str]]:
    """Links of a page of items: itself, the next, the collection."""
    at = f"{origin}{ROOT}/collections/{id}"
    given = dict(query)
    made = [_link(f"{at}/items" + (f"?{urlencode(given)}" if given else ""), "self", GEOJSON)]
    if next_cursor is not None:
        made.append(_link(f"{at}/items?{urlencode(given | {'cursor': next_cursor})}", "next", GEOJSON))
    return [*made, _link(at, "collection", JSON)]


def links_of_item(origin: str, id: str, item: str) -> list[dict[str, str]]:
    """Links of one item."""
    at = f"{origin}{ROOT}/collections/{id}"
    return [_link(f"{at}/items/{item}", "self", GEOJSON), _link(at, "collection", JSON)]


def _link(href: str, rel: str, kind: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": kind}
