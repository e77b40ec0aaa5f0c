"""How an export leaves: for whom it is, what that one may have, and by which way it goes."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from watchkeeper.cli.desk import actor, now_ms, projectors
from watchkeeper.errors import UsageError

if TYPE_CHECKING:
    from watchkeeper.exchange.formats import Format
    from watchkeeper.exchange.things import Things
    from watchkeeper.model.marking import Purpose

MISP: Final = "misp"
KEY: Final = "WATCHKEEPER_MISP_KEY"
"""The environment's name for the key of a MISP server."""
EXPORTED: Final = "export.decided"
"""One event for an export that was made for an organisation; its subject is the organisation."""
_WEB: Final = ("https", "http")
_SHOWN: Final = 1_000
_REASONS_SHOWN: Final = 5


def addressed(
    format_: "Format", to: Sequence[str], feed: Path | None, out: Path | None
) -> tuple[str | None, str | None]:
    """The organisation and the address among what ``--to`` gives.

    Raises:
        UsageError: two of a kind, an address that the format does not go to, or several ways at once.
    """
    addresses = [one for one in to if "://" in one]
    organisations = [one for one in to if "://" not in one]
    if len(addresses) > 1 or len(organisations) > 1:
        raise UsageError("--to names several.", "Export once for each.")
    url = addresses[0] if addresses else None
    if sum(way is not None for way in (url, feed, out)) > 1:
        raise UsageError("Several of --to URL, --feed and --out are given.", "Give one of them.")
    if feed is not None and format_.name != MISP:
        raise UsageError("--feed goes with --format misp.", "Add --format misp.")
    schemes = _WEB if format_.name == MISP else format_.schemes
    if url is not None and url.partition("://")[0] not in schemes:
        where = f"Write {schemes[0]}://..." if schemes else "Write it to a file with --out."
        raise UsageError(f"{format_.name} does not go to {url}.", where)
    return (organisations[0] if organisations else None), url


def for_whom(store: Path, things: "Things", organisation: str, purpose: str, format_: str) -> "Things":
    """What an organisation may have, as was agreed with it. The decision is written down before anything leaves.

    Raises:
        UsageError: the organisation or the purpose is not known.
    """
    from watchkeeper.exchange.hub.hub import Hub
    from watchkeeper.exchange.released import released
    from watchkeeper.log import talk
    from watchkeeper.model.event import Draft
    from watchkeeper.store.folder import Store

    at = now_ms()
    with Store.open(store, write=False, decide=True, projectors=projectors()) as held:
        partners = Hub(held.engine, held.decisions).partners
        if organisation not in partners.organisations():
            raise UsageError(
                f"There is no organisation {organisation}.", "See: watchkeeper exchange org list"
            )
        result = released(things, partners.one(organisation).recipient, _purpose(purpose), at)
        gone = result.things
        body = {
            "format": format_,
            "purpose": purpose,
            "findings": [finding.id for finding in gone.findings],
            "cases": [case.id for case in gone.cases],
            "ships": len(gone.vessels),
            "withheld": [
                {"thing": one.thing, "outcome": one.outcome, "rules": [reason.rule for reason in one.reasons]}
                for one in result.withheld[:_SHOWN]
            ],
            "withheld_count": len(result.withheld),
        }
        held.decisions.append(
            [
                Draft(
                    kind=EXPORTED,
                    subject=organisation,
                    at=at,
                    actor=actor(None),
                    body=body,
                    realm=things.realm,
                )
            ]
        )
    for rule, times in sorted(result.rules().items()):
        talk().print(f"withheld from {organisation} by rule {rule}: {times}")
    for one in result.withheld[:_REASONS_SHOWN]:
        talk().print(f"{one.thing}: {one.outcome}: {one.reasons[0].says}")
    return gone


def leave(format_: "Format", things: "Things", url: str | None, feed: Path | None, *, private: bool) -> None:
    """Send to an address, or write a feed; what came of it goes to standard output.

    Raises:
        UsageError: no key for the server, or an address that may not be reached.
        OutputError: it could not be sent or written.
    """
    from watchkeeper.cli.output import print_lines, print_text

    if feed is not None:
        from watchkeeper.exchange.misp.feed import write_feed

        print_text(f"{feed / name}.json" for name in write_feed(things, feed))
    elif url is not None and format_.name == MISP:
        from watchkeeper.cli.guarded import way_to
        from watchkeeper.exchange.misp.push import push

        key = os.environ.get(KEY, "")
        if not key:
            raise UsageError(f"There is no key for {url}.", f"Set {KEY} to your authentication key.")
        print_lines(push(things, way_to(url, {"Authorization": key}, private=private)))
    elif url is not None:
        assert format_.send is not None
        print_text([f"{format_.send(things, url)} messages sent to {url}"])


def _purpose(text: str) -> "Purpose":
    from watchkeeper.model.marking import PURPOSES

    for purpose in PURPOSES:
        if purpose == text:
            return purpose
    raise UsageError(f"There is no purpose {text}.", f"Choose of {', '.join(PURPOSES)}.")
