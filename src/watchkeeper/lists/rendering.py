"""A check report as lines for people."""

from watchkeeper.lists.check import KIND_NAME, CheckReport, Consulted, ListAnswer
from watchkeeper.lists.flags import country_name
from watchkeeper.lists.matching import Match
from watchkeeper.model.register import FlagStanding, ShipFacts


def render_check(report: CheckReport) -> str:
    """The report as plain text: the answer of each list, then what was consulted and how old it is."""
    count = len(report.answers)
    lines = [
        f"{KIND_NAME[report.kind]} {report.value} in {count} list{'s' * (count != 1)}, on {report.today}"
    ]
    if report.problem:
        lines.append(report.problem)
    for answer in report.answers:
        lines += ["", *_answer_lines(answer)]
    if report.disagreements:
        lines += ["", *report.disagreements]
    for facts in report.facts:
        lines += ["", *_facts_lines(facts)]
    lines += [line for standing in report.standings for line in ("", _standing_line(standing))]
    for one in report.consulted:
        lines += ["", *_consulted_lines(one)]
    return "\n".join(lines)


def _answer_lines(answer: ListAnswer) -> list[str]:
    verdict = f"{answer.title}: {answer.outcome}" + (f" ({answer.reason})" if answer.reason else "")
    if answer.outcome == "could not be read":
        return [verdict]
    return [
        verdict,
        *(line for match in answer.matches for line in _match_lines(match)),
        f"  consulted: {list_age(answer)}; {_counts(answer)}",
        f"  file: {answer.path}, written {answer.file_written}, sha256 {(answer.sha256 or '')[:12]}",
        *(f"  note: {note}" for note in answer.notes),
    ]


def list_age(answer: ListAnswer | Consulted) -> str:
    """How old the list is, in words."""
    if answer.as_of is None or answer.age_days is None:
        return "date unknown (the file states none)"
    if answer.age_days < 0:
        return f"dated {answer.as_of}, {-answer.age_days:,} days in the future"
    return f"dated {answer.as_of}, {answer.age_days:,} day{'s' * (answer.age_days != 1)} old"


def _counts(answer: ListAnswer) -> str:
    parts = [f"{answer.entries:,} entries, {answer.searchable:,} of them searchable this way"]
    parts.append(f"{answer.rejected:,} rows rejected")
    if answer.unread_values:
        parts.append(f"{answer.unread_values:,} values not understood")
    return ", ".join(parts)


def _match_lines(match: Match) -> list[str]:
    entry = match.entry
    flag = f"{entry.flag_text or country_name(entry.flag or '')}".strip()
    facts = {
        "IMO": ", ".join(map(str, entry.imos)),
        "MMSI": ", ".join(map(str, entry.mmsis)),
        "callsign": entry.callsign,
        "flag": flag,
        "type": entry.ship_type,
        "program": ", ".join(entry.programs),
        "source": entry.source,
        "dated": entry.as_of,
        "see": entry.url,
    }
    lines = [
        f"  {entry.name or 'no name'} (entry {entry.id}, row {entry.row}); "
        + "; ".join(f"{what} {value}" for what, value in facts.items() if value),
        f"    {match.confidence} confidence: {match.reason}",
    ]
    for party in entry.parties:
        listed = {True: "listed", False: "not listed itself", None: ""}[party.listed]
        why = ", ".join(filter(None, (listed, *party.programs)))
        lines.append(f"    {party.role}: {party.name}" + (f" ({why})" if why else ""))
    if entry.aliases:
        lines.append(f"    also known as: {', '.join(entry.aliases)}")
    lines += [f"    not understood: {what}" for what in entry.unread]
    return lines


def _facts_lines(facts: ShipFacts) -> list[str]:
    known = {
        "built": facts.built,
        "gross tonnage": facts.gross_tonnage,
        "deadweight [t]": facts.deadweight_t,
        "length [m]": facts.length_m,
        "beam [m]": facts.beam_m,
        "type": facts.ship_type,
        "flag": facts.flag and country_name(facts.flag),
        "owner": facts.owner,
        "operator": facts.operator,
        "manager": facts.manager,
        "insurer": facts.insurer,
        "class": facts.class_society,
    }
    shown = "; ".join(f"{what} {_plain(value)}" for what, value in known.items() if value)
    lines = [f"IMO {facts.imo}: {facts.name or 'no name'}; {shown}", f"  from: {facts.source}"]
    if facts.flag_history:
        spells = (
            f"{spell.flag_text} {spell.since or '?'} to {spell.until or '?'}"
            if spell.since or spell.until
            else spell.flag_text
            for spell in facts.flag_history
        )
        lines.append(f"  earlier flags: {', '.join(spells)}")
    return lines + [f"  sources differ on {what}" for what in facts.disagreements]


def _plain(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _standing_line(standing: FlagStanding) -> str:
    counts = ""
    if standing.inspections is not None and standing.detentions is not None:
        counts = f", {standing.detentions:,} detentions in {standing.inspections:,} inspections"
    dated = f", {standing.as_of}" if standing.as_of else ""
    return f"flag {country_name(standing.flag)}: {standing.standing} list{counts} ({standing.source}{dated})"


def _consulted_lines(one: Consulted) -> list[str]:
    return [
        f"{one.title}: a {one.format}, which lists nobody; {list_age(one)}; {one.holds:,} entries, "
        f"{one.rejected:,} rows rejected",
        f"  file: {one.path}",
        *(f"  note: {note}" for note in one.notes),
    ]
