"""Makes :mod:`lawful` and :mod:`fleets` importable for the laws; every law draws the same examples every time."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
