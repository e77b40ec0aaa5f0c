"""The cookie of a session, and signing in by name and password."""

from typing import Any, Final

from watchkeeper.api.access.desk import COOKIE
from watchkeeper.api.access.sessions import LASTS_MS
from watchkeeper.api.declare import Call
from watchkeeper.api.problems import Refused

SESSION_S: Final = LASTS_MS // 1000


def cookie(value: str, seconds: int, origin: str, *, name: str = COOKIE, same_site: str = "Strict") -> str:
    """The value of a Set-Cookie header. No script reads it, and with TLS it is never sent without."""
    secure = "; Secure" if origin.startswith("https:") else ""
    return f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}"


def signed_in(call: Call[Any, Any], name: str, password: str) -> str:
    """Begin a session; the value of the Set-Cookie header.

    Raises:
        Refused: 401 without saying which of both is wrong, or 429.
    """
    desk = call.services.desk
    desk.admit_login(call.address, name)
    user = desk.users.signing_in(name, password)
    if user is None:
        raise Refused(
            401, "Name or password is wrong.", "Try again; an administrator can set a new password."
        )
    call.seen.append(user.id)
    return cookie(desk.sessions.begin(user.id, call.address, call.now), SESSION_S, call.origin)
