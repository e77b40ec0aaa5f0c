"""Messages against the schemas of CISE: a copy of the user's own, for they are not shipped.

Two schemas are asked, as the network does: the service model for the envelope, the data model for each entity of the
payload. (The envelope's schema says ``##other`` for the payload, which by the letter of XML Schema 1.0 leaves out
elements without a namespace, and entities have none; every message of the network is written so.)
"""

import io
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from xml.etree.ElementTree import Element

from watchkeeper.errors import InputError, LimitError
from watchkeeper.exchange.untrusted import DEEPEST, read_xml

_ENVELOPE: Final = "message.xsd"
_ENTITIES: Final = "EntitySchema.xsd"
_AGAIN: Final = "Fetch them again with `watchkeeper fetch cise`."
_MOST_FILES: Final = 1_000
_MOST_BYTES: Final = 32 << 20


def faults(data: bytes, schemas: Path) -> list[str]:
    """What in a message does not fit the schemas, in words; empty for a valid one.

    Args:
        data: the message.
        schemas: the archive of the schemas (ZIP), or the folder that it was unpacked into.

    Raises:
        InputError: the message is not XML, or the schemas cannot be used.
    """
    root = read_xml(data, "The message")
    envelope, entities = _compiled(schemas)
    namespaces = dict(_prefixes(data))
    payload = root.find("Payload")
    found: list[str] = []
    if payload is not None:
        for entity in [child for child in payload if child.tag in entities.elements]:
            found += _of(entities, entity, namespaces)
            payload.remove(entity)
    return [*_of(envelope, root, namespaces), *found]


def _of(schema: Any, element: Element, namespaces: dict[str, str]) -> Iterator[str]:
    from xmlschema import XMLSchemaException

    try:
        for error in schema.iter_errors(element, namespaces=namespaces, max_depth=DEEPEST):
            yield f"{error.path or element.tag}: {error.reason}"
    except (
        XMLSchemaException,
        RecursionError,
    ) as error:  # an xsi:type that the schemas do not have, among others
        yield f"{element.tag}: {error}"


def _prefixes(data: bytes) -> Iterator[tuple[str, str]]:
    """Namespaces by prefix, for ``xsi:type``."""
    from defusedxml.ElementTree import iterparse

    for _, pair in iterparse(io.BytesIO(data), events=("start-ns",), forbid_dtd=True):
        yield pair


@cache
def _compiled(schemas: Path) -> tuple[Any, Any]:
    """The schemas of the envelope and of the entities, which take a second or two."""
    if schemas.is_dir():
        return _of_folder(schemas)
    with TemporaryDirectory(prefix="cise-") as folder:
        try:
            with zipfile.ZipFile(schemas) as archive:
                _unpacked(archive, Path(folder))
        except (OSError, zipfile.BadZipFile) as error:
            raise InputError(f"{schemas} is no archive of schemas: {error}.", _AGAIN) from error
        return _of_folder(Path(folder))


def _unpacked(archive: zipfile.ZipFile, folder: Path) -> None:
    """The schemas of an archive, and of the Java archives in it, each in a folder of its own."""
    jars = [entry for entry in archive.infolist() if entry.filename.endswith(".jar")]
    wanted = [entry for entry in archive.infolist() if entry.filename.endswith(".xsd")]
    if len(wanted) > _MOST_FILES or any(entry.file_size > _MOST_BYTES for entry in (*wanted, *jars)):
        raise LimitError(f"{archive.filename or 'The archive'} is larger than such schemas are.", _AGAIN)
    archive.extractall(folder, wanted)
    for number, entry in enumerate(jars):
        with zipfile.ZipFile(io.BytesIO(archive.read(entry))) as inner:
            if not any(name.endswith(".jar") for name in inner.namelist()):
                _unpacked(inner, folder / f"jar-{number}")


def _of_folder(folder: Path) -> tuple[Any, Any]:
    from xmlschema import LocationSchemaLoader, XMLSchema, XMLSchemaException

    found = [next(iter(sorted(folder.rglob(name))), None) for name in (_ENVELOPE, _ENTITIES)]
    if None in found:
        raise InputError(f"{folder} holds no {_ENVELOPE} and {_ENTITIES}.", _AGAIN)
    try:
        # Files of one namespace import each other in circles: by location, not by namespace.
        return (
            XMLSchema(str(found[0]), allow="local"),
            XMLSchema(str(found[1]), allow="local", loader_class=LocationSchemaLoader),
        )
    except (XMLSchemaException, OSError, RecursionError) as error:
        raise InputError(f"The schemas in {folder} cannot be used: {error}.", _AGAIN) from error
