"""Names of objects: a UUID of version 5 over a natural key, so that two centres name one ship alike.

The namespace and the keys are published (``docs/reference/stix.md``):

=========================  ==========================================================================================
``vessel:imo:<imo>``       a ship with an IMO number whose check digit is right
``vessel:mmsi:<mmsi>``     a ship without; the object says why it is named by its radio
``finding:<id>``           a finding (its sighting, observed data, place)
``behaviour:<id>``         a behaviour of the catalogue
``organisation:<name>``    an organisation, its name folded (Unicode case folding, single blanks)
=========================  ==========================================================================================

What is not real is named apart: ``exercise:<id>/vessel:...`` and ``simulated/vessel:...``.

Sources: RFC 9562, 5.5; *STIX 2.1*, 2.9.
"""

import base64
import hashlib
import uuid
from typing import Final

import msgspec

NAMESPACE: Final = uuid.UUID("8a4b1c5e-6f0d-4a0b-9d57-2f6a3d1c9e44")
"""Of all objects but cyber observables, whose namespace the standard gives."""

OBSERVABLES: Final = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""*STIX 2.1*, 2.9."""

CREATED: Final = 1_733_270_400_000
"""``created`` of what many may make (ships, behaviours, organisations) [ms UTC]: a fixed day, 2024-12-04, so that all
of them make versions of one object."""


def stix_id(type: str, key: str) -> str:
    """The id of an object of a type with a natural key."""
    return f"{type}--{uuid.uuid5(NAMESPACE, key)}"


def organisation_id(name: str) -> str:
    """The id of an organisation's identity: upper and lower case and the number of blanks make no difference."""
    return stix_id("identity", f"organisation:{' '.join(name.casefold().split())}")


def artifact_id(payload: bytes) -> str:
    """The id of an artifact with a payload and its SHA-256 (the contributing properties, as RFC 8785 writes them)."""
    says = {
        "hashes": {"SHA-256": hashlib.sha256(payload).hexdigest()},
        "payload_bin": base64.b64encode(payload).decode(),
    }
    return f"artifact--{uuid.uuid5(OBSERVABLES, msgspec.json.encode(says, order='sorted').decode())}"
