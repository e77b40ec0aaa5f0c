"""XML and JSON of others, read within limits: no entities, no document types, bounded size, depth and number.

Whatever is wrong with them becomes an :class:`InputError` that says where.
"""

import io
import re
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, tostring

import msgspec

from watchkeeper.errors import InputError, LimitError

MOST_BYTES: Final = 64 << 20
MOST_ELEMENTS: Final = 1_000_000
DEEPEST: Final = 100
"""Levels of nesting; messages of CISE need about twenty."""

_AGAIN: Final = "Ask whoever sent it for another copy."
_NOT_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Signs that XML 1.0 cannot hold, not even escaped (section 2.2)."""


def read_xml(data: bytes, what: str) -> Element:
    """The root of a document.

    Raises:
        InputError: not XML, with a document type or entities, or too deeply nested.
        LimitError: too large.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    _within(data, what)
    depth = count = 0
    root: Element | None = None
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            if event == "end":
                depth -= 1
                continue
            root = element if root is None else root
            depth, count = depth + 1, count + 1
            if depth > DEEPEST or count > MOST_ELEMENTS:
                raise LimitError(f"{what} is nested too deeply or has too many elements.", _AGAIN)
    except DefusedXmlException as error:
        raise InputError(f"{what} declares entities or a document type.", "It is not read.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise InputError(f"{what} is not XML: {error}.", _AGAIN) from error
    assert root is not None
    return root


def read_json(data: bytes, what: str) -> Any:
    """The value of a JSON text.

    Raises:
        InputError: not JSON, or too deeply nested.
        LimitError: too large.
    """
    _within(data, what)
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{what} is not JSON: {error}.", _AGAIN) from error


def xml_text(value: object) -> str:
    """A value as text that XML can hold; signs that it cannot are shown as U+FFFD."""
    return _NOT_XML.sub("\ufffd", str(value))


def xml_bytes(root: Element) -> bytes:
    """A document in UTF-8, the same for the same element."""
    body: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body + b"\n"


def _within(data: bytes, what: str) -> None:
    if len(data) > MOST_BYTES:
        raise LimitError(f"{what} is larger than {MOST_BYTES >> 20} MiB.", "Split it.")
