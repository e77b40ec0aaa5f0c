"""Makes :mod:`making`, and the runner of the laws, importable here."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "laws")]
