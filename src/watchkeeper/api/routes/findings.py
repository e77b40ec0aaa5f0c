"""Findings: what was measured."""

from watchkeeper.api.declare import Call, Items, Nothing, route
from watchkeeper.api.routes.shared import One, Sought, Thing, one_document, page_of_documents, query_of, thing
from watchkeeper.cases.alarms.findings import FINDINGS


@route("GET", "/api/v1/findings", params=Sought, answer=Items[Thing], scope="findings:read", about="ship")
def list_findings(call: Call[Sought, Nothing]) -> Items[Thing]:
    """Findings, the latest first. States: open, closed, withdrawn."""
    page = page_of_documents(call, query_of(FINDINGS, call.params), thing)
    call.seen[:] = dict.fromkeys(str(item.mmsi) for item in page.items)
    return page


@route("GET", "/api/v1/findings/{id}", params=One, answer=Thing, scope="findings:read", about="ship")
def one_finding(call: Call[One, Nothing]) -> Thing:
    """One finding with its evidence."""
    document = one_document(call, FINDINGS, "finding", call.params.id)
    call.seen[:] = [str(document.mmsi)]
    return thing(document)
