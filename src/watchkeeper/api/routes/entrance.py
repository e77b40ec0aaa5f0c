"""Pages by which people come in: the first administrator's link, signing in, OIDC."""

from html import escape
from typing import Annotated, Final

from msgspec import Meta

from watchkeeper.api.access.links import FIRST_ADMIN
from watchkeeper.api.access.roles import NO_SCOPE
from watchkeeper.api.cookies import SESSION_S, cookie, signed_in
from watchkeeper.api.declare import Asked, Call, Nothing, Reply, route
from watchkeeper.api.pages import HTML, form, hidden, page, text_field
from watchkeeper.api.problems import Refused
from watchkeeper.api.routes.users import Password
from watchkeeper.errors import UsageError

Secret = Annotated[str, Meta(min_length=1, max_length=200)]
_STATE_COOKIE: Final = "watchkeeper_oidc"
_SPENT: Final = (
    "This link does not work. It works once and for an hour; `watchkeeper serve` prints a new one."
)


class Link(Asked, frozen=True, kw_only=True):
    """The secret of the link."""

    token: Secret


class FirstAdmin(Nothing, frozen=True, kw_only=True):
    """Name and password of the first administrator."""

    token: Secret
    name: Annotated[str, Meta(max_length=100)]
    password: Password


class Login(Nothing, frozen=True, kw_only=True):
    """Name and password."""

    name: Annotated[str, Meta(max_length=100)]
    password: Password


class Returned(Asked, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What an OIDC provider sends back with the browser; providers add what they like."""

    state: Annotated[str, Meta(max_length=200)] = ""
    code: Annotated[str, Meta(max_length=2000)] = ""
    iss: Annotated[str, Meta(max_length=500)] = ""


@route("GET", "/first-admin", params=Link, answer=str, scope=NO_SCOPE, media=HTML)
def first_admin_page(call: Call[Link, Nothing]) -> Reply:
    """The page behind the link that `serve` prints at the first start."""
    links = call.services.desk.links
    if not links.works(FIRST_ADMIN, call.params.token, call.now):
        return page("watchkeeper", f"<p>{_SPENT}</p>", status=403)
    return page("The first administrator", _first_admin_form(call.params.token))


@route("POST", "/first-admin", body=FirstAdmin, answer=str, scope=NO_SCOPE, media=HTML, form=True, slow=True)
def make_first_admin(call: Call[Nothing, FirstAdmin]) -> Reply:
    """Make the first administrator; the link works once."""
    desk, b = call.services.desk, call.body
    desk.admit_login(call.address, "first-admin")
    if not desk.links.works(FIRST_ADMIN, b.token, call.now) or desk.users.any_admin():
        return page("watchkeeper", f"<p>{_SPENT}</p>", status=403)
    try:
        desk.users.checked(b.name, b.password)
    except UsageError as error:
        return page("The first administrator", _first_admin_form(b.token, str(error), b.name), status=422)
    if desk.links.use(FIRST_ADMIN, b.token, call.now) is None:
        return page("watchkeeper", f"<p>{_SPENT}</p>", status=403)
    desk.users.add(b.name, "admin", call.now, password=b.password)
    return page("Done", '<p>The administrator is there. <a href="/login">Sign in</a></p>')


@route("GET", "/login", answer=str, scope=NO_SCOPE, media=HTML)
def login_page(call: Call[Nothing, Nothing]) -> Reply:
    """The page to sign in."""
    return page("watchkeeper", _login_form(call.services.provider is not None))


@route(
    "POST", "/login", body=Login, answer=str, scope=NO_SCOPE, media=HTML, form=True, about="user", slow=True
)
def log_in(call: Call[Nothing, Login]) -> Reply:
    """Sign in from the page."""
    try:
        set_cookie = signed_in(call, call.body.name, call.body.password)
    except Refused as error:
        inside = _login_form(call.services.provider is not None, str(error))
        return page("watchkeeper", inside, status=error.status, headers=error.headers)
    return page("watchkeeper", "<p>Signed in.</p>", headers={"Set-Cookie": set_cookie}, refresh="/")


@route("GET", "/oidc/start", status=302, scope=NO_SCOPE, slow=True)
def start_oidc(call: Call[Nothing, Nothing]) -> Reply:
    """Go to the organisation's own sign-in."""
    provider = call.services.provider
    if provider is None:
        raise Refused(404, "There is no other sign-in here.", "Sign in with name and password.")
    call.services.desk.admit_login(call.address, f"oidc {call.address}")
    address, binding = provider.start(call.services.desk.links, call.now)
    # Lax: the browser must bring it when the provider sends it back here.
    state = cookie(binding, 600, call.origin, name=_STATE_COOKIE, same_site="Lax")
    return Reply(headers={"Location": address, "Set-Cookie": state})


@route(
    "GET", "/oidc/callback", params=Returned, answer=str, scope=NO_SCOPE, media=HTML, about="user", slow=True
)
def finish_oidc(call: Call[Returned, Nothing]) -> Reply:
    """Come back from the organisation's own sign-in."""
    services = call.services
    provider = services.provider
    if provider is None:
        raise Refused(404, "There is no other sign-in here.", "Sign in with name and password.")
    returned = call.params
    try:
        user = provider.finish(
            services.desk,
            returned.state,
            returned.code,
            returned.iss,
            call.cookies.get(_STATE_COOKIE, ""),
            call.now,
        )
    except Refused as error:
        return page("watchkeeper", f"<p>{escape(str(error))}</p>", status=error.status)
    call.seen.append(user.id)
    token = services.desk.sessions.begin(user.id, call.address, call.now)
    # A page of ours sends the browser on, so that the strict cookie goes with it.
    headers = {"Set-Cookie": cookie(token, SESSION_S, call.origin)}
    return page("watchkeeper", "<p>Signed in.</p>", headers=headers, refresh="/")


def _first_admin_form(token: str, said: str = "", name: str = "") -> str:
    fields = (
        hidden("token", token)
        + text_field("name", "Name", complete="username", value=name)
        + text_field("password", "Password (12 characters or more)", "password", "new-password")
    )
    return form("/first-admin", fields, "Make the administrator", said)


def _login_form(oidc: bool, said: str = "") -> str:
    fields = text_field("name", "Name", complete="username") + text_field(
        "password", "Password", "password", "current-password"
    )
    other = '<p><a href="/oidc/start">Sign in with your organisation</a></p>' if oidc else ""
    return form("/login", fields, "Sign in", said) + other
