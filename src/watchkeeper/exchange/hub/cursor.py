"""``next``: where the following page begins, in a form that nobody but this hub can make or read.

Nothing is kept between requests: the same ``next`` gives the same page as often as it is asked for. The number in it is
masked, because the gaps between such numbers would tell how much somebody is not given.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final

_TAG: Final = 16
_NUMBER: Final = 8


class BadNextError(ValueError):
    """The text is no ``next`` of this hub, or of another question."""


class Cursors:
    """Makes and reads them.

    Args:
        secret: of this hub.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, seq: int, question: bytes) -> str:
        """The place after an object, for whoever asks the same question again."""
        number = seq.to_bytes(_NUMBER, "big")
        tag = self._hash(b"tag", number + question)[:_TAG]
        return base64.urlsafe_b64encode(tag + self._masked(number, tag)).decode()

    def read(self, text: str, question: bytes) -> int:
        """The object after which the page begins.

        Raises:
            BadNextError: it was not made by :meth:`write` for this question.
        """
        try:
            raw = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error, ValueError) as error:
            raise BadNextError from error
        tag, masked = raw[:_TAG], raw[_TAG:]
        if len(masked) != _NUMBER:
            raise BadNextError
        number = self._masked(masked, tag)
        if not hmac.compare_digest(tag, self._hash(b"tag", number + question)[:_TAG]):
            raise BadNextError
        return int.from_bytes(number, "big")

    def _masked(self, number: bytes, tag: bytes) -> bytes:
        mask = self._hash(b"mask", tag)
        return bytes(a ^ b for a, b in zip(number, mask, strict=False))

    def _hash(self, what: bytes, data: bytes) -> bytes:
        return hmac.new(self._secret, what + b"\0" + data, hashlib.sha256).digest()
