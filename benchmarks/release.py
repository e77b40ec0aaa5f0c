"""How fast the release gate decides, closes and redacts: ``python benchmarks/release.py [OBJECTS]`` (100,000).

Prints medians of processor time. *decide* is the plain function, asked anew for each object and recipient; *gate* is
what sharing uses, which decides once for things with the same marking. Both are measured on the same objects: 400
distinct markings, a tenth of the objects with a part of their own, 20 recipients.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable

from watchkeeper.exchange.closure import closed
from watchkeeper.exchange.gate import Gate
from watchkeeper.exchange.redaction import redacted
from watchkeeper.exchange.release import Decision, Item, Reason, decide
from watchkeeper.model.marking import PAP, TLP, Marking, Part, Recipient

ROUNDS, MARKINGS, RECIPIENTS = 5, 400, 20
AT = 1_800_000_000_000
COUNTRIES = ("EST", "FIN", "LVA", "LTU", "SWE", "POL", "DEU", "DNK")


def marking(chance: random.Random) -> Marking:
    """One of those that a busy exchange has."""
    groups = tuple(
        tuple(f"country:{code}" for code in chance.sample(COUNTRIES, chance.randint(1, 6)))
        for _ in range(chance.randint(0, 2))
    )
    return Marking(
        tlp=chance.choice(TLP),
        pap=chance.choice((None, *PAP)),
        releasable_to=groups,
        originator="Coast Guard",
        originator_control=chance.random() < 0.2,
        expires=chance.choice((None, AT - 1, AT + 1)),
    )


def recipient(number: int, chance: random.Random) -> Recipient:
    """A partner."""
    return Recipient(
        organisation=f"Partner {number}",
        country=chance.choice(COUNTRIES),
        communities=("subsea",),
        accepts=TLP[: chance.randint(1, len(TLP))],
        purposes=("awareness", "investigation"),
    )


def items(count: int, chance: random.Random) -> list[Item]:
    """Things with the markings of a few hundred kinds."""
    markings = [marking(chance) for _ in range(MARKINGS)]
    part = (Part(selector="extensions.x.geometry", marking=Marking(tlp="amber+strict"), how="coarsen"),)
    return [
        Item(id=f"x--{k}", marking=chance.choice(markings), parts=part if k % 10 == 0 else ())
        for k in range(count)
    ]


def rate(count: int, work: Callable[[], object]) -> float:
    """Things a second of processor time: the median of some rounds."""
    seconds = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        work()
        seconds.append(time.process_time() - begin)
    return count / statistics.median(seconds)


def main() -> None:
    """Measure, and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    chance = random.Random(1)
    things, partners = items(count, chance), [recipient(k, chance) for k in range(RECIPIENTS)]
    each = count // RECIPIENTS

    def plain() -> None:
        for number, partner in enumerate(partners):
            for item in things[number * each : (number + 1) * each]:
                decide(item, partner, "awareness", AT, named=True, by="Coast Guard")

    def gated() -> None:
        for partner in partners:
            gate = Gate(partner, "awareness", named=True)
            for item in things:
                gate.decide(item, AT, by="Coast Guard")

    print(f"decide             {rate(each * RECIPIENTS, plain):12,.0f} decisions/s")
    print(f"gate               {rate(count * RECIPIENTS, gated):12,.0f} decisions/s")
    print(f"closure            {rate(count, _closing(count)):12,.0f} objects/s")
    print(f"redaction          {rate(2_000, _redacting):12,.0f} objects/s (a line of 200 points coarsened)")


def _closing(count: int) -> Callable[[], object]:
    chain = [
        Item(id=f"x--{k}", marking=Marking(), refs=(f"x--{k - 1}",), needs=((f"x--{k - 1}",),))
        for k in range(count)
    ]
    yes, no = Decision("allow", (Reason("tlp", "yes"),)), Decision("deny", (Reason("tlp", "no"),))
    decisions = {item.id: no if k == 0 else yes for k, item in enumerate(chain)}
    return lambda: closed(chain, decisions)


def _redacting() -> None:
    line = [[20 + k / 50, 59 + k / 200] for k in range(200)]
    cable = {
        "type": "infrastructure",
        "id": "infrastructure--1",
        "name": "a cable",
        "extensions": {"x": {"kind": "cable", "geometry": {"type": "LineString", "coordinates": line}}},
    }
    part = Part(selector="extensions.x.geometry", marking=Marking(tlp="red"), how="coarsen")
    for _ in range(2_000):
        redacted(cable, [part])


if __name__ == "__main__":
    main()
