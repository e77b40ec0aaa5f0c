"""From a ship's findings to its score, and cheaply again when one behaviour's findings are other ones."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watchkeeper.cases.combinations import ANY, LISTED, Combination
from watchkeeper.cases.known import Known
from watchkeeper.cases.matching import Held, held, may_hold
from watchkeeper.cases.tree import Node, behaviour_term, combination_terms, evidence_tree, leaf_value
from watchkeeper.cases.weights import Weights
from watchkeeper.model.finding import Finding

Standing = tuple[float, int, int]
"""What ships are ordered by: the score and the number of findings, both negated, and the MMSI."""


@dataclass(frozen=True, slots=True)
class ScoredShip:
    """One ship's findings in order of time, what is known of it, and what they amount to.

    ``terms`` is the tree's first level, by label.
    """

    mmsi: int
    findings: list[Finding]
    by_behaviour: dict[str, list[Finding]]
    known: Known
    combined: list[Held]
    tree: Node
    terms: dict[str, Node]

    @property
    def standing(self) -> Standing:
        """Its place among the others, least first."""
        return -self.tree.value, -len(self.findings), self.mmsi


class Scorer:
    """Scores ships by a table of weights and some combinations."""

    def __init__(self, table: Weights, combinations: Sequence[Combination]) -> None:
        self.table = table
        self.combinations = combinations
        self._possible: dict[frozenset[str], list[Combination]] = {}
        self._said_by = {
            name: frozenset(said for said, by in table.same_event.items() if name in by)
            for name in table.behaviour
        }

    def matters(self, behaviours: Iterable[str]) -> bool:
        """Whether any of these is about the ship and not only about the network around it."""
        return any(self.table.of(behaviour).about != "network" for behaviour in behaviours)

    def score(self, mmsi: int, findings: list[Finding], known: Known) -> ScoredShip:
        """The score of a ship as a tree; ``findings`` in order of time."""
        by_behaviour: defaultdict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            by_behaviour[finding.behaviour].append(finding)
        kinds = frozenset(by_behaviour)
        if kinds not in self._possible:
            self._possible[kinds] = [c for c in self.combinations if may_hold(c, kinds)]
        combined = held(findings, self._possible[kinds], self.table, known.values("list"))
        tree = evidence_tree(by_behaviour, combined, self.table)
        terms = {node.label: node for node in tree.children}
        return ScoredShip(mmsi, findings, dict(by_behaviour), known, combined, tree, terms)

    def without(self, ship: ScoredShip, behaviour: str) -> Standing | None:
        """Where a ship would stand without the findings of one behaviour; None for no alert.

        What they covered as the same event counts then. No combination can come to hold; one stays as it is while
        its own findings are there.
        """
        others = {name: some for name, some in ship.by_behaviour.items() if name != behaviour}
        if not self.matters(others):
            return None
        score = ship.tree.value - ship.terms[behaviour].value
        for name in self._said_by.get(behaviour, ()):
            if name in others:
                score += behaviour_term(name, others, self.table).value - ship.terms[name].value
        concerned = [h for h in ship.combined if any(f.behaviour == behaviour for f in h.members)]
        if concerned:
            score += self._combined_anew(
                ship, concerned, [f for f in ship.findings if f.behaviour != behaviour]
            )
        return -round(score, 1), len(ship.by_behaviour[behaviour]) - len(ship.findings), ship.mmsi

    def stronger(self, ship: ScoredShip, finding: Finding, better: Finding) -> Standing:
        """Where a ship would stand if the strongest finding of a behaviour were stronger still."""
        score = ship.tree.value
        counts = next(
            leaf.value for leaf in ship.terms[finding.behaviour].children if leaf.finding == finding.id
        )
        if counts:
            weight = self.table.of(finding.behaviour).weight
            score += leaf_value(better, weight, self.table) - leaf_value(finding, weight, self.table)
        # One that a weaker finding holds back stays as it is.
        bound = self.table.strength(finding)
        concerned = [
            h for h in ship.combined if h.strength >= bound and _may_use(h.combination, finding.behaviour)
        ]
        if concerned:
            score += self._combined_anew(
                ship, concerned, [better if f is finding else f for f in ship.findings]
            )
        return -round(score, 1), -len(ship.findings), ship.mmsi

    def _combined_anew(self, ship: ScoredShip, concerned: list[Held], findings: list[Finding]) -> float:
        """By how much a ship's combinations add more, when some of them rest on other findings."""
        lists = ship.known.values("list")
        again = held(findings, [h.combination for h in concerned], self.table, lists)
        combined = [h for h in ship.combined if h not in concerned] + again
        before = sum(ship.terms[h.combination.title].value for h in ship.combined)
        return sum(n.value for n in combination_terms(combined, self.table)) - before


def _may_use(combination: Combination, behaviour: str) -> bool:
    if behaviour == LISTED:
        return bool(combination.listed)
    return any(behaviour in step.any_of or ANY in step.any_of for step in combination.steps)
