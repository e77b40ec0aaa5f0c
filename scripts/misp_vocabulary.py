"""Write our vocabulary in MISP's form anew: ``python scripts/misp_vocabulary.py``."""

from pathlib import Path

from watchkeeper.behaviours import all_behaviours
from watchkeeper.exchange.misp import vocabulary

FOLDER = Path(vocabulary.__file__).parent / "data"

if __name__ == "__main__":
    for name, value in vocabulary.made(all_behaviours()).items():
        (FOLDER / name.replace("/", "_")).write_bytes(vocabulary.as_file(value))
