"""The live AIS of the Norwegian coast by BarentsWatch: a token for a client's id and secret, then lines of JSON."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import httpx
import msgspec

from watchkeeper.feeds.transport import Clock, ConnectionLostError, Piece, RefusedError

TOKEN_URL: Final = "https://id.barentswatch.no/connect/token"  # noqa: S105 - an address, no secret
STREAM_URL: Final = "https://live.ais.barentswatch.no/v1/combined?modelFormat=Json&modelType=Full"
_CONNECT_S: Final = 20.0
_SILENCE_S: Final = 300.0
"""A stream over HTTP has no pings: after so long without a byte it is made anew."""
_BAD_REQUEST, _TOO_MANY = 400, 429


class BarentsWatch:
    """Reads the stream; a new token for every connection, as they hold for an hour."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        clock: Clock,
        *,
        token_url: str = TOKEN_URL,
        stream_url: str = STREAM_URL,
    ) -> None:
        self._id, self._secret, self._clock = client_id, client_secret, clock
        self._token_url, self._stream_url = token_url, stream_url
        self.ended, self.dropped = False, 0

    async def pieces(self, connected: Callable[[], None]) -> AsyncIterator[Piece]:
        """See :class:`Transport`."""
        timeout = httpx.Timeout(_CONNECT_S, read=_SILENCE_S)
        try:
            async with httpx.AsyncClient(timeout=timeout) as client:
                token = await self._token(client)
                headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
                async with client.stream("GET", self._stream_url, headers=headers) as answer:
                    _refuse(answer, "the stream")
                    connected()
                    async for data in answer.aiter_bytes():
                        yield Piece(data, self._clock())
        except httpx.HTTPError as error:
            raise ConnectionLostError(f"BarentsWatch: {str(error) or type(error).__name__}.") from error
        raise ConnectionLostError("BarentsWatch ended the stream.")

    async def kept(self, mark: Any, next_line: int) -> None:
        """Nothing is acknowledged."""

    async def _token(self, client: httpx.AsyncClient) -> str:
        asked = {
            "grant_type": "client_credentials",
            "client_id": self._id,
            "client_secret": self._secret,
            "scope": "ais",
        }
        answer = await client.post(self._token_url, data=asked)
        _refuse(answer, "a token")
        try:
            token = answer.json()["access_token"]
        except (ValueError, KeyError, TypeError, msgspec.DecodeError) as error:
            raise ConnectionLostError("BarentsWatch answered without a token.") from error
        return str(token)


def _refuse(answer: httpx.Response, what: str) -> None:
    if answer.is_success:
        return
    code = answer.status_code
    if _BAD_REQUEST <= code < 500 and code != _TOO_MANY:
        raise RefusedError(
            f"BarentsWatch refused {what} ({code}).",
            "Check BARENTSWATCH_CLIENT_ID and BARENTSWATCH_CLIENT_SECRET.",
        )
    raise ConnectionLostError(f"BarentsWatch answered {code} when asked for {what}.")
