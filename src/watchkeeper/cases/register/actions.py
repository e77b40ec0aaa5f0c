"""What people do with cases, as events. Each is checked here, before it is written."""

from collections.abc import Sequence
from typing import Any, Final

from watchkeeper.cases.alarms.wording import SHORT, json_values, name_of
from watchkeeper.cases.register.case import STATUSES, Kind, Place, Status, Taken, When
from watchkeeper.cases.register.vocabulary import graded, tag_of
from watchkeeper.errors import UsageError
from watchkeeper.model.event import Document, Draft
from watchkeeper.model.finding import REAL
from watchkeeper.model.time import from_iso

OPENED: Final = "case.opened"
_TEXT_MOST: Final = 20_000
_TITLE_MOST: Final = 200
_SHA256: Final = 64


def open_case(
    title: str,
    *,
    at: int,
    actor: str,
    kind: Kind = "case",
    summary: str = "",
    alerts: Sequence[Document] = (),
    realm: str = REAL,
) -> Draft:
    """The event that opens a case, of alerts or by hand; its subject is the case's id.

    Raises:
        UsageError: no title, or alerts of another realm.
    """
    _text("title", title, _TITLE_MOST)
    _same_realm(realm, alerts)
    body = {
        "title": title.strip(),
        "kind": kind,
        "summary": _optional("summary", summary),
        "alerts": [alert.id for alert in alerts],
    }
    id = name_of("case", realm, title.strip(), at, actor)
    return Draft(kind=OPENED, subject=id, at=at, actor=actor, body=body, realm=realm, key=f"{OPENED}:{id}")


class Worker:
    """Somebody who works on a case at a time: every method gives the event of one action.

    Args:
        case: its document.
        at: now [ms UTC].
        actor: who.

    Raises:
        UsageError: from each method, where something is missing or the case is closed.
    """

    def __init__(self, case: Document, *, at: int, actor: str) -> None:
        self.case = case
        self.at = at
        self.actor = actor

    def add_alerts(self, alerts: Sequence[Document]) -> Draft:
        """Group alerts under the case."""
        _same_realm(self.case.realm, alerts)
        return self._draft("alerts-added", alerts=[alert.id for alert in alerts])

    def note(self, text: str) -> Draft:
        """Write something down."""
        return self._draft("noted", text=_text("note", text))

    def evidence(self, kind: str, id: str, shows: str = "") -> Draft:
        """Add evidence: ``finding`` with its id, ``line`` as ``<input>:<line>: <raw>``, ``document`` by SHA-256."""
        if kind not in ("finding", "line", "document"):
            raise UsageError(f"{kind} is no kind of evidence.", "Choose of finding, line, document.")
        if kind == "document":
            _sha256(id)
        return self._draft("evidence-added", kind=kind, id=_text(kind, id), shows=_optional("remark", shows))

    def claim(self, *, party: str, said_on: str, says: str, source: str, attributes_to: str = "") -> Draft:
        """A dated statement of a named party; whom it holds responsible stands here and nowhere else."""
        try:
            from_iso(said_on)
        except ValueError as error:
            raise UsageError(f"{said_on!r} is not a date.", "Write 2024-11-18.") from error
        return self._draft(
            "claimed",
            party=_text("party", party, _TITLE_MOST),
            said_on=said_on,
            says=_text("statement", says),
            source=_text("source", source),
            attributes_to=_optional("attribution", attributes_to),
        )

    def status(self, status: str, reason: str) -> Draft:
        """Say whether it is suspected, confirmed or refuted, and why."""
        if status not in STATUSES:
            raise UsageError(f"{status} is no status.", f"Choose of {', '.join(STATUSES)}.")
        return self._draft("status-set", status=status, reason=_text("reason", reason))

    def tag(self, tags: Sequence[str]) -> Draft:
        """Add tags of the vocabularies."""
        return self._draft("tagged", tags=[tag_of(tag).tag for tag in tags])

    def untag(self, tags: Sequence[str]) -> Draft:
        """Take tags away."""
        return self._draft("untagged", tags=[tag.strip().casefold() for tag in tags])

    def describe(
        self,
        *,
        when: When | None = None,
        place: Place | None = None,
        target: str = "",
        effect: str = "",
        summary: str = "",
        taken: Sequence[Taken] = (),
    ) -> Draft:
        """Say what happened when, where, to what and with what effect; what is not given stays as it is."""
        if when is not None and when.ends < when.begins:
            raise UsageError("The incident ends before it begins.", "Exchange the two times.")
        if place is not None:
            _place(place)
        said = {"when": when, "place": place, "target": target, "effect": effect, "summary": summary}
        return self._draft(
            "described",
            said=json_values({key: value for key, value in said.items() if value}),
            taken=json_values(list(taken)),
        )

    def source(self, sha256: str, grade: str, title: str = "") -> Draft:
        """Rest the case on a stored report, with its grade."""
        return self._draft(
            "source-added", sha256=_sha256(sha256), grade=graded(grade), title=_optional("title", title)
        )

    def close(self, reason: str) -> Draft:
        """Close the case."""
        return self._draft("closed", reason=_text("reason", reason))

    def reopen(self, reason: str) -> Draft:
        """Open a closed case again."""
        if self.case.state != "closed":
            raise UsageError(f"Case {self.case.id[:SHORT]} is open already.")
        return self._write("reopened", {"reason": _text("reason", reason)})

    def _draft(self, what: str, **body: Any) -> Draft:
        if self.case.state == "closed":
            raise UsageError(f"Case {self.case.id[:SHORT]} is closed.", "Open it again first.")
        return self._write(what, body)

    def _write(self, what: str, body: dict[str, Any]) -> Draft:
        return Draft(
            kind=f"case.{what}",
            subject=self.case.id,
            at=self.at,
            actor=self.actor,
            body=body,
            realm=self.case.realm,
        )


def status_of(text: str) -> Status:
    """A status by its name.

    Raises:
        UsageError: none of the three.
    """
    for status in STATUSES:
        if status == text:
            return status
    raise UsageError(f"{text} is no status.", f"Choose of {', '.join(STATUSES)}.")


def _text(what: str, text: str, most: int = _TEXT_MOST) -> str:
    if not text.strip():
        raise UsageError(f"The {what} is empty.", "Write it in a sentence.")
    return _optional(what, text, most)


def _optional(what: str, text: str, most: int = _TEXT_MOST) -> str:
    if len(text) > most:
        raise UsageError(
            f"The {what} is longer than {most} signs.", "Store it as a report, and quote from it."
        )
    return text.strip()


def _sha256(text: str) -> str:
    wanted = text.strip().lower()
    if len(wanted) != _SHA256 or set(wanted) - set("0123456789abcdef"):
        raise UsageError(
            f"{text!r} is no SHA-256.", "Give 64 hexadecimal figures, as `sha256sum FILE` prints."
        )
    return wanted


def _place(place: Place) -> None:
    if (place.lat is None) != (place.lon is None):
        raise UsageError("A point needs latitude and longitude.", "Give both in degrees.")
    if (
        place.lat is not None
        and place.lon is not None
        and not (abs(place.lat) <= 90 and abs(place.lon) <= 180)
    ):
        raise UsageError(f"{place.lat}, {place.lon} is no point on the earth.", "Give degrees.")


def _same_realm(realm: str, alerts: Sequence[Document]) -> None:
    others = [alert for alert in alerts if alert.realm != realm]
    if others:
        raise UsageError(
            f"Alert {others[0].id[:SHORT]} is of the realm {others[0].realm}, the case of {realm}.",
            "What is rehearsed and what was observed do not go into one case.",
        )
