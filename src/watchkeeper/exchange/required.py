"""The properties without which a STIX 2.1 object is not one any more, and those that only make sense together.

Of types that are not here (those of extensions among them) the common ones are known only.

Source: OASIS, *STIX 2.1*, sections 3 to 7, properties marked *required*.
"""

from collections.abc import Mapping
from typing import Any, Final

COMMON: Final = frozenset({"type", "id", "spec_version", "created", "modified"})
"""Not all of them are required of all objects; where they are there, nothing may take them away."""

_OF_TYPE: Final[dict[str, frozenset[str]]] = {
    kind: frozenset(properties.split())
    for kind, properties in {
        "attack-pattern": "name",
        "campaign": "name",
        "course-of-action": "name",
        "extension-definition": "name created_by_ref schema version extension_types",
        "grouping": "context object_refs",
        "identity": "name",
        "incident": "name",
        "indicator": "pattern pattern_type valid_from",
        "infrastructure": "name",
        "intrusion-set": "name",
        "language-content": "object_ref contents",
        "malware": "is_family",
        "malware-analysis": "product",
        "note": "content object_refs",
        "observed-data": "first_observed last_observed number_observed",
        "opinion": "opinion object_refs",
        "relationship": "relationship_type source_ref target_ref",
        "report": "name published object_refs",
        "sighting": "sighting_of_ref",
        "threat-actor": "name",
        "tool": "name",
        "vulnerability": "name",
        "autonomous-system": "number",
        "directory": "path",
        "domain-name": "value",
        "email-addr": "value",
        "email-message": "is_multipart",
        "ipv4-addr": "value",
        "ipv6-addr": "value",
        "mac-addr": "value",
        "mutex": "name",
        "network-traffic": "protocols",
        "software": "name",
        "url": "value",
    }.items()
}
_ONE_OF: Final[dict[str, frozenset[str]]] = {
    "artifact": frozenset({"payload_bin", "url"}),
    "file": frozenset({"hashes", "name"}),
    "location": frozenset({"region", "country", "latitude"}),
    "network-traffic": frozenset({"src_ref", "dst_ref"}),
    "observed-data": frozenset({"objects", "object_refs"}),
}
"""Of each of these sets one has to be there."""

REFERRING: Final = frozenset(
    kind
    for kind, properties in (*_OF_TYPE.items(), *_ONE_OF.items())
    if any(name.endswith(("_ref", "_refs")) for name in properties)
)
"""Types that say nothing without what they refer to."""

TOGETHER: Final = (frozenset({"latitude", "longitude", "precision"}),)
"""If one of a set is taken away, so are the others."""


def required_of(object: Mapping[str, Any]) -> frozenset[str]:
    """The properties of the object that nothing may take away from it."""
    kind = str(object.get("type"))
    alone = _ONE_OF.get(kind, frozenset()) & object.keys()
    return (
        COMMON | _OF_TYPE.get(kind, frozenset()) | (alone if len(alone) == 1 else frozenset())
    ) & object.keys()


def stands(object: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether the object, from which something was taken, still is one as it was before."""
    if not required_of(before) <= object.keys():
        return False
    choice = _ONE_OF.get(str(before.get("type")), frozenset()) & before.keys()
    return not choice or bool(choice & object.keys())
