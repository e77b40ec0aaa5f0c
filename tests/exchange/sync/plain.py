"""A TAXII 2.1 server of somebody else: small, and with the habits that make exchange hard."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

MEDIA = "application/taxii+json;version=2.1"


@dataclass
class Plain:
    """Objects with when they were added [s]. Its times are whole seconds, and its manifest knows no ``next``.

    ``at_once`` objects stand on a page, whatever is asked for. ``between`` is called before every page of objects.
    ``with_next``: pages of objects have a ``next``, an offset that a restart would forget.
    """

    at_once: int = 3
    with_next: bool = True
    between: Callable[["Plain", int], None] = lambda plain, page: None
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    posted: list[dict[str, Any]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    most_bytes: int = 10_000
    pages: int = 0
    asked: list[str] = field(default_factory=list)

    def add(self, second: int, *objects: dict[str, Any]) -> None:
        self.rows += [(second, one) for one in objects]

    @property
    def app(self) -> Starlette:
        collection = "/stix/collections/c1/"
        return Starlette(
            routes=[
                Route("/stix/", self._root),
                Route("/stix/collections/", self._collections),
                Route(f"{collection}objects/", self._objects, methods=["GET", "POST"]),
                Route(f"{collection}objects/{{id}}/", self._object),
                Route(f"{collection}manifest/", self._manifest),
            ]
        )

    def _root(self, request: Request) -> Response:
        return _said({"title": "plain", "versions": [MEDIA], "max_content_length": self.most_bytes})

    def _collections(self, request: Request) -> Response:
        return _said({"collections": [{"id": "c1", "title": "Plain", "can_read": True, "can_write": True}]})

    async def _objects(self, request: Request) -> Response:
        if request.method == "POST":
            return self._post(await request.body())
        self.pages += 1
        self.between(self, self.pages)
        rows, more, end = self._page(request)
        body: dict[str, Any] = {"more": more}
        if rows:
            body["objects"] = [one for _, one in rows if one["id"] not in self.hidden]
        if more and self.with_next:
            body["next"] = str(end)
        return _said(body, rows)

    def _post(self, body: bytes) -> Response:
        import json

        if len(body) > self.most_bytes:
            return Response(status_code=413)
        given = json.loads(body)["objects"]
        good = [one for one in given if one["id"] not in self.refused]
        self.posted += good
        failures = [
            {"id": one["id"], "message": "not wanted here"} for one in given if one["id"] in self.refused
        ]
        said = {
            "id": "s", "status": "complete", "total_count": len(given), "success_count": len(good),
            "failure_count": len(failures), "failures": failures, "pending_count": 0,
        }  # fmt: skip
        return _said(said, status=202)

    def _object(self, request: Request) -> Response:
        id, version = request.path_params["id"], request.query_params.get("match[version]")
        self.asked.append(id)
        found = [(t, o) for t, o in self.rows if o["id"] == id and version in (None, o["modified"])]
        return _said({"objects": [o for _, o in found]}, found) if found else Response(status_code=404)

    def _manifest(self, request: Request) -> Response:
        rows, more, _ = self._page(request, with_next=False)
        lines = [
            {
                "id": o["id"],
                "date_added": _moment(t),
                "version": o["modified"],
                "media_type": "application/stix+json",
            }
            for t, o in rows
        ]
        return _said({"more": more, "objects": lines} if lines else {"more": more})

    def _page(
        self, request: Request, *, with_next: bool = True
    ) -> tuple[list[tuple[int, dict[str, Any]]], bool, int]:
        after = request.query_params.get("added_after", "")
        # Text that is shorter sorts before: this server compares as it likes.
        fitting = [
            (t, o) for t, o in sorted(self.rows, key=lambda row: row[0]) if not after or _us(t) > _read(after)
        ]
        start = int(request.query_params.get("next", 0)) if with_next else 0
        end = start + self.at_once
        return fitting[start:end], end < len(fitting), end


def _said(
    body: dict[str, Any], rows: list[tuple[int, dict[str, Any]]] | None = None, status: int = 200
) -> Response:
    headers = {}
    if rows:
        headers = {
            "X-TAXII-Date-Added-First": _moment(rows[0][0]),
            "X-TAXII-Date-Added-Last": _moment(rows[-1][0]),
        }
    return JSONResponse(body, status, headers, media_type=MEDIA)


def _moment(second: int) -> str:
    return f"2026-11-20T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


def _us(second: int) -> int:
    from watchkeeper.exchange.hub.moments import read_us

    return read_us(_moment(second))


def _read(text: str) -> int:
    from watchkeeper.exchange.hub.moments import read_us

    return read_us(text)
