"""``attribute``: who could have crossed an asset in a window, in order of the evidence."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchkeeper import log
from watchkeeper.cli import options
from watchkeeper.cli.output import cell, for_programs, print_lines, print_page, table
from watchkeeper.errors import OutputError, UsageError
from watchkeeper.model.units import METRES_PER_NMI, UNITS, parse_quantity

if TYPE_CHECKING:
    from watchkeeper.cases.attribution.result import Attribution, Candidate

_SHOWN: Final = 15
_EXPLAINED: Final = 3
_LEFT_OUT: Final = 12
_FILE: Final = "attribution.json"
_PAGE: Final = "attribution.html"
_HOW: Final = {"seen": "seen", "silent": "not heard", "one end": "one end"}


def attribute(
    asset: Annotated[str, typer.Option("--asset", metavar="ID", help="The asset's id or name.")],
    t_from: Annotated[str, typer.Option("--from", metavar="T", help="Last time it worked (ISO 8601).")],
    t_to: Annotated[str, typer.Option("--to", metavar="T", help="First time it did not.")],
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="What scan wrote.")],
    near: Annotated[
        str | None, typer.Option("--near", metavar="LAT,LON", help="Where the fault was measured (degrees).")
    ] = None,
    uncertainty: Annotated[
        str | None,
        typer.Option("--uncertainty", metavar="D", help="How far off that may be.", show_default="2 nm"),
    ] = None,
    layers: options.Layers = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help=f"Write {_FILE} and {_PAGE} into this folder too."),
    ] = None,
    as_json: options.Json = None,
) -> None:
    """Which ships crossed an asset in a time window, or could have while they were not heard, and which could not.

    Example: watchkeeper attribute --asset cables/c-lion1 --from 2024-11-18T00:00Z --to 2024-11-18T04:10Z --data result
    """
    start, end = options.window(t_from, t_to)
    assert start is not None
    assert end is not None
    place, metres = _place(near), _metres(uncertainty)

    from watchkeeper.attribute import Request
    from watchkeeper.attribute import attribute as run

    answer = run(Request(data, asset, start, end, place, metres, tuple(layers or ())))
    if out is not None:
        _write(out, answer)
    if for_programs(as_json):
        print_lines([answer])
    else:
        print_answer(answer)


def _place(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError as error:
        raise UsageError(
            f"--near {text} is not a place.", "Write latitude,longitude: --near 60.1,24.5."
        ) from error
    return lat, lon


def _metres(text: str | None) -> float | None:
    return None if text is None else parse_quantity(text, UNITS["nmi"]) * METRES_PER_NMI


def _write(out: Path, answer: "Attribution") -> None:
    from watchkeeper.console.attribution import write_attribution
    from watchkeeper.layers.land import CREDIT, Land
    from watchkeeper.outputs import write_json

    try:
        out.mkdir(parents=True, exist_ok=True)
        write_json(out / _FILE, answer)
    except OSError as error:
        raise OutputError(f"{out / _FILE}: {error.strerror or error}.", "Choose another folder.") from error
    write_attribution(out / _PAGE, answer, Land.load().geometry(), [CREDIT])
    log.talk().print(f"written: {out / _FILE} and {out / _PAGE}")


def print_answer(answer: "Attribution") -> None:
    """For people: who, in which order, and why; who was left out."""
    q, candidates = answer.question, answer.candidates
    where = f"{q.stretch_km:,.1f} km of it" if q.place is None else (
        f"{q.stretch_km:,.1f} km within {(q.uncertainty_m or 0) / METRES_PER_NMI:.1f} nmi of "
        f"{q.place[0]:.4f} {q.place[1]:.4f}"
    )  # fmt: skip
    seen = sum(c.crossing.how == "seen" for c in candidates)
    print_page(
        f"Who could have crossed {cell(q.asset_name)} between {q.start} and {q.end}: {where}."
        + (" SIMULATED DATA." if answer.simulated else ""),
        f"{seen} ships were seen to cross, {len(candidates) - seen} could have while not heard; "
        f"{len(answer.excluded)} more were near. Listed by evidence; crossing is no proof of anything.",
        "",
        table(
            ("#", ">Evidence", ">MMSI", "Name", "Type", ">Length", "When (UTC)", "How", ">Speed", ">Usual"),
            (_row(c) for c in candidates[:_SHOWN]),
        ),
    )
    if len(candidates) > _SHOWN:
        print_page(f"{len(candidates) - _SHOWN} more: see --json or --out")
    for candidate in candidates[:_EXPLAINED]:
        _explain(candidate)
    left_out = [(e.mmsi, e.name, e.ship_type, e.reason, e.detail) for e in answer.excluded[:_LEFT_OUT]]
    if left_out:
        print_page(table((">MMSI", "Left out", "Type", "Because", "In words"), left_out))
    if len(answer.excluded) > _LEFT_OUT:
        print_page(f"{len(answer.excluded) - _LEFT_OUT} more left out: see --json or --out")
    print_page(*(f"Note: {cell(note)}" for note in answer.notes))


def _row(c: "Candidate") -> tuple[object, ...]:
    k = c.crossing
    times = k.earliest[11:19] if k.how == "seen" else f"{k.earliest[11:16]} to {k.latest[11:16]}"
    speed = c.speed.at_kn if c.speed.slow >= c.speed.dip else c.speed.lowest_kn
    length = None if c.length_m is None else round(c.length_m)
    return (c.rank, f"{c.score:.1f}", c.mmsi, c.name, c.ship_type, length, times, _HOW[k.how], speed,
            c.speed.usual_kn)  # fmt: skip


def _explain(c: "Candidate") -> None:
    facts = (f"MMSI {c.mmsi}", f"IMO {c.imo}" if c.imo else "", c.flag or "", c.ship_type)
    draught = f"Draught {c.draught_m:.1f} m. " if c.draught_m else ""
    trust = f"Positions {c.position.state}: {cell(c.position.reason)}" if c.position.reason else ""
    print_page(
        f"{c.rank}. {cell(c.name) or 'no name'} ({', '.join(f for f in facts if f)})",
        f"   {cell(c.summary)} {draught}{trust}",
        *(f"   {line}" for line in _silence(c)),
        table(("Weighed", ">Value", "Where the weight comes from"), _terms(c)),
    )


def _silence(c: "Candidate") -> Iterator[str]:
    s = c.silence
    if s is None:
        return
    made_good = f", made good {s.made_good_kn:.1f} kn" if s.made_good_kn is not None else ""
    yield (
        f"Not heard from {s.start or 'the beginning of the data'} to {s.end or 'the end of the data'}{made_good}. "
        f"Top speed taken: {s.top_speed_kn:.1f} kn ({s.top_speed_from}). "
        f"Others were heard there in {100 * s.heard_there:.0f} % of the quarter hours."
    )


def _terms(c: "Candidate") -> Iterator[tuple[str, float, str]]:
    yield c.tree.label, c.tree.value, c.tree.source
    for term in c.tree.children:
        yield f"  {term.label}", term.value, term.source
        for child in term.children:
            yield f"    {child.label}", child.value, child.source
