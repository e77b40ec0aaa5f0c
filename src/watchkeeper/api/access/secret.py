"""Random secrets and what is kept of them."""

import hashlib
import secrets
import uuid

KEY_PREFIX = "wk_"
"""Makes a key that was published by mistake easy to find."""


def new_secret() -> str:
    """256 random bits, as text for addresses and headers."""
    return secrets.token_urlsafe(32)


def kept(secret: str) -> str:
    """What is kept of a secret: SHA-256, hex. A slow hash protects secrets that can be guessed, which these cannot."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_id() -> str:
    """A random id for a row."""
    return str(uuid.uuid4())
