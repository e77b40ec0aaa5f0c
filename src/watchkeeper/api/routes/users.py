"""Users and organisations, for administrators."""

from typing import Annotated

import msgspec
from msgspec import Meta

from watchkeeper.api.access.roles import Role
from watchkeeper.api.access.users import Organisation, User
from watchkeeper.api.declare import Asked, Call, Items, Nothing, Paged, route
from watchkeeper.api.paging import page_of, read_cursor
from watchkeeper.api.problems import not_found
from watchkeeper.api.routes.shared import Id, Text

Password = Annotated[str, Meta(max_length=256)]
Exercises = Annotated[
    tuple[Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,64}$")], ...], Meta(max_length=100)
]


class NewUser(Nothing, frozen=True, kw_only=True):
    """A user. Without a password only keys work, or OIDC where ``issuer`` and ``subject`` are given."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    role: Role = "viewer"
    password: Password | None = None
    organisation: Text | None = None
    exercises: Exercises = ()
    issuer: Text | None = None
    subject: Text | None = None


class UserChange(Nothing, frozen=True, kw_only=True):
    """What is given is changed. ``disabled`` signs the user out and revokes the keys."""

    role: Role | None = None
    organisation: Text | None = None
    exercises: Exercises | None = None
    disabled: bool | None = None
    password: Password | None = None


class OneUser(Asked, frozen=True, kw_only=True):
    """A user by id."""

    id: Id


class NewOrganisation(Nothing, frozen=True, kw_only=True):
    """An organisation."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]


@route("GET", "/api/v1/users", params=Paged, answer=Items[User], scope="users:admin", role="admin")
def list_users(call: Call[Paged, Nothing]) -> Items[User]:
    """Users by name."""
    p = call.params
    rows = call.services.desk.users.page(read_cursor(p.cursor, str) or "", p.limit + 1)
    return page_of(rows, p.limit, lambda u: u.name, lambda u: u)


@route(
    "POST",
    "/api/v1/users",
    body=NewUser,
    answer=User,
    status=201,
    scope="users:admin",
    role="admin",
    about="user",
    slow=True,
)
def add_user(call: Call[Nothing, NewUser]) -> User:
    """Add a user."""
    b = call.body
    made = call.services.desk.users.add(
        b.name, b.role, call.now, password=b.password, organisation=b.organisation, issuer=b.issuer,
        subject=b.subject, exercises=b.exercises,
    )  # fmt: skip
    call.seen.append(made.id)
    return made


@route("GET", "/api/v1/users/{id}", params=OneUser, answer=User, scope="users:admin", role="admin")
def one_user(call: Call[OneUser, Nothing]) -> User:
    """One user."""
    user = call.services.desk.users.by_id(call.params.id)
    if user is None:
        raise not_found("user", call.params.id)
    return user


@route(
    "PATCH", "/api/v1/users/{id}", params=OneUser, body=UserChange, answer=User, scope="users:admin", role="admin",
    about="user", slow=True,
)  # fmt: skip
def change_user(call: Call[OneUser, UserChange]) -> User:
    """Change a user's role, organisation, exercises or password, or disable it."""
    call.seen.append(call.params.id)
    changes = msgspec.structs.asdict(call.body)
    user = call.services.desk.users.change(call.params.id, call.now, **changes)
    if user is None:
        raise not_found("user", call.params.id)
    return user


@route(
    "GET",
    "/api/v1/organisations",
    params=Paged,
    answer=Items[Organisation],
    scope="users:admin",
    role="admin",
)
def list_organisations(call: Call[Paged, Nothing]) -> Items[Organisation]:
    """Organisations by name."""
    p = call.params
    rows = call.services.desk.users.organisations(read_cursor(p.cursor, str) or "", p.limit + 1)
    return page_of(rows, p.limit, lambda o: o.name, lambda o: o)


@route(
    "POST", "/api/v1/organisations", body=NewOrganisation, answer=Organisation, status=201, scope="users:admin",
    role="admin", about="user",
)  # fmt: skip
def add_organisation(call: Call[Nothing, NewOrganisation]) -> Organisation:
    """Add an organisation."""
    made = call.services.desk.users.add_organisation(call.body.name, call.now)
    call.seen.append(made.id)
    return made
