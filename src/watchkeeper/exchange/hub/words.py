"""What the parts of the hub say to each other: collections, objects that come in, what is asked for."""

import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from watchkeeper.model.finding import REAL
from watchkeeper.model.marking import Purpose, Tlp

STIX_21: Final = "application/stix+json;version=2.1"
STIX_20: Final = "application/stix+json;version=2.0"
MEDIA_OF: Final = {"2.1": STIX_21, "2.0": STIX_20}
"""Media types by version of STIX."""

USER: Final = "user:"
"""Begins the name of a single user among readers and writers; all others are organisations."""

STIX_ID: Final = re.compile(
    r"([a-z0-9][a-z0-9-]{0,249})--[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    re.ASCII,
)

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Word = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]


class Root(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An API root: ``name`` stands in its address; ``max_bytes`` is the most that one request may bring."""

    name: Word
    title: Name = "watchkeeper"
    description: Annotated[str, Meta(max_length=2000)] = ""
    max_bytes: Annotated[int, Meta(ge=1024, le=1 << 30)] = 100 << 20


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was decided about a collection.

    ``readers`` and ``writers`` are organisations by name, or single users as ``user:<name>``; nobody else reads or
    writes. ``unmarked``: the level of objects without one. ``allowed``: levels that it takes, all for None. ``purpose``
    is what it is read for.
    """

    title: Name
    description: Annotated[str, Meta(max_length=2000)] = ""
    readers: tuple[Name, ...] = ()
    writers: tuple[Name, ...] = ()
    unmarked: Tlp = "amber"
    allowed: tuple[Tlp, ...] | None = None
    media_types: tuple[
        Literal["application/stix+json;version=2.1", "application/stix+json;version=2.0"], ...
    ] = (
        STIX_21,
        STIX_20,
    )
    purpose: Purpose = "awareness"
    realm: Annotated[str, Meta(pattern=r"^(real|exercise:[A-Za-z0-9._-]{1,64})$")] = REAL


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A collection: ``number`` names it within the database, ``id`` (a UUID) and ``alias`` outside."""

    number: int
    id: str
    root: str
    alias: str | None
    terms: Terms


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks. ``may_read`` and ``may_write``: the scopes of its key; ``operator``: may do what only this node may."""

    user: str
    organisation: str | None
    may_read: bool = True
    may_write: bool = True
    operator: bool = False

    @property
    def party(self) -> str:
        """The organisation, or the user where there is none: who is said to have posted or pulled."""
        return self.organisation if self.organisation is not None else USER + self.user

    def is_among(self, names: tuple[str, ...]) -> bool:
        """Whether it stands among readers or writers."""
        return USER + self.user in names or (self.organisation is not None and self.organisation in names)


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: all conditions hold. None says nothing.

    ``versions``: ``first``, ``last``, ``all`` and moments [us]; ``added_after`` [us] is not among what was given.
    """

    ids: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    specs: tuple[str, ...] | None = None
    versions: tuple[str | int, ...] = ("last",)
    added_after: int | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An object in a collection, without its bytes."""

    seq: int
    id: str
    version: str
    added_us: int
    spec: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some objects in order of ``seq``, with their bytes where these were asked for; ``more`` follow after ``end``."""

    rows: tuple[Row, ...]
    bytes: tuple[bytes, ...] = ()
    more: bool = False
    end: int = 0
    withheld: dict[str, int] = {}
