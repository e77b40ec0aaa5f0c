"""A route is declared once: method, path, what it takes, what it answers, who may use it.

From the declaration come validation, the OpenAPI document and the table by which the tests ask every route as every
role.

::

    @route("GET", "/api/v1/alerts/{id}", params=One, answer=AlertOut, scope="alerts:read", role="viewer", about="alert")
    def one_alert(call: Call[One, Nothing]) -> AlertOut:
        \"\"\"One alert.\"\"\"
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta

from watchkeeper.api.access.roles import BY_SESSION_ONLY, NO_SCOPE, SCOPES, Role
from watchkeeper.api.access.who import Who
from watchkeeper.api.services import Services
from watchkeeper.model.finding import REAL

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"

T = TypeVar("T")
P = TypeVar("P", bound=msgspec.Struct)
B = TypeVar("B", bound=msgspec.Struct)


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of parameters: those in the path, and those of the query. Unknown ones are refused."""


class Nothing(Asked, frozen=True, kw_only=True):
    """No parameters, or no body."""


class InRealm(Asked, frozen=True, kw_only=True):
    """``realm``: ``real``, or ``exercise:<id>`` of one that the caller belongs to."""

    realm: Annotated[str, Meta(pattern=r"^(real|exercise:[A-Za-z0-9._-]{1,64})$")] = REAL


class Paged(Asked, frozen=True, kw_only=True):
    """``limit``: so many at most; ``cursor``: the ``next`` of the page before."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    cursor: Annotated[str, Meta(max_length=1000)] | None = None


class PagedInRealm(InRealm, frozen=True, kw_only=True):
    """Both of :class:`Paged` and :class:`InRealm`."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    cursor: Annotated[str, Meta(max_length=1000)] | None = None


class Items(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A page: the items, how many there are in all (null where counting is dear), and the cursor of the next page."""

    items: list[T]
    total: int | None = None
    next: str | None = None


@dataclass(slots=True)
class Call(Generic[P, B]):
    """One request, as a handler sees it: checked, and by somebody who may.

    ``seen`` is what the handler says its answer is about, for the audit; ``address`` where the caller is; ``origin``
    how the caller addressed us (``https://host``).
    """

    services: Services
    who: Who
    params: P
    body: B
    now: int
    address: str
    origin: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is more than a body: status, headers, and another media type."""

    body: Any = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A declared route. ``about`` names what the audit says it showed; empty where no row is left."""

    method: Method
    path: str
    handler: Callable[..., Any]
    params: type[msgspec.Struct]
    body: type[msgspec.Struct] | None
    answer: Any
    scope: str
    role: Role
    about: str
    status: int
    media: str
    tag: str
    form: bool = False
    other: tuple[str, ...] = ()
    slow: bool = False

    @property
    def open(self) -> bool:
        """Whether it needs no signing in."""
        return self.scope == NO_SCOPE

    @property
    def name(self) -> str:
        """Of the handler; unique among all routes."""
        return self.handler.__name__

    @property
    def summary(self) -> str:
        """The first paragraph of the handler's docstring."""
        return " ".join((self.handler.__doc__ or "").strip().partition("\n\n")[0].split())


def route(
    method: Method,
    path: str,
    *,
    scope: str,
    role: Role = "viewer",
    params: type[P] = Nothing,  # type: ignore[assignment]  # the default of a type variable
    body: type[B] = Nothing,  # type: ignore[assignment]
    answer: Any = None,
    about: str = "",
    status: int = 200,
    media: str = JSON,
    form: bool = False,
    other: tuple[str, ...] = (),
    slow: bool = False,
) -> Callable[[Callable[[Call[P, B]], Any]], Route]:
    """Declare a route: what it takes, what it answers, and who may use it.

    Args:
        scope: of :data:`~watchkeeper.api.access.roles.SCOPES`, ``session`` for what no key may do, or empty.
        role: the least role.
        params: fields that stand in the path, and those of the query.
        body: of the request; none where not given.
        answer: the type of the body of the answer; None where there is none.
        about: what the audit says was shown (``ship``, ``alert``, ``case`` ...).
        form: the body comes from an HTML form, not as JSON.
        other: further media types of the answer.
        slow: it hashes a password or asks another server, and waits in a line of its own.
    """
    assert scope in (*SCOPES, BY_SESSION_ONLY, NO_SCOPE), scope

    def declared(handler: Callable[[Call[P, B]], Any]) -> Route:
        assert handler.__doc__, handler.__name__
        return Route(
            method=method,
            path=path,
            handler=handler,
            params=params,
            body=None if body is Nothing else body,
            answer=answer,
            scope=scope,
            role=role,
            about=about,
            status=status,
            media=media,
            tag=handler.__module__.rpartition(".")[2],
            form=form,
            other=other,
            slow=slow,
        )

    return declared
