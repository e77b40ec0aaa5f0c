"""Organisations as recipients: what was agreed with each of them, and which STIX identity stands for it.

An organisation that nothing was agreed with may receive what is clear, and posts only in its own name.
"""

import unicodedata
from typing import Annotated, Any, Final

import msgspec
import sqlalchemy as sa
from msgspec import Meta
from sqlalchemy.engine import Connection, Engine

from watchkeeper.errors import UsageError
from watchkeeper.exchange.hub.tables import partners
from watchkeeper.exchange.hub.words import STIX_ID
from watchkeeper.model.marking import Purpose, Recipient, Tlp
from watchkeeper.store.decisions.engines import reading, writing

_ORGANISATIONS: Final = sa.table("access_organisations", sa.column("id"), sa.column("name"))
"""Where organisations are kept; they belong to the room of the HTTP API."""

_MIXED: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL"})
"""Scripts with letters that look like those of another."""

_ALIKE: Final = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u04bb\u03bf\u03b1\u03b9\u03bd\u03c1\u03c5"
    "\u043a\u043c\u0442\u043d\u0432\u0433\u03ba\u03c4\u03b5\u03b7\u0131\u0261",
    "aeopcyxijsdqhoaivpu" "kmthbrktenig",
)  # fmt: skip
"""Small letters of other scripts, or of none in common use, as the Latin ones they look like."""


_ONE: Final = partners.select().where(partners.c.organisation == sa.bindparam("name"))


class Agreement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was agreed with an organisation; see :class:`~watchkeeper.model.marking.Recipient`.

    ``may_relay``: it may post what others made, and new versions of what others posted.
    """

    country: Annotated[str, Meta(pattern="^[A-Z]{3}$")] | None = None
    communities: tuple[Annotated[str, Meta(min_length=1, max_length=100)], ...] = ()
    accepts: tuple[Tlp, ...] = ("clear",)
    purposes: tuple[Purpose, ...] = ("awareness",)
    exercises: tuple[Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,64}$")], ...] = ()
    may_relay: bool = False
    revoked_at: int | None = None


class Partner(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation by its name, the id of the STIX identity that stands for it, and what was agreed."""

    organisation: str
    identity: str | None = None
    agreement: Agreement = Agreement()

    @property
    def recipient(self) -> Recipient:
        """As the release gate sees it."""
        a = self.agreement
        return Recipient(
            organisation=self.organisation,
            country=a.country,
            communities=a.communities,
            accepts=a.accepts,
            purposes=a.purposes,
            exercises=a.exercises,
            revoked_at=a.revoked_at,
        )


class Partners:
    """The partners of a database whose tables are there."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def set(self, partner: Partner) -> None:
        """What was agreed with an organisation, from now on.

        Raises:
            UsageError: there is no such organisation, or the identity is none or stands for another one.
        """
        identity = partner.identity
        if identity is not None and not (STIX_ID.fullmatch(identity) and identity.startswith("identity--")):
            raise UsageError(f"{identity[:80]} is no id of an identity.", "Write identity--<UUID>.")
        said = msgspec.json.encode(partner.agreement).decode()
        with writing(self._engine) as c:
            if partner.organisation not in names_of_organisations(c):
                raise UsageError(f"There is no organisation {partner.organisation[:100]}.", "Add it first.")
            whose = c.execute(
                sa.select(partners.c.organisation).where(
                    partners.c.identity == identity, partners.c.organisation != partner.organisation
                )
            ).scalar()
            if identity is not None and whose is not None:
                raise UsageError(f"{identity} stands for {whose}.", "Give each organisation its own.")
            c.execute(partners.delete().where(partners.c.organisation == partner.organisation))
            row = {"organisation": partner.organisation, "identity": identity, "said": said}
            c.execute(partners.insert().values(row))

    def one(self, organisation: str) -> Partner:
        """A partner by name; what holds for one that nothing was agreed with, where that is so."""
        with reading(self._engine) as c:
            return partner_in(c, organisation)

    def page(self, after: str, limit: int) -> list[Partner]:
        """Those with whom something was agreed, in order of name, beginning after one."""
        asked = partners.select().where(partners.c.organisation > after)
        with reading(self._engine) as c:
            rows = c.execute(asked.order_by(partners.c.organisation).limit(limit)).mappings()
            return [_partner(row) for row in rows]

    def organisations(self) -> list[str]:
        """The names of all organisations, whether anything was agreed with them or not."""
        with reading(self._engine) as c:
            return names_of_organisations(c)

    def identities(self) -> dict[str, str]:
        """Organisations by the ids of their identities."""
        with reading(self._engine) as c:
            return identities_in(c)


def partner_in(connection: Connection, organisation: str) -> Partner:
    """A partner by name, within a transaction."""
    row = connection.execute(_ONE, {"name": organisation}).mappings().first()
    return Partner(organisation=organisation) if row is None else _partner(row)


def identities_in(connection: Connection) -> dict[str, str]:
    """Organisations by the ids of their identities, within a transaction."""
    asked = sa.select(partners.c.identity, partners.c.organisation).where(partners.c.identity.is_not(None))
    return {identity: organisation for identity, organisation in connection.execute(asked)}


def names_of_organisations(connection: Connection) -> list[str]:
    """All organisations."""
    return [str(name) for name in connection.execute(sa.select(_ORGANISATIONS.c.name)).scalars()]


def checked_organisation(name: str, known: list[str]) -> str:
    """A name for a new organisation, that cannot be taken for another one's.

    Raises:
        UsageError: it mixes scripts, is written in an unusual form, or looks like one that is there.
    """
    name = " ".join(name.split())
    if (
        not name
        or unicodedata.normalize("NFKC", name) != name
        or not name.isprintable()
        or ":" in name
        or len(name) > 100
    ):
        raise UsageError(
            f"{name[:100]!r} is no name of an organisation.",
            "Write it in plain letters, without colons, at most 100 of them.",
        )
    scripts = {unicodedata.name(sign, "NONE").split()[0] for sign in name if sign.isalpha()} & _MIXED
    if len(scripts) > 1:
        raise UsageError(
            f"{name} mixes the scripts {' and '.join(sorted(scripts))}.", "Write it in one script."
        )
    for other in known:
        if other != name and _skeleton(other) == _skeleton(name):
            raise UsageError(f"{name} looks like {other}.", "Choose a name that nobody takes for that one.")
    return name


def _skeleton(name: str) -> str:
    """What a hurried reader sees of a name."""
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(sign)
    )
    return "".join(plain.translate(_ALIKE).replace("0", "o").replace("1", "l").split())


def _partner(row: Any) -> Partner:
    return Partner(
        organisation=row["organisation"],
        identity=row["identity"],
        agreement=msgspec.json.decode(row["said"], type=Agreement),
    )
