"""The audit: who saw what, when, from where."""

from watchkeeper.api.access.audit import Row
from watchkeeper.api.declare import Call, Items, Nothing, Paged, route
from watchkeeper.api.paging import page_of, read_cursor
from watchkeeper.api.routes.shared import Text


class AuditSought(Paged, frozen=True, kw_only=True):
    """Of a user (by id), about ships, alerts or cases, about one id."""

    user: Text | None = None
    about: Text | None = None
    id: Text | None = None


@route(
    "GET",
    "/api/v1/audit",
    params=AuditSought,
    answer=Items[Row],
    scope="audit:read",
    role="admin",
    about="audit",
)
def list_audit(call: Call[AuditSought, Nothing]) -> Items[Row]:
    """Rows of the audit, the latest first."""
    p = call.params
    before = read_cursor(p.cursor, int)
    rows = call.services.desk.audit.page(before, p.limit + 1, user=p.user, about=p.about, id=p.id)
    return page_of(rows, p.limit, lambda row: row.id, lambda row: row)
