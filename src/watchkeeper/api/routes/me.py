"""Whoever is asking: signing in and out, the password, keys."""

from typing import Annotated

import msgspec
from msgspec import Meta

from watchkeeper.api.access.roles import BY_SESSION_ONLY, NO_SCOPE, Role
from watchkeeper.api.access.sessions import KEY_DAYS_MOST, LASTS_MS, Key
from watchkeeper.api.cookies import cookie, signed_in
from watchkeeper.api.declare import Asked, Call, Items, Nothing, Paged, Reply, route
from watchkeeper.api.paging import page_of, read_cursor
from watchkeeper.api.problems import Refused, not_found
from watchkeeper.api.routes.shared import Id, Text
from watchkeeper.api.routes.users import Password


class SigningIn(Nothing, frozen=True, kw_only=True):
    """Name and password."""

    name: Annotated[str, Meta(max_length=100)]
    password: Password


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking, and what this session or key may do (``scopes`` null: all that the role may)."""

    user: str
    name: str
    role: Role
    organisation: str | None
    exercises: tuple[str, ...]
    scopes: tuple[str, ...] | None


class NewPassword(Nothing, frozen=True, kw_only=True):
    """The password so far, and the new one."""

    old: Password
    new: Password


class NewKey(Nothing, frozen=True, kw_only=True):
    """What a key is for, what it may do, and for how many days."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    scopes: Annotated[tuple[Text, ...], Meta(min_length=1, max_length=50)]
    days: Annotated[int, Meta(ge=1, le=KEY_DAYS_MOST)] = 90


class KeyMade(msgspec.Struct, frozen=True, kw_only=True):
    """A key with its secret, which is shown this once."""

    key: Key
    secret: str


class OneKey(Asked, frozen=True, kw_only=True):
    """A key by id."""

    id: Id


@route("POST", "/api/v1/session", body=SigningIn, status=204, scope=NO_SCOPE, about="user", slow=True)
def sign_in(call: Call[Nothing, SigningIn]) -> Reply:
    """Sign in; the session is in the cookie of the answer."""
    return Reply(headers={"Set-Cookie": signed_in(call, call.body.name, call.body.password)})


@route("DELETE", "/api/v1/session", status=204, scope=BY_SESSION_ONLY)
def sign_out(call: Call[Nothing, Nothing]) -> Reply:
    """Sign out: the session ends on the server."""
    if call.who.token is not None:
        call.services.desk.sessions.end(call.who.token)
    return Reply(headers={"Set-Cookie": cookie("", 0, call.origin)})


@route("GET", "/api/v1/me", answer=Me, scope="me:read")
def me(call: Call[Nothing, Nothing]) -> Me:
    """Who is asking."""
    who = call.who
    return Me(
        user=who.user,
        name=who.name,
        role=who.role,
        organisation=who.organisation,
        exercises=who.exercises,
        scopes=None if who.scopes is None else tuple(sorted(who.scopes)),
    )


@route(
    "PUT", "/api/v1/me/password", body=NewPassword, status=204, scope=BY_SESSION_ONLY, about="user", slow=True
)
def change_password(call: Call[Nothing, NewPassword]) -> Reply:
    """Change the password; every session of the user ends but for a new one."""
    desk, who = call.services.desk, call.who
    desk.admit_login(call.address, who.name)
    if desk.users.signing_in(who.name, call.body.old) is None:
        raise Refused(403, "That is not the password so far.", "An administrator can set a new one.")
    desk.users.change(who.user, call.now, password=call.body.new)
    call.seen.append(who.user)
    token = desk.sessions.begin(who.user, call.address, call.now)
    return Reply(headers={"Set-Cookie": cookie(token, LASTS_MS // 1000, call.origin)})


@route("GET", "/api/v1/keys", params=Paged, answer=Items[Key], scope=BY_SESSION_ONLY)
def list_keys(call: Call[Paged, Nothing]) -> Items[Key]:
    """Keys of the caller, without their secrets."""
    p = call.params
    rows = call.services.desk.keys.page(call.who.user, read_cursor(p.cursor, str) or "", p.limit + 1)
    return page_of(rows, p.limit, lambda k: k.id, lambda k: k)


@route("POST", "/api/v1/keys", body=NewKey, answer=KeyMade, status=201, scope=BY_SESSION_ONLY, about="user")
def add_key(call: Call[Nothing, NewKey]) -> KeyMade:
    """Make a key. Its secret is shown now and never again."""
    b = call.body
    key, secret = call.services.desk.keys.make(call.who.user, b.name, b.scopes, b.days, call.now)
    call.seen.append(key.id)
    return KeyMade(key=key, secret=secret)


@route("DELETE", "/api/v1/keys/{id}", params=OneKey, status=204, scope=BY_SESSION_ONLY, about="user")
def revoke_key(call: Call[OneKey, Nothing]) -> Reply:
    """Revoke a key of the caller."""
    if not call.services.desk.keys.revoke(call.who.user, call.params.id, call.now):
        raise not_found("key in use", call.params.id)
    call.seen.append(call.params.id)
    return Reply()
