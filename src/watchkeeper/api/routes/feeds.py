"""How healthy feeds and behaviours are."""

from watchkeeper.api.declare import Call, Items, Nothing, PagedInRealm, route
from watchkeeper.api.routes.shared import Thing, page_of_documents, thing
from watchkeeper.cases.alarms.findings import HEALTH
from watchkeeper.model.event import Query


@route("GET", "/api/v1/feeds", params=PagedInRealm, answer=Items[Thing], scope="feeds:read")
def list_feeds(call: Call[PagedInRealm, Nothing]) -> Items[Thing]:
    """Feeds and behaviours, each with its state, since when, and why. What is not live makes verdicts unknown."""
    p = call.params
    query = Query(collection=HEALTH, realm=p.realm, order="id", limit=p.limit, after=p.cursor)
    return page_of_documents(call, query, thing)
