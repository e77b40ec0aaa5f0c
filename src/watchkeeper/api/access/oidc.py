"""Signing in with an organisation's own provider: OpenID Connect, code flow with PKCE, state and nonce.

The provider's addresses come from its discovery document; they must be of ``https``, or of this machine. An id token is
taken only from the token address, over that connection, and still checked: signature, issuer, audience, times, nonce.
"""

import hmac
import threading
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx
import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from watchkeeper.api.access.desk import Desk
from watchkeeper.api.access.links import OIDC, Links
from watchkeeper.api.access.roles import Role
from watchkeeper.api.access.secret import kept, new_secret
from watchkeeper.api.access.users import User
from watchkeeper.api.problems import Refused
from watchkeeper.errors import ConfigError, UsageError

CALLBACK: Final = "/oidc/callback"
_ALGORITHMS: Final = ["RS256", "ES256", "PS256", "EdDSA"]
_TIMEOUT_S: Final = 10.0
_LEEWAY_S: Final = 60
_BYTES_MOST: Final = 1 << 20
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """A provider, and us as it knows us.

    ``public`` is the address by which browsers reach this server; ``new_role`` is what somebody becomes who comes for
    the first time (None: nobody comes who was not added before).
    """

    issuer: str
    client_id: str
    client_secret: str
    public: str
    new_role: Role | None = None


class _Metadata(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Begun(msgspec.Struct, frozen=True):
    """What is noted of a login that is on its way."""

    nonce: str
    verifier: str
    binding: str


class Provider:
    """An OIDC provider.

    Raises:
        ConfigError: its address is neither https nor of this machine.
    """

    def __init__(self, settings: Settings) -> None:
        _check(settings.issuer)
        self.settings = settings
        self._lock = threading.Lock()
        self._metadata: _Metadata | None = None

    def start(self, links: Links, now: int) -> tuple[str, str]:
        """Where the browser goes to sign in, and what binds the answer to it (for a cookie).

        Raises:
            Refused: 503, the provider does not answer or too many logins are under way.
        """
        if links.crowded():
            raise Refused(503, "Too many logins are under way.", "Try again in some minutes.")
        begun = _Begun(nonce=new_secret(), verifier=new_secret() + new_secret(), binding=new_secret())
        state = links.make(OIDC, now, msgspec.json.encode(begun).decode())
        address = prepare_grant_uri(
            self._known().authorization_endpoint,
            client_id=self.settings.client_id,
            response_type="code",
            redirect_uri=self._back(),
            scope="openid profile",
            state=state,
            nonce=begun.nonce,
            code_challenge=create_s256_code_challenge(begun.verifier),
            code_challenge_method="S256",
        )
        return str(address), begun.binding

    def finish(self, desk: Desk, state: str, code: str, issuer: str, binding: str, now: int) -> User:
        """Who came back.

        Raises:
            Refused: 403 with the reason, or 503 where the provider does not answer.
        """
        noted = desk.links.use(OIDC, state, now) if state else None
        if noted is None:
            raise Refused(403, "This login was not begun here, or has ended.", "Begin again at /login.")
        begun = msgspec.json.decode(noted, type=_Begun)
        if not hmac.compare_digest(begun.binding, binding):
            raise Refused(403, "This login was begun in another browser.", "Begin again at /login.")
        if issuer and issuer != self.settings.issuer:
            raise Refused(403, "The answer is of another provider.", "Begin again at /login.")
        if not code:
            raise Refused(403, "The provider did not sign you in.", "Begin again at /login.")
        claims = self._claims(code, begun, now)
        return self._user(desk, claims, now)

    def _user(self, desk: Desk, claims: Mapping[str, Any], now: int) -> User:
        subject = str(claims["sub"])[:300]
        user = desk.users.by_subject(self.settings.issuer, subject)
        if user is None:
            if self.settings.new_role is None:
                raise Refused(
                    403, "Nobody has added you here.", f"Give an administrator this name: {subject[:100]}."
                )
            user = self._add(desk, subject, str(claims.get("preferred_username") or ""), now)
        if user.disabled_at is not None:
            raise Refused(403, "Your account is disabled.", "Ask an administrator.")
        return user

    def _add(self, desk: Desk, subject: str, wished: str, now: int) -> User:
        """A new user. A name that is taken is not shared: whoever has it keeps it."""
        assert self.settings.new_role is not None
        fallback = f"oidc-{kept(self.settings.issuer + subject)[:12]}"
        for name in (wished, fallback):
            try:
                return desk.users.add(
                    name, self.settings.new_role, now, issuer=self.settings.issuer, subject=subject
                )
            except UsageError:
                continue
        raise Refused(503, "Your account could not be made.", "Try again.")

    def _claims(self, code: str, begun: _Begun, now: int) -> Mapping[str, Any]:
        known = self._known()
        try:
            with _http() as http:
                token = _json(
                    http.post(known.token_endpoint, data=self._asking(code, begun), auth=self._ourselves())
                )
                keys = KeySet.import_key_set(_json(http.get(known.jwks_uri)))
            claims = jwt.decode(str(token["id_token"]), keys, algorithms=_ALGORITHMS).claims
            _registry(self.settings, begun.nonce, now).validate(claims)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise _silent() from error
        except (httpx.HTTPStatusError, JoseError, ValueError, KeyError, TypeError) as error:
            raise Refused(403, "The provider's answer does not hold.", "Begin again at /login.") from error
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if len(audiences) > 1 and claims.get("azp") != self.settings.client_id:
            raise Refused(403, "The provider's answer is for somebody else.", "Begin again at /login.")
        return claims

    def _known(self) -> _Metadata:
        with self._lock:
            if self._metadata is None:
                self._metadata = self._discover()
            return self._metadata

    def _discover(self) -> _Metadata:
        address = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            with _http() as http:
                known = msgspec.convert(_json(http.get(address)), _Metadata)
            for one in (known.authorization_endpoint, known.token_endpoint, known.jwks_uri):
                _check(one)
        except httpx.HTTPError as error:
            raise _silent() from error
        except (msgspec.ValidationError, ValueError, ConfigError) as error:
            raise Refused(
                503, f"The provider's description does not hold: {error}.", "Ask an administrator."
            ) from error
        if known.issuer != self.settings.issuer:
            raise Refused(503, "The provider calls itself otherwise.", "Correct --oidc-issuer.")
        return known

    def _asking(self, code: str, begun: _Begun) -> dict[str, str]:
        return {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back(),
            "code_verifier": begun.verifier,
        }

    def _ourselves(self) -> tuple[str, str]:
        """Who we are, as RFC 6749 (2.3.1) encodes it for HTTP Basic."""
        return quote(self.settings.client_id, safe=""), quote(self.settings.client_secret, safe="")

    def _back(self) -> str:
        return self.settings.public.rstrip("/") + CALLBACK


def _http() -> httpx.Client:
    return httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False)


def _json(answer: httpx.Response) -> Any:
    answer.raise_for_status()
    if len(answer.content) > _BYTES_MOST:
        raise ValueError("the answer is too large")
    return msgspec.json.decode(answer.content)


def _registry(settings: Settings, nonce: str, now: int) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=now // 1000,
        leeway=_LEEWAY_S,
        iss={"essential": True, "value": settings.issuer},
        aud={"essential": True, "value": settings.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )


def _check(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return
    raise ConfigError(f"{address} is no https address.", "Give the provider's https address.")


def _silent() -> Refused:
    return Refused(503, "The provider does not answer.", "Try again, or sign in with name and password.")
