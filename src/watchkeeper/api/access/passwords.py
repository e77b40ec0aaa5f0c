"""Passwords: argon2id, and which are refused."""

import threading
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from watchkeeper.errors import UsageError

SHORTEST: Final = 12
LONGEST: Final = 256
"""A longer one would let a stranger keep the processor busy."""

_TWO_AT_A_TIME: Final = threading.BoundedSemaphore(2)
"""Each hash takes tens of MiB and of milliseconds; logins must not push out everything else."""

# What people choose when twelve characters are asked for (compared without case, digits and signs at the end).
_COMMON: Final = frozenset(
    (
        "password", "passwordpassword", "watchkeeper", "administrator", "qwertyuiop", "qwertyuiopas", "letmein",
        "letmeinplease", "changeme", "changemeplease", "welcome", "welcomewelcome", "iloveyou", "iloveyouforever",
        "trustno", "correcthorsebatterystaple", "qwertyqwerty", "adminadmin", "adminadminadmin", "abcdefghijkl",
        "passwort", "passwortpasswort", "secret", "secretsecret", "sunshine", "football", "basketball", "princess",
        "monkeymonkey", "dragondragon", "superman", "asdfghjkl", "zxcvbnm", "asdfghjklqwertyuiop", "coastguard",
        "dutyofficer", "maritime", "operator",
    )
)  # fmt: skip


class Passwords:
    """Makes and checks hashes.

    Args:
        time_cost, memory_kib: of argon2id; the defaults are RFC 9106's second recommended choice.
    """

    def __init__(self, time_cost: int = 3, memory_kib: int = 65_536) -> None:
        self._hasher = PasswordHasher(time_cost, memory_kib, parallelism=4, type=Type.ID)

    @cached_property
    def _nobody(self) -> str:
        """What is compared with where there is no user; made when it is first needed."""
        return self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """The hash to keep."""
        with _TWO_AT_A_TIME:
            return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one that is kept. Takes as long where there is none (an unknown user)."""
        if len(password) > LONGEST:
            password = password[:LONGEST] + "\0"
        with _TWO_AT_A_TIME:
            compared = self._nobody if kept is None else kept
            try:
                self._hasher.verify(compared, password)
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None


def check_rules(password: str, name: str) -> None:
    """Refuse a password that is easily guessed.

    Raises:
        UsageError: too short or long, a common one, the user's name, or few different characters.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(
            f"The password has {len(password)} characters.",
            f"Take {SHORTEST} to {LONGEST}, such as four words.",
        )
    bare = password.casefold().rstrip("0123456789!?.,-_#*+$%& ")
    if bare in _COMMON or not bare:
        raise UsageError("That password is a common one.", "Take four words that do not belong together.")
    if name.casefold() in (password.casefold(), bare):
        raise UsageError("That password is the user's name.", "Take four words that do not belong together.")
    if len(set(password)) < 5:
        raise UsageError(
            "That password repeats few characters.", "Take four words that do not belong together."
        )
