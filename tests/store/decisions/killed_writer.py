"""Kills a writer at random moments, many times, and looks at the log after each. Run as a program.

``python killed_writer.py ADDRESS ROUNDS``: prints one line of JSON about what was seen.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from decision_rows import Findings, draft

from watchkeeper.store.decisions import DecisionLog, engine_of


def write(address: str, seed: int, said: int) -> None:
    """Append batches for ever; each that was confirmed is told through a pipe."""
    chance = random.Random(seed)
    log = DecisionLog(engine_of(address), (Findings(),))
    for batch in range(10**9):
        size = chance.randint(1, 40)
        name = f"{seed}-{batch}"
        log.append(
            [draft(k, key=f"{name}-{k}", body={"batch": name, "k": k, "of": size}) for k in range(size)]
        )
        os.write(said, f"{name} {size}\n".encode())


def round_of(address: str, seed: int, delay_s: float) -> dict[str, int]:
    """One writer, killed; the batches that it was told were written."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            write(address, seed, writing)
        finally:
            os._exit(1)
    os.close(writing)
    heard = os.read(reading, 1 << 16)  # it is at work
    time.sleep(delay_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"the writer ended by itself ({status})"
    while more := os.read(reading, 1 << 16):
        heard += more
    os.close(reading)
    return {name: int(size) for name, size in (line.split() for line in heard.decode().splitlines())}


def main(address: str, rounds: int) -> None:
    chance = random.Random(11)
    confirmed: dict[str, int] = {}
    damaged = torn = lost = after = 0
    for seed in range(rounds):
        confirmed |= round_of(address, seed, chance.uniform(0, 0.03))
        engine = engine_of(address)
        log = DecisionLog(engine, (Findings(),))
        if seed % 6 == 5:
            damaged += len(log.verify(project=False))
        found: dict[str, int] = {}
        while events := log.read(after, limit=10_000):
            after = events[-1].seq
            for event in events:
                found[event.body["batch"]] = found.get(event.body["batch"], 0) + 1
                torn += event.body["k"] + 1 != found[event.body["batch"]]
        last = {e.body["batch"]: e.body["of"] for e in log.read(after - 1)} if after else {}
        torn += sum(found.get(name, size) != size for name, size in last.items())
        lost += sum(found.get(name, 0) != size for name, size in confirmed.items())
        confirmed.clear()
        engine.dispose()
    damaged += len(DecisionLog(engine_of(address), (Findings(),)).verify())
    told = {"rounds": rounds, "events": after, "damaged": damaged, "torn": torn, "lost": lost}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
