"""Entities in the envelope of the CISE network: a Push, or the PullResponse to a request.

A message belongs to one service, and holds entities of its type: ships, anomalies, incidents or risks; other entities
stand inside those that they belong to. The payload's security, sensitivity and purpose are those of everything in it
together.
"""

import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal
from xml.etree.ElementTree import Element, QName, SubElement, register_namespace, tostring

from watchkeeper.exchange.caveats import banner, together
from watchkeeper.exchange.cise import words
from watchkeeper.exchange.cise.entities import PREFIXES, XSI, Entities
from watchkeeper.exchange.stix.ids import NAMESPACE
from watchkeeper.exchange.things import Things
from watchkeeper.exchange.untrusted import xml_bytes, xml_text
from watchkeeper.exchange.words import newest, vessels_by_mmsi
from watchkeeper.model.time import to_iso

MESSAGE: Final = "http://www.cise.eu/servicemodel/v1/message/"
Service = Literal["Vessel", "Anomaly", "Incident", "Risk"]
SERVICES: Final[tuple[Service, ...]] = ("Vessel", "Anomaly", "Incident", "Risk")

for _prefix, _namespace in {"cise": MESSAGE, **PREFIXES}.items():
    register_namespace(_prefix, _namespace)
_NOT_A_WORD: Final = re.compile(r"[^a-z0-9]+")


def message(things: Things, service: Service, *, answers: str | None = None) -> bytes:
    """A message of one service.

    Args:
        things: what it is made of.
        service: whose entities it holds.
        answers: the CorrelationID of the request that it answers: then it is a PullResponse, else a Push.
    """
    kind = "PullResponse" if answers is not None else "Push"
    root = Element(str(QName(MESSAGE, kind)))
    payload = _payload(things, service)
    # Named by what it says, so that the same message twice is known as the same.
    digest = str(uuid.uuid5(NAMESPACE, f"cise:{service}:{tostring(payload, 'unicode')}"))
    over = banner(things)
    _said(root, (("ContextID", over or None), ("CorrelationID", answers or digest)))
    _said(root, (("CreationDateTime", to_iso(newest(things))), ("MessageID", digest)))
    _said(root, (("Priority", "Low"), ("RequiresAck", "false")))
    root.append(_sender(things, service, "Pull" if answers is not None else "Push"))
    root.append(payload)
    if answers is not None:
        _said(root, (("ResultCode", "Success"),))
    return xml_bytes(root)


def _sender(things: Things, service: Service, operation: str) -> Element:
    sender = Element("Sender")
    name = _NOT_A_WORD.sub("-", things.author.lower()).strip("-") or "watchkeeper"
    _said(sender, (("ServiceID", f"{name}.{service.lower()}.{operation.lower()}.provider"),))
    _said(
        sender,
        (("ServiceOperation", operation), ("ServiceRole", "Provider"), ("ServiceType", f"{service}Service")),
    )
    if things.author:
        _said(SubElement(sender, "Participant"), (("Name", things.author),))
    return sender


def _payload(things: Things, service: Service) -> Element:
    payload = Element("Payload")
    payload.set(str(QName(XSI, "type")), QName(MESSAGE, "XmlEntityPayload"))  # type: ignore[arg-type]
    marking = together(things)
    _said(payload, (("InformationSecurityLevel", words.NOT_CLASSIFIED),))
    _said(
        payload, (("InformationSensitivity", words.sensitivity(marking)), ("Purpose", words.purpose(marking)))
    )
    _said(payload, (("RetentionPeriod", to_iso(marking.expires) if marking.expires is not None else None),))
    entities = Entities(things)
    made: dict[Service, tuple[Callable[[Element, str, Any], Element], Iterable[Any]]] = {
        "Vessel": (
            entities.vessel,
            (*vessels_by_mmsi(things).values(), *(v for v in things.vessels if not v.mmsi)),
        ),
        "Anomaly": (entities.anomaly, things.findings),
        "Incident": (entities.incident, things.cases),
        "Risk": (entities.risk, things.alerts),
    }
    make, some = made[service]
    for one in some:
        make(payload, service, one)
    return payload


def _said(parent: Element, fields: Iterable[tuple[str, str | None]]) -> None:
    for tag, text in fields:
        if text is not None:
            SubElement(parent, tag).text = xml_text(text)
