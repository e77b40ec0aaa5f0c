"""Records of XML lists, one at a time, each forgotten after use. Entities and DTDs are refused."""

from collections.abc import Collection, Iterator
from typing import Any

from watchkeeper.errors import ListError
from watchkeeper.lists.opening import ListFile


def records(file: ListFile, tags: Collection[str]) -> Iterator[tuple[str, Any]]:
    """The root as it begins, then every element named in ``tags`` that is not inside another, in order.

    Names are given without their namespace, which publishers change.

    Raises:
        ListError: not well formed, cut off, or with entities or a DTD.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser, iterparse

    parser = DefusedXMLParser(encoding="utf-8" if file.utf16 else None, forbid_dtd=True)
    try:
        with file.open() as stream:
            yield from _walked(iterparse(stream, events=("start", "end"), parser=parser), tags)
    except DefusedXmlException as error:
        raise ListError(
            f"{file.path}: the XML declares entities or a DTD, which are refused.", "Fetch it again."
        ) from error
    except (ParseError, LookupError, ValueError) as error:  # the last two: an encoding that is not known
        raise ListError(
            f"{file.path}: the XML breaks off or is not well formed ({error}).", "Fetch it again."
        ) from error


def _walked(events: Iterator[tuple[str, Any]], tags: Collection[str]) -> Iterator[tuple[str, Any]]:
    opened: list[Any] = []
    inside = 0
    for event, element in events:
        name = tag(element)
        if event == "start":
            opened.append(element)
            inside += name in tags
            if len(opened) == 1:
                yield name, element
            continue
        opened.pop()
        inside -= name in tags
        if not inside:
            if name in tags:
                yield name, element
            if opened:
                opened[-1].remove(element)


def tag(element: Any) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def text(element: Any, name: str) -> str | None:
    """The text of a child; None where the element or the child is missing."""
    found: str | None = None if element is None else element.findtext("{*}" + name)
    return found


def texts(element: Any, path: str) -> list[str]:
    """The texts of all elements below at ``a/b``, namespaces not looked at, empty ones left out."""
    steps = "/".join("{*}" + step for step in path.split("/"))
    return [found.text for found in element.iterfind(steps) if found.text]
