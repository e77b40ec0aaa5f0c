"""A marking as one line of text, for formats that have no field for it; and the marking back from the line.

``TLP:AMBER+STRICT // PAP:GREEN // REL TO EST, FIN // FOR protection // EXERCISE baltic-26``. People can read it, and
nothing is lost in it. A part that cannot be read makes the whole a thing for its originator only.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from watchkeeper.exchange.things import EXERCISE, Things
from watchkeeper.model.finding import REAL
from watchkeeper.model.marking import PAP, PURPOSES, TLP, Marking, both
from watchkeeper.model.time import from_iso, to_iso

_BETWEEN: Final = " // "
_NOBODY: Final = "-"
_STRICTEST: Final = "red"
_REALM: Final = re.compile(rf"{REAL}|{EXERCISE}[A-Za-z0-9._-]{{1,64}}", re.ASCII)
_NOT_A_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
_COUNTRY: Final = re.compile(r"[A-Z]{3}")
_TO_QUOTE: Final = re.compile(r"[%,/\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|^[\s-]|\s$")


def caveat(marking: Marking) -> str:
    """The line; empty for what is not marked at all."""
    return _BETWEEN.join(_parts(marking))


def marking_of(line: str) -> Marking:
    """The marking that a line says: that of all its parts, none of which widens another. No line is no marking."""
    said = [_read(part) for part in filter(None, (p.strip() for p in line.split(_BETWEEN.strip())))]
    realms = {value for key, value in said if key == "realm"}
    whole = Marking(unknown=tuple(sorted(realms)) if len(realms) > 1 else ())
    for key, value in said:
        if key != "realm":
            whole = both(whole, Marking(**{key: value}))
    return msgspec.structs.replace(whole, realm=realms.pop()) if len(realms) == 1 else whole


def tlp_word(marking: Marking) -> str:
    """``TLP:AMBER+STRICT``; empty where no level is given."""
    return f"TLP:{marking.tlp.upper()}" if marking.tlp else ""


def rel_to(marking: Marking) -> tuple[str, ...]:
    """``REL TO EST, FIN``, one for each group."""
    return tuple(f"REL TO {_releasable(group)}" for group in marking.releasable_to)


def banner(things: Things) -> str:
    """What has to stand over things that did not happen: ``EXERCISE <id>``, ``SIMULATED``; empty over real ones."""
    if things.realm != REAL:
        return f"EXERCISE {things.realm.removeprefix(EXERCISE)}"
    return "SIMULATED" if things.simulated else ""


def is_realm(text: object) -> bool:
    """Whether a text names a realm: ``real``, or an exercise by up to 64 of ``A-Z a-z 0-9 . _ -``."""
    return isinstance(text, str) and _REALM.fullmatch(text) is not None


def exercise_called(name: str) -> str:
    """The realm of an exercise of others, by the name that they give it."""
    return EXERCISE + (_NOT_A_NAME.sub("-", name).strip("-")[:64] or "unnamed")


def of_thing(things: Things, kind: str, id: str, *parts: str) -> Marking:
    """The marking of one thing and of those parts of it that go with it, in the realm in which the thing is.

    What was not marked leaves as TLP:RED. ``parts`` (``evidence geometry notes``) count where they are marked.
    """
    whole = _complete(things.markings.marking(kind, id), things.realm)
    named = things.markings.of
    for part in parts:
        own = named.get(f"{part}:{id}") or named.get(part)
        whole = both(whole, _complete(own, things.realm)) if own is not None else whole
    return whole


def together(things: Things) -> Marking:
    """One marking for all that is exported at once: never wider than that of any of it."""
    named = [
        *(("finding", finding.id, "evidence") for finding in things.findings),
        *(("vessel", str(vessel.mmsi or vessel.imo)) for vessel in things.vessels),
        *(("asset", asset.id, "geometry") for asset in things.assets),
        *(("alert", alert.id) for alert in things.alerts),
        *(("case", case.id, "notes") for case in things.cases),
        *(("report", report.sha256) for report in things.reports),
        *(("listing", f"{listing.match.list_title}:{listing.match.entry}") for listing in things.listings),
    ]
    whole: Marking | None = None
    for marking in dict.fromkeys(of_thing(things, *name) for name in named):
        whole = marking if whole is None else both(whole, marking)
    return whole or _complete(things.markings.default, things.realm)


def _complete(marking: Marking, realm: str) -> Marking:
    """With a level, and in the realm of the things; a marking of another realm stays, and cannot be joined."""
    return msgspec.structs.replace(
        marking, tlp=marking.tlp or _STRICTEST, realm=realm if marking.realm == REAL else marking.realm
    )


def _parts(marking: Marking) -> Iterator[str]:
    if marking.tlp:
        yield tlp_word(marking)
    if marking.pap:
        yield f"PAP:{marking.pap.upper()}"
    yield from rel_to(marking)
    if marking.originator is not None:
        yield f"FROM {_names((marking.originator,))}"
    if marking.originator_control:
        yield "ORCON"
    if marking.expires is not None:
        yield f"UNTIL {to_iso(marking.expires)}"
    if marking.purposes is not None:
        yield f"FOR {_names(marking.purposes)}"
    if marking.realm != REAL:
        yield f"EXERCISE {_names((marking.realm.removeprefix(EXERCISE),))}"
    if marking.unknown:
        yield f"UNREADABLE {_names(marking.unknown)}"


def _read(part: str) -> tuple[str, Any]:
    """A field of the marking and what the part says for it."""
    for word, read in _READERS:
        if part.startswith(word):
            try:
                return read(part[len(word) :].strip())
            except (ValueError, KeyError, OverflowError):
                break
    return "unknown", (part,)


def _level(name: str, known: tuple[str, ...], said: str) -> tuple[str, Any]:
    return name, known[known.index("clear" if said == "WHITE" else said.lower())]


def _purposes(said: str) -> tuple[str, Any]:
    return "purposes", tuple(PURPOSES[PURPOSES.index(name)] for name in _split(said))


_READERS: Final = (
    ("TLP:", lambda said: _level("tlp", TLP, said)),
    ("PAP:", lambda said: _level("pap", PAP, said)),
    ("REL TO ", lambda said: ("releasable_to", (tuple(map(_recipient, _said(said))),))),
    ("FROM ", lambda said: ("originator", _split(said)[0])),
    ("ORCON", lambda said: ("originator_control", {"": True}[said])),
    ("UNTIL ", lambda said: ("expires", from_iso(said))),
    ("FOR ", _purposes),
    ("EXERCISE ", lambda said: ("realm", EXERCISE + _split(said)[0])),
    ("UNREADABLE ", lambda said: ("unknown", _split(said))),
)


def _names(names: Iterable[str]) -> str:
    return ", ".join(_TO_QUOTE.sub(_escaped, name) or "%" for name in names) or _NOBODY


def _split(said: str) -> tuple[str, ...]:
    return tuple(_plain(name) for name in _said(said))


def _said(names: str) -> tuple[str, ...]:
    return () if names == _NOBODY else tuple(name.strip() for name in names.split(","))


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass"))


def _plain(name: str) -> str:
    return "" if name == "%" else unquote(name, errors="surrogatepass")


def _releasable(group: Iterable[str]) -> str:
    """Countries by their code alone, as such lists are usually written."""
    return ", ".join(map(_written, group)) or _NOBODY


def _written(name: str) -> str:
    country = name.removeprefix("country:")
    if country != name and _COUNTRY.fullmatch(country):
        return country
    quoted = _names((name,))
    return f"%{ord(name[0]):02X}{name[1:]}" if _COUNTRY.fullmatch(name) else quoted


def _recipient(said: str) -> str:
    return f"country:{said}" if _COUNTRY.fullmatch(said) else _plain(said)
