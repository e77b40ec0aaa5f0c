"""Which media types are asked for and brought (RFC 9110, 8.3 and 12.5.1; TAXII 2.1, 1.6.8)."""

from typing import Final

from watchkeeper.exchange.taxii.answers import MEDIA, RefusedError

_TAXII: Final = "application/taxii+json"
_VERSION: Final = "2.1"
_ANY: Final = ("*/*", "application/*")


def check_accept(header: str | None) -> None:
    """See that TAXII 2.1 is among what the caller takes; whoever says nothing takes everything.

    Raises:
        RefusedError: 406.
    """
    if header is None or not header.strip():
        return
    best: tuple[int, bool] = (-1, False)
    for each in header.split(","):
        media, parameters = _parsed(each)
        closeness = _closeness(media, parameters)
        if closeness > best[0]:
            best = (closeness, _quality(parameters) > 0)
    if not best[1]:
        raise RefusedError(406, f"Ask for {MEDIA}.")


def check_content(content_type: str | None, encoding: str | None) -> None:
    """See that the body is TAXII 2.1 as it is: a small body that unpacks into a large one is not taken.

    Raises:
        RefusedError: 415.
    """
    media, parameters = _parsed(content_type or "")
    if media != _TAXII or parameters.get("version", _VERSION) != _VERSION:
        raise RefusedError(415, f"Send {MEDIA}.", {"Accept-Post": MEDIA})
    if (encoding or "identity").strip().lower() != "identity":
        raise RefusedError(
            415, "Send the body as it is, without a Content-Encoding.", {"Accept-Encoding": "identity"}
        )


def _closeness(media: str, parameters: dict[str, str]) -> int:
    """How exactly it means TAXII 2.1; below 0 if not at all."""
    if media == _TAXII:
        version = parameters.get("version")
        return {None: 2, _VERSION: 3}.get(version, -1)
    return _ANY.index(media) if media in _ANY else -1


def _quality(parameters: dict[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 0.0


def _parsed(text: str) -> tuple[str, dict[str, str]]:
    media, *rest = text.split(";")
    parameters: dict[str, str] = {}
    for each in rest:
        name, _, value = each.partition("=")
        parameters.setdefault(name.strip().lower(), value.strip().strip('"'))
    return media.strip().lower(), parameters
