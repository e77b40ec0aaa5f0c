"""What is exported, gathered from a store or from the folder of a scan: findings with all that explains them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from watchkeeper import __version__
from watchkeeper.behaviours import all_behaviours
from watchkeeper.cases.alarms.alert import ALERTS, OPEN, standing_of
from watchkeeper.cases.alarms.findings import CURRENT, FINDINGS
from watchkeeper.cases.alarms.keeping import everything
from watchkeeper.cases.alarms.wording import in_realm
from watchkeeper.cases.register.case import CASES, Case, case_of
from watchkeeper.cases.register.sources import REPORTS, Report, report_of
from watchkeeper.errors import InputError, StoreError
from watchkeeper.exchange.received import RECEIVED, kept_of
from watchkeeper.exchange.things import Fix, Kept, KnownCase, Listing, Marked, RaisedAlert, Things, Vessel
from watchkeeper.lists.flags import flag_of_mmsi
from watchkeeper.model.asset import Asset
from watchkeeper.model.event import Decisions, Document, Query
from watchkeeper.model.finding import REAL, Finding
from watchkeeper.model.imo import valid_imo
from watchkeeper.model.picture import ListMatch
from watchkeeper.model.register import ShipFacts
from watchkeeper.model.time import DAY, from_iso
from watchkeeper.projectors import projectors
from watchkeeper.scanned import Scanned, read_assets
from watchkeeper.store.folder import Store
from watchkeeper.stored import ASSETS, KEPT

_FIX: Final = ("mmsi", "t", "lat", "lon", "sog_kn", "cog_deg", "heading_deg")
_SHIP: Final = ("name", "callsign", "ship_type", "length_m", "draught_m")
_NOT_SAID: Final = (None, "", 0, -1)
_SHOWN: Final = (*OPEN, "closed")
"""States of alerts that are told to others: those that an officer dismissed are not."""

Batches = Iterable[Mapping[str, Any]]


class _Known(msgspec.Struct, frozen=True):
    """What an alert holds of lists and registers."""

    lists: tuple[ListMatch, ...] = ()
    facts: ShipFacts | None = None
    reasons: tuple[str, ...] = ()


class _ScanAlert(msgspec.Struct, frozen=True):
    mmsi: int
    name: str | None
    headline: str
    score: float
    finding_ids: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    lists: tuple[ListMatch, ...] = ()
    facts: ShipFacts | None = None


def things_of_store(
    folder: Path,
    *,
    case: str | None = None,
    realm: str = REAL,
    author: str = "",
    markings: Marked | None = None,
    received: bool = False,
) -> Things:
    """What a store holds of a realm, or what belongs to one case.

    Args:
        folder: of the store.
        case: the id of a case: its alerts, their findings and those that are its evidence.
        realm: ``real``, or ``exercise:<id>``.
        author: the organisation that says all this.
        markings: under which it leaves.
        received: also what others sent, where its originator lets others pass it on.

    Raises:
        StoreError: it cannot be read.
        InputError: there is no such case.
    """
    with Store.open(folder, write=False, projectors=projectors()) as store:
        log = store.decisions
        cases, alerts, found, reports = _chosen(log, case, realm)
        findings = tuple(msgspec.convert(d.body["finding"], Finding) for d in found)
        known = {d.mmsi: msgspec.convert(standing_of(d).says.content, _Known) for d in alerts if d.mmsi}
        ships = _ships(findings, known)
        said, batches = _of_lake(store, realm, ships)
        assets = read_assets(folder / ASSETS) if (folder / ASSETS).exists() else []
        return Things(
            author=author,
            realm=realm,
            simulated=any(e.body.get("simulated") for e in log.read(kinds=(KEPT,))),
            version=__version__,
            findings=findings,
            vessels=_vessels(ships, said, findings, {m: k.facts for m, k in known.items()}),
            fixes=_last(batches),
            assets=_assets(assets, findings, (c.case for c in cases)),
            alerts=tuple(_alert(d) for d in alerts),
            cases=cases,
            listings=_listings({m: k.lists for m, k in known.items()}),
            reports=reports,
            behaviours=_behaviours(findings),
            markings=markings or Marked(),
            changed={d.id: d.body["changed_at"] for d in found},
            passed_on=_received(log, realm, author) if received else (),
        )


def things_of_scan(folder: Path, *, author: str = "", markings: Marked | None = None) -> Things:
    """What a scan wrote.

    Args:
        folder: of its output.
        author: the organisation that says all this.
        markings: under which it leaves.

    Raises:
        InputError: the folder, or a file in it, is missing or is not what a scan writes.
    """
    scan = Scanned(folder)
    run = msgspec.json.decode((folder / "run.json").read_bytes())
    findings = tuple(_lines(folder / "findings.ndjson", Finding))
    alerts = list(_lines(folder / "alerts.ndjson", _ScanAlert)) if (folder / "alerts.ndjson").exists() else []
    by_id = {f.id: f for f in findings}
    ships = _ships(findings, {a.mmsi: None for a in alerts})
    said = {mmsi: row | {"t": scan.span.end} for mmsi, row in scan.vessels().items() if mmsi in ships}
    # How long the ships are looked back for: they were heard within a day, or are shown where they were found.
    rows = scan.rows(_FIX, scan.span.end - DAY, scan.span.end, ships)
    return Things(
        author=author,
        realm=run.get("realm", REAL),
        simulated=scan.simulated,
        version=run.get("product", {}).get("version", ""),
        findings=findings,
        vessels=_vessels(ships, said, findings, {a.mmsi: a.facts for a in alerts}),
        fixes=_last(rows),
        assets=_assets(scan.assets, findings, ()),
        alerts=tuple(_scan_alert(a, by_id) for a in alerts),
        listings=_listings({a.mmsi: a.lists for a in alerts}),
        behaviours=_behaviours(findings),
        thresholds=run.get("thresholds", {}),
        markings=markings or Marked(),
    )


def _chosen(
    log: Decisions, case: str | None, realm: str
) -> tuple[tuple[KnownCase, ...], list[Document], list[Document], tuple[Report, ...]]:
    """Cases, alerts about ships, findings and reports, each in order of id."""
    if case is None:
        cases = everything(log, Query(collection=CASES, realm=realm, order="id"))
        alerts = everything(log, Query(collection=ALERTS, realm=realm, states=_SHOWN, order="id"))
        found = everything(log, Query(collection=FINDINGS, realm=realm, states=CURRENT, order="id"))
    else:
        document = log.document(CASES, case)
        if document is None or document.realm != realm:
            raise InputError(
                f"There is no case {case} of the realm {realm}.", "See `watchkeeper cases list`."
            )
        cases, held = [document], case_of(document)
        alerts = _by_id(log, ALERTS, held.alerts)
        ids = {f.id for d in alerts for f in standing_of(d).says.findings}
        ids |= {e.id for e in held.evidence if e.kind == "finding"}
        found = [d for d in _by_id(log, FINDINGS, ids) if d.state in CURRENT]
    known = tuple(KnownCase(id=d.id, state=d.state, case=case_of(d)) for d in cases)
    sources = sorted({in_realm(realm, s.sha256) for c in known for s in c.case.sources})
    reports = tuple(report_of(d) for d in _by_id(log, REPORTS, sources))
    return known, [d for d in alerts if d.mmsi is not None], found, reports


def _received(log: Decisions, realm: str, author: str) -> tuple[Kept, ...]:
    """What others sent and we may pass on, in order of id: not under originator control, but for our own."""
    found = map(kept_of, everything(log, Query(collection=RECEIVED, realm=realm, order="id")))
    return tuple(k for k in found if not k.marking.originator_control or k.originator == author != "")


def _by_id(log: Decisions, collection: str, ids: Iterable[str]) -> list[Document]:
    """The documents that are there, in order of id."""
    found = (log.document(collection, id) for id in sorted(ids))
    return [document for document in found if document is not None]


def _ships(findings: Iterable[Finding], also: Collection[int]) -> set[int]:
    named = {m for f in findings for m in (f.mmsi, f.other_mmsi) if m}
    return named | set(also)


def _of_lake(store: Store, realm: str, ships: Collection[int]) -> tuple[dict[int, dict[str, Any]], Batches]:
    """What the ships said of themselves last, and their reports of the last day; nothing where nothing was observed."""
    try:
        span = store.lake.span(realm)
    except StoreError:
        # A register of cases alone has no lake.
        return {}, ()
    if span is None or not ships:
        return {}, ()
    said: dict[int, dict[str, Any]] = {}
    for row in store.lake.statics(span[0], span[1] + 1, sorted(ships), realm).to_pylist():
        ship = said.setdefault(row["mmsi"], {})
        ship |= {k: row[k] for k in (*_SHIP, "imo") if row.get(k) not in _NOT_SAID}
        ship["t"] = _ms(row["t"])
    batches = store.lake.scan(span[1] - DAY, span[1] + 1, _FIX, mmsi=sorted(ships), realm=realm)
    return said, (_columns(batch) for batch in batches)


def _columns(batch: Any) -> dict[str, Any]:
    part = {name: batch[name].to_numpy(zero_copy_only=False) for name in _FIX}
    return part | {"t": part["t"].astype("datetime64[ms]").view(np.int64)}


def _ms(t: Any) -> int:
    return t if isinstance(t, int) else round(t.timestamp() * 1000)


def _last(batches: Batches) -> tuple[Fix, ...]:
    """The last report of each ship."""
    last: dict[int, Fix] = {}
    for part in batches:
        order = np.lexsort((part["t"], part["mmsi"]))
        mmsi = np.asarray(part["mmsi"])[order]
        for k in order[np.append(mmsi[1:] != mmsi[:-1], len(mmsi) > 0)]:
            fix = _fix({name: part[name][k].item() for name in _FIX})
            if fix.mmsi not in last or last[fix.mmsi].t <= fix.t:
                last[fix.mmsi] = fix
    return tuple(last[mmsi] for mmsi in sorted(last))


def _fix(row: dict[str, Any]) -> Fix:
    known = {k: v for k, v in row.items() if v is not None and v == v}  # NaN is not equal to itself
    return msgspec.convert(
        {k: _short(v) if k.endswith(("_kn", "_deg")) else v for k, v in known.items()}, Fix
    )


def _short(value: Any) -> Any:
    """AIS has tenths; 32 bits of a column make 6.300000190734863 of 6.3."""
    return round(value, 2) if isinstance(value, float) else value


def _vessels(
    ships: Iterable[int],
    said: Mapping[int, dict[str, Any]],
    findings: Iterable[Finding],
    facts: Mapping[int, ShipFacts | None],
) -> tuple[Vessel, ...]:
    by_ship: dict[int, list[Finding]] = {}
    for finding in findings:
        by_ship.setdefault(finding.mmsi, []).append(finding)
    return tuple(_vessel(m, said.get(m, {}), by_ship.get(m, []), facts.get(m)) for m in sorted(ships))


def _vessel(
    mmsi: int, row: Mapping[str, Any], findings: Collection[Finding], facts: ShipFacts | None
) -> Vessel:
    imos = (row.get("imo"), *(f.imo for f in findings))
    names = (f.name for f in findings if f.name)
    own = {k: _short(row[k]) for k in _SHIP if row.get(k) not in _NOT_SAID}
    return Vessel(
        mmsi=mmsi,
        imo=next((imo for imo in imos if imo and valid_imo(imo)), None),
        flag=flag_of_mmsi(mmsi),
        facts=facts,
        as_of=max((row.get("t", 0), *(from_iso(f.start) for f in findings))),
        **({"name": next(names, None)} | own),
    )


def _assets(assets: Iterable[Asset], findings: Iterable[Finding], cases: Iterable[Case]) -> tuple[Asset, ...]:
    """Those that something is said of, in order of id."""
    named = {f.asset for f in findings} | {c.place.asset for c in cases if c.place is not None}
    return tuple(sorted((a for a in assets if a.id in named), key=lambda a: a.id))


def _listings(matches: Mapping[int, tuple[ListMatch, ...]]) -> tuple[Listing, ...]:
    return tuple(Listing(mmsi=mmsi, match=m) for mmsi in sorted(matches) for m in matches[mmsi])


def _behaviours(findings: Iterable[Finding]) -> dict[str, Any]:
    known = all_behaviours()
    return {id: known[id] for id in sorted({f.behaviour for f in findings}) if id in known}


def _alert(document: Document) -> RaisedAlert:
    standing = standing_of(document)
    says = standing.says
    return RaisedAlert(
        id=document.id,
        mmsi=says.mmsi or 0,
        name=says.name or None,
        headline=says.headline,
        score=says.score,
        state=document.state,
        finding_ids=tuple(f.id for f in says.findings),
        reasons=msgspec.convert(says.content, _Known).reasons,
        begins=says.begins,
        ends=says.ends,
        changed_at=standing.changed_at,
    )


def _scan_alert(alert: _ScanAlert, findings: Mapping[str, Finding]) -> RaisedAlert:
    """An alert of a scan has no life of its own: it is named by its ship and first finding."""
    mine = sorted((findings[id] for id in alert.finding_ids if id in findings), key=lambda f: (f.start, f.id))
    ends = [from_iso(f.end) for f in mine if f.end is not None]
    begins = from_iso(mine[0].start) if mine else 0
    return RaisedAlert(
        id=f"{alert.mmsi}:{mine[0].id if mine else ''}",
        mmsi=alert.mmsi,
        name=alert.name,
        headline=alert.headline,
        score=alert.score,
        state="new",
        finding_ids=alert.finding_ids,
        reasons=alert.reasons,
        begins=begins,
        ends=max(ends) if len(ends) == len(mine) and ends else None,
        changed_at=max((begins, *ends)),
    )


def _lines(path: Path, kind: Callable[..., Any]) -> Iterator[Any]:
    decoder = msgspec.json.Decoder(kind)
    try:
        lines = path.read_bytes().splitlines()
        yield from (decoder.decode(line) for line in lines if line.strip())
    except (OSError, msgspec.DecodeError) as error:
        raise InputError(
            f"{path} is not what a scan writes: {error}.", "Give the folder that `watchkeeper scan` wrote."
        ) from error
