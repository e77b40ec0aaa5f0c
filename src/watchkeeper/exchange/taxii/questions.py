"""What is asked in the query of an address: filters, all of which hold, and which page (TAXII 2.1, 3.4 and 3.5)."""

from typing import Final
from urllib.parse import parse_qsl

import msgspec

from watchkeeper.exchange.hub.cursor import BadNextError, Cursors
from watchkeeper.exchange.hub.moments import read_us
from watchkeeper.exchange.hub.words import STIX_ID, Filter
from watchkeeper.exchange.taxii.answers import RefusedError

MOST: Final = 1000
"""Objects of a page, at most and if nobody asks for fewer."""

_MATCH: Final = "match["
_KNOWN: Final = (
    "limit", "next", "added_after", "match[id]", "match[type]", "match[version]", "match[spec_version]",
)  # fmt: skip
_FIELDS_MOST: Final = 50


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A filter, and which page. ``about`` makes a ``next`` good for this question only."""

    filter: Filter
    limit: int
    next: str | None
    about: bytes

    def after(self, cursors: Cursors) -> int:
        """The object after which the page begins.

        Raises:
            RefusedError: 400, the ``next`` is of no page of this question.
        """
        if self.next is None:
            return 0
        try:
            return cursors.read(self.next, self.about)
        except BadNextError as error:
            raise RefusedError(
                400, "next is none of ours, or of a page with other filters. Begin again without it."
            ) from error


def question(query: bytes, about: str, versions: str = "last", id: str | None = None) -> Question:
    """The question in a query.

    Args:
        about: which resource of which collection.
        versions: which are meant if nobody says so: ``last`` or ``all``.
        id: the object in the path.

    Raises:
        RefusedError: 400, a parameter is not as it has to be, or stands there twice.
    """
    asked = _parameters(query)
    ids = _words(asked, "match[id]")
    if ids is not None:
        ids = tuple(one for one in ids if STIX_ID.fullmatch(one))
    if id is not None:
        ids = (id,) if ids is None or id in ids else ()
    added_after = asked.get("added_after")
    made = Filter(
        ids=ids,
        types=_words(asked, "match[type]"),
        specs=_words(asked, "match[spec_version]"),
        versions=_versions(asked.get("match[version]", versions)),
        added_after=None if added_after is None else _moment(added_after, "added_after"),
    )
    # Who pages by both ``next`` and ``added_after`` changes the latter from page to page.
    said = msgspec.json.encode((about, msgspec.structs.replace(made, added_after=None)))
    return Question(filter=made, limit=_limit(asked.get("limit")), next=asked.get("next"), about=said)


def _parameters(query: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS_MOST)
    except (UnicodeDecodeError, ValueError) as error:
        raise RefusedError(
            400, f"The query cannot be read: it has at most {_FIELDS_MOST} parameters."
        ) from error
    asked: dict[str, str] = {}
    for name, value in pairs:
        if name in _KNOWN:
            if name in asked:
                raise RefusedError(400, f"{name} stands there twice; separate values by commas.")
            asked[name] = value
        elif name.startswith(_MATCH):
            raise RefusedError(400, f"There is no filter {name[:60]}.")
    return asked


def _words(asked: dict[str, str], name: str) -> tuple[str, ...] | None:
    if name not in asked:
        return None
    words = tuple(dict.fromkeys(word.strip() for word in asked[name].split(",")))
    if not all(words):
        raise RefusedError(400, f"{name} is empty, or has an empty value.")
    return words


def _versions(text: str) -> tuple[str | int, ...]:
    words = [word.strip() for word in text.split(",")]
    if "all" in words and len(words) > 1:
        raise RefusedError(400, "match[version]: all stands alone.")
    named = ("first", "last", "all")
    made = {word if word in named else _moment(word, "match[version]") for word in words}
    return tuple(sorted(made, key=str))


def _moment(text: str, name: str) -> int:
    try:
        return read_us(text.strip())
    except ValueError as error:
        raise RefusedError(400, f"{name} is no timestamp such as 2024-11-18T06:00:00.000000Z.") from error


def _limit(text: str | None) -> int:
    if text is None:
        return MOST
    if not (text.isascii() and text.isdigit() and len(text) < 19 and int(text) > 0):
        raise RefusedError(400, "limit is no number above 0.")
    return min(int(text), MOST)
